// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/crawler/crawl.h"

#include "core/time.h"
#include "tests/support/check.h"

void crawl_init(struct crawl *crawl)
{
    *crawl = (struct crawl){.policy = crawler_policy_default(), .nets = {"127.0.0.0/8", "::1"}};
    struct crawler_policy *policy = &crawl->policy;
    policy->allow_nets = crawl->nets;
    policy->allow_net_count = 2;
    policy->gap_ms = 0;
    policy->connect_ms = 1500;
    policy->total_ms = 1500;
    policy->hosts_file = NULL;
    policy->breaker_failures = 0;
    policy->loop_lag_ms = 2000; // sanitizers and a busy machine are slow
    policy->per_address = policy->per_network = 64;
    policy->dns_servers = "127.0.0.1:1"; // nobody: no packet leaves loopback
    policy->dns_timeout_ms = 50;
    (void)pthread_mutex_init(&crawl->lock, NULL);
    (void)pthread_cond_init(&crawl->changed, NULL);
}

void crawl_done(struct crawl *crawl)
{
    crawler_free(crawl->crawler);
    for (size_t i = 0; i < crawl->count; i++) {
        zone_free(crawl->targets[i].zone);
        visit_free(crawl->targets[i].visit);
    }
    (void)pthread_mutex_destroy(&crawl->lock);
    (void)pthread_cond_destroy(&crawl->changed);
}

struct crawl_target *crawl_add(struct crawl *crawl, const char *name, const char *origin,
                               uint16_t http_port, uint16_t https_port)
{
    assert_true(crawl->count < CRAWL_MOST);
    struct crawl_target *t = &crawl->targets[crawl->count++];
    struct host *host = NULL;
    struct why why = {0};
    t->zone = zone_new();
    assert_non_null(t->zone);
    assert_ok(zone_add_host(&host, t->zone, span_of(name), &why), &why);
    char www[300];
    (void)snprintf(www, sizeof www, "www.%s", name);
    assert_ok(zone_add_host(&host, t->zone, span_of(www), &why), &why);
    host = &t->zone->hosts[0];
    assert_ok(host_add_origin(host, span_of(origin), http_port, https_port, &why), &why);
    t->target = (struct crawler_target){
        .host = host, .origin = &host->origins[0], .zone = t->zone, .tag = t};
    return t;
}

static void take(void *ctx, const struct crawler_target *target, struct visit *visit)
{
    struct crawl *crawl = ctx;
    struct crawl_target *t = target->tag;
    if (crawl->done_sleep_ms > 0) {
        struct timespec pause = {.tv_nsec = (long)crawl->done_sleep_ms * 1000000};
        (void)nanosleep(&pause, NULL);
    }
    (void)pthread_mutex_lock(&crawl->lock);
    visit_free(t->visit);
    t->visit = visit;
    t->came_back++;
    crawl->done++;
    (void)pthread_cond_signal(&crawl->changed);
    (void)pthread_mutex_unlock(&crawl->lock);
}

void crawl_begin(struct crawl *crawl)
{
    struct why why = {0};
    assert_ok(crawler_start(&crawl->crawler, &crawl->policy, take, crawl, &why), &why);
}

void crawl_submit_all(struct crawl *crawl)
{
    for (size_t i = 0; i < crawl->count; i++) {
        assert_int_equal(crawler_submit(crawl->crawler, &crawl->targets[i].target), ERR_OK);
    }
}

void crawl_wait(struct crawl *crawl, unsigned count)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 20;
    int failed = 0;
    (void)pthread_mutex_lock(&crawl->lock);
    while (crawl->done < count && failed == 0) {
        failed = pthread_cond_timedwait(&crawl->changed, &crawl->lock, &until);
    }
    unsigned done = crawl->done;
    (void)pthread_mutex_unlock(&crawl->lock);
    assert_true(done >= count);
}

void crawl_run(struct crawl *crawl)
{
    crawl_begin(crawl);
    crawl_submit_all(crawl);
    crawl_wait(crawl, (unsigned)crawl->count);
    crawler_free(crawl->crawler);
    crawl->crawler = NULL;
    for (size_t i = 0; i < crawl->count; i++) {
        assert_int_equal(crawl->targets[i].came_back, 1);
        assert_non_null(crawl->targets[i].visit);
    }
}
