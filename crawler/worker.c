// SPDX-License-Identifier: Apache-2.0
#include "crawler/worker.h"

#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/time.h"
#include "crawler/deny.h"
#include "crawler/family.h"
#include "crawler/libctx.h"
#include "crawler/outcome.h"
#include "crawler/plan.h"
#include "crawler/slot.h"

#define EVENTS       1024 // at once: a large batch makes its lag visible
#define STARTS       16   // targets begun per round: a burst would be lag of our own making
#define HEARTBEAT_MS 100  // longest wait while requests are out: lateness shows soon
#define IDLE_MS      1000
#define BLOCKED_MS   10              // look again when admission waits for the lag to go
#define SPEED_MS     1000            // between two looks at slow answers
#define LAG_WEIGHT   0.25            // of the newest round in the smoothed lag
#define VERDICTS     ((size_t)4096)  // chains remembered; a certificate is shared by many sites
#define PLACES_IDLE  ((size_t)16384) // addresses remembered, about 120 bytes each

#define STOPPED "stopped before it was asked for"

enum source {
    SOURCE_EVENT,
    SOURCE_CURL,
    SOURCE_DNS
};

// known: whether it is watched already, as far as its owner can tell; most calls guess right.
static void watch_fd(const struct worker *worker, int fd, uint32_t events, bool known,
                     enum source source)
{
    if (events == 0) {
        (void)epoll_ctl(worker->epoll, EPOLL_CTL_DEL, fd, NULL);
        return;
    }
    struct epoll_event event = {.events = events,
                                .data.u64 = ((uint64_t)source << 32) | (uint32_t)fd};
    int first = known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    int second = known ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
    if (epoll_ctl(worker->epoll, first, fd, &event) != 0 && (errno == ENOENT || errno == EEXIST)) {
        (void)epoll_ctl(worker->epoll, second, fd, &event);
    }
}

static bool stopping(const struct worker *worker)
{
    return atomic_load(&worker->crawler->stopping);
}

static int curl_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *socket_ctx)
{
    (void)easy;
    struct worker *worker = ctx;
    // Of a request that is broken off libcurl closes the socket first and tells then: its number
    // may be another thread's by now. Who stops does not wait for sockets any more.
    if (stopping(worker)) {
        return 0;
    }
    uint32_t events = 0;
    if (what == CURL_POLL_IN || what == CURL_POLL_INOUT) {
        events |= EPOLLIN;
    }
    if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT) {
        events |= EPOLLOUT;
    }
    bool known = socket_ctx != NULL;
    watch_fd(worker, fd, events, known, SOURCE_CURL);
    if (!known && events != 0) {
        (void)curl_multi_assign(worker->multi, fd, worker); // marks it as known
    }
    return 0;
}

static int curl_timer(CURLM *multi, long timeout_ms, void *ctx)
{
    (void)multi;
    struct worker *worker = ctx;
    worker->curl_due_ms = timeout_ms < 0 ? -1 : time_monotonic_ms() + timeout_ms;
    return 0;
}

static void dns_socket(void *ctx, int fd, bool readable, bool writable)
{
    uint32_t events = (readable ? EPOLLIN : 0U) | (writable ? EPOLLOUT : 0U);
    watch_fd(ctx, fd, events, false, SOURCE_DNS);
}

// A job that ends before its first request.
static void end_job(struct worker *worker, struct job *job, enum outcome outcome, enum phase phase,
                    const char *words)
{
    if (plan_never(job->visit, outcome, phase, words) != ERR_OK) {
        job->visit->overload = true;
    }
    job->visit->requests = job->requests;
    crawler_finish(worker->crawler, job);
}

// Keeps the candidates that may be connected to. words: why the first refused one was.
static void pass_guard(const struct worker *worker, struct lookup *lookup, char words[160])
{
    size_t kept = 0;
    for (size_t i = 0; i < lookup->count; i++) {
        const char *range = guard_refuses(worker->crawler->guard, &lookup->addresses[i]);
        if (range == NULL) {
            lookup->addresses[kept++] = lookup->addresses[i];
        } else if (words[0] == '\0') {
            char addr[ADDR_TEXT_SIZE];
            outcome_words(words, "%s is in %s", addr_print(addr, &lookup->addresses[i]), range);
        }
    }
    lookup->count = kept;
}

static void resolved(void *ctx, struct lookup *lookup)
{
    struct worker *worker = ctx;
    struct job *job = lookup->owner;
    if (stopping(worker)) {
        end_job(worker, job, OUTCOME_SKIPPED, PHASE_NONE, STOPPED);
        return;
    }
    if (lookup->count == 0) {
        end_job(worker, job, OUTCOME_DNS_FAILED, PHASE_DNS, lookup->words);
        return;
    }
    char words[OUTCOME_WORDS] = "";
    pass_guard(worker, lookup, words);
    if (lookup->count == 0) {
        end_job(worker, job, OUTCOME_ADDRESS_REFUSED, PHASE_DNS, words);
        return;
    }
    job->resolved = true;
    job->visit->more_addresses = lookup->more;
    struct job *jobs[LIMIT_ADDRESSES];
    size_t count = family_split(jobs, job);
    for (size_t i = 0; i < count; i++) {
        worker_dispatch(worker, jobs[i]);
    }
}

static const struct addr *address_of(const struct job *job)
{
    return job->literal.version != 0 ? &job->literal : &job->lookup.addresses[job->candidate];
}

static void wait_for_turn(struct worker *worker, struct job *job)
{
    if (politeness_queue(worker->politeness, &job->turn, address_of(job)) != ERR_OK) {
        end_job(worker, job, OUTCOME_OVERLOAD, PHASE_NONE, err_str(ERR_NOMEM));
        return;
    }
    worker->queued++;
}

static void look_up(struct worker *worker, struct job *job)
{
    if (job->literal.version != 0) { // the guard looks at literals as at any other candidate
        job->lookup.addresses[0] = job->literal;
        job->lookup.count = 1;
        job->lookup.owner = job;
        resolved(worker, &job->lookup);
        return;
    }
    job->lookup.name = job->target.origin->address;
    job->lookup.owner = job;
    resolver_ask(worker->resolver, &job->lookup);
}

void worker_dispatch(struct worker *worker, struct job *job)
{
    const char *denied = deny_find(&worker->crawler->policy, job->target.host->name);
    if (denied != NULL) {
        char words[OUTCOME_WORDS];
        outcome_words(words, "crawl.deny_hosts names %s", denied);
        end_job(worker, job, OUTCOME_SKIPPED, PHASE_NONE, words);
        return;
    }
    if (!job->resolved) {
        look_up(worker, job);
        return;
    }
    struct worker *owner = crawler_owner(worker->crawler, job);
    if (owner == worker) {
        wait_for_turn(worker, job);
    } else if (!worker_give(owner, job)) {
        end_job(worker, job, OUTCOME_SKIPPED, PHASE_NONE, STOPPED);
    }
}

bool worker_give(struct worker *worker, struct job *job)
{
    (void)pthread_mutex_lock(&worker->lock);
    bool open = !worker->closed;
    bool first = worker->inbox_first == NULL;
    if (open) {
        job->next = NULL;
        *(first ? &worker->inbox_first : &worker->inbox_last->next) = job;
        worker->inbox_last = job;
    }
    (void)pthread_mutex_unlock(&worker->lock);
    if (open && first) {
        worker_wake(worker);
    }
    return open;
}

void worker_wake(struct worker *worker)
{
    uint64_t one = 1;
    ssize_t n = write(worker->event, &one, sizeof one);
    (void)n; // full means that it is awake already
}

static struct job *empty_inbox(struct worker *worker, bool close_it)
{
    (void)pthread_mutex_lock(&worker->lock);
    struct job *first = worker->inbox_first;
    worker->inbox_first = worker->inbox_last = NULL;
    worker->closed = worker->closed || close_it;
    (void)pthread_mutex_unlock(&worker->lock);
    return first;
}

static void read_inbox(struct worker *worker)
{
    struct job *job = empty_inbox(worker, false);
    while (job != NULL) {
        struct job *next = job->next;
        worker_dispatch(worker, job);
        job = next;
    }
}

void worker_slot_free(struct worker *worker, struct slot *slot)
{
    *(slot->before == NULL ? &worker->busy : &slot->before->next) = slot->next;
    if (slot->next != NULL) {
        slot->next->before = slot->before;
    }
    slot->before = NULL;
    slot->next = worker->free_slots;
    worker->free_slots = slot;
    worker->busy_count--;
    (void)atomic_fetch_sub(&worker->crawler->in_slots, 1);
}

static struct slot *take_slot(struct worker *worker)
{
    struct slot *slot = worker->free_slots;
    worker->free_slots = slot->next;
    slot->before = NULL;
    slot->next = worker->busy;
    if (slot->next != NULL) {
        slot->next->before = slot;
    }
    worker->busy = slot;
    worker->busy_count++;
    (void)atomic_fetch_add(&worker->crawler->in_slots, 1);
    return slot;
}

static struct job *job_of(struct turn *turn)
{
    return (struct job *)((char *)turn - offsetof(struct job, turn));
}

static bool lags(const struct worker *worker)
{
    return worker->lag_ms > (double)worker->crawler->policy.loop_lag_ms;
}

// New targets begin while there are slots, turns, and a loop that keeps up. True when more could
// begin at once.
static bool admit(struct worker *worker)
{
    for (int started = 0; started < STARTS; started++) {
        if (worker->queued == 0 || worker->free_slots == NULL || lags(worker)) {
            return false;
        }
        struct turn *turn = politeness_next(worker->politeness);
        if (turn == NULL) {
            return false;
        }
        worker->queued--;
        slot_begin(take_slot(worker), job_of(turn));
    }
    return true;
}

static void read_messages(struct worker *worker)
{
    int left = 0;
    CURLMsg *message = NULL;
    while ((message = curl_multi_info_read(worker->multi, &left)) != NULL) {
        if (message->msg == CURLMSG_DONE) {
            struct request *request = NULL;
            CURLcode code = message->data.result;
            (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&request);
            slot_answer(request->owner, code);
        }
    }
}

static void run_curl(struct worker *worker, int fd, int mask)
{
    int running = 0;
    (void)curl_multi_socket_action(worker->multi, fd, mask, &running);
}

static void handle_event(struct worker *worker, const struct epoll_event *event)
{
    int fd = (int)(event->data.u64 & 0xffffffffU);
    bool readable = (event->events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0;
    bool writable = (event->events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0;
    switch ((enum source)(event->data.u64 >> 32)) {
    case SOURCE_EVENT: {
        uint64_t count = 0;
        ssize_t n = read(fd, &count, sizeof count);
        (void)n; // only wakes us
        break;
    }
    case SOURCE_CURL: {
        int mask = ((event->events & EPOLLIN) != 0 ? CURL_CSELECT_IN : 0) |
                   ((event->events & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0) |
                   ((event->events & (EPOLLHUP | EPOLLERR)) != 0 ? CURL_CSELECT_ERR : 0);
        run_curl(worker, fd, mask);
        break;
    }
    case SOURCE_DNS:
        resolver_process(worker->resolver, fd, readable, writable);
        break;
    }
}

static void run_timers(struct worker *worker)
{
    int64_t now = time_monotonic_ms();
    if (worker->curl_due_ms >= 0 && worker->curl_due_ms <= now) {
        worker->curl_due_ms = -1;
        run_curl(worker, CURL_SOCKET_TIMEOUT, 0);
    }
    read_messages(worker);
    resolver_process(worker->resolver, -1, false, false);
    for (struct timer *timer = timers_first(&worker->timers); timer != NULL && timer->at_ms <= now;
         timer = timers_first(&worker->timers)) {
        timers_clear(&worker->timers, timer);
        slot_turn(timer->owner);
    }
    if (now - worker->swept_ms >= SPEED_MS) {
        worker->swept_ms = now;
        for (struct slot *slot = worker->busy, *next = NULL; slot != NULL; slot = next) {
            next = slot->next;
            slot_check_speed(slot, now);
        }
    }
}

static int64_t sooner(int64_t a, int64_t b)
{
    return b < a ? b : a;
}

static int wait_ms(struct worker *worker, bool more)
{
    int64_t now = time_monotonic_ms();
    int64_t wait = worker->busy_count > 0 ? HEARTBEAT_MS : IDLE_MS;
    if (more) {
        return 0;
    }
    if (worker->queued > 0 && worker->free_slots != NULL && lags(worker)) {
        wait = BLOCKED_MS;
    }
    if (worker->curl_due_ms >= 0) {
        wait = sooner(wait, worker->curl_due_ms - now);
    }
    const struct timer *timer = timers_first(&worker->timers);
    if (timer != NULL) {
        wait = sooner(wait, timer->at_ms - now);
    }
    int dns = resolver_timeout_ms(worker->resolver);
    if (dns >= 0) {
        wait = sooner(wait, dns);
    }
    return wait < 0 ? 0 : (int)wait;
}

static void measure(struct worker *worker, int64_t woke_ms)
{
    int64_t late = woke_ms > worker->wanted_wake_ms ? woke_ms - worker->wanted_wake_ms : 0;
    int64_t lag = late + time_monotonic_ms() - woke_ms;
    worker->lag_ms += ((double)lag - worker->lag_ms) * LAG_WEIGHT;
    if (lag > worker->crawler->policy.loop_lag_ms) {
        worker->lagged_ms += lag;
    }
}

static void stop_all(struct worker *worker)
{
    struct job *job = empty_inbox(worker, true);
    while (job != NULL) {
        struct job *next = job->next;
        end_job(worker, job, OUTCOME_SKIPPED, PHASE_NONE, STOPPED);
        job = next;
    }
    resolver_cancel(worker->resolver);
    for (struct turn *turn = politeness_drain(worker->politeness); turn != NULL;
         turn = politeness_drain(worker->politeness)) {
        worker->queued--;
        end_job(worker, job_of(turn), OUTCOME_SKIPPED, PHASE_NONE, STOPPED);
    }
    while (worker->busy != NULL) {
        slot_stop(worker->busy);
    }
}

static void *run(void *data)
{
    struct worker *worker = data;
    struct epoll_event events[EVENTS];
    bool more = false;
    OSSL_LIB_CTX *before = libctx_enter();
    worker->swept_ms = time_monotonic_ms();
    while (!stopping(worker)) {
        int wait = wait_ms(worker, more);
        worker->wanted_wake_ms = time_monotonic_ms() + wait;
        int count = epoll_wait(worker->epoll, events, EVENTS, wait);
        int64_t woke_ms = time_monotonic_ms();
        for (int i = 0; i < count; i++) {
            handle_event(worker, &events[i]);
        }
        run_timers(worker);
        read_inbox(worker);
        more = admit(worker);
        measure(worker, woke_ms);
    }
    stop_all(worker);
    libctx_leave(before);
    return NULL;
}

static enum err open_loop(struct worker *worker)
{
    worker->epoll = epoll_create1(EPOLL_CLOEXEC);
    worker->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (worker->epoll < 0 || worker->event < 0) {
        return err_from_errno(errno);
    }
    watch_fd(worker, worker->event, EPOLLIN, false, SOURCE_EVENT);
    worker->multi = curl_multi_init();
    if (worker->multi == NULL) {
        return ERR_NOMEM;
    }
    (void)curl_multi_setopt(worker->multi, CURLMOPT_SOCKETFUNCTION, curl_socket);
    (void)curl_multi_setopt(worker->multi, CURLMOPT_SOCKETDATA, worker);
    (void)curl_multi_setopt(worker->multi, CURLMOPT_TIMERFUNCTION, curl_timer);
    (void)curl_multi_setopt(worker->multi, CURLMOPT_TIMERDATA, worker);
    (void)curl_multi_setopt(worker->multi, CURLMOPT_MAXCONNECTS, (long)(worker->slot_count * 2));
    return ERR_OK;
}

static enum err open_resolver(struct worker *worker, struct why *why)
{
    const struct crawler *crawler = worker->crawler;
    const struct crawler_policy *policy = &crawler->policy;
    unsigned share = policy->dns_in_flight / policy->threads;
    struct resolver_settings settings = {
        .hosts = crawler->hosts,
        .servers = policy->dns_servers,
        .in_flight = share == 0 ? 1 : share,
        .timeout_ms = policy->dns_timeout_ms,
        .watch = dns_socket,
        .done = resolved,
        .ctx = worker,
    };
    return resolver_new(&worker->resolver, &settings, why);
}

static enum err open_politeness(struct worker *worker)
{
    const struct crawler_policy *policy = &worker->crawler->policy;
    struct politeness_limits limits = {
        .per_address = policy->per_address,
        .per_network = policy->per_network,
        .gap_ms = policy->gap_ms,
        .rate = policy->rate / policy->threads,
        .breaker_failures = policy->breaker_failures,
        .breaker_ms = policy->breaker_ms,
        .idle_max = PLACES_IDLE,
    };
    return politeness_new(&worker->politeness, &limits);
}

static enum err open_slots(struct worker *worker)
{
    worker->slots = calloc(worker->slot_count, sizeof *worker->slots);
    worker->verdicts = verdict_cache_new(worker->crawler->trust, VERDICTS);
    if (worker->slots == NULL || worker->verdicts == NULL) {
        return ERR_NOMEM;
    }
    enum err e = timers_init(&worker->timers, worker->slot_count);
    for (size_t i = 0; i < worker->slot_count && e == ERR_OK; i++) {
        struct slot *slot = &worker->slots[i];
        e = slot_init(slot, worker);
        slot->next = worker->free_slots;
        worker->free_slots = slot;
    }
    return e;
}

enum err worker_new(struct worker **out, struct crawler *crawler, struct why *why)
{
    struct worker *worker = calloc(1, sizeof *worker);
    if (worker == NULL) {
        return ERR_NOMEM;
    }
    const struct crawler_policy *policy = &crawler->policy;
    worker->crawler = crawler;
    worker->epoll = worker->event = -1;
    worker->curl_due_ms = -1;
    worker->slot_count = (policy->slots + policy->threads - 1) / policy->threads;
    (void)pthread_mutex_init(&worker->lock, NULL);
    enum err e = open_loop(worker);
    if (e == ERR_OK) {
        e = open_resolver(worker, why);
    }
    if (e == ERR_OK) {
        e = open_politeness(worker);
    }
    if (e == ERR_OK) {
        e = open_slots(worker);
    }
    if (e != ERR_OK) {
        worker_free(worker);
        return e;
    }
    *out = worker;
    return ERR_OK;
}

enum err worker_start(struct worker *worker, struct why *why)
{
    // Signals are for the program's own threads; SIGPIPE of a closed connection is for nobody.
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&worker->thread, NULL, run, worker);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    worker->runs = failed == 0;
    return failed == 0 ? ERR_OK : why_set(why, err_from_errno(failed), "no thread for the crawler");
}

void worker_join(struct worker *worker)
{
    if (worker->runs) {
        (void)pthread_join(worker->thread, NULL);
        worker->runs = false;
    }
}

void worker_free(struct worker *worker)
{
    if (worker == NULL) {
        return;
    }
    resolver_free(worker->resolver);
    curl_multi_cleanup(worker->multi); // closes connections, which call back into the slots
    for (size_t i = 0; worker->slots != NULL && i < worker->slot_count; i++) {
        slot_done(&worker->slots[i]);
    }
    free(worker->slots);
    timers_done(&worker->timers);
    politeness_free(worker->politeness);
    verdict_cache_free(worker->verdicts);
    (void)pthread_mutex_destroy(&worker->lock);
    if (worker->epoll >= 0) {
        (void)close(worker->epoll);
    }
    if (worker->event >= 0) {
        (void)close(worker->event);
    }
    free(worker);
}
