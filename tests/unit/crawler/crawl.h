// SPDX-License-Identifier: Apache-2.0
// One crawler run of a test: targets in, visits out.
#ifndef SSLAUTO_TESTS_UNIT_CRAWLER_CRAWL_H
#define SSLAUTO_TESTS_UNIT_CRAWLER_CRAWL_H

#include <pthread.h>

#include "crawler/crawler.h"

#define CRAWL_MOST 256

struct crawl_target {
    struct zone *zone; // owned; one host with one origin
    struct crawler_target target;
    struct visit *visit; // owned; the last one that came back
    unsigned came_back;
};

struct crawl {
    struct crawler_policy policy;
    const char *nets[4];
    struct crawler *crawler;
    struct crawl_target targets[CRAWL_MOST];
    size_t count;
    unsigned done;
    int64_t done_sleep_ms; // a slow done(), to make the loop lag
    pthread_mutex_t lock;
    pthread_cond_t changed;
};

// A policy for loopback: 127.0.0.0/8 and ::1 are open, no gap, short limits, no hosts file.
void crawl_init(struct crawl *crawl);
void crawl_done(struct crawl *crawl);
// The zone has the host and its www. name.
struct crawl_target *crawl_add(struct crawl *crawl, const char *name, const char *origin,
                               uint16_t http_port, uint16_t https_port);
void crawl_begin(struct crawl *crawl);
void crawl_submit_all(struct crawl *crawl);
// Until `count` visits came back; fails the test after 20 seconds.
void crawl_wait(struct crawl *crawl, unsigned count);
// All of it, and the crawler freed.
void crawl_run(struct crawl *crawl);

#endif
