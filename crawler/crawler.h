// SPDX-License-Identifier: Apache-2.0
// zone -> fetch. Looks at origins over HTTP and HTTPS: worker threads, each with one epoll loop
// and one libcurl multi handle, one connection at a time per visit, polite to each address.
//
// Life of a target: submit -> (resolve) -> guard -> wait for its address' turn -> robots -> HTTP
// leg -> HTTPS leg -> control -> done(visit). Every submitted target comes back through done()
// exactly once, also when the crawler is stopped. An origin that is a name with several allowed
// addresses (at most LIMIT_ADDRESSES are looked at; the visits tell when there are more) is visited
// at each of them, with budgets and times of their own, and comes back as one chain when all are
// done.
#ifndef SSLAUTO_CRAWLER_CRAWLER_H
#define SSLAUTO_CRAWLER_CRAWLER_H

#include "core/err.h"
#include "model/fetch.h"
#include "model/zone.h"

// A named set of certificate authorities.
struct trust_file {
    const char *name; // "public", or the operator's word
    const char *file; // PEM
};

// Defaults from crawler_policy_default. The configuration's section [crawl] sets them, by keys that
// name what the unit in a field's name does not: connect_ms is connect_timeout, gap_ms is gap,
// target_ms is target_timeout (the table is in cli/conf_schema.c). The trust sets come from section
// [trust].
struct crawler_policy {
    const char *user_agent;     // "Cloudflare-SSLDetector" (product documentation)
    const char *from;           // address sent as From (RFC 9110 section 10.1.2); NULL or "" = none
    const char *product_token;  // the token robots.txt groups are matched with
    unsigned threads;           // worker threads
    unsigned slots;             // targets in work at once, all threads
    unsigned requests_per_host; // fetches per target and address; on top: redirect hops, probe
                                // paths, and what our own overload spoiled, once more
    unsigned pages;             // pages looked at besides the home page, as requests allow
    unsigned redirects;         // hops per fetch
    unsigned per_address;       // connections at once per IP address
    unsigned per_network;       // and per /24 (IPv4) or /48 (IPv6)
    int64_t gap_ms;             // between two requests to one address
    double rate;                // requests per second in all; 0 = no limit
    int64_t connect_ms;         // limit of TCP and TLS handshake together
    int64_t total_ms;           // limit of one request
    int64_t target_ms;          // limit of the work on one target, waiting for turns not counted
    int64_t low_speed_bytes;    // slower than this per second ...
    int64_t low_speed_s;        // ... for so long is a timeout
    size_t body_bytes;          // decoded bytes kept per page
    size_t header_bytes;        // of one answer
    unsigned breaker_failures;  // connect failures in a row that rest an address
    int64_t breaker_ms;         // for so long
    int64_t loop_lag_ms;        // no new targets while the loop lags more than this
    const char *const *allow_nets; // CIDRs the operator opened, of the special-purpose ranges
    size_t allow_net_count;
    const char *const *deny_nets; // CIDRs that stay closed, whatever is allowed
    size_t deny_net_count;
    const char *const *deny_hosts; // names that are not looked at, with all names below them
    size_t deny_host_count;
    const char *dns_servers; // "ip[:port],..."; NULL = the system's
    const char *hosts_file;  // names answered from this file (hosts(5)) before DNS; NULL = none
    unsigned dns_in_flight;  // look-ups at once
    int64_t dns_timeout_ms;  // per try, three tries
    const char *proxy;       // NULL: none; never taken from the environment
    const struct trust_file *trust; // [0] is the public set; the rest are extra sets
    size_t trust_count;
};

// What to look at. Everything is lent until done().
struct crawler_target {
    const struct host *host;     // name, Host and SNI overrides, probe paths, extra names
    const struct origin *origin; // where it is
    const struct zone *zone;     // whose hosts may be redirected to; trust sets
    bool control;                // always fetch the control, even when the bytes are equal
    void *tag;                   // the caller's
};

struct crawler;

// Called on a worker thread; must be quick (hand the visit to another thread). Owns visit.
typedef void crawler_done(void *ctx, const struct crawler_target *target, struct visit *visit);

struct crawler_policy crawler_policy_default(void);
// Loads the trust sets and the public roots, starts the threads. ERR_INVALID and ERR_NOT_FOUND
// name the bad field or file. The policy is copied; the texts it points at are lent until
// crawler_free. Raises the soft limit of open files when the slots need it.
enum err crawler_start(struct crawler **out, const struct crawler_policy *policy,
                       crawler_done *done, void *ctx, struct why *why);
// Never blocks. The target is copied (shallow). ERR_NOT_FOUND: the zone names a trust set that
// there is not. ERR_INTERRUPTED after crawler_stop; done() is not called then.
enum err crawler_submit(struct crawler *crawler, const struct crawler_target *target);
// Targets submitted and not done.
size_t crawler_in_work(const struct crawler *crawler);
// Visits under way, at most about `slots`: what else is in work waits for its name or its turn.
size_t crawler_in_slots(const struct crawler *crawler);
// Everything not finished comes back at once as OUTCOME_SKIPPED.
void crawler_stop(struct crawler *crawler);
// Stops what still runs and joins the threads, calling done() as crawler_stop does; NULL is fine.
// Not while another thread still submits.
void crawler_free(struct crawler *crawler);

// Versions of the libraries underneath, for `sslauto version`.
const char *crawler_libraries(void);

#endif
