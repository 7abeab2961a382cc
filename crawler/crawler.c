// SPDX-License-Identifier: Apache-2.0
#include "crawler/crawler.h"

#include <ares.h>
#include <curl/curl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/limits.h"
#include "crawler/engine.h"
#include "crawler/family.h"
#include "crawler/libctx.h"
#include "crawler/plan.h"
#include "crawler/worker.h"

#define FDS_PER_SLOT 3   // a connection, one that is closing, room
#define FDS_BESIDE   256 // the program's own

struct crawler_policy crawler_policy_default(void)
{
    return (struct crawler_policy){
        .user_agent = "Cloudflare-SSLDetector",
        .product_token = "Cloudflare-SSLDetector",
        .threads = 1,
        .slots = 200,
        .requests_per_host = 6,
        .pages = 3,
        .redirects = 5,
        .per_address = 4,
        .per_network = 4,
        .gap_ms = 250,
        .rate = 0,
        .connect_ms = 10000,
        .total_ms = 20000,
        .target_ms = 60000,
        .low_speed_bytes = 64,
        .low_speed_s = 5,
        .body_bytes = (size_t)1 << 20,
        .header_bytes = (size_t)256 << 10,
        .breaker_failures = 5,
        .breaker_ms = (int64_t)10 * 60 * 1000,
        .loop_lag_ms = 50,
        .hosts_file = access("/etc/hosts", R_OK) == 0 ? "/etc/hosts" : NULL,
        .dns_in_flight = 64,
        .dns_timeout_ms = 2000,
    };
}

struct bound {
    const char *name;
    int64_t value, min, max;
};

static enum err check_policy(const struct crawler_policy *p, struct why *why)
{
    const int64_t day_ms = INT64_C(86400000);
    const struct bound bounds[] = {
        {"threads", p->threads, 1, LIMIT_THREADS},
        {"slots", p->slots, 1, LIMIT_SLOTS},
        {"requests_per_host", p->requests_per_host, 1, 1000},
        {"pages", p->pages, 0, LIMIT_PAGES},
        {"redirects", p->redirects, 0, LIMIT_REDIRECTS},
        {"per_address", p->per_address, 1, LIMIT_SLOTS},
        {"per_network", p->per_network, 1, LIMIT_SLOTS},
        {"gap_ms", p->gap_ms, 0, day_ms},
        {"connect_ms", p->connect_ms, 1, day_ms},
        {"total_ms", p->total_ms, 1, day_ms},
        {"target_ms", p->target_ms, 1, day_ms},
        {"low_speed_bytes", p->low_speed_bytes, 0, INT64_MAX},
        {"low_speed_s", p->low_speed_s, 0, 86400},
        {"body_bytes", (int64_t)p->body_bytes, 1, (int64_t)LIMIT_BODY},
        {"header_bytes", (int64_t)p->header_bytes, 1024, 1 << 20},
        {"breaker_ms", p->breaker_ms, 0, day_ms},
        {"loop_lag_ms", p->loop_lag_ms, 1, day_ms},
        {"dns_in_flight", p->dns_in_flight, 1, LIMIT_DNS_IN_FLIGHT},
        {"dns_timeout_ms", p->dns_timeout_ms, 1, 60000},
    };
    for (size_t i = 0; i < COUNT_OF(bounds); i++) {
        if (bounds[i].value < bounds[i].min || bounds[i].value > bounds[i].max) {
            return why_set(why, ERR_INVALID, "%s is %lld, must be %lld to %lld", bounds[i].name,
                           (long long)bounds[i].value, (long long)bounds[i].min,
                           (long long)bounds[i].max);
        }
    }
    if (!(p->rate >= 0)) {
        return why_set(why, ERR_INVALID, "rate must not be negative");
    }
    if (p->user_agent == NULL || p->product_token == NULL) {
        return why_set(why, ERR_INVALID, "user_agent and product_token must be given");
    }
    return ERR_OK;
}

// Each slot needs descriptors; the soft limit is a default for small programs. Best effort: without
// them requests end as overload, not as the origin's failure.
static void raise_file_limit(size_t slots)
{
    struct rlimit limit;
    rlim_t wanted = (rlim_t)(slots * FDS_PER_SLOT + FDS_BESIDE);
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < wanted) {
        limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static enum err open_shared(struct crawler *crawler, struct why *why)
{
    const struct crawler_policy *policy = &crawler->policy;
    enum err e = guard_new(&crawler->guard, policy->allow_nets, policy->allow_net_count, why);
    if (e == ERR_OK) {
        e = guard_deny(crawler->guard, policy->deny_nets, policy->deny_net_count, why);
    }
    if (e == ERR_OK) {
        OSSL_LIB_CTX *before = libctx_enter(); // the keys are used where they were read
        e = trust_load(&crawler->trust, policy->trust, policy->trust_count, why);
        libctx_leave(before);
    }
    if (e == ERR_OK && policy->hosts_file != NULL) {
        e = hosts_read(&crawler->hosts, policy->hosts_file, why);
    }
    if (e != ERR_OK) {
        return e;
    }
    crawler->curl_ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    crawler->ares_ready = ares_library_init(ARES_LIB_INIT_ALL) == ARES_SUCCESS;
    return crawler->curl_ready && crawler->ares_ready ? ERR_OK : ERR_NOMEM;
}

static enum err open_workers(struct crawler *crawler, struct why *why)
{
    crawler->workers = calloc(crawler->policy.threads, sizeof(struct worker *));
    if (crawler->workers == NULL) {
        return ERR_NOMEM;
    }
    enum err e = ERR_OK;
    while (e == ERR_OK && crawler->worker_count < crawler->policy.threads) {
        e = worker_new(&crawler->workers[crawler->worker_count], crawler, why);
        crawler->worker_count += e == ERR_OK;
    }
    for (size_t i = 0; e == ERR_OK && i < crawler->worker_count; i++) {
        e = worker_start(crawler->workers[i], why);
    }
    return e;
}

enum err crawler_start(struct crawler **out, const struct crawler_policy *policy,
                       crawler_done *done, void *ctx, struct why *why)
{
    enum err e = check_policy(policy, why);
    if (e != ERR_OK) {
        return e;
    }
    struct crawler *crawler = calloc(1, sizeof *crawler);
    if (crawler == NULL) {
        return ERR_NOMEM;
    }
    crawler->policy = *policy;
    crawler->done = done;
    crawler->ctx = ctx;
    raise_file_limit(policy->slots);
    e = open_shared(crawler, why);
    if (e == ERR_OK) {
        e = open_workers(crawler, why);
    }
    if (e != ERR_OK) {
        crawler_free(crawler);
        return e;
    }
    *out = crawler;
    return ERR_OK;
}

static size_t hash_name(const char *name)
{
    size_t hash = 5381;
    for (; *name != '\0'; name++) {
        hash = hash * 33 + (unsigned char)*name;
    }
    return hash;
}

struct worker *crawler_owner(const struct crawler *crawler, const struct job *job)
{
    uint64_t key = 0;
    if (job->literal.version != 0) {
        key = politeness_network(&job->literal);
    } else if (job->resolved) {
        key = politeness_network(&job->lookup.addresses[job->candidate]);
    } else {
        key = hash_name(job->target.origin->address);
    }
    // The low bits of the network's hash also choose its bucket: use the high ones here.
    return crawler->workers[(key >> 32 ^ key) % crawler->worker_count];
}

static void free_job(struct job *job)
{
    visit_free(job->visit);
    free(job);
}

void crawler_finish(struct crawler *crawler, struct job *job)
{
    struct visit *visit = family_bring(job);
    if (visit != NULL) {
        crawler->done(crawler->ctx, &job->target, visit);
        (void)atomic_fetch_sub(&crawler->in_work, 1);
    }
    free_job(job);
}

static enum err new_job(struct job **out, const struct crawler *crawler,
                        const struct crawler_target *target)
{
    struct job *job = calloc(1, sizeof *job);
    if (job == NULL) {
        return ERR_NOMEM;
    }
    job->target = *target;
    job->visit = plan_new_visit();
    enum err e = job->visit == NULL ? ERR_NOMEM : ERR_OK;
    if (e == ERR_OK) {
        const struct zone *zone = target->zone;
        e = trust_mask(&job->sets, crawler->trust, zone == NULL ? NULL : zone->trust_sets,
                       zone == NULL ? 0 : zone->trust_set_count,
                       zone != NULL && zone->replace_roots, NULL);
    }
    if (e != ERR_OK) {
        free_job(job);
        return e;
    }
    if (addr_parse(&job->literal, span_of(target->origin->address)) != ERR_OK) {
        job->literal.version = 0;
    }
    *out = job;
    return ERR_OK;
}

enum err crawler_submit(struct crawler *crawler, const struct crawler_target *target)
{
    if (atomic_load(&crawler->stopping)) {
        return ERR_INTERRUPTED; // also when the worker of this target has not noticed yet
    }
    struct job *job = NULL;
    enum err e = new_job(&job, crawler, target);
    if (e != ERR_OK) {
        return e;
    }
    (void)atomic_fetch_add(&crawler->in_work, 1);
    if (!worker_give(crawler_owner(crawler, job), job)) {
        free_job(job);
        (void)atomic_fetch_sub(&crawler->in_work, 1);
        return ERR_INTERRUPTED;
    }
    return ERR_OK;
}

size_t crawler_in_work(const struct crawler *crawler)
{
    return atomic_load(&crawler->in_work);
}

size_t crawler_in_slots(const struct crawler *crawler)
{
    return atomic_load(&crawler->in_slots);
}

void crawler_stop(struct crawler *crawler)
{
    atomic_store(&crawler->stopping, true);
    for (size_t i = 0; i < crawler->worker_count; i++) {
        worker_wake(crawler->workers[i]);
    }
}

void crawler_free(struct crawler *crawler)
{
    if (crawler == NULL) {
        return;
    }
    crawler_stop(crawler);
    for (size_t i = 0; i < crawler->worker_count; i++) {
        worker_join(crawler->workers[i]);
    }
    for (size_t i = 0; i < crawler->worker_count; i++) {
        worker_free(crawler->workers[i]);
    }
    free(crawler->workers);
    hosts_free(crawler->hosts);
    trust_free(crawler->trust);
    guard_free(crawler->guard);
    if (crawler->ares_ready) {
        ares_library_cleanup();
    }
    if (crawler->curl_ready) {
        curl_global_cleanup();
    }
    free(crawler);
}

const char *crawler_libraries(void)
{
    static _Thread_local char text[256];
    (void)snprintf(text, sizeof text, "%s c-ares/%s", curl_version(), ares_version(NULL));
    return text;
}
