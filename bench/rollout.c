// SPDX-License-Identifier: Apache-2.0
// What rollouts cost: the controller's processor time and memory at 1,000, 10,000 and 100,000
// active ones on the dry run edge, in a store in a file, under a clock that is moved by hand; and a
// step at a real HAProxy that has 100,000 zones in its steady map. Exit 1 when a bar breaks.
//   bench_rollout [FOLDER]
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/time.h"
#include "db/backend.h"
#include "pipeline/pipeline.h"

#define BAR_TICK_US  100.0 // processor's time of one look at one rollout
#define BAR_MOVE_US  250.0 // of one that ends in a transition: 14 of some 3,000 looks
#define BAR_GROWTH   2.0   // that at the most rollouts, by that at the fewest
#define BAR_KIB      1.0   // memory per rollout in the process of the controller
#define BAR_STEP_MS  1.0   // median of a step at HAProxy
#define BEGIN        1795000000
#define QUIET_PASSES 4
#define STEADY_ZONES 100000
#define STEPS        2000
#define BATCH        1000
#define READY_TRIES  1000
#define HAPROXY      "/usr/sbin/haproxy"
#define SIZES        3

static const size_t sizes[SIZES] = {1000, 10000, 100000};

struct figures {
    double quiet_us, move_us; // per rollout and tick
    double memory_kib;        // of the whole process, at its most
};

static void must(enum err e, const struct why *why)
{
    if (e != ERR_OK) {
        (void)fprintf(stderr, "bench_rollout: %s\n", why_text(why, e));
        exit(2);
    }
}

static void sure(bool there, const char *what)
{
    if (!there) {
        perror(what);
        exit(2);
    }
}

static struct zone *zone_of(size_t number, const char *fleet)
{
    char name[48];
    char address[64];
    struct host *host = NULL;
    struct zone *zone = zone_new();
    sure(zone != NULL, "memory");
    (void)snprintf(name, sizeof(name), "n%06zu.many.example", number);
    (void)snprintf(address, sizeof(address), "10.%zu.%zu.1", number / 250 % 250, number % 250);
    zone->name = strdup(name);
    free(zone->edge);
    zone->edge = strdup(fleet);
    zone->mode = MODE_FULL;
    must(zone_add_host(&host, zone, span_of(name), NULL), NULL);
    must(host_add_origin(host, span_of(address), 80, 443, NULL), NULL);
    return zone;
}

// -- the controller ------------------------------------------------------------------------------
static struct controller_policy policy_of(void)
{
    struct controller_policy policy = controller_policy_default();
    policy.confirm = false;
    policy.max_running = 1000000;
    policy.max_per_account = 1000000;
    policy.max_per_network = 1000000;
    return policy;
}

// Past the caps: to count against them costs as much as rollouts run, and is asked once for each.
static void begin(struct db *db, const char *id, const struct rollout_policy *policy)
{
    struct why why = {""};
    struct rollout rollout;
    must(db_rollout_get(db, id, &rollout, &why), &why);
    const struct rollout_action action = {.deed = DEED_MOVE, .state = ROLLOUT_PREFLIGHT};
    rollout_enter(&rollout, &action, policy, BEGIN);
    rollout.tick_at = BEGIN + policy->tick_s;
    const struct rollout_event event = {
        .actor = "bench", .state = ROLLOUT_PREFLIGHT, .detail = "begun"};
    must(db_rollout_update(db, &rollout, &event, &why), &why);
}

static void add(struct db *db, size_t number, const struct controller_policy *policy)
{
    struct why why = {""};
    struct db_lease lease = {0};
    struct zone *zone = zone_of(number, "dryrun");
    must(db_zone_insert(db, zone, &why), &why);
    must(db_claim_zone(db, "bench", 60, zone->id, &lease, &why), &why);
    struct evidence evidence = {.scanned_at = BEGIN};
    struct db_scan scan = {.scanned_at = BEGIN,
                           .mode_current = MODE_FULL,
                           .mode_recommended = MODE_STRICT,
                           .verdict = VERDICT_UPGRADE,
                           .recommendation = strdup("{}"),
                           .policy = strdup("{}"),
                           .next_scan_at = BEGIN + 30 * 86400};
    (void)snprintf(scan.zone_id, sizeof(scan.zone_id), "%s", zone->id);
    (void)snprintf(evidence.zone_id, sizeof(evidence.zone_id), "%s", zone->id);
    json_t *json = evidence_to_json(&evidence);
    scan.evidence = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    must(db_scan_commit(db, &scan, lease.epoch, &why), &why);
    must(controller_scanned(db, lease.zone, &scan, policy, &why), &why);
    begin(db, zone->id, &policy->rollout);
    db_scan_done(&scan);
    zone_free(lease.zone);
    zone_free(zone);
}

static void fill(const char *place, size_t count)
{
    struct why why = {""};
    OWN(db_own) struct db *db = NULL;
    const struct controller_policy policy = policy_of();
    must(db_open(&db, place, DB_CREATE, &why), &why);
    db_clock_set(db, BEGIN);
    for (size_t i = 0; i < count; i++) {
        if (i % BATCH == 0) {
            must(db_begin(db, &why), &why);
        }
        add(db, i, &policy);
        if (i % BATCH == BATCH - 1 || i + 1 == count) {
            must(db_commit(db, &why), &why);
        }
    }
}

static double cpu_us(void)
{
    struct rusage usage;
    sure(getrusage(RUSAGE_SELF, &usage) == 0, "getrusage");
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

struct bench {
    struct db *db;
    struct edge *edges[1];
    struct controller_policy policy;
    int64_t now;
    size_t count;
};

// One pass so many seconds later; the processor's time per rollout.
static double pass(struct bench *bench, int64_t seconds, bool moves)
{
    struct why why = {""};
    struct controller_sums sums = {0};
    bench->now += seconds;
    db_clock_set(bench->db, bench->now);
    double before = cpu_us();
    must(controller_tick(bench->db, bench->edges, 1, &bench->policy, NULL, &sums, &why), &why);
    double us = (cpu_us() - before) / (double)bench->count;
    bool as_planned = sums.looked >= (int64_t)bench->count && sums.troubles == 0 &&
                      sums.moved == (moves ? (int64_t)bench->count : 0);
    if (!as_planned) {
        (void)fprintf(stderr, "bench_rollout: of %zu rollouts %lld looked at, %lld moved\n",
                      bench->count, (long long)sums.looked, (long long)sums.moved);
        exit(2);
    }
    return us;
}

static void run_passes(const char *place, size_t count, struct figures *out)
{
    struct why why = {""};
    struct rusage usage;
    const struct edge_settings dry = {.name = "dryrun", .driver = "dryrun"};
    struct bench bench = {.policy = policy_of(), .now = BEGIN, .count = count};
    int64_t tick_s = bench.policy.rollout.tick_s;
    must(edge_open(&bench.edges[0], &dry, &why), &why);
    must(db_open(&bench.db, place, DB_WRITE, &why), &why);
    (void)pass(&bench, tick_s, true); // tells why it waits
    double moved = pass(&bench, bench.policy.rollout.dwell_s, true);
    for (int i = 0; i < QUIET_PASSES; i++) {
        out->quiet_us += pass(&bench, tick_s, false) / QUIET_PASSES;
    }
    moved += pass(&bench, bench.policy.rollout.dwell_s, true);
    out->move_us = moved / 2;
    sure(getrusage(RUSAGE_SELF, &usage) == 0, "getrusage");
    out->memory_kib = (double)usage.ru_maxrss;
    db_close(bench.db);
    edge_close(bench.edges[0]);
}

// A process for each part, so that nobody inherits memory.
static void in_a_process(void (*part)(const char *place, size_t count, struct figures *out),
                         const char *place, size_t count, struct figures *out)
{
    int status = 0;
    pid_t pid = fork();
    sure(pid >= 0, "fork");
    if (pid == 0) {
        part(place, count, out);
        _exit(0);
    }
    sure(waitpid(pid, &status, 0) == pid, "waitpid");
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        exit(2);
    }
}

static void fill_part(const char *place, size_t count, struct figures *out)
{
    (void)out;
    fill(place, count);
}

static bool bench_controller(const char *folder)
{
    struct figures *figures = mmap(NULL, sizeof(*figures) * SIZES, PROT_READ | PROT_WRITE,
                                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    sure(figures != MAP_FAILED, "mmap");
    (void)printf("%10s %18s %18s %14s\n", "rollouts", "us per quiet tick", "us per transition",
                 "memory KiB");
    for (size_t i = 0; i < SIZES; i++) {
        char place[400];
        (void)snprintf(place, sizeof(place), "sqlite://%s/rollout-%zu.db", folder, sizes[i]);
        in_a_process(fill_part, place, sizes[i], NULL);
        in_a_process(run_passes, place, sizes[i], &figures[i]);
        (void)printf("%10zu %18.1f %18.1f %14.0f\n", sizes[i], figures[i].quiet_us,
                     figures[i].move_us, figures[i].memory_kib);
        (void)fflush(stdout);
    }
    const struct figures *few = &figures[0];
    const struct figures *many = &figures[SIZES - 1];
    double kib = (many->memory_kib - few->memory_kib) / (double)(sizes[SIZES - 1] - sizes[0]);
    double quiet = many->quiet_us / few->quiet_us;
    double moves = many->move_us / few->move_us;
    (void)printf("memory per rollout %.2f KiB (bar %.0f); 100 times as many cost %.2f times the "
                 "quiet tick, %.2f times the transition (bar %.1f); bars %.0f and %.0f us\n",
                 kib, BAR_KIB, quiet, moves, BAR_GROWTH, BAR_TICK_US, BAR_MOVE_US);
    bool good = kib <= BAR_KIB && quiet <= BAR_GROWTH && moves <= BAR_GROWTH;
    for (size_t i = 0; i < SIZES; i++) {
        good = good && figures[i].quiet_us <= BAR_TICK_US && figures[i].move_us <= BAR_MOVE_US;
    }
    (void)munmap(figures, sizeof(*figures) * SIZES);
    return good;
}

// -- HAProxy -------------------------------------------------------------------------------------
static void write_file(const char *folder, const char *name, const char *text)
{
    char path[500];
    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *out = fopen(path, "we");
    sure(out != NULL && fputs(text, out) >= 0 && fclose(out) == 0, path);
}

// As much of it as a step needs.
static pid_t start_haproxy(const char *folder)
{
    char text[4000];
    char conf[500];
    char socket_path[500];
    write_file(folder, "zone.map", "");
    write_file(folder, "ramp.map", "");
    write_file(folder, "origin.map", "");
    (void)snprintf(text, sizeof(text),
                   "global\n stats socket %s/edge.sock mode 600 level admin\n"
                   "defaults\n mode http\n timeout client 1s\n timeout connect 1s\n"
                   " timeout server 1s\n"
                   "backend sslauto\n stick-table type string len 300 size 1k store gpc(7)\n"
                   "frontend f\n bind unix@%s/visit.sock\n"
                   " http-request set-var(txn.a) str(a),map_str(%s/zone.map)\n"
                   " http-request set-var(txn.a) str(a),map_str(%s/ramp.map)\n"
                   " http-request set-var(txn.a) str(a),map_str(%s/origin.map)\n"
                   " http-request return status 200\n",
                   folder, folder, folder, folder, folder);
    write_file(folder, "haproxy.cfg", text);
    (void)snprintf(conf, sizeof(conf), "%s/haproxy.cfg", folder);
    (void)snprintf(socket_path, sizeof(socket_path), "%s/edge.sock", folder);
    pid_t pid = fork();
    sure(pid >= 0, "fork");
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
        (void)execl(HAPROXY, HAPROXY, "-db", "-q", "-f", conf, (char *)NULL);
        _exit(127);
    }
    int tries = 0;
    while (access(socket_path, F_OK) != 0 && tries < READY_TRIES) {
        (void)usleep(10000);
        tries++;
    }
    sure(tries < READY_TRIES, socket_path);
    return pid;
}

struct steady {
    struct zone *zone;
    size_t next;
};

static const struct zone *next_zone(void *ctx)
{
    struct steady *steady = ctx;
    zone_free(steady->zone);
    steady->zone = steady->next < STEADY_ZONES ? zone_of(steady->next++, "bench") : NULL;
    return steady->zone;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double ms_now(void)
{
    struct timespec now;
    sure(clock_gettime(CLOCK_MONOTONIC, &now) == 0, "clock_gettime");
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static double step_ms(struct edge *edge, const struct zone *zone, int share_bp)
{
    struct why why = {""};
    const struct edge_want want = {.zone = zone,
                                   .old_mode = MODE_FULL,
                                   .new_mode = MODE_STRICT,
                                   .share_bp = share_bp,
                                   .generation = 1,
                                   .lease_s = 30};
    double begun = ms_now();
    must(edge_apply(edge, &want, &why), &why);
    return ms_now() - begun;
}

static bool measure_steps(struct edge *edge)
{
    static double took[STEPS];
    struct why why = {""};
    struct steady steady = {0};
    double begun = ms_now();
    must(edge_resync(edge, next_zone, &steady, false, &why), &why);
    double resync = ms_now() - begun;
    zone_free(steady.zone);
    OWN(zone_own) struct zone *zone = zone_of(STEADY_ZONES / 2, "bench");
    double first = step_ms(edge, zone, 100);
    for (int i = 0; i < STEPS; i++) {
        took[i] = step_ms(edge, zone, 101 + i);
    }
    qsort(took, STEPS, sizeof(took[0]), by_size);
    (void)printf("HAProxy with %d zones: resync %.0f ms; first step %.2f ms, further steps %.3f ms "
                 "(median), %.3f ms (99 %%) (bar %.0f)\n",
                 STEADY_ZONES, resync, first, took[STEPS / 2], took[STEPS / 100 * 99], BAR_STEP_MS);
    return took[STEPS / 2] <= BAR_STEP_MS;
}

static bool bench_haproxy(const char *folder)
{
    char place[500];
    struct why why = {""};
    OWN(edge_own) struct edge *edge = NULL;
    if (access(HAPROXY, X_OK) != 0) {
        (void)printf("no haproxy here, its steps are not measured\n");
        return true;
    }
    (void)snprintf(place, sizeof(place), "unix:%s/edge.sock", folder);
    const char *places[] = {place};
    const struct edge_settings settings = {.name = "bench",
                                           .driver = "haproxy",
                                           .places = places,
                                           .place_count = 1,
                                           .maps_dir = folder,
                                           .http_port = 80,
                                           .https_port = 443,
                                           .timeout_ms = 30000,
                                           .skew_max_s = 5};
    pid_t pid = start_haproxy(folder);
    must(edge_open(&edge, &settings, &why), &why);
    bool good = measure_steps(edge);
    (void)kill(pid, SIGTERM);
    (void)waitpid(pid, NULL, 0);
    return good;
}

// -- the folder ----------------------------------------------------------------------------------
static void clean(const char *folder)
{
    static const char *const files[] = {
        "zone.map", "ramp.map", "origin.map", "haproxy.cfg", "edge.sock", "visit.sock",
    };
    char path[500];
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", folder, files[i]);
        (void)unlink(path);
    }
    for (size_t i = 0; i < SIZES; i++) {
        static const char *const ends[] = {"", "-wal", "-shm"};
        for (size_t k = 0; k < COUNT_OF(ends); k++) {
            (void)snprintf(path, sizeof(path), "%s/rollout-%zu.db%s", folder, sizes[i], ends[k]);
            (void)unlink(path);
        }
    }
    (void)rmdir(folder);
}

int main(int argc, char **argv)
{
    char folder[300];
    (void)snprintf(folder, sizeof(folder), "%s/bench-rollout-XXXXXX", argc > 1 ? argv[1] : "/tmp");
    sure(mkdtemp(folder) != NULL, folder);
    bool good = bench_controller(folder);
    good = bench_haproxy(folder) && good;
    clean(folder);
    if (!good) {
        (void)fprintf(stderr, "bench_rollout: a bar is broken\n");
    }
    return good ? 0 : 1;
}
