// SPDX-License-Identifier: Apache-2.0
#include "api/rate.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/limits.h"

#define BUCKETS 1024U

struct client {
    struct client *next; // owned; in its bucket
    char id[33];
    int64_t began_at;
    int64_t count;
};

struct rate {
    pthread_mutex_t lock;
    int64_t requests, window_s;
    struct client *buckets[BUCKETS]; // owned
    size_t count;
};

struct rate *rate_new(int64_t requests, int64_t window_s)
{
    struct rate *rate = calloc(1, sizeof *rate);
    if (rate != NULL) {
        (void)pthread_mutex_init(&rate->lock, NULL);
        rate->requests = requests;
        rate->window_s = window_s;
    }
    return rate;
}

// Those whose window is over, or all when now_s is INT64_MAX.
static void forget(struct rate *rate, int64_t now_s)
{
    for (size_t i = 0; i < BUCKETS; i++) {
        for (struct client **at = &rate->buckets[i]; *at != NULL;) {
            struct client *client = *at;
            if (now_s - client->began_at >= rate->window_s) {
                *at = client->next;
                free(client);
                rate->count--;
            } else {
                at = &client->next;
            }
        }
    }
}

void rate_free(struct rate *rate)
{
    if (rate != NULL) {
        forget(rate, INT64_MAX);
        (void)pthread_mutex_destroy(&rate->lock);
        free(rate);
    }
}

// The ids are random digits: a few of them spread well.
static size_t bucket_of(const char *id)
{
    size_t hash = 0;
    for (size_t i = 0; id[i] != '\0'; i++) {
        hash = hash * 31 + (unsigned char)id[i];
    }
    return hash % BUCKETS;
}

static struct client *find(struct rate *rate, const char *id, int64_t now_s)
{
    struct client **bucket = &rate->buckets[bucket_of(id)];
    for (struct client *client = *bucket; client != NULL; client = client->next) {
        if (strcmp(client->id, id) == 0) {
            return client;
        }
    }
    if (rate->count >= LIMIT_API_CLIENTS) {
        forget(rate, now_s);
    }
    struct client *client = rate->count >= LIMIT_API_CLIENTS ? NULL : calloc(1, sizeof *client);
    if (client != NULL) {
        (void)snprintf(client->id, sizeof client->id, "%s", id);
        client->began_at = now_s;
        client->next = *bucket;
        *bucket = client;
        rate->count++;
    }
    return client;
}

struct rate_seen rate_count(struct rate *rate, const char *id, int64_t now_s)
{
    struct rate_seen seen = {true, rate->requests, now_s + rate->window_s};
    (void)pthread_mutex_lock(&rate->lock);
    struct client *client = find(rate, id, now_s);
    if (client != NULL) {
        // A clock that was set back must not lock anybody out.
        if (now_s - client->began_at >= rate->window_s || now_s < client->began_at) {
            client->began_at = now_s;
            client->count = 0;
        }
        client->count += client->count <= rate->requests;
        seen.allowed = client->count <= rate->requests;
        seen.remaining = seen.allowed ? rate->requests - client->count : 0;
        seen.reset_at = client->began_at + rate->window_s;
    }
    (void)pthread_mutex_unlock(&rate->lock);
    return seen;
}
