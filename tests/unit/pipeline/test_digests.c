// SPDX-License-Identifier: Apache-2.0
// What a week brings, when it is told, and to whom; over a store in memory with a clock that
// stands.
#include "pipeline/digests.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/time.h"
#include "db/backend.h"
#include "model/week.h"
#include "tests/support/check.h"

#define WEEK INT64_C(1794787200) // Monday 2026-11-16
#define DAY  INT64_C(86400)

struct world {
    struct db *db;
    struct digest_policy policy;
    struct why why;
};

static const char *const super[] = {"super_administrator"};

static int set_up(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    assert_ok(db_open_memory(&world->db, "digests", &world->why), &world->why);
    db_clock_set(world->db, WEEK + DAY);
    world->policy = digest_policy_default();
    world->policy.roles = super;
    world->policy.role_count = 1;
    world->policy.mail.from = "sslauto@example.org";
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    db_close(world->db);
    free(world);
    return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

// -- putting things into the store
// ------------------------------------------------------------------

static char keep[] = "{\"verdict\":\"keep\",\"confirmed\":false,\"reasons\":[],\"blockers\":[{"
                     "\"code\":\"c\",\"text\":"
                     "\"First.\",\"source\":\"s\",\"remedy\":\"Mend "
                     "it.\"},{\"code\":\"d\",\"text\":\"Second.\",\"source\""
                     ":\"s\",\"remedy\":\"\"}]}";
static char nothing[] =
    "{\"verdict\":\"unknown\",\"confirmed\":false,\"reasons\":[{\"code\":\"c\","
    "\"text\":\"Nobody answers.\",\"source\":\"s\",\"remedy\":\"\"}],\"blockers\":"
    "[]}";
static char no_evidence[] = "{\"version\":1,\"hosts\":[]}";
static char no_policy[] = "{}";

static void add_zone(struct world *world, const char *name, enum mode mode, char id[33])
{
    struct host *host = NULL;
    OWN(zone_own) struct zone *zone = zone_new();
    assert_non_null(zone);
    free(zone->name);
    zone->name = strdup(name);
    zone->mode = mode;
    assert_ok(zone_add_host(&host, zone, span_of(name), NULL), NULL);
    assert_ok(host_add_origin(host, span_of("192.0.2.1"), 80, 443, NULL), NULL);
    assert_ok(db_zone_insert(world->db, zone, &world->why), &world->why);
    memcpy(id, zone->id, 33);
}

static void add_scan(struct world *world, const char *id, enum verdict verdict, const char *said,
                     const char *evidence, int64_t at)
{
    struct db_lease lease = {0};
    assert_ok(db_claim_zone(world->db, "test", 60, id, &lease, &world->why), &world->why);
    struct db_scan scan = {
        .scanned_at = at,
        .mode_current = lease.zone->mode,
        .mode_recommended = verdict == VERDICT_UPGRADE   ? MODE_STRICT
                            : verdict == VERDICT_UNKNOWN ? MODE_NONE
                                                         : lease.zone->mode,
        .verdict = verdict,
        .blocker_count = said == keep ? 2 : 0,
        .evidence = (char *)(uintptr_t)evidence, // texts stay ours
        .recommendation = (char *)(uintptr_t)said,
        .policy = no_policy,
    };
    (void)snprintf(scan.zone_id, sizeof scan.zone_id, "%s", id);
    assert_ok(db_scan_commit(world->db, &scan, lease.epoch, &world->why), &world->why);
    zone_free(lease.zone);
}

static void blocked_zone(struct world *world, const char *name, int64_t at)
{
    char id[33];
    add_zone(world, name, MODE_FLEXIBLE, id);
    add_scan(world, id, VERDICT_KEEP, keep, no_evidence, at);
}

// A strict zone whose certificate ends at that time.
static void strict_zone(struct world *world, const char *name, int64_t not_after, char id[33])
{
    add_zone(world, name, MODE_STRICT, id);
    struct evidence *evidence = calloc(1, sizeof *evidence);
    assert_non_null(evidence);
    memcpy(evidence->zone_id, id, sizeof evidence->zone_id);
    evidence->scanned_at = WEEK;
    evidence->hosts = calloc(1, sizeof *evidence->hosts);
    evidence->host_count = 1;
    evidence->hosts[0].name = strdup(name);
    evidence->hosts[0].weight = 1;
    evidence->hosts[0].origins = calloc(1, sizeof *evidence->hosts[0].origins);
    evidence->hosts[0].origin_count = 1;
    struct origin_evidence *origin = &evidence->hosts[0].origins[0];
    origin->address = strdup("192.0.2.1");
    origin->http_port = 80;
    origin->https_port = 443;
    origin->certificate = calloc(1, sizeof *origin->certificate);
    origin->certificate->subject = strdup("CN=x");
    origin->certificate->issuer = strdup("CN=y");
    origin->certificate->not_after = origin->certificate->chain_not_after = not_after;
    origin->certificate->strict_ok = true;
    json_t *json = evidence_to_json(evidence);
    char *text = json_dumps(json, 0);
    assert_non_null(text);
    char said[] = "{\"verdict\":\"keep\",\"reasons\":[],\"blockers\":[]}";
    add_scan(world, id, VERDICT_KEEP, said, text, WEEK - DAY);
    free(text);
    json_decref(json);
    evidence_free(evidence);
}

static void turn(struct world *world, const char *name, enum rollout_state state,
                 enum rollout_reason reason, int64_t at)
{
    char id[33];
    int64_t now = db_clock(world->db);
    add_zone(world, name, MODE_FLEXIBLE, id);
    db_clock_set(world->db, at);
    struct rollout rollout = {.generation = 1,
                              .from = MODE_FLEXIBLE,
                              .to = MODE_FULL,
                              .steps_bp = {SHARE_ALL_BP},
                              .step_count = 1,
                              .applied_bp = -1,
                              .tick_at = at + 1,
                              .state = ROLLOUT_ELIGIBLE};
    struct rollout_event event = {.actor = "t", .detail = "numbers"};
    (void)snprintf(rollout.zone_id, sizeof rollout.zone_id, "%s", id);
    assert_ok(db_rollout_insert(world->db, &rollout, &event, &world->why), &world->why);
    rollout.state = event.state = state;
    rollout.reason = event.reason = reason;
    rollout.state_at = at;
    assert_ok(db_rollout_update(world->db, &rollout, &event, &world->why), &world->why);
    db_clock_set(world->db, now);
}

static struct digest *gather(struct world *world)
{
    struct digest *digest = NULL;
    assert_ok(digests_gather(&digest, world->db, "default", WEEK, &world->policy, &world->why),
              &world->why);
    return digest;
}

static size_t total(const struct digest *digest)
{
    size_t sum = 0;
    for (size_t i = 0; i < DIGEST_SECTION_COUNT; i++) {
        sum += digest->parts[i].total;
    }
    return sum;
}

// -- gathering ------------------------------------------------------------------------------------

static void silence_when_nothing_happened(void **state)
{
    struct world *world = *state;
    char id[33];
    add_zone(world, "never.test", MODE_OFF, id);
    blocked_zone(world, "before.test", WEEK - 1);
    blocked_zone(world, "after.test", WEEK + WEEK_S);
    turn(world, "early.test", ROLLOUT_DONE, ROLLOUT_REASON_NONE, WEEK - 1);
    turn(world, "late.test", ROLLOUT_DONE, ROLLOUT_REASON_NONE, WEEK + WEEK_S);
    OWN(digest_own) struct digest *digest = gather(world);
    assert_false(digest->news);
    assert_int_equal(total(digest), 0);
    assert_int_equal(digest->mode_count, 1);
    assert_int_equal(digest->modes[0].zones[MODE_FLEXIBLE], 4);
    assert_int_equal(digest->modes[0].zones[MODE_OFF], 1);
}

static void rollouts_of_the_week_are_told(void **state)
{
    struct world *world = *state;
    turn(world, "a.test", ROLLOUT_DONE, ROLLOUT_REASON_NONE, WEEK);
    turn(world, "b.test", ROLLOUT_ROLLED_BACK, ROLLOUT_REASON_TLS, WEEK + WEEK_S - 1);
    OWN(digest_own) struct digest *digest = gather(world);
    assert_true(digest->news);
    const struct digest_part *up = &digest->parts[DIGEST_UPGRADED];
    const struct digest_part *back = &digest->parts[DIGEST_ROLLED_BACK];
    assert_int_equal(up->total, 1);
    assert_string_equal(up->items[0].zone, "a.test");
    assert_int_equal(up->items[0].at, WEEK);
    assert_int_equal(up->items[0].to, MODE_FULL);
    assert_int_equal(back->total, 1);
    assert_string_equal(back->items[0].text, rollout_reason_row(ROLLOUT_REASON_TLS)->sentence);
    assert_true(strlen(back->items[0].remedy) > 0);
}

static void what_somebody_ended_did_not_fail(void **state)
{
    struct world *world = *state;
    static const struct {
        const char *name;
        enum rollout_reason reason;
    } rows[] = {{"a.test", ROLLOUT_REASON_OPERATOR},
                {"b.test", ROLLOUT_REASON_STOP_ALL},
                {"c.test", ROLLOUT_REASON_CUSTOM},
                {"d.test", ROLLOUT_REASON_MODE_CHANGED}};
    world->policy.webhook.url = "http://127.0.0.1:1/";
    world->policy.rollbacks = true;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        turn(world, rows[i].name, ROLLOUT_ROLLED_BACK, rows[i].reason, WEEK + DAY - 60);
    }
    OWN(digest_own) struct digest *digest = gather(world);
    assert_false(digest->news);
    assert_int_equal(total(digest), 0);
    struct digest_sums sums = {0};
    assert_ok(digests_notices(world->db, NULL, &world->policy, WEEK + DAY, &sums, &world->why),
              &world->why);
    assert_int_equal(sums.made, 0);
}

static void findings_of_the_week_are_told(void **state)
{
    struct world *world = *state;
    char id[33];
    blocked_zone(world, "blocked.test", WEEK);
    add_zone(world, "failed.test", MODE_FULL, id);
    add_scan(world, id, VERDICT_UNKNOWN, nothing, no_evidence, WEEK + 5);
    OWN(digest_own) struct digest *digest = gather(world);
    assert_true(digest->news);
    assert_int_equal(total(digest), 2);
    const struct digest_item *item = &digest->parts[DIGEST_BLOCKED].items[0];
    assert_string_equal(item->text, "First. And 1 more: sslauto explain blocked.test");
    assert_string_equal(item->remedy, "Mend it.");
    assert_string_equal(digest->parts[DIGEST_FAILED].items[0].text, "Nobody answers.");
}

static void upgrades_that_wait_say_why(void **state)
{
    struct world *world = *state;
    char id[33];
    char said[] = "{\"verdict\":\"upgrade\",\"confirmed\":false,\"reasons\":[],\"blockers\":[]}";
    add_zone(world, "old.test", MODE_FLEXIBLE, id);
    add_scan(world, id, VERDICT_UPGRADE, said, no_evidence, WEEK - 1);
    {
        OWN(digest_own) struct digest *digest = gather(world);
        assert_int_equal(digest->parts[DIGEST_WAITING].total, 1); // told, but not news by itself
        assert_false(digest->news);
    }
    add_zone(world, "new.test", MODE_FLEXIBLE, id);
    add_scan(world, id, VERDICT_UPGRADE, said, no_evidence, WEEK);
    OWN(digest_own) struct digest *digest = gather(world);
    assert_true(digest->news);
    const struct digest_part *waiting = &digest->parts[DIGEST_WAITING];
    assert_int_equal(waiting->total, 2);
    assert_int_equal(waiting->items[0].to, MODE_STRICT);
    assert_string_equal(waiting->items[0].text,
                        rollout_reason_row(ROLLOUT_REASON_UNCONFIRMED)->sentence);
}

static void risks_are_told_until_they_are_gone(void **state)
{
    struct world *world = *state;
    char id[33];
    add_zone(world, "risk.test", MODE_STRICT, id);
    add_scan(world, id, VERDICT_AT_RISK, keep, no_evidence, WEEK - 100 * DAY);
    OWN(digest_own) struct digest *digest = gather(world);
    assert_true(digest->news);
    assert_int_equal(digest->parts[DIGEST_AT_RISK].total, 1);
}

static void certificates_are_told_at_their_marks(void **state)
{
    struct world *world = *state;
    static const struct {
        int64_t left_days; // at the end of the week
        bool listed, news;
    } rows[] = {
        {31, false, false}, {30, true, true}, {24, true, true}, {23, true, false},
        {15, true, false},  {14, true, true}, {8, true, true},  {7, true, true},
        {1, true, true},    {0, true, true},  {-6, true, true}, {-7, true, false},
        {-90, true, false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char id[33];
        strict_zone(world, "c.test", WEEK + WEEK_S + rows[i].left_days * DAY, id);
        OWN(digest_own) struct digest *digest = gather(world);
        if (digest->parts[DIGEST_EXPIRING].total != rows[i].listed ||
            digest->news != rows[i].news) {
            fail_msg("%lld days left: listed %zu, news %d", (long long)rows[i].left_days,
                     digest->parts[DIGEST_EXPIRING].total, digest->news);
        }
        assert_ok(db_zone_remove(world->db, id, &world->why), &world->why);
    }
}

static void custom_zones_are_only_counted(void **state)
{
    struct world *world = *state;
    OWN(zone_own) struct zone *zone = NULL;
    blocked_zone(world, "own.test", WEEK);
    assert_ok(db_zone_get(world->db, &zone, "own.test", &world->why), &world->why);
    zone->automatic = AUTOMATIC_CUSTOM;
    assert_ok(db_zone_update(world->db, zone, &world->why), &world->why);
    OWN(digest_own) struct digest *digest = gather(world);
    assert_int_equal(total(digest), 0);
    assert_int_equal(digest->modes[0].zones[MODE_FLEXIBLE], 1);
}

// -- a receiver -----------------------------------------------------------------------------------

struct receiver {
    int socket;
    pthread_t thread;
    char url[64];
    int status; // that it answers
    int count;  // of requests
    char last[8192];
};

static void answer(struct receiver *receiver, int to)
{
    char reply[128];
    size_t have = 0;
    receiver->last[0] = '\0';
    while (have < sizeof receiver->last - 1) {
        ssize_t got = read(to, receiver->last + have, sizeof receiver->last - 1 - have);
        if (got <= 0) {
            break;
        }
        have += (size_t)got;
        receiver->last[have] = '\0';
        const char *body = strstr(receiver->last, "\r\n\r\n");
        if (body != NULL && body[4] != '\0' && receiver->last[have - 1] == '}') {
            break;
        }
    }
    receiver->count++;
    int len = snprintf(reply, sizeof reply,
                       "HTTP/1.1 %d x\r\nContent-Length: 4\r\nConnection: close\r\n\r\nno\x1b!",
                       receiver->status);
    (void)!write(to, reply, (size_t)len);
    (void)close(to);
}

static void *receive(void *ctx)
{
    struct receiver *receiver = ctx;
    while (true) {
        int to = accept(receiver->socket, NULL, NULL);
        if (to < 0) {
            return NULL;
        }
        answer(receiver, to);
    }
}

static void receiver_start(struct receiver *receiver, int status)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    *receiver = (struct receiver){.socket = socket(AF_INET, SOCK_STREAM, 0), .status = status};
    assert_int_equal(bind(receiver->socket, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(receiver->socket, 8), 0);
    assert_int_equal(getsockname(receiver->socket, (struct sockaddr *)&at, &size), 0);
    (void)snprintf(receiver->url, sizeof receiver->url, "http://127.0.0.1:%u/hook",
                   (unsigned)ntohs(at.sin_port));
    assert_int_equal(pthread_create(&receiver->thread, NULL, receive, receiver), 0);
}

static void receiver_stop(struct receiver *receiver)
{
    (void)shutdown(receiver->socket, SHUT_RDWR);
    (void)pthread_join(receiver->thread, NULL);
    (void)close(receiver->socket);
}

// -- making and sending ---------------------------------------------------------------------------

static struct digest_sums pass(struct world *world, struct db *db)
{
    const struct digest_watch watch = {0};
    struct digest_sums sums = {0};
    assert_ok(digests_pass(db, &world->policy, &watch, &sums, &world->why), &world->why);
    return sums;
}

static void expect_sums(struct digest_sums sums, int made, int sent, int postponed, int failed)
{
    if (sums.made != made || sums.sent != sent || sums.postponed != postponed ||
        sums.failed != failed) {
        fail_msg("made %lld sent %lld postponed %lld failed %lld", (long long)sums.made,
                 (long long)sums.sent, (long long)sums.postponed, (long long)sums.failed);
    }
}

static void told_once_after_the_delay(void **state)
{
    struct world *world = *state;
    struct receiver receiver;
    struct db *other = NULL;
    receiver_start(&receiver, 204);
    world->policy.webhook.url = receiver.url;
    blocked_zone(world, "a.test", WEEK + 5);
    db_clock_set(world->db, WEEK + WEEK_S + 7 * 3600 - 1);
    expect_sums(pass(world, world->db), 0, 0, 0, 0);
    db_clock_set(world->db, WEEK + WEEK_S + 7 * 3600);
    expect_sums(pass(world, world->db), 1, 1, 0, 0);
    assert_ok(db_open_memory(&other, "digests", &world->why), &world->why);
    db_clock_set(other, WEEK + WEEK_S + 8 * 3600);
    expect_sums(pass(world, other), 0, 0, 0, 0); // another controller
    db_clock_set(world->db, WEEK + 2 * WEEK_S + 7 * 3600);
    expect_sums(pass(world, world->db), 0, 0, 0, 0); // a week without news
    assert_int_equal(receiver.count, 1);
    assert_non_null(strstr(receiver.last, "\"kind\":\"digest\""));
    assert_non_null(strstr(receiver.last, "\"week\":\"2026-W47\""));
    db_close(other);
    receiver_stop(&receiver);
}

static enum err find_words(void *ctx, const struct db_dispatch *dispatch)
{
    (void)snprintf(ctx, 256, "%s", dispatch->words);
    return ERR_OK;
}

static enum err count_dispatch(void *ctx, const struct db_dispatch *dispatch)
{
    (void)dispatch;
    ++*(size_t *)ctx;
    return ERR_OK;
}

static bool order(struct world *world, int64_t week)
{
    bool told = false;
    assert_ok(digests_order(&told, world->db, "default", week, &world->policy, &world->why),
              &world->why);
    return told;
}

static void a_quiet_week_stays_closed(void **state)
{
    struct world *world = *state;
    struct receiver receiver;
    char id[33];
    receiver_start(&receiver, 200);
    world->policy.webhook.url = receiver.url;
    add_zone(world, "a.test", MODE_STRICT, id);
    db_clock_set(world->db, WEEK + WEEK_S + 7 * 3600);
    expect_sums(pass(world, world->db), 0, 0, 0, 0);
    add_scan(world, id, VERDICT_AT_RISK, keep, no_evidence, WEEK + WEEK_S + 9 * 3600);
    assert_false(order(world, WEEK));
    expect_sums(pass(world, world->db), 0, 0, 0, 0);
    assert_int_equal(receiver.count, 0);
    OWN(db_letter_done) struct db_letter letter = {0};
    assert_ok(digests_letter(&letter, world->db, "default", WEEK, &world->policy, &world->why),
              &world->why);
    assert_string_equal(letter.mail, "");
    db_clock_set(world->db, WEEK + 2 * WEEK_S + 7 * 3600); // told by the week it was found in
    expect_sums(pass(world, world->db), 1, 1, 0, 0);
    receiver_stop(&receiver);
}

static void a_forgotten_week_is_not_sent_again(void **state)
{
    struct world *world = *state;
    struct receiver receiver;
    receiver_start(&receiver, 200);
    world->policy.webhook.url = receiver.url;
    blocked_zone(world, "a.test", WEEK + 5);
    db_clock_set(world->db, WEEK + WEEK_S + 7 * 3600);
    expect_sums(pass(world, world->db), 1, 1, 0, 0);
    db_clock_set(world->db, WEEK + 10 * WEEK_S + 8 * 3600);
    expect_sums(pass(world, world->db), 0, 0, 0, 0);
    char other[80];
    (void)snprintf(other, sizeof other, "%s/other", receiver.url);
    world->policy.webhook.url = other; // one who has not got it yet
    assert_false(order(world, WEEK));
    expect_sums(pass(world, world->db), 0, 0, 0, 0);
    assert_int_equal(receiver.count, 1);
    receiver_stop(&receiver);
}

static void a_week_is_not_sent_before_it_has_ended(void **state)
{
    struct world *world = *state;
    bool told = true;
    world->policy.webhook.url = "http://127.0.0.1:1/";
    blocked_zone(world, "a.test", WEEK + 5);
    db_clock_set(world->db, WEEK + WEEK_S - 1);
    assert_err(digests_order(&told, world->db, "default", WEEK, &world->policy, &world->why),
               ERR_INVALID);
    assert_false(told);
    assert_non_null(strstr(world->why.text, "2026-W47 has not ended"));
    OWN(db_letter_done) struct db_letter letter = {0};
    assert_err(db_letter_get(world->db, "digest/2026-W47/default", &letter, NULL), ERR_NOT_FOUND);
    db_clock_set(world->db, WEEK + WEEK_S);
    assert_true(order(world, WEEK));
}

static void a_letter_without_text_is_never_sent(void **state)
{
    struct world *world = *state;
    struct receiver receiver;
    char words[256] = "";
    char name[] = "digest/2026-W47/default";
    char account[] = "default";
    char none[] = "";
    receiver_start(&receiver, 200);
    world->policy.webhook.url = receiver.url;
    world->policy.mail.server = "smtp://127.0.0.1:1";
    const struct db_letter letter = {
        .name = name, .account = account, .week = WEEK, .mail = none, .json = none};
    assert_ok(db_letter_add(world->db, &letter, &world->why), &world->why);
    assert_ok(db_dispatch_add(world->db, name, CHANNEL_WEBHOOK, receiver.url, &world->why),
              &world->why);
    assert_ok(db_dispatch_add(world->db, name, CHANNEL_MAIL, "a@example.org", &world->why),
              &world->why);
    expect_sums(pass(world, world->db), 0, 0, 0, 2);
    assert_int_equal(receiver.count, 0);
    assert_ok(db_dispatch_each(world->db, NULL, find_words, words, &world->why), &world->why);
    assert_string_equal(words, "the letter has no text, or none any more");
    receiver_stop(&receiver);
}

struct stopper {
    volatile sig_atomic_t stop;
    pthread_t thread;
};

static void *stop_soon(void *ctx)
{
    (void)usleep(300000);
    ((struct stopper *)ctx)->stop = 1;
    return NULL;
}

static enum err find_due(void *ctx, const struct db_dispatch *dispatch)
{
    *(int64_t *)ctx = dispatch->state == DISPATCH_WAITING ? dispatch->due_at : *(int64_t *)ctx;
    return ERR_OK;
}

// The receiver takes the connection and says nothing; the pass holds a reload of `run`.
static void a_stop_waits_for_no_receiver(void **state)
{
    struct world *world = *state;
    static const char *const schemes[] = {"http", "smtp"};
    static const char *const more[] = {"ops@example.org"};
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    int hung = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(hung, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(hung, 8), 0);
    assert_int_equal(getsockname(hung, (struct sockaddr *)&at, &size), 0);
    world->policy.webhook.timeout_ms = world->policy.mail.timeout_ms = 60000;
    world->policy.recipients = more;
    world->policy.recipient_count = 1;
    for (size_t i = 0; i < COUNT_OF(schemes); i++) {
        char url[64];
        char name[16];
        int64_t due = 0;
        struct stopper stopper = {0};
        struct digest_sums sums = {0};
        const struct digest_watch watch = {.stop = &stopper.stop};
        int64_t week = WEEK + (int64_t)i * WEEK_S;
        (void)snprintf(url, sizeof url, "%s://127.0.0.1:%u", schemes[i],
                       (unsigned)ntohs(at.sin_port));
        world->policy.webhook.url = i == 0 ? url : NULL;
        world->policy.mail.server = i == 0 ? NULL : url;
        (void)snprintf(name, sizeof name, "%s.test", schemes[i]);
        blocked_zone(world, name, week + 5);
        db_clock_set(world->db, week + WEEK_S + DAY);
        assert_int_equal(pthread_create(&stopper.thread, NULL, stop_soon, &stopper), 0);
        int64_t begun = time_monotonic_ms();
        assert_ok(digests_pass(world->db, &world->policy, &watch, &sums, &world->why), &world->why);
        assert_in_range(time_monotonic_ms() - begun, 100, 10000);
        (void)pthread_join(stopper.thread, NULL);
        expect_sums(sums, 1, 0, 1, 0);
        assert_ok(db_dispatch_each(world->db, NULL, find_due, &due, &world->why), &world->why);
        assert_int_equal(due, week + WEEK_S + DAY); // the next pass begins with it
        OWN(db_dispatch_done) struct db_dispatch dispatch = {0};
        assert_ok(db_dispatch_claim(world->db, "t", 60, &dispatch, &world->why), &world->why);
        dispatch.state = DISPATCH_SENT;
        assert_ok(db_dispatch_end(world->db, &dispatch, &world->why), &world->why);
    }
    (void)close(hung);
}

static void damage(const char *zone)
{
    sqlite3 *base = NULL;
    char sql[256];
    (void)snprintf(sql, sizeof sql,
                   "UPDATE rollout_events SET reason = 'nonsense' WHERE state = 'rolled_back' AND "
                   "zone_id = (SELECT id FROM zones WHERE name = '%s')",
                   zone);
    assert_int_equal(sqlite3_open_v2("file:/digests?vfs=memdb", &base,
                                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_URI, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_exec(base, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_changes(base), 1);
    assert_int_equal(sqlite3_close(base), SQLITE_OK);
}

static void move_to(struct world *world, const char *name, const char *account)
{
    OWN(zone_own) struct zone *zone = NULL;
    assert_ok(db_zone_get(world->db, &zone, name, &world->why), &world->why);
    free(zone->account);
    zone->account = strdup(account);
    assert_ok(db_zone_update(world->db, zone, &world->why), &world->why);
}

static void keep_trouble(void *ctx, const char *words)
{
    (void)snprintf(ctx, 600, "%s", words);
}

static void one_account_in_trouble_holds_no_other(void **state)
{
    struct world *world = *state;
    struct receiver receiver;
    char words[600] = "";
    const struct digest_watch watch = {.trouble = keep_trouble, .ctx = words};
    struct digest_sums sums = {0};
    receiver_start(&receiver, 200);
    world->policy.webhook.url = receiver.url;
    world->policy.rollbacks = true;
    turn(world, "bad.test", ROLLOUT_ROLLED_BACK, ROLLOUT_REASON_TLS, WEEK + WEEK_S - 60);
    turn(world, "good.test", ROLLOUT_ROLLED_BACK, ROLLOUT_REASON_TLS, WEEK + WEEK_S - 60);
    move_to(world, "good.test", "zoo"); // the last account of the list
    damage("bad.test");
    db_clock_set(world->db, WEEK + WEEK_S + 7 * 3600);
    assert_ok(digests_pass(world->db, &world->policy, &watch, &sums, &world->why), &world->why);
    expect_sums(sums, 2, 2, 0, 0); // the digest and the notice of zoo
    assert_int_equal(receiver.count, 2);
    assert_non_null(strstr(words, "account default: "));
    assert_non_null(strstr(words, "cannot be read"));
    receiver_stop(&receiver);
}

static void weeks_that_were_missed_are_told(void **state)
{
    struct world *world = *state;
    struct receiver receiver;
    char id[33];
    receiver_start(&receiver, 200);
    world->policy.webhook.url = receiver.url;
    blocked_zone(world, "a.test", WEEK + 5);
    db_clock_set(world->db, WEEK + WEEK_S + DAY);
    expect_sums(pass(world, world->db), 1, 1, 0, 0); // nothing before it: nobody listened
    // It runs into the next week, and then not for two.
    turn(world, "b.test", ROLLOUT_DONE, ROLLOUT_REASON_NONE, WEEK + WEEK_S + DAY);
    add_zone(world, "risk.test", MODE_STRICT, id);
    add_scan(world, id, VERDICT_AT_RISK, keep, no_evidence, WEEK + WEEK_S + DAY);
    db_clock_set(world->db, WEEK + 4 * WEEK_S + DAY);
    expect_sums(pass(world, world->db), 2, 2, 0, 0);
    OWN(db_letter_done) struct db_letter missed = {0};
    assert_ok(digests_letter(&missed, world->db, "default", WEEK + WEEK_S, &world->policy, NULL),
              NULL);
    assert_non_null(strstr(missed.json, "b.test"));
    OWN(db_letter_done) struct db_letter quiet = {0};
    assert_ok(digests_letter(&quiet, world->db, "default", WEEK + 2 * WEEK_S, &world->policy, NULL),
              NULL);
    assert_string_equal(quiet.json, ""); // the risk is told once, by the last week
    OWN(db_letter_done) struct db_letter last = {0};
    assert_ok(digests_letter(&last, world->db, "default", WEEK + 3 * WEEK_S, &world->policy, NULL),
              NULL);
    assert_non_null(strstr(last.json, "risk.test"));
    expect_sums(pass(world, world->db), 0, 0, 0, 0);
    receiver_stop(&receiver);
}

static void without_a_channel_only_modes_are_kept(void **state)
{
    struct world *world = *state;
    struct digest_modes kept[DIGEST_WEEKS];
    size_t count = 0;
    blocked_zone(world, "a.test", WEEK + 5);
    db_clock_set(world->db, WEEK + WEEK_S + DAY);
    expect_sums(pass(world, world->db), 0, 0, 0, 0);
    assert_ok(db_modes_get(world->db, "default", WEEK, kept, &count, &world->why), &world->why);
    assert_int_equal(count, 1);
    assert_int_equal(kept[0].zones[MODE_FLEXIBLE], 1);
    world->policy.webhook.url = "http://127.0.0.1:1/"; // somebody begins to listen in that week
    expect_sums(pass(world, world->db), 1, 0, 1, 0);
}

static void failures_wait_longer_each_time(void **state)
{
    struct world *world = *state;
    struct receiver receiver;
    receiver_start(&receiver, 503);
    world->policy.webhook.url = receiver.url;
    world->policy.retry_max_s = 240;
    blocked_zone(world, "a.test", WEEK + 5);
    int64_t now = WEEK + WEEK_S + DAY;
    db_clock_set(world->db, now);
    expect_sums(pass(world, world->db), 1, 0, 1, 0);
    static const int64_t waits[] = {60, 120, 240, 240};
    for (size_t i = 0; i < COUNT_OF(waits); i++) {
        db_clock_set(world->db, now + waits[i] - 1);
        expect_sums(pass(world, world->db), 0, 0, 0, 0);
        now += waits[i];
        db_clock_set(world->db, now);
        expect_sums(pass(world, world->db), 0, 0, 1, 0);
    }
    db_clock_set(world->db, WEEK + WEEK_S + DAY + world->policy.give_up_s);
    assert_int_equal(pass(world, world->db).failed, 1);
    // The operator takes it up again.
    receiver.status = 200;
    assert_true(order(world, WEEK));
    assert_int_equal(pass(world, world->db).sent, 1);
    receiver_stop(&receiver);
}

static void refusals_are_kept_in_safe_words(void **state)
{
    struct world *world = *state;
    struct receiver receiver;
    char words[256] = "";
    receiver_start(&receiver, 410);
    world->policy.webhook.url = receiver.url;
    blocked_zone(world, "a.test", WEEK + 5);
    db_clock_set(world->db, WEEK + WEEK_S + DAY);
    (void)pass(world, world->db);
    assert_ok(db_dispatch_each(world->db, NULL, find_words, words, &world->why), &world->why);
    assert_string_equal(words, "status 410: no\\x1b!");
    receiver_stop(&receiver);
}

static void rollbacks_are_told_at_once_when_wanted(void **state)
{
    struct world *world = *state;
    struct receiver receiver;
    receiver_start(&receiver, 200);
    world->policy.webhook.url = receiver.url;
    turn(world, "a.test", ROLLOUT_ROLLED_BACK, ROLLOUT_REASON_TLS, WEEK + DAY - 60);
    turn(world, "b.test", ROLLOUT_DONE, ROLLOUT_REASON_NONE, WEEK + DAY - 60);
    turn(world, "c.test", ROLLOUT_ROLLED_BACK, ROLLOUT_REASON_TLS, WEEK - 2 * DAY); // long ago
    expect_sums(pass(world, world->db), 1, 1, 0, 0); // the digest of last week alone: c.test
    world->policy.rollbacks = true;
    expect_sums(pass(world, world->db), 1, 1, 0, 0);
    assert_non_null(strstr(receiver.last, "\"kind\":\"rollback\""));
    assert_non_null(strstr(receiver.last, "a.test"));
    expect_sums(pass(world, world->db), 0, 0, 0, 0);
    receiver_stop(&receiver);
}

static void members_by_role_and_the_configuration(void **state)
{
    struct world *world = *state;
    static const char *const more[] = {"ops@example.org"};
    static const struct db_member members[] = {
        {.account = "default", .address = "a@example.org", .name = ""},
        {.account = "default", .address = "b@example.org", .name = "", .role = ROLE_READ_ONLY},
        {.account = "other", .address = "c@example.org", .name = ""},
    };
    for (size_t i = 0; i < COUNT_OF(members); i++) {
        assert_ok(db_member_add(world->db, &members[i], &world->why), &world->why);
    }
    world->policy.mail.server = "smtp://127.0.0.1:1";
    world->policy.recipients = more;
    world->policy.recipient_count = 1;
    blocked_zone(world, "a.test", WEEK + 5);
    db_clock_set(world->db, WEEK + WEEK_S + DAY);
    expect_sums(pass(world, world->db), 1, 0, 2, 0);
    OWN(db_letter_done) struct db_letter letter = {0};
    assert_ok(digests_letter(&letter, world->db, "default", WEEK, &world->policy, &world->why),
              &world->why);
    assert_non_null(strstr(letter.mail, "\r\nTo: a@example.org\r\n"));
    assert_null(strstr(letter.mail, "ops@example.org"));
    assert_null(strstr(letter.mail, "b@example.org"));
}

static void many_members_all_get_it(void **state)
{
    struct world *world = *state;
    enum {
        MANY = 130
    };
    for (int i = 0; i < MANY; i++) {
        char address[64];
        (void)snprintf(address, sizeof address, "member%d@example.org", i);
        const struct db_member member = {.account = "default", .address = address, .name = ""};
        assert_ok(db_member_add(world->db, &member, &world->why), &world->why);
    }
    world->policy.mail.server = "smtp://127.0.0.1:1";
    blocked_zone(world, "a.test", WEEK + 5);
    db_clock_set(world->db, WEEK + WEEK_S);
    assert_true(order(world, WEEK));
    size_t count = 0;
    assert_ok(db_dispatch_each(world->db, NULL, count_dispatch, &count, &world->why), &world->why);
    assert_int_equal(count, MANY);
    OWN(db_letter_done) struct db_letter letter = {0};
    assert_ok(digests_letter(&letter, world->db, "default", WEEK, &world->policy, &world->why),
              &world->why);
    assert_null(strstr(letter.mail, "member7@"));
}

// https://github.com/standard-webhooks/standard-webhooks, the example of its libraries.
static void webhooks_are_signed_as_others_do(void **state)
{
    (void)state;
    char signature[64];
    assert_ok(webhook_sign(signature, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                           "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, "{\"test\": 2432232314}"),
              NULL);
    assert_string_equal(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    // Without padding; as openssl dgst -mac HMAC says it.
    assert_ok(webhook_sign(signature, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLw",
                           "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, "{\"test\": 2432232314}"),
              NULL);
    assert_string_equal(signature, "v1,/Xy7FLfFISa1TZH7WLT+0x/orG5MlcutAFOpVan3/00=");
    assert_ok(webhook_sign(signature, "plain text", "a", 1, "b"), NULL);
    assert_int_equal(strlen(signature), 3 + 44);
    assert_err(webhook_sign(signature, "whsec_", "a", 1, "b"), ERR_INVALID);
    assert_err(webhook_sign(signature, "whsec_*", "a", 1, "b"), ERR_INVALID);
    assert_err(webhook_sign(signature, "whsec_****", "a", 1, "b"), ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(silence_when_nothing_happened),
        TEST(rollouts_of_the_week_are_told),
        TEST(what_somebody_ended_did_not_fail),
        TEST(findings_of_the_week_are_told),
        TEST(upgrades_that_wait_say_why),
        TEST(risks_are_told_until_they_are_gone),
        TEST(certificates_are_told_at_their_marks),
        TEST(custom_zones_are_only_counted),
        TEST(told_once_after_the_delay),
        TEST(a_quiet_week_stays_closed),
        TEST(a_forgotten_week_is_not_sent_again),
        TEST(a_letter_without_text_is_never_sent),
        TEST(weeks_that_were_missed_are_told),
        TEST(a_stop_waits_for_no_receiver),
        TEST(one_account_in_trouble_holds_no_other),
        TEST(a_week_is_not_sent_before_it_has_ended),
        TEST(without_a_channel_only_modes_are_kept),
        TEST(failures_wait_longer_each_time),
        TEST(refusals_are_kept_in_safe_words),
        TEST(rollbacks_are_told_at_once_when_wanted),
        TEST(many_members_all_get_it),
        TEST(members_by_role_and_the_configuration),
        TEST(webhooks_are_signed_as_others_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
