// SPDX-License-Identifier: Apache-2.0
// Rollouts in whole: a store, real edges, origins behind points, and visitors who count what they
// get.
#ifndef SSLAUTO_TESTS_NET_ROLLOUT_LAB_H
#define SSLAUTO_TESTS_NET_ROLLOUT_LAB_H

#include "pipeline/pipeline.h"
#include "tests/net/edge_lab.h"
#include "tests/net/rollout_relay.h"

#define CROWDS          RELAY_LINES
#define CROWD_PROCESSES 3

// The servers of the relay.
enum origin_kind {
    ORIGIN_GOOD,
    ORIGIN_SELF_SIGNED,
    ORIGIN_EXPIRED,
    ORIGIN_WRONG_NAME,
    ORIGIN_TURNING, // nginx, with the certificate in pki/turning.test.pem at each handshake
    ORIGIN_CLIENT_CERTIFICATE,
    ORIGIN_HANGS_UP, // good handshake, then it ends the connection
    ORIGIN_SILENT,   // good handshake, never an answer
    ORIGIN_KINDS
};

// What the visitors of one zone saw.
struct crowd {
    atomic_long visits, failed; // failed: no answer, or a status other than 200
    atomic_long over_https;     // how the origin was reached
    atomic_int last_status;     // of the last failure
    atomic_bool leave;
};

struct rollout_lab {
    struct edge_lab edge;
    struct relay relay;
    struct db *db;
    struct edge *edges[1]; // edge.edge
    struct controller_policy policy;
    struct controller_watch watch;
    struct controller_sums sums;
    struct crowd *crowds; // shared with the visitors
    pid_t visitors[CROWDS * CROWD_PROCESSES];
    size_t visitor_count;
    pid_t controller; // of `sslauto run`; 0 = none
    char place[300];  // of the store
    bool no_probes;   // of the next configuration
};

// names: of the zones, for the origins' certificates. lines: of the relay. rest: further lines for
// sslauto.conf, after sections [edge], [haproxy] and [rollout] with what the lab needs.
void rollout_lab_open(struct rollout_lab *lab, const char *const *names, size_t name_count,
                      size_t lines, const char *rest);
void rollout_lab_close(struct rollout_lab *lab);
// Writes sslauto.conf anew with another rest.
void rollout_lab_configure(struct rollout_lab *lab, const char *rest);

// A zone with its one origin at the relay's line, at the fleet, with two scans that recommend `to`:
// its rollout begins with the next tick. The id goes to out.
void rollout_lab_zone(struct rollout_lab *lab, char out[33], const char *name, size_t line,
                      const char *fleet, enum mode from, enum mode to);
// From now on the origin answers 500 to the zone's visitors over the scheme, or no longer.
void rollout_lab_ill(struct rollout_lab *lab, const char *name, const char *scheme, bool ill);
void rollout_lab_scan(struct rollout_lab *lab, const char *id, enum mode recommended);
// The newest attempt.
struct rollout rollout_lab_get(struct rollout_lab *lab, const char *id);
enum mode rollout_lab_mode(struct rollout_lab *lab, const char *id);
// One pass of a controller in this process.
void rollout_lab_tick(struct rollout_lab *lab);

// Visitors of a zone, from 60 addresses, at both processes of the edge, until they are told to
// leave.
void rollout_lab_visit(struct rollout_lab *lab, size_t crowd, const char *name);

// `sslauto run --no-scans` with stderr in DIR/run.log, which is begun anew; more: NULL, or an
// option with its value.
void rollout_lab_run(struct rollout_lab *lab, const char *option, const char *value);
// Ends it by the signal; its exit code, or 128 + signal.
int rollout_lab_end(struct rollout_lab *lab, int signal_number);
// Whether DIR/run.log has the words.
bool rollout_lab_logged(struct rollout_lab *lab, const char *words);
void rollout_lab_await_log(struct rollout_lab *lab, const char *words, int64_t max_ms);
void rollout_lab_show_log(struct rollout_lab *lab);
// Waits until the newest attempt is in the state, or at the share and seen there.
void rollout_lab_await_state(struct rollout_lab *lab, const char *id, enum rollout_state state,
                             int64_t max_ms);
void rollout_lab_await_share(struct rollout_lab *lab, const char *id, int share_bp, int64_t max_ms);

#endif
