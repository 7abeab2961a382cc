// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/pipeline/lab.h"

#include <stdio.h>
#include <stdlib.h>

// -- breaking ------------------------------------------------------------------------------------

static struct lab *lab_of_store; // the one whose store calls are counted

static bool breaks(struct lab *lab)
{
    if (lab == NULL || lab->how == LAB_SOUND || lab->how == LAB_DEAF) {
        return false;
    }
    bool now = lab->how == LAB_KILL ? lab->calls >= lab->break_at : lab->calls == lab->break_at;
    lab->calls++;
    lab->broken = lab->broken || now;
    return now;
}

#define WRAP(name, parameters, ...)                                                                \
    static enum err break_##name parameters                                                        \
    {                                                                                              \
        return breaks(lab_of_store) ? why_set(why, ERR_IO, "broken: " #name)                       \
                                    : sqlite_backend.name(__VA_ARGS__);                            \
    }

WRAP(now, (struct db * db, int64_t *out, struct why *why), db, out, why)
WRAP(begin, (struct db * db, struct why *why), db, why)
WRAP(zone_get, (struct db * db, struct zone **out, const char *id, struct why *why), db, out, id,
     why)
WRAP(zone_update, (struct db * db, const struct zone *zone, struct why *why), db, zone, why)
WRAP(scan_request, (struct db * db, const char *id, int64_t *changed, struct why *why), db, id,
     changed, why)
WRAP(scan_current, (struct db * db, const char *id, struct db_scan *out, struct why *why), db, id,
     out, why)
WRAP(scan_history,
     (struct db * db, const char *id, size_t limit,
      enum err (*each)(void *ctx, const struct db_scan *scan), void *ctx, struct why *why),
     db, id, limit, each, ctx, why)
WRAP(event_add, (struct db * db, const struct db_event *event, struct why *why), db, event, why)
WRAP(rollout_insert,
     (struct db * db, struct rollout *rollout, const struct rollout_event *event, struct why *why),
     db, rollout, event, why)
WRAP(rollout_update,
     (struct db * db, struct rollout *rollout, const struct rollout_event *event, struct why *why),
     db, rollout, event, why)
WRAP(rollout_get, (struct db * db, const char *id, struct rollout *out, struct why *why), db, id,
     out, why)
WRAP(rollout_claim,
     (struct db * db, const char *owner, int64_t claim_s, size_t max, struct rollout *out,
      size_t *count, struct why *why),
     db, owner, claim_s, max, out, count, why)
WRAP(rollout_next, (struct db * db, int64_t *at, struct why *why), db, at, why)
WRAP(rollout_count,
     (struct db * db, const struct db_rollout_filter *filter, int64_t *out, struct why *why), db,
     filter, out, why)
WRAP(stop_get, (struct db * db, bool *stopped, struct why *why), db, stopped, why)

static enum err break_commit(struct db *db, struct why *why)
{
    if (breaks(lab_of_store) || (lab_of_store != NULL && lab_of_store->how == LAB_DEAF)) {
        sqlite_backend.rollback(db);
        return why_set(why, ERR_IO, "broken: commit");
    }
    return sqlite_backend.commit(db, why);
}

static const struct db_backend *breakable(void)
{
    static struct db_backend calls;
    calls = sqlite_backend;
    calls.now = break_now;
    calls.begin = break_begin;
    calls.commit = break_commit;
    calls.zone_get = break_zone_get;
    calls.zone_update = break_zone_update;
    calls.scan_request = break_scan_request;
    calls.scan_current = break_scan_current;
    calls.scan_history = break_scan_history;
    calls.event_add = break_event_add;
    calls.rollout_insert = break_rollout_insert;
    calls.rollout_update = break_rollout_update;
    calls.rollout_get = break_rollout_get;
    calls.rollout_claim = break_rollout_claim;
    calls.rollout_next = break_rollout_next;
    calls.rollout_count = break_rollout_count;
    calls.stop_get = break_stop_get;
    return &calls;
}

void lab_break_at(struct lab *lab, int64_t call, enum lab_break how)
{
    lab->calls = 0;
    lab->break_at = call;
    lab->how = how;
    lab->broken = false;
}

void lab_mend(struct lab *lab)
{
    lab->how = LAB_SOUND;
}

// -- the edge ------------------------------------------------------------------------------------

static struct lab_edge *fake_of(struct edge *edge)
{
    return (struct lab_edge *)edge;
}

static int in_use(const struct lab_edge *fake, const struct lab_process *p)
{
    bool leased = (fake->edge.capabilities & EDGE_LEASES) == 0 || p->lease_until > fake->lab->now;
    return p->generation != 0 && leased ? p->share_bp : 0;
}

int lab_share(const struct lab *lab, size_t process)
{
    return in_use(&lab->edge, &lab->edge.at[process]);
}

static void put(struct lab_process *p, const struct edge_want *want, int64_t now)
{
    if (want->generation == 0) {
        p->steady = want->old_mode;
        p->generation = 0;
        p->share_bp = 0;
        return;
    }
    p->old_mode = want->old_mode;
    p->new_mode = want->new_mode;
    p->generation = want->generation;
    p->share_bp = want->share_bp;
    p->lease_until = now + want->lease_s;
    if (p->counted != want->generation) {
        p->counted = want->generation;
        p->counts = (struct rollout_counts){0};
    }
}

static bool hangs(const struct lab_edge *fake)
{
    fake->lab->now += fake->hangs_s;
    db_clock_set(fake->lab->db, fake->lab->now);
    return fake->hangs_s > 0;
}

static enum err fake_apply(struct edge *edge, const struct edge_want *want, struct why *why)
{
    struct lab_edge *fake = fake_of(edge);
    void (*before)(struct lab *) = fake->before_apply;
    fake->before_apply = NULL;
    if (before != NULL) {
        before(fake->lab);
    }
    enum err e = ERR_OK;
    fake->applies++;
    if (hangs(fake)) {
        return why_set(why, ERR_UNAVAILABLE, "it hangs");
    }
    if (fake->apply_fails != ERR_OK) {
        return why_set(why, fake->apply_fails, "refused");
    }
    for (size_t i = 0; i < LAB_PROCESSES; i++) {
        if (breaks(fake->lab) || fake->at[i].down) {
            e = why_set(why, ERR_UNAVAILABLE, "process %zu is away", i);
            continue;
        }
        if (fake->at[i].foreign) { // a driver refuses where it stands
            e = why_set(why, ERR_INVALID, "process %zu has another one's value", i);
            continue;
        }
        if (!fake->unfit || want->generation == 0 || want->lease_s <= 0) {
            put(&fake->at[i], want, fake->lab->now);
        }
    }
    return e == ERR_OK && fake->unfit ? why_set(why, ERR_INVALID, "other ports") : e;
}

static enum err fake_read(struct edge *edge, const struct zone *zone, struct edge_seen *out,
                          size_t *count, struct why *why)
{
    struct lab_edge *fake = fake_of(edge);
    (void)zone;
    fake->reads++;
    fake->lab->now += fake->lab->read_takes_s;
    db_clock_set(fake->lab->db, fake->lab->now);
    if (hangs(fake) || breaks(fake->lab)) {
        return why_set(why, ERR_UNAVAILABLE, "broken: read");
    }
    for (size_t i = 0; i < LAB_PROCESSES; i++) {
        const struct lab_process *p = &fake->at[i];
        if (p->down) {
            return why_set(why, ERR_UNAVAILABLE, "process %zu is away", i);
        }
        bool ramp = p->generation != 0;
        out[i] = (struct edge_seen){.epoch = p->epoch,
                                    .known = !p->foreign && (ramp || p->steady != MODE_NONE),
                                    .foreign = p->foreign,
                                    .old_mode = ramp ? p->old_mode : p->steady,
                                    .new_mode = ramp ? p->new_mode : MODE_NONE,
                                    .share_bp = ramp ? p->share_bp : 0,
                                    .generation = p->generation,
                                    .lease_left_s = p->lease_until - fake->lab->now};
        (void)snprintf(out[i].process, sizeof out[i].process, "p%zu", i);
    }
    *count = LAB_PROCESSES;
    return fake->unfit ? why_set(why, ERR_INVALID, "other ports") : ERR_OK;
}

static enum err fake_counters(struct edge *edge, const struct zone *zone, int64_t generation,
                              struct edge_counted *out, size_t *count, struct why *why)
{
    struct lab_edge *fake = fake_of(edge);
    (void)zone;
    fake->counts++;
    void (*before)(struct lab *) = fake->before_counters;
    fake->before_counters = NULL;
    if (before != NULL) {
        before(fake->lab);
    }
    if (breaks(fake->lab) || fake->counters_fail != ERR_OK) {
        return why_set(why, fake->counters_fail == ERR_OK ? ERR_UNAVAILABLE : fake->counters_fail,
                       "no counters");
    }
    for (size_t i = 0; i < LAB_PROCESSES; i++) {
        out[i] = (struct edge_counted){.epoch = fake->at[i].epoch};
        (void)snprintf(out[i].process, sizeof out[i].process, "p%zu", i);
        if (fake->at[i].counted == generation) {
            out[i].counts = fake->at[i].counts;
        }
    }
    *count = LAB_PROCESSES;
    return ERR_OK;
}

static bool new_mode_fails(const struct lab *lab, int share_bp)
{
    return lab->tls_fails_from_bp <= (double)share_bp;
}

static enum err fake_probe(struct edge *edge, const struct zone *zone, enum cohort cohort,
                           struct edge_probe *out, struct why *why)
{
    struct lab_edge *fake = fake_of(edge);
    (void)zone;
    fake->probes++;
    fake->lab->now += fake->lab->probe_takes_s;
    db_clock_set(fake->lab->db, fake->lab->now);
    if (breaks(fake->lab)) {
        return why_set(why, ERR_UNAVAILABLE, "broken: probe");
    }
    struct lab_process *p = &fake->at[0];
    bool fails = cohort == COHORT_PROBE_NEW && new_mode_fails(fake->lab, p->share_bp);
    p->counts.of[cohort].requests++;
    p->counts.of[cohort].tls_failures += fails;
    *out = (struct edge_probe){.answered = !fails,
                               .status = fails ? 0 : 200,
                               .mode = cohort == COHORT_PROBE_NEW ? p->new_mode : p->old_mode};
    if (fake->lab->probe_words != NULL && cohort == COHORT_PROBE_OLD) {
        (void)snprintf(out->words, sizeof out->words, "%s", fake->lab->probe_words);
    }
    return ERR_OK;
}

static enum err fake_stop_all(struct edge *edge, size_t *count, struct why *why)
{
    struct lab_edge *fake = fake_of(edge);
    (void)why;
    *count = 0;
    for (size_t i = 0; i < LAB_PROCESSES; i++) {
        *count += fake->at[i].share_bp > 0;
        fake->at[i].share_bp = 0;
    }
    return ERR_OK;
}

static enum err fake_forget(struct edge *edge, const struct zone *zone, int64_t generation,
                            struct why *why)
{
    (void)zone;
    (void)generation;
    fake_of(edge)->forgotten++;
    return breaks(fake_of(edge)->lab) ? why_set(why, ERR_UNAVAILABLE, "broken: forget") : ERR_OK;
}

static enum err fake_resync(struct edge *edge, const struct zone *(*next)(void *ctx), void *ctx,
                            bool overwrite, struct why *why)
{
    struct lab_edge *fake = fake_of(edge);
    enum mode before[LAB_PROCESSES];
    size_t left = 0;
    fake->resyncs++;
    if (fake->resync_fails != ERR_OK) {
        return why_set(why, fake->resync_fails, "broken: resync");
    }
    for (size_t i = 0; i < LAB_PROCESSES; i++) {
        before[i] = fake->at[i].steady;
        fake->at[i].steady = MODE_NONE;
    }
    for (const struct zone *zone = next(ctx); zone != NULL; zone = next(ctx)) {
        for (size_t i = 0; i < LAB_PROCESSES; i++) {
            bool lower = before[i] > zone->mode && !overwrite;
            fake->at[i].steady = lower ? before[i] : zone->mode;
            left += lower;
        }
    }
    return left == 0 ? ERR_OK : why_set(why, ERR_INVALID, "stronger there");
}

static const struct edge_driver fake_driver = {.name = "fake",
                                               .apply = fake_apply,
                                               .read = fake_read,
                                               .counters = fake_counters,
                                               .probe = fake_probe,
                                               .stop_all = fake_stop_all,
                                               .forget = fake_forget,
                                               .resync = fake_resync};

void lab_restart(struct lab *lab, size_t process)
{
    struct lab_process *p = &lab->edge.at[process];
    *p = (struct lab_process){.epoch = p->epoch + 1, .steady = p->steady};
}

// -- time ----------------------------------------------------------------------------------------

static void serve(struct lab *lab, struct lab_process *p, double requests)
{
    double share = in_use(&lab->edge, p) / 10000.0;
    double parts[2] = {requests * (1 - share) + p->rest[0], requests * share + p->rest[1]};
    for (size_t i = 0; i < 2; i++) {
        struct cohort_counts *counts = &p->counts.of[i == 0 ? COHORT_OLD : COHORT_NEW];
        uint64_t n = (uint64_t)parts[i];
        p->rest[i] = parts[i] - (double)n;
        counts->requests += n;
        counts->server_errors += (uint64_t)((double)n * lab->server_errors);
        if (i == 1 && new_mode_fails(lab, p->share_bp)) {
            counts->tls_failures += n;
        }
    }
}

void lab_pass_time(struct lab *lab, int64_t seconds)
{
    for (int64_t s = 0; s < seconds; s++) {
        for (size_t i = 0; i < LAB_PROCESSES; i++) {
            serve(lab, &lab->edge.at[i], lab->visitors_per_s / (double)LAB_PROCESSES);
        }
        lab->now++;
    }
    db_clock_set(lab->db, lab->now);
}

// -- the store -----------------------------------------------------------------------------------

struct rollout lab_rollout(struct lab *lab)
{
    struct rollout rollout;
    assert_ok(db_rollout_get(lab->db, lab->zone->id, &rollout, &lab->why), &lab->why);
    return rollout;
}

enum mode lab_mode(struct lab *lab)
{
    OWN(zone_own) struct zone *zone = NULL;
    assert_ok(db_zone_get(lab->db, &zone, lab->zone->id, &lab->why), &lab->why);
    return zone->mode;
}

static char *evidence_of(const struct zone *zone, int64_t at, int64_t until)
{
    struct certificate certificate = {.not_before = LAB_BEGIN - 30 * (int64_t)LAB_DAY,
                                      .not_after = until,
                                      .name_ok = true,
                                      .strict_ok = true};
    struct origin_evidence origin = {.address = zone->hosts[0].origins[0].address,
                                     .http_port = 80,
                                     .https_port = 443,
                                     .certificate = &certificate};
    struct host_evidence host = {
        .name = zone->hosts[0].name, .weight = 1, .origins = &origin, .origin_count = 1};
    struct evidence evidence = {.scanned_at = at, .hosts = &host, .host_count = 1};
    (void)snprintf(evidence.zone_id, sizeof evidence.zone_id, "%s", zone->id);
    json_t *json = evidence_to_json(&evidence);
    char *text = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    return text;
}

void lab_scan_until(struct lab *lab, enum mode recommended, int64_t certificate_until)
{
    struct db_lease lease = {0};
    OWN(db_scan_done)
    struct db_scan scan = {.scanned_at = lab->now,
                           .mode_recommended = recommended,
                           .verdict = recommended == MODE_NONE ? VERDICT_UNKNOWN : VERDICT_UPGRADE,
                           .recommendation = strdup(lab->recommendation),
                           .policy = strdup("{}"),
                           .next_scan_at = lab->now + 30 * (int64_t)LAB_DAY};
    assert_ok(db_claim_zone(lab->db, "lab", 60, lab->zone->id, &lease, &lab->why), &lab->why);
    scan.mode_current = lease.zone->mode;
    if (recommended != MODE_NONE && recommended <= lease.zone->mode) {
        scan.verdict = VERDICT_KEEP;
    }
    scan.evidence = evidence_of(lease.zone, lab->now, certificate_until);
    (void)snprintf(scan.zone_id, sizeof scan.zone_id, "%s", lab->zone->id);
    assert_ok(db_begin(lab->db, &lab->why), &lab->why);
    assert_ok(db_scan_commit(lab->db, &scan, lease.epoch, &lab->why), &lab->why);
    assert_ok(controller_scanned(lab->db, lease.zone, &scan, &lab->policy, &lab->why), &lab->why);
    assert_ok(db_commit(lab->db, &lab->why), &lab->why);
    zone_free(lease.zone);
}

void lab_scan(struct lab *lab, enum mode recommended)
{
    lab_scan_until(lab, recommended, LAB_BEGIN + 300 * (int64_t)LAB_DAY);
}

static void keep_trouble(void *ctx, const struct zone *zone, const char *words)
{
    struct lab *lab = ctx;
    (void)zone;
    (void)snprintf(lab->trouble, sizeof lab->trouble, "%s", words);
}

bool lab_short_plan;

static void count_step(void *ctx, const struct controller_step *told)
{
    struct lab *lab = ctx;
    assert_non_null(told->zone);
    assert_true(told->detail[0] != '\0');
    lab->steps++;
}

static struct controller_policy quick(void)
{
    struct controller_policy policy = controller_policy_default();
    policy.rollout.dwell_s = 60;
    policy.rollout.slow_dwell_s = 120;
    policy.rollout.final_dwell_s = 120;
    if (lab_short_plan) {
        static const int steps[] = {1000, 2000, SHARE_ALL_BP};
        memcpy(policy.rollout.steps_bp, steps, sizeof steps);
        policy.rollout.step_count = COUNT_OF(steps);
    }
    return policy;
}

static struct zone *zone_of(enum mode mode)
{
    struct zone *zone = zone_new();
    struct host *host = NULL;
    zone->name = strdup("a.example");
    free(zone->edge);
    zone->edge = strdup("fake");
    zone->mode = mode;
    assert_ok(zone_add_host(&host, zone, span_of("a.example"), NULL), NULL);
    assert_ok(host_add_origin(host, span_of("192.0.2.7"), 80, 443, NULL), NULL);
    return zone;
}

struct db *lab_handle(struct lab *lab)
{
    char name[32];
    struct db *db = NULL;
    (void)snprintf(name, sizeof name, "lab-%.20s", lab->zone->id);
    assert_ok(db_open_memory(&db, name, &lab->why), &lab->why);
    db->calls = breakable();
    db_clock_set(db, lab->now);
    return db;
}

void lab_open(struct lab *lab, enum mode from, enum mode to, unsigned capabilities)
{
    *lab = (struct lab){.policy = quick(),
                        .now = LAB_BEGIN,
                        .visitors_per_s = 200,
                        .tls_fails_from_bp = 1e9,
                        .recommendation = "{}",
                        .watch = {.step = count_step, .trouble = keep_trouble},
                        .zone = zone_of(from)};
    lab->watch.ctx = lab;
    lab->edge = (struct lab_edge){
        .edge = {.driver = &fake_driver, .name = "fake", .capabilities = capabilities}, .lab = lab};
    for (size_t i = 0; i < LAB_PROCESSES; i++) {
        lab->edge.at[i] = (struct lab_process){.epoch = 1, .steady = from};
    }
    lab->edges[0] = &lab->edge.edge;
    lab->db = lab_handle(lab);
    lab_of_store = lab;
    assert_ok(db_zone_insert(lab->db, lab->zone, &lab->why), &lab->why);
    lab_scan(lab, to);
    lab_pass_time(lab, 600);
    lab_scan(lab, to);
}

static void complain(void *ctx, const char *complaint)
{
    (void)ctx;
    print_message("%s\n", complaint);
}

void lab_close(struct lab *lab)
{
    lab_mend(lab);
    assert_ok(db_check(lab->db, complain, NULL, &lab->why), &lab->why);
    zone_free(lab->zone);
    db_close(lab->db);
    lab_of_store = NULL;
}

// -- running -------------------------------------------------------------------------------------

void lab_check(struct lab *lab)
{
    struct rollout r = lab_rollout(lab);
    enum mode mode = lab_mode(lab);
    const char *broken = rollout_broken(&r);
    if (broken != NULL) {
        fail_msg("broken: %s", broken);
    }
    assert_true(mode >= r.from || r.state >= ROLLOUT_DONE);
    for (size_t i = 0; i < LAB_PROCESSES && !lab->tampered; i++) {
        const struct lab_process *p = &lab->edge.at[i];
        int share = lab_share(lab, i);
        int committed = p->generation == r.generation ? r.share_bp : 0;
        if (share > committed && !p->down) {
            fail_msg("process %zu serves %d bp, committed are %d (%s)", i, share, committed,
                     rollout_state_str(r.state));
        }
        if (r.state == ROLLOUT_DONE) {
            assert_int_equal(p->generation, 0);
            assert_int_equal(p->steady, mode);
            assert_true(mode >= r.to);
        }
        if (r.state == ROLLOUT_COOLDOWN && !p->foreign) {
            assert_int_equal(p->generation, 0);
            assert_int_equal(p->steady, r.from);
        }
    }
}

enum err lab_tick(struct lab *lab)
{
    struct why why = {0};
    enum err e =
        controller_tick(lab->db, lab->edges, 1, &lab->policy, &lab->watch, &lab->sums, &why);
    enum lab_break how = lab->how;
    lab->how = LAB_SOUND;
    lab_check(lab);
    lab->how = how;
    return e;
}

static void step(struct lab *lab)
{
    lab_pass_time(lab, LAB_STEP_S);
    assert_ok(lab_tick(lab), &lab->why);
}

void lab_run(struct lab *lab, int64_t seconds)
{
    for (int64_t s = 0; s < seconds; s += LAB_STEP_S) {
        step(lab);
    }
}

void lab_run_to(struct lab *lab, enum rollout_state state, int64_t max_s)
{
    for (int64_t s = 0; s < max_s && lab_rollout(lab).state != state; s += LAB_STEP_S) {
        step(lab);
    }
    struct rollout r = lab_rollout(lab);
    if (r.state != state) {
        fail_msg("%s (%s, %d bp), not %s; %s", rollout_state_str(r.state),
                 rollout_reason_str(r.reason), r.share_bp, rollout_state_str(state), lab->trouble);
    }
}

void lab_run_to_share(struct lab *lab, int share_bp, int64_t max_s)
{
    for (int64_t s = 0; s < max_s && lab_rollout(lab).applied_bp != share_bp; s += LAB_STEP_S) {
        step(lab);
    }
    assert_int_equal(lab_rollout(lab).applied_bp, share_bp);
}

struct counting {
    enum rollout_state state;
    size_t count;
};

static enum err count_event(void *ctx, const struct rollout_event *event)
{
    struct counting *counting = ctx;
    counting->count += counting->state == ROLLOUT_STATE_COUNT || event->state == counting->state;
    return ERR_OK;
}

size_t lab_events(struct lab *lab, enum rollout_state state)
{
    struct counting counting = {.state = state};
    struct rollout r = lab_rollout(lab);
    assert_ok(db_rollout_events(lab->db, lab->zone->id, r.generation, 0, count_event, &counting,
                                &lab->why),
              &lab->why);
    return counting.count;
}
