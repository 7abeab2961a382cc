// SPDX-License-Identifier: Apache-2.0
// Origins that break in the middle of a rollout, one zone for each way to break, all at once: what
// the controller makes of it, and what the zone's visitors get.
#include <signal.h>
#include <unistd.h>

#include "core/time.h"
#include "tests/net/rollout_lab.h"
#include "tests/support/check.h"

#define BREAK_BP    3000   // the share at which it breaks
#define OVER_MS     150000 // on a busy machine, with sanitizers
#define HOLD_MS     5000   // an outage lasts so long
#define AFTER_MS    2500   // answers that were under way when it went back have come
#define VISIBLE_MAX 60     // failures that visitors see before it is back; see check_visible

enum ending {
    GOES_ON,   // breaks nothing in this mode
    BACK,      // and no visitor has seen it
    BACK_SEEN, // and some visitors have: what was sent cannot be sent again
    HOLDS,     // the old mode fails as well; goes on when the origin is well again
};

#define TO(kind)     (RELAY_SERVER + (kind))
#define REASON(name) (1U << ROLLOUT_REASON_##name)
// Visitors fall back, probes say what it was.
#define NO_HANDSHAKE  (REASON(FALLBACK) | REASON(TLS))
#define NO_CONNECTION (REASON(FALLBACK) | REASON(CONNECT))

struct row {
    const char *what;
    enum mode from, to;
    int https; // where the HTTPS port leads then
    int http;
    enum ending outcome;
    unsigned reasons;
};

#define GOOD TO(ORIGIN_GOOD)
#define TURN (-1) // the origin exchanges its certificate
#define ILL  (-2) // the origin answers 500

static const struct row rows[] = {
    {"self-signed", MODE_FLEXIBLE, MODE_FULL, TO(ORIGIN_SELF_SIGNED), GOOD, GOES_ON, 0},
    {"expired", MODE_FLEXIBLE, MODE_FULL, TO(ORIGIN_EXPIRED), GOOD, GOES_ON, 0},
    {"wrong name", MODE_FLEXIBLE, MODE_FULL, TO(ORIGIN_WRONG_NAME), GOOD, GOES_ON, 0},
    {"port closed", MODE_FLEXIBLE, MODE_FULL, RELAY_CLOSED, GOOD, BACK, NO_CONNECTION},
    {"reset", MODE_FLEXIBLE, MODE_FULL, RELAY_RESET, GOOD, BACK, NO_HANDSHAKE},
    {"plaintext", MODE_FLEXIBLE, MODE_FULL, RELAY_PLAIN, GOOD, BACK, NO_HANDSHAKE},
    {"black hole", MODE_FLEXIBLE, MODE_FULL, RELAY_BLACK_HOLE, GOOD, BACK, NO_CONNECTION},
    // With TLS 1.3 the demand is enforced after the handshake, as the edge sees it.
    {"client certificate", MODE_FLEXIBLE, MODE_FULL, TO(ORIGIN_CLIENT_CERTIFICATE), GOOD, BACK_SEEN,
     NO_HANDSHAKE | REASON(CONNECT)},
    {"hangs up", MODE_FLEXIBLE, MODE_FULL, TO(ORIGIN_HANGS_UP), GOOD, BACK_SEEN, REASON(CONNECT)},
    {"silent", MODE_FLEXIBLE, MODE_FULL, TO(ORIGIN_SILENT), GOOD, BACK_SEEN, REASON(CONNECT)},
    {"500", MODE_FLEXIBLE, MODE_FULL, ILL, GOOD, BACK_SEEN, REASON(SERVER_ERRORS)},

    {"self-signed", MODE_FLEXIBLE, MODE_STRICT, TO(ORIGIN_SELF_SIGNED), GOOD, BACK, NO_HANDSHAKE},
    {"expired", MODE_FLEXIBLE, MODE_STRICT, TO(ORIGIN_EXPIRED), GOOD, BACK, NO_HANDSHAKE},
    // HAProxy does not try again after another name than the expected one.
    {"wrong name", MODE_FLEXIBLE, MODE_STRICT, TO(ORIGIN_WRONG_NAME), GOOD, BACK_SEEN, REASON(TLS)},
    {"port closed", MODE_FLEXIBLE, MODE_STRICT, RELAY_CLOSED, GOOD, BACK, NO_CONNECTION},
    {"reset", MODE_FLEXIBLE, MODE_STRICT, RELAY_RESET, GOOD, BACK, NO_HANDSHAKE},
    {"plaintext", MODE_FLEXIBLE, MODE_STRICT, RELAY_PLAIN, GOOD, BACK, NO_HANDSHAKE},
    {"black hole", MODE_FLEXIBLE, MODE_STRICT, RELAY_BLACK_HOLE, GOOD, BACK, NO_CONNECTION},
    {"client certificate", MODE_FLEXIBLE, MODE_STRICT, TO(ORIGIN_CLIENT_CERTIFICATE), GOOD,
     BACK_SEEN, NO_HANDSHAKE | REASON(CONNECT)},
    {"hangs up", MODE_FLEXIBLE, MODE_STRICT, TO(ORIGIN_HANGS_UP), GOOD, BACK_SEEN, REASON(CONNECT)},
    {"silent", MODE_FLEXIBLE, MODE_STRICT, TO(ORIGIN_SILENT), GOOD, BACK_SEEN, REASON(CONNECT)},
    {"500", MODE_FLEXIBLE, MODE_STRICT, ILL, GOOD, BACK_SEEN, REASON(SERVER_ERRORS)},

    {"self-signed", MODE_FULL, MODE_STRICT, TO(ORIGIN_SELF_SIGNED), GOOD, BACK, NO_HANDSHAKE},
    {"expired", MODE_FULL, MODE_STRICT, TO(ORIGIN_EXPIRED), GOOD, BACK, NO_HANDSHAKE},
    {"wrong name", MODE_FULL, MODE_STRICT, TO(ORIGIN_WRONG_NAME), GOOD, BACK_SEEN, REASON(TLS)},
    // Behind sessions that could be resumed, without a look at the certificate.
    {"turned to expired", MODE_FULL, MODE_STRICT, TURN, GOOD, BACK, NO_HANDSHAKE},

    {"port closed, also for the old mode", MODE_FULL, MODE_STRICT, RELAY_CLOSED, GOOD, HOLDS, 0},
    {"500, also in the old mode", MODE_FULL, MODE_STRICT, ILL, GOOD, HOLDS, 0},
    {"outage of both schemes", MODE_FLEXIBLE, MODE_STRICT, RELAY_CLOSED, RELAY_CLOSED, HOLDS, 0},
    {"outage of both schemes", MODE_FLEXIBLE, MODE_FULL, RELAY_CLOSED, RELAY_CLOSED, HOLDS, 0},
};

enum stage {
    RAMPS,
    BROKEN,
    RETURNED,
    QUIET,
    HEALED,
    OVER
};

struct trial {
    char name[32], id[33];
    enum stage phase;
    int64_t since_ms;     // of the phase
    long failed, visits;  // when it broke
    long seen;            // failures from then on, until it was back and quiet
    int64_t took_ms;      // until it was back
    int broke_bp, top_bp; // shares
    int64_t held_ms;      // since when it holds without a break; 0 = it does not
    char wrong[128];      // what is not as the row says; "" = nothing
};

static void set_up_lab(struct rollout_lab *lab, struct trial *trials)
{
    const char *names[COUNT_OF(rows)];
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        (void)snprintf(trials[i].name, sizeof(trials[i].name),
                       rows[i].https == TURN ? "turning.test" : "z%zu.test", i);
        names[i] = trials[i].name;
    }
    rollout_lab_open(lab, names, COUNT_OF(names), COUNT_OF(rows), "");
}

// A way to the turning origin as the edge must not go it: with sessions that are resumed.
static uint16_t add_resuming_way(struct rollout_lab *lab)
{
    char text[700];
    uint16_t port = (uint16_t)(lab->edge.at[0].http_port + 1);
    (void)snprintf(text, sizeof(text),
                   "\nlisten resuming\n    bind 127.0.0.1:%u\n    http-reuse never\n"
                   "    server s 127.60.%d.1:%u ssl verify required ca-file %s sni "
                   "str(turning.test)\n\nbackend to_nowhere\n",
                   port, ORIGIN_TURNING, lab->edge.lab.https_port, lab->edge.ca_file);
    edge_process_edit(&lab->edge, 0, "\nbackend to_nowhere\n", text);
    return port;
}

static void restart_edges(struct rollout_lab *lab)
{
    for (size_t i = 0; i < EDGE_PROCESSES; i++) {
        edge_process_edit(&lab->edge, i, "timeout server 60s", "timeout server 2s");
        edge_process_stop(&lab->edge, i);
        edge_process_start(&lab->edge, i);
    }
}

static void begin(struct rollout_lab *lab, struct trial *trials)
{
    struct why why = {""};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        rollout_lab_zone(lab, trials[i].id, trials[i].name, i, "lab", rows[i].from, rows[i].to);
        if (rows[i].https == TURN) {
            relay_set(&lab->relay, i, GOOD, TO(ORIGIN_TURNING));
        }
    }
    assert_ok(controller_resync(lab->db, lab->edges, 1, false, &why), &why);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        rollout_lab_visit(lab, i, trials[i].name);
    }
}

// -- the trap ------------------------------------------------------------------------------------
static int status_by_resuming_way(uint16_t port)
{
    char url[64];
    long status = 0;
    CURL *curl = curl_easy_init();
    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/", port);
    (void)curl_easy_setopt(curl, CURLOPT_URL, url);
    (void)curl_easy_setopt(curl, CURLOPT_PROXY, "");
    (void)curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    (void)curl_easy_perform(curl);
    (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(curl);
    return (int)status;
}

static void turn_certificate(struct rollout_lab *lab)
{
    char command[700];
    (void)snprintf(command, sizeof(command),
                   "cd %s/pki && cp expired.pem t && mv t turning.test.pem && cp expired.key t && "
                   "mv t turning.test.key",
                   lab->edge.lab.dir);
    assert_int_equal(
        lab_run(&lab->edge.lab, NULL, (const char *const[]){"sh", "-c", command, NULL}), 0);
}

// Each thread of the process has sessions of its own.
static int good_answers(uint16_t port)
{
    int good = 0;
    for (int i = 0; i < 20; i++) {
        good += status_by_resuming_way(port) == 200;
    }
    return good;
}

// -- a trial -------------------------------------------------------------------------------------
static void enter(struct trial *trial, enum stage phase)
{
    trial->phase = phase;
    trial->since_ms = time_monotonic_ms();
}

static void break_origin(struct rollout_lab *lab, size_t i, struct trial *trial,
                         const struct rollout *rollout)
{
    struct crowd *crowd = &lab->crowds[i];
    trial->failed = atomic_load(&crowd->failed);
    trial->visits = atomic_load(&crowd->visits);
    trial->broke_bp = rollout->share_bp;
    enter(trial, BROKEN);
    if (rows[i].https == TURN) {
        turn_certificate(lab);
    } else if (rows[i].https == ILL) {
        rollout_lab_ill(lab, trial->name, "https", true);
    } else {
        relay_set(&lab->relay, i, rows[i].http, rows[i].https);
    }
}

static void heal_origin(struct rollout_lab *lab, size_t i, const struct trial *trial)
{
    if (rows[i].https == ILL) {
        rollout_lab_ill(lab, trial->name, "https", false);
    } else {
        relay_set(&lab->relay, i, GOOD, GOOD);
    }
}

static bool went_back(const struct rollout *rollout)
{
    return rollout->state == ROLLOUT_ROLLED_BACK || rollout->state == ROLLOUT_COOLDOWN;
}

static void check_reason(const struct row *row, struct trial *trial, const struct rollout *rollout)
{
    if ((row->reasons & 1U << rollout->reason) == 0) {
        (void)snprintf(trial->wrong, sizeof(trial->wrong), "went back because of %s",
                       rollout_reason_str(rollout->reason));
    }
}

static void look_broken(struct rollout_lab *lab, size_t i, struct trial *trial,
                        const struct rollout *rollout)
{
    int64_t now = time_monotonic_ms();
    if (went_back(rollout)) {
        check_reason(&rows[i], trial, rollout);
        trial->took_ms = now - trial->since_ms;
        enter(trial, RETURNED);
    } else if (rollout->state == ROLLOUT_DONE) {
        if (rows[i].outcome != GOES_ON) {
            (void)snprintf(trial->wrong, sizeof(trial->wrong), "went on");
        }
        trial->seen = atomic_load(&lab->crowds[i].failed) - trial->failed;
        enter(trial, OVER);
    } else if (rows[i].outcome == HOLDS) {
        bool holds =
            rollout->state == ROLLOUT_HOLDING && rollout->reason == ROLLOUT_REASON_BOTH_FAIL;
        trial->held_ms = !holds ? 0 : trial->held_ms == 0 ? now : trial->held_ms;
        if (holds && now - trial->held_ms >= HOLD_MS) {
            heal_origin(lab, i, trial);
            enter(trial, HEALED);
        }
    }
}

// Once it went back, what was under way is answered.
static void look_returned(struct rollout_lab *lab, size_t i, struct trial *trial)
{
    const struct crowd *crowd = &lab->crowds[i];
    if (time_monotonic_ms() - trial->since_ms >= AFTER_MS) {
        trial->visits = atomic_load(&crowd->visits);
        trial->seen = atomic_load(&crowd->failed) - trial->failed;
        enter(trial, QUIET);
    }
}

// Nothing fails any more.
static void look_quiet(struct rollout_lab *lab, size_t i, struct trial *trial,
                       const struct rollout *rollout)
{
    const struct crowd *crowd = &lab->crowds[i];
    if (rollout->state == ROLLOUT_COOLDOWN && atomic_load(&crowd->visits) - trial->visits > 30) {
        long later = atomic_load(&crowd->failed) - trial->failed - trial->seen;
        if (later > 0) {
            (void)snprintf(trial->wrong, sizeof(trial->wrong),
                           "%ld visits failed after it went back", later);
        }
        enter(trial, OVER);
    }
}

static void look(struct rollout_lab *lab, size_t i, struct trial *trial)
{
    struct rollout rollout = rollout_lab_get(lab, trial->id);
    trial->top_bp = rollout.share_bp > trial->top_bp ? rollout.share_bp : trial->top_bp;
    assert_int_equal(rollout.generation, 1);
    switch (trial->phase) {
    case RAMPS:
        if (went_back(&rollout)) {
            (void)snprintf(trial->wrong, sizeof(trial->wrong), "went back before it broke");
            enter(trial, OVER);
        }
        if (rollout.share_bp >= BREAK_BP && rollout.applied_bp == rollout.share_bp) {
            break_origin(lab, i, trial, &rollout);
        }
        break;
    case BROKEN:
        look_broken(lab, i, trial, &rollout);
        break;
    case RETURNED:
        look_returned(lab, i, trial);
        break;
    case QUIET:
        look_quiet(lab, i, trial, &rollout);
        break;
    case HEALED:
        if (went_back(&rollout)) {
            (void)snprintf(trial->wrong, sizeof(trial->wrong), "went back after it was healed");
            enter(trial, OVER);
        }
        if (rollout.state == ROLLOUT_DONE) {
            trial->took_ms = time_monotonic_ms() - trial->since_ms;
            enter(trial, OVER);
        }
        break;
    case OVER:
        break;
    }
}

static void tell(struct rollout_lab *lab, const struct trial *trials)
{
    static const char *const outcomes[] = {"goes on", "back", "back", "holds, then on"};
    print_message("%-36s %-18s %-15s %-14s %6s %6s %7s\n", "what breaks", "modes", "outcome",
                  "reason", "at bp", "ms", "visible");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char modes[40];
        struct rollout rollout = rollout_lab_get(lab, trials[i].id);
        (void)snprintf(modes, sizeof(modes), "%s -> %s", mode_str(rows[i].from),
                       mode_str(rows[i].to));
        print_message("%-36s %-18s %-15s %-14s %6d %6lld %7ld%s  %s\n", rows[i].what, modes,
                      outcomes[rows[i].outcome], rollout_reason_str(rollout.reason),
                      trials[i].top_bp, (long long)trials[i].took_ms, trials[i].seen,
                      trials[i].phase == OVER ? "" : "  not over", trials[i].wrong);
    }
}

// What visitors may see: nothing where the edge falls back. Else what the share lets through until
// the counters say so: the test needs 3 to 12 failures, and each second of the tick and of a slow
// look brings up to 30 visits, of which 3 in 10 use the new mode.
static void check_visible(const struct row *row, struct trial *trial)
{
    long most = row->outcome == BACK || row->outcome == GOES_ON ? 0 : VISIBLE_MAX;
    if (row->outcome != HOLDS && trial->seen > most) {
        (void)snprintf(trial->wrong, sizeof(trial->wrong), "more than %ld visible", most);
    }
}

static void check_end(struct rollout_lab *lab, const struct row *row, const struct trial *trial)
{
    struct edge_seen seen[LIMIT_EDGE_PROCESSES];
    struct why why = {""};
    bool stays = row->outcome == GOES_ON || row->outcome == HOLDS;
    enum mode end = stays ? row->to : row->from;
    OWN(zone_own) struct zone *zone = NULL;
    assert_string_equal(trial->wrong, "");
    assert_ok(db_zone_get(lab->db, &zone, trial->id, &why), &why);
    assert_int_equal(zone->mode, end);
    edge_lab_see(&lab->edge, zone, seen);
    for (size_t p = 0; p < EDGE_PROCESSES; p++) {
        assert_true(seen[p].known && seen[p].generation == 0);
        assert_int_equal(seen[p].old_mode, end);
    }
}

static void test_origins_break_in_mid_ramp(void **state)
{
    static struct trial trials[COUNT_OF(rows)];
    struct rollout_lab *lab = *state;
    set_up_lab(lab, trials);
    uint16_t resuming = add_resuming_way(lab);
    restart_edges(lab);
    assert_int_equal(good_answers(resuming), 20);
    begin(lab, trials);
    size_t over = 0;
    int64_t begun = time_monotonic_ms();
    int64_t until = begun + OVER_MS;
    while (over < COUNT_OF(rows) && time_monotonic_ms() < until) {
        int64_t next = time_monotonic_ms() + 500;
        rollout_lab_tick(lab);
        over = 0;
        for (size_t i = 0; i < COUNT_OF(rows); i++) {
            look(lab, i, &trials[i]);
            over += trials[i].phase == OVER;
        }
        int64_t left = next - time_monotonic_ms();
        lab_sleep_ms(left > 0 ? left : 0);
    }
    long visits = 0;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        visits += atomic_load(&lab->crowds[i].visits);
    }
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        check_visible(&rows[i], &trials[i]);
    }
    tell(lab, trials);
    print_message("%zu zones, %ld visits, %lld ms\n", COUNT_OF(rows), visits,
                  (long long)(time_monotonic_ms() - begun));
    assert_int_equal(over, COUNT_OF(rows));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        check_end(lab, &rows[i], &trials[i]);
    }
    // The trap is real: by resumed sessions the expired certificate still passes.
    int good = good_answers(resuming);
    print_message("with resumed sessions %d of 20 visits pass the expired certificate\n", good);
    assert_true(good > 0);
}

static int setup(void **state)
{
    static struct rollout_lab lab;
    *state = &lab;
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
    return 0;
}

static int teardown(void **state)
{
    rollout_lab_close(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_origins_break_in_mid_ramp),
    };
    if (!edge_lab_possible()) {
        return 77;
    }
    return cmocka_run_group_tests(tests, setup, teardown);
}
