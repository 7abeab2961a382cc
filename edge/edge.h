// SPDX-License-Identifier: Apache-2.0
// The hands: put a zone's share and modes at an edge, read it back, read what it counted. An edge
// is a fleet of processes that serve the same zones; every one of them has to agree.
//
// Drivers keep no memory of their own: what should be is told with every call, what is, is read.
// All calls can be repeated. A fleet belongs to one thread.
#ifndef SSLAUTO_EDGE_EDGE_H
#define SSLAUTO_EDGE_EDGE_H

#include <stdio.h>

#include "model/rollout.h"
#include "model/zone.h"

// How to reach a fleet: one row of [edge] with the settings of its driver's section.
struct edge_settings {
    const char *name;          // of the fleet; what zone->edge says
    const char *driver;        // "dryrun" "haproxy" "exec"
    const char *const *places; // haproxy: "unix:/path" or "tcp:HOST:PORT", one per process;
    size_t place_count;        // exec: the program and its arguments; dryrun: none
    const char *maps_dir;      // haproxy: where its map files lie, as the edge names them
    const char *probe_url; // "http(s)://HOST:PORT" where the edge listens for visitors; NULL = none
    const char *probe_secret;  // sent by probes in the header X-Sslauto-Probe; NULL = no probes
    const char *probe_ca_file; // to check the edge's own certificate; NULL = public roots
    uint16_t http_port;        // of origins, as written in the edge's configuration
    uint16_t https_port;
    const char *ca_file; // haproxy: authorities of strict, for `edge show`
    int64_t timeout_ms;  // of one call to one process
    int64_t skew_max_s;  // clocks further apart: the lease cannot be trusted, ERR_UNAVAILABLE
};

enum edge_capability {
    EDGE_COUNTS = 1 << 0,   // counters per cohort
    EDGE_LEASES = 1 << 1,   // goes back by itself when nobody renews
    EDGE_FALLBACK = 1 << 2, // serves by the old mode in the same request
    EDGE_PROBES = 1 << 3,   // takes probes in either mode
    EDGE_STICKY = 1 << 4,   // a client stays in its cohort
    EDGE_DRY = 1 << 5,      // changes nothing anywhere: no zone changes its mode by it
};

// What the edge shall do for a zone, at all its hosts.
struct edge_want {
    const struct zone *zone;
    enum mode old_mode;
    enum mode new_mode; // not used when there is no ramp
    int share_bp;       // of the new mode
    int64_t generation; // 0 = no ramp: old_mode alone, permanently
    int64_t lease_s;    // from now; 0 = the new mode is out at once
};

// What one process has for a zone.
struct edge_seen {
    char process[LIMIT_EDGE_NAME + 1];
    int64_t epoch; // changes when the process was started anew
    bool known;    // it has a value for every host of the zone
    bool foreign;  // a value in a form that sslauto does not write
    enum mode old_mode;
    enum mode new_mode;
    int share_bp;         // 0 where there is no ramp
    int64_t generation;   // 0 = no ramp
    int64_t lease_left_s; // by its own clock; <= 0 = the new mode is out
};

struct edge_counted {
    char process[LIMIT_EDGE_NAME + 1];
    int64_t epoch;
    struct rollout_counts counts;
};

struct edge_probe {
    bool answered; // there was an HTTP answer
    int status;
    enum mode mode;  // that the edge used, as it says; MODE_NONE = it did not say
    char words[256]; // what went wrong, printable
};

struct edge;

// The only list of drivers: edge/edge.c. Their names in order, NULL past the last.
const char *edge_driver_name(size_t index);
// What can be said of settings without the edge: the driver is there, places have its form.
// ERR_INVALID with the words.
enum err edge_check(const struct edge_settings *settings, struct why *why);
enum err edge_open(struct edge **out, const struct edge_settings *settings, struct why *why);
void edge_close(struct edge *edge);
DEFINE_OWN(edge_own, struct edge, edge_close)
unsigned edge_capabilities(const struct edge *edge); // of enum edge_capability
const char *edge_name(const struct edge *edge);
const char *edge_driver_of(const struct edge *edge); // the driver's name

// Errors of these four: ERR_UNAVAILABLE (not there, no permission, no such map, too slow, clock
// skew), ERR_INVALID (the zone cannot be served by this edge: why says what to change), ERR_CORRUPT
// (an answer that makes no sense). why names the process and the remedy. `out` has place for
// LIMIT_EDGE_PROCESSES. A call that the edge is not capable of is ERR_INVALID and changes nothing.
//
// All processes, all hosts, or an error: then some may have it, and the next call repairs that.
// Going back, also for good, ends the ramp first, also of a zone that cannot be served any more:
// that is ERR_INVALID after it.
enum err edge_apply(struct edge *edge, const struct edge_want *want, struct why *why);
// With ERR_INVALID and *count above 0, `out` tells what the edge still has of a zone that it cannot
// serve as it is now.
enum err edge_read(struct edge *edge, const struct zone *zone, struct edge_seen *out, size_t *count,
                   struct why *why);
enum err edge_counters(struct edge *edge, const struct zone *zone, int64_t generation,
                       struct edge_counted *out, size_t *count, struct why *why);
// A GET of the zone's home page through the edge, in the cohort COHORT_PROBE_OLD or
// COHORT_PROBE_NEW.
enum err edge_probe(struct edge *edge, const struct zone *zone, enum cohort cohort,
                    struct edge_probe *out, struct why *why);
// Every share to 0, now: the big red button. *count says how many ramps were ended.
enum err edge_stop_all(struct edge *edge, size_t *count, struct why *why);
// Forgets what the edge still holds of ended generations of the zone. Not done is no harm.
enum err edge_forget(struct edge *edge, const struct zone *zone, int64_t generation,
                     struct why *why);
// The steady state of all zones at once, after a restart or to repair: next() gives one zone after
// the other, NULL at the end. What is not named is removed from the steady map. Left as they are,
// unless overwrite says otherwise: values that sslauto did not write, and modes that are stronger
// than the zone's; for them ERR_INVALID with the words when all others were done.
enum err edge_resync(struct edge *edge, const struct zone *(*next)(void *ctx), void *ctx,
                     bool overwrite, struct why *why);
// A configuration for the edge with comments, to be looked at and installed by the operator.
// ERR_INVALID where the driver has none.
enum err edge_print(const struct edge_settings *settings, FILE *out, struct why *why);

#endif
