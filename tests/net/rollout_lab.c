// SPDX-License-Identifier: Apache-2.0
#include "tests/net/rollout_lab.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/time.h"
#include "tests/support/check.h"

#define CLIENTS_EACH 20  // addresses of one process of visitors
#define BETWEEN_MS   100 // visits of one process
#define LOOK_MS      20
#define DAY_S        86400

// -- origins -------------------------------------------------------------------------------------
static void add_origins(struct lab *lab)
{
    char directives[700];
    (void)snprintf(directives, sizeof(directives),
                   "keepalive_requests 100000; location / { if (-f %s/ill/$scheme-$host) { return "
                   "500; } return 200 \"$scheme $server_addr $host\"; }",
                   lab->dir);
    const struct server says = NGINX(NULL, directives);
    const struct server demands = S_SERVER("-Verify 1 -verify_return_error -www");
    const struct server hangs_up = HOSTILE("empty-reply");
    const struct server silent = HOSTILE("all-silence");
    const struct {
        const struct server *https;
        const char *cert;
    } kinds[ORIGIN_KINDS] = {
        [ORIGIN_GOOD] = {&says, "good"},
        [ORIGIN_SELF_SIGNED] = {&says, "self-signed"},
        [ORIGIN_EXPIRED] = {&says, "expired"},
        [ORIGIN_WRONG_NAME] = {&says, "wrong-name"},
        [ORIGIN_TURNING] = {&says, "$ssl_server_name"},
        [ORIGIN_CLIENT_CERTIFICATE] = {&demands, "good"},
        [ORIGIN_HANGS_UP] = {&hangs_up, "good"},
        [ORIGIN_SILENT] = {&silent, "good"},
    };
    for (size_t i = 0; i < ORIGIN_KINDS; i++) {
        char address[32];
        (void)snprintf(address, sizeof(address), "127.60.%zu.1", i);
        lab_add(lab, address, "_", &says, kinds[i].https, kinds[i].cert);
    }
}

void rollout_lab_ill(struct rollout_lab *lab, const char *name, const char *scheme, bool ill)
{
    char path[400];
    (void)snprintf(path, sizeof(path), "ill/%s-%s", scheme, name);
    if (ill) {
        lab_write(&lab->edge.lab, path, "");
        return;
    }
    (void)snprintf(path, sizeof(path), "%s/ill/%s-%s", lab->edge.lab.dir, scheme, name);
    assert_int_equal(unlink(path), 0);
}

// -- the configuration ---------------------------------------------------------------------------
void rollout_lab_configure(struct rollout_lab *lab, const char *rest)
{
    struct buf text;
    const struct edge_lab *edge = &lab->edge;
    const char *dir = edge->lab.dir;
    char secret[300];
    buf_init(&text, (size_t)1 << 16);
    lab_write(&edge->lab, "secret", EDGE_SECRET "\n");
    (void)snprintf(secret, sizeof(secret), "%s/secret", dir);
    assert_int_equal(chmod(secret, 0600), 0);
    assert_ok(buf_printf(&text,
                         "[store]\nurl = %s\n[trust]\npublic = %s/pki/public.pem\n"
                         "[edge]\nlab = haproxy %s %s\n"
                         "[haproxy]\nmaps_dir = %s\nhttp_port = %u\nhttps_port = %u\n"
                         "ca_file = %s\nprobe_secret_file = %s\nprobe_ca_file = %s\n",
                         lab->place, dir, edge->at[0].place, edge->at[1].place, edge->maps,
                         edge->lab.http_port, edge->lab.https_port, edge->ca_file, secret,
                         edge->ca_file),
              NULL);
    if (!lab->no_probes) {
        assert_ok(buf_printf(&text, "probe_url = %s\n", edge->probe_url), NULL);
    }
    assert_ok(buf_add_str(&text, rest), NULL);
    lab_write(&edge->lab, "sslauto.conf", buf_str(&text));
    buf_done(&text);
}

// Seconds where a day's work has minutes, and few requests; the judge is as it is.
static struct controller_policy quick(void)
{
    static const int steps[] = {1000, 3000, 6000, SHARE_ALL_BP};
    struct controller_policy policy = controller_policy_default();
    struct rollout_policy *rollout = &policy.rollout;
    memcpy(rollout->steps_bp, steps, sizeof(steps));
    memcpy(rollout->slow_steps_bp, steps, sizeof(steps));
    rollout->step_count = COUNT_OF(steps);
    rollout->slow_step_count = COUNT_OF(steps);
    rollout->dwell_s = 3;
    rollout->slow_dwell_s = 3;
    rollout->final_dwell_s = 2;
    rollout->tick_s = 1;
    rollout->idle_tick_s = 1;
    rollout->lease_s = 20;
    rollout->telemetry_ticks = 10;
    rollout->min_requests = 5;
    rollout->min_probes = 1;
    rollout->probe_requests = 3;
    rollout->excess = 0.5;
    policy.max_running = 10000;
    policy.max_per_account = 10000;
    policy.max_per_network = 10000;
    return policy;
}

static void tell_trouble(void *ctx, const struct zone *zone, const char *words)
{
    (void)ctx;
    print_message("trouble at %s: %s\n", zone == NULL ? "-" : zone->name, words);
}

void rollout_lab_open(struct rollout_lab *lab, const char *const *names, size_t name_count,
                      size_t lines, const char *rest)
{
    struct why why = {""};
    char turn[700];
    *lab = (struct rollout_lab){.policy = quick(), .watch = {.trouble = tell_trouble}};
    void *shared = mmap(NULL, sizeof(*lab->crowds) * CROWDS, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(shared != MAP_FAILED);
    lab->crowds = shared;
    lab_open(&lab->edge.lab, names, name_count);
    (void)snprintf(turn, sizeof(turn),
                   "cd %s/pki && cp good.pem turning.test.pem && cp good.key turning.test.key",
                   lab->edge.lab.dir);
    assert_int_equal(lab_run(&lab->edge.lab, NULL, (const char *const[]){"sh", "-c", turn, NULL}),
                     0);
    (void)snprintf(turn, sizeof(turn), "%s/ill", lab->edge.lab.dir);
    assert_int_equal(mkdir(turn, 0755), 0);
    add_origins(&lab->edge.lab);
    edge_lab_start(&lab->edge);
    lab->edges[0] = lab->edge.edge;
    relay_start(&lab->relay, lines, lab->edge.lab.http_port, lab->edge.lab.https_port);
    (void)snprintf(lab->place, sizeof(lab->place), "sqlite://%s/sslauto.db", lab->edge.lab.dir);
    assert_ok(db_open(&lab->db, lab->place, DB_CREATE, &why), &why);
    rollout_lab_configure(lab, rest);
}

void rollout_lab_close(struct rollout_lab *lab)
{
    for (size_t i = 0; i < lab->visitor_count; i++) {
        (void)kill(lab->visitors[i], SIGKILL);
        (void)lab_wait(lab->visitors[i]);
    }
    if (lab->controller > 0) {
        (void)rollout_lab_end(lab, SIGKILL);
    }
    relay_stop(&lab->relay);
    db_close(lab->db);
    edge_lab_close(&lab->edge);
    (void)munmap(lab->crowds, sizeof(*lab->crowds) * CROWDS);
}

// -- zones ---------------------------------------------------------------------------------------
void rollout_lab_scan(struct rollout_lab *lab, const char *id, enum mode recommended)
{
    struct why why = {""};
    struct db_lease lease = {0};
    int64_t now = 0;
    assert_ok(db_now(lab->db, &now, &why), &why);
    assert_ok(db_claim_zone(lab->db, "lab", 60, id, &lease, &why), &why);
    bool upgrade = recommended > lease.zone->mode;
    OWN(db_scan_done)
    struct db_scan scan = {.scanned_at = now,
                           .mode_current = lease.zone->mode,
                           .mode_recommended = recommended,
                           .verdict = upgrade ? VERDICT_UPGRADE : VERDICT_KEEP,
                           .recommendation = strdup("{}"),
                           .policy = strdup("{}"),
                           .next_scan_at = now + 30 * (int64_t)DAY_S};
    struct evidence evidence = {.scanned_at = now};
    (void)snprintf(evidence.zone_id, sizeof(evidence.zone_id), "%s", id);
    (void)snprintf(scan.zone_id, sizeof(scan.zone_id), "%s", id);
    json_t *json = evidence_to_json(&evidence);
    scan.evidence = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    assert_ok(db_begin(lab->db, &why), &why);
    assert_ok(db_scan_commit(lab->db, &scan, lease.epoch, &why), &why);
    assert_ok(controller_scanned(lab->db, lease.zone, &scan, &lab->policy, &why), &why);
    assert_ok(db_commit(lab->db, &why), &why);
    zone_free(lease.zone);
}

void rollout_lab_zone(struct rollout_lab *lab, char out[33], const char *name, size_t line,
                      const char *fleet, enum mode from, enum mode to)
{
    char address[32];
    const char *origins[] = {address};
    struct why why = {""};
    (void)snprintf(address, sizeof(address), "127.61.%zu.1", line);
    OWN(zone_own) struct zone *zone = edge_zone(&lab->edge, name, from, origins, 1);
    free(zone->edge);
    zone->edge = strdup(fleet);
    assert_ok(db_zone_insert(lab->db, zone, &why), &why);
    (void)snprintf(out, 33, "%s", zone->id);
    rollout_lab_scan(lab, out, to);
    rollout_lab_scan(lab, out, to);
}

struct rollout rollout_lab_get(struct rollout_lab *lab, const char *id)
{
    struct rollout rollout = {0};
    struct why why = {""};
    assert_ok(db_rollout_get(lab->db, id, &rollout, &why), &why);
    return rollout;
}

enum mode rollout_lab_mode(struct rollout_lab *lab, const char *id)
{
    struct why why = {""};
    OWN(zone_own) struct zone *zone = NULL;
    assert_ok(db_zone_get(lab->db, &zone, id, &why), &why);
    return zone->mode;
}

void rollout_lab_tick(struct rollout_lab *lab)
{
    struct why why = {""};
    assert_ok(controller_tick(lab->db, lab->edges, 1, &lab->policy, &lab->watch, &lab->sums, &why),
              &why);
}

// -- visitors ------------------------------------------------------------------------------------
static void visit_for_ever(struct rollout_lab *lab, size_t number, const char *name, unsigned me)
{
    struct crowd *crowd = &lab->crowds[number];
    struct visitor visitors[CLIENTS_EACH];
    struct visited visit;
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (unsigned i = 0; i < CLIENTS_EACH; i++) {
        visitor_init(&visitors[i], &lab->edge, me % EDGE_PROCESSES, me * CLIENTS_EACH + i);
    }
    for (unsigned i = 0; !atomic_load(&crowd->leave); i = (i + 1) % CLIENTS_EACH) {
        visitor_get(&visitors[i], &visit, name, true);
        if (visit.status != 200) {
            atomic_store(&crowd->last_status, visit.status);
            (void)atomic_fetch_add(&crowd->failed, 1);
        }
        (void)atomic_fetch_add(&crowd->over_https, visit.https);
        (void)atomic_fetch_add(&crowd->visits, 1);
        lab_sleep_ms(BETWEEN_MS);
    }
    _exit(0);
}

void rollout_lab_visit(struct rollout_lab *lab, size_t crowd, const char *name)
{
    assert_true(crowd < CROWDS);
    for (unsigned i = 0; i < CROWD_PROCESSES; i++) {
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
            visit_for_ever(lab, crowd, name, i);
        }
        assert_true(lab->visitor_count < COUNT_OF(lab->visitors));
        lab->visitors[lab->visitor_count++] = pid;
    }
}

// -- the resident controller ---------------------------------------------------------------------
void rollout_lab_run(struct rollout_lab *lab, const char *option, const char *value)
{
    char command[1200];
    const char *dir = lab->edge.lab.dir;
    (void)snprintf(command, sizeof(command),
                   "exec '%s' --config %s/sslauto.conf run --no-scans %s %s 2>%s/run.log",
                   LAB_SSLAUTO, dir, option == NULL ? "" : option, value == NULL ? "" : value, dir);
    lab->controller = lab_spawn(&lab->edge.lab, (const char *const[]){"sh", "-c", command, NULL});
}

int rollout_lab_end(struct rollout_lab *lab, int signal_number)
{
    assert_int_equal(kill(lab->controller, signal_number), 0);
    int status = lab_wait(lab->controller);
    lab->controller = 0;
    return status;
}

static void read_log(struct rollout_lab *lab, struct buf *out)
{
    char path[300];
    char chunk[4096];
    size_t n = 0;
    (void)snprintf(path, sizeof(path), "%s/run.log", lab->edge.lab.dir);
    FILE *in = fopen(path, "re");
    while (in != NULL && (n = fread(chunk, 1, sizeof(chunk), in)) > 0) {
        assert_ok(buf_add(out, chunk, n), NULL);
    }
    if (in != NULL) {
        (void)fclose(in);
    }
}

bool rollout_lab_logged(struct rollout_lab *lab, const char *words)
{
    struct buf text;
    buf_init(&text, LAB_OUTPUT);
    read_log(lab, &text);
    bool there = strstr(buf_str(&text), words) != NULL;
    buf_done(&text);
    return there;
}

void rollout_lab_show_log(struct rollout_lab *lab)
{
    struct buf text;
    buf_init(&text, LAB_OUTPUT);
    read_log(lab, &text);
    (void)fputs(buf_str(&text), stdout); // may be longer than cmocka prints
    buf_done(&text);
}

void rollout_lab_await_log(struct rollout_lab *lab, const char *words, int64_t max_ms)
{
    int64_t until = time_monotonic_ms() + max_ms;
    while (!rollout_lab_logged(lab, words)) {
        if (time_monotonic_ms() > until) {
            rollout_lab_show_log(lab);
            fail_msg("the controller did not say: %s", words);
        }
        lab_sleep_ms(LOOK_MS);
    }
}

// -- waiting -------------------------------------------------------------------------------------
static void await(struct rollout_lab *lab, const char *id, enum rollout_state state, int share_bp,
                  int64_t max_ms)
{
    int64_t until = time_monotonic_ms() + max_ms;
    for (;;) {
        struct rollout rollout = rollout_lab_get(lab, id);
        bool there = share_bp < 0 ? rollout.state == state
                                  : rollout.share_bp == share_bp && rollout.applied_bp == share_bp;
        if (there) {
            return;
        }
        if (time_monotonic_ms() > until) {
            rollout_lab_show_log(lab);
            fail_msg("the rollout is %s (%s) at %d bp, not %s at %d bp",
                     rollout_state_str(rollout.state), rollout_reason_str(rollout.reason),
                     rollout.share_bp, share_bp < 0 ? rollout_state_str(state) : "any state",
                     share_bp);
        }
        lab_sleep_ms(LOOK_MS);
    }
}

void rollout_lab_await_state(struct rollout_lab *lab, const char *id, enum rollout_state state,
                             int64_t max_ms)
{
    await(lab, id, state, -1, max_ms);
}

void rollout_lab_await_share(struct rollout_lab *lab, const char *id, int share_bp, int64_t max_ms)
{
    await(lab, id, ROLLOUT_STATE_COUNT, share_bp, max_ms);
}
