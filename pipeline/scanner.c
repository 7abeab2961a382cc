// SPDX-License-Identifier: Apache-2.0
#include "pipeline/scanner.h"

#include <assert.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/time.h"
#include "pipeline/distil.h"
#include "pipeline/queue.h"
#include "pipeline/second_look.h"

enum {
    MANY_SLOTS = 500,
    MAPPED_BYTES = 40 * 1024
};

struct job;

// One origin of one host on its way through the threads; each owns it in turn.
struct look {
    struct queue_item item; // first: a look is its own queue item
    struct job *job;
    struct crawler_target target;
    struct visit *visit;             // owned between crawler and analyst
    struct origin_evidence evidence; // of the newest look
    struct origin_evidence before;   // of the look before it, when there was one
    unsigned number;                 // of looks that came back
    enum err failed;
    int64_t due_ms;     // monotonic, while it waits
    struct look *later; // next in the list of those that wait
};

struct job {
    struct zone *zone;
    int64_t epoch;
    int64_t begun_ms; // monotonic
    size_t pending;   // looks not done
    enum err failed;  // of the first look that failed
    size_t look_count;
    struct job *before, *after; // all jobs in work
    struct look looks[];
};

struct scanner {
    struct pipeline_policy policy;
    struct crawler *crawler;
    struct queue visits; // crawler -> analysts
    struct queue looks;  // analysts -> caller
    pthread_t *analysts;
    unsigned analyst_count;
    struct job *jobs;
    size_t in_flight;
    size_t looks_left;    // of the jobs in work
    struct look *waiting; // sorted by due_ms
    struct look *waiting_last;
    size_t waiting_count;
};

void scanned_free(struct scanned *scanned)
{
    if (scanned != NULL) {
        zone_free(scanned->zone);
        evidence_free(scanned->evidence);
        free(scanned);
    }
}

static void visited(void *ctx, const struct crawler_target *target, struct visit *visit)
{
    struct scanner *scanner = ctx;
    struct look *look = target->tag;
    look->visit = visit;
    queue_push(&scanner->visits, &look->item);
}

static void *analyse(void *ctx)
{
    struct scanner *scanner = ctx;
    struct queue_item *item = NULL;
    while ((item = queue_pop(&scanner->visits, -1)) != NULL) {
        struct look *look = (struct look *)item;
        look->failed = distil(&look->evidence, look->target.origin, look->visit);
        visit_free(look->visit);
        look->visit = NULL;
        queue_push(&scanner->looks, &look->item);
    }
    return NULL;
}

static void job_free(struct job *job)
{
    for (size_t i = 0; i < job->look_count; i++) {
        visit_free(job->looks[i].visit);
        origin_evidence_done(&job->looks[i].evidence);
        origin_evidence_done(&job->looks[i].before);
    }
    zone_free(job->zone);
    free(job);
}

static void job_unlink(struct scanner *scanner, struct job *job)
{
    if (job->before != NULL) {
        job->before->after = job->after;
    } else {
        scanner->jobs = job->after;
    }
    if (job->after != NULL) {
        job->after->before = job->before;
    }
    scanner->in_flight--;
}

// Pages come and go between smaller things that stay, and leave holes: with many slots a fifth of
// the memory. A mapping for each page leaves none and costs about 3 % of the time.
static void keep_pages_apart(unsigned slots)
{
    if (slots >= MANY_SLOTS) {
        // NOLINTNEXTLINE(concurrency-mt-unsafe): takes the heap's lock; beside malloc() it is safe
        (void)mallopt(M_MMAP_THRESHOLD, MAPPED_BYTES);
    }
}

static enum err start_analysts(struct scanner *scanner, struct why *why)
{
    unsigned wanted = scanner->policy.analysts;
    scanner->analysts = calloc(wanted, sizeof *scanner->analysts);
    if (scanner->analysts == NULL) {
        return ERR_NOMEM;
    }
    for (unsigned i = 0; i < wanted; i++) {
        int rc = pthread_create(&scanner->analysts[i], NULL, analyse, scanner);
        if (rc != 0) {
            return why_set(why, err_from_errno(rc), "cannot start %u analyst threads", wanted);
        }
        scanner->analyst_count = i + 1;
    }
    return ERR_OK;
}

enum err scanner_start(struct scanner **out, const struct pipeline_policy *policy, struct why *why)
{
    struct scanner *scanner = calloc(1, sizeof *scanner);
    if (scanner == NULL) {
        return ERR_NOMEM;
    }
    scanner->policy = *policy;
    keep_pages_apart(policy->crawler.slots);
    queue_init(&scanner->visits);
    queue_init(&scanner->looks);
    enum err e = crawler_start(&scanner->crawler, &policy->crawler, visited, scanner, why);
    if (e == ERR_OK) {
        e = start_analysts(scanner, why);
    }
    if (e != ERR_OK) {
        scanner_free(scanner);
        return e;
    }
    *out = scanner;
    return ERR_OK;
}

static struct job *job_new(struct zone *zone, int64_t epoch)
{
    size_t count = 0;
    for (size_t i = 0; i < zone->host_count; i++) {
        count += zone->hosts[i].origin_count;
    }
    struct job *job = calloc(1, sizeof *job + count * sizeof job->looks[0]);
    if (job == NULL) {
        return NULL;
    }
    *job = (struct job){.zone = zone,
                        .epoch = epoch,
                        .begun_ms = time_monotonic_ms(),
                        .pending = count,
                        .look_count = count};
    size_t at = 0;
    for (size_t i = 0; i < zone->host_count; i++) {
        for (size_t k = 0; k < zone->hosts[i].origin_count; k++) {
            struct look *look = &job->looks[at++];
            look->job = job;
            look->target = (struct crawler_target){.host = &zone->hosts[i],
                                                   .origin = &zone->hosts[i].origins[k],
                                                   .zone = zone,
                                                   .tag = look};
        }
    }
    return job;
}

// What is known of an origin that could not even be asked.
static enum err evidence_skipped(struct origin_evidence *out, const struct origin *origin,
                                 const char *words)
{
    *out =
        (struct origin_evidence){.http_port = origin->http_port, .https_port = origin->https_port};
    struct scheme_evidence *both[2] = {&out->http, &out->https};
    for (size_t i = 0; i < COUNT_OF(both); i++) {
        both[i]->outcome = OUTCOME_SKIPPED;
        both[i]->retry_after_s = -1;
        (void)snprintf(both[i]->words, sizeof both[i]->words, "%s", words);
    }
    out->address = strdup(origin->address);
    return out->address == NULL ? ERR_NOMEM : ERR_OK;
}

// A zone that names a trust set that is not configured is told so, like any other finding; it does
// not end the scan of the others. A failure comes back with the look, and ends its zone alone.
static void submit_look(struct scanner *scanner, struct look *look)
{
    enum err e = crawler_submit(scanner->crawler, &look->target);
    if (e == ERR_OK) {
        return; // the look is with the crawler's threads
    }
    look->failed =
        e != ERR_NOT_FOUND
            ? e
            : evidence_skipped(&look->evidence, look->target.origin,
                               "the zone names a trust set that is not in the configuration");
    queue_push(&scanner->looks, &look->item);
}

enum err scanner_submit(struct scanner *scanner, struct zone *zone, int64_t epoch)
{
    struct job *job = job_new(zone, epoch);
    if (job == NULL) {
        zone_free(zone);
        return ERR_NOMEM;
    }
    job->after = scanner->jobs;
    if (scanner->jobs != NULL) {
        scanner->jobs->before = job;
    }
    scanner->jobs = job;
    scanner->in_flight++;
    scanner->looks_left += job->look_count;
    for (size_t i = 0; i < job->look_count; i++) {
        submit_look(scanner, &job->looks[i]);
    }
    return ERR_OK;
}

static void wait_for_next(struct scanner *scanner, struct look *look, int64_t pause_ms)
{
    look->due_ms = time_monotonic_ms() + pause_ms;
    look->later = NULL;
    scanner->waiting_count++;
    if (scanner->waiting_last == NULL || scanner->waiting_last->due_ms <= look->due_ms) {
        // Nearly always: the pause is the same for all but those with a Retry-After.
        if (scanner->waiting_last == NULL) {
            scanner->waiting = look;
        } else {
            scanner->waiting_last->later = look;
        }
        scanner->waiting_last = look;
        return;
    }
    struct look **at = &scanner->waiting;
    while ((*at)->due_ms <= look->due_ms) {
        at = &(*at)->later;
    }
    look->later = *at;
    *at = look;
}

static void resubmit_due(struct scanner *scanner)
{
    int64_t now = time_monotonic_ms();
    while (scanner->waiting != NULL && scanner->waiting->due_ms <= now) {
        struct look *look = scanner->waiting;
        scanner->waiting = look->later;
        if (scanner->waiting == NULL) {
            scanner->waiting_last = NULL;
        }
        scanner->waiting_count--;
        look->before = look->evidence;
        look->evidence = (struct origin_evidence){0};
        look->target.control = true;
        submit_look(scanner, look);
    }
}

// Moves the looks' evidence into the form that is kept.
static struct evidence *gather(struct job *job)
{
    OWN(evidence_own) struct evidence *evidence = calloc(1, sizeof *evidence);
    if (evidence == NULL) {
        return NULL;
    }
    memcpy(evidence->zone_id, job->zone->id, sizeof evidence->zone_id);
    evidence->hosts = calloc(job->zone->host_count, sizeof *evidence->hosts);
    if (evidence->hosts == NULL) {
        return NULL;
    }
    struct look *look = job->looks;
    for (size_t i = 0; i < job->zone->host_count; i++) {
        const struct host *host = &job->zone->hosts[i];
        struct host_evidence *out = &evidence->hosts[evidence->host_count++];
        out->weight = host->weight;
        out->name = strdup(host->name);
        out->origins = calloc(host->origin_count, sizeof *out->origins);
        if (out->name == NULL || out->origins == NULL) {
            return NULL;
        }
        for (size_t k = 0; k < host->origin_count; k++, look++) {
            out->origins[out->origin_count++] = look->evidence;
            look->evidence = (struct origin_evidence){0};
        }
    }
    struct evidence *taken = evidence;
    evidence = NULL;
    return taken;
}

static enum err finish(struct scanner *scanner, struct job *job, struct scanned **out)
{
    struct scanned *scanned = calloc(1, sizeof *scanned);
    if (scanned == NULL) {
        return ERR_NOMEM;
    }
    scanned->evidence = job->failed == ERR_OK ? gather(job) : NULL;
    scanned->failed = job->failed != ERR_OK       ? job->failed
                      : scanned->evidence == NULL ? ERR_NOMEM
                                                  : ERR_OK;
    scanned->epoch = job->epoch;
    scanned->begun_ms = job->begun_ms;
    scanned->zone = job->zone;
    job->zone = NULL;
    job_unlink(scanner, job);
    job_free(job);
    *out = scanned;
    return ERR_OK;
}

// Milliseconds until this origin is looked at again, -1 when what was found is believed.
static int64_t next_look_after(struct scanner *scanner, struct look *look)
{
    int64_t pause_ms = scanner->policy.second_look_ms;
    if (look->number == 1) {
        return second_look_after(&look->evidence, pause_ms);
    }
    bool third = look->number > 2;
    if (third) {
        second_look_settle(&look->evidence, &look->before);
    } else {
        second_look_merge(&look->evidence, &look->before);
    }
    origin_evidence_done(&look->before);
    look->before = (struct origin_evidence){0};
    return !third && second_look_wants_third(&look->evidence) ? pause_ms : -1;
}

// One look is back: believe it, or look again later. True when its zone is complete.
static bool take_back(struct scanner *scanner, struct look *look)
{
    struct job *job = look->job;
    if (job->failed == ERR_OK) {
        job->failed = look->failed;
    }
    look->number++;
    int64_t pause_ms = job->failed == ERR_OK ? next_look_after(scanner, look) : -1;
    if (pause_ms >= 0) {
        wait_for_next(scanner, look, pause_ms);
        return false;
    }
    assert(job->pending > 0);
    scanner->looks_left--;
    return --job->pending == 0;
}

enum err scanner_next(struct scanner *scanner, int64_t timeout_ms, struct scanned **out)
{
    *out = NULL;
    int64_t end = time_monotonic_ms() + timeout_ms;
    for (;;) {
        resubmit_due(scanner);
        int64_t now = time_monotonic_ms();
        int64_t until = end;
        if (scanner->waiting != NULL && scanner->waiting->due_ms < until) {
            until = scanner->waiting->due_ms;
        }
        struct queue_item *item = queue_pop(&scanner->looks, until > now ? until - now : 0);
        if (item == NULL && time_monotonic_ms() >= end) {
            return ERR_OK;
        }
        if (item == NULL) {
            continue;
        }
        struct look *look = (struct look *)item;
        if (take_back(scanner, look)) {
            return finish(scanner, look->job, out);
        }
    }
}

void scanner_gather(struct scanner *scanner, size_t looks, int64_t timeout_ms)
{
    queue_gather(&scanner->looks, looks, timeout_ms);
}

size_t scanner_in_flight(const struct scanner *scanner)
{
    return scanner->in_flight;
}

size_t scanner_looks(const struct scanner *scanner)
{
    return scanner->looks_left;
}

size_t scanner_waiting(const struct scanner *scanner)
{
    return scanner->waiting_count;
}

size_t scanner_in_line(const struct scanner *scanner)
{
    size_t in_slots = crawler_in_slots(scanner->crawler);
    size_t in_work = crawler_in_work(scanner->crawler);
    return in_work > in_slots ? in_work - in_slots : 0; // of two moments
}

bool scanner_has_slots(const struct scanner *scanner)
{
    unsigned slots = scanner->policy.crawler.slots;
    return crawler_in_slots(scanner->crawler) < slots - slots / 4;
}

void scanner_free(struct scanner *scanner)
{
    if (scanner == NULL) {
        return;
    }
    crawler_free(scanner->crawler); // stops it: every visit has come back after this
    queue_close(&scanner->visits);
    for (unsigned i = 0; i < scanner->analyst_count; i++) {
        (void)pthread_join(scanner->analysts[i], NULL);
    }
    free(scanner->analysts);
    queue_done(&scanner->visits);
    queue_done(&scanner->looks);
    while (scanner->jobs != NULL) {
        struct job *job = scanner->jobs;
        scanner->jobs = job->after;
        job_free(job);
    }
    free(scanner);
}
