// SPDX-License-Identifier: Apache-2.0
// Digests handed in to a real server, Exim, over STARTTLS with login; killed between sending and
// recording; refused, and not reachable at all. Skipped where there is no exim4.
#include <arpa/inet.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/time.h"
#include "db/db.h"
#include "model/week.h"
#include "tests/net/answer.h"
#include "tests/support/check.h"

#define EXIM     "/usr/sbin/exim4"
#define ACCOUNTS 3
#define KILLS    20
#define LOG_MAX  ((size_t)4 << 20)

struct post {
    struct lab lab;
    uint16_t port;
    pid_t exim; // 0 = not running
    int64_t week;
};

// -- the server -----------------------------------------------------------------------------------

static const char exim_conf[] =
    "primary_hostname = mail.test\n"
    "spool_directory = %1$s/exim\n"
    "log_file_path = %1$s/exim/%%slog\n"
    "local_interfaces = 127.0.0.1\n"
    "daemon_smtp_ports = %2$u\n"
    "keep_environment =\n"
    "rfc1413_query_timeout = 0s\n"
    "queue_only = true\n"
    "tls_advertise_hosts = %3$s\n"
    "tls_certificate = %1$s/pki/ip-only.pem\n"
    "tls_privatekey = %1$s/pki/ip-only.key\n"
    "auth_advertise_hosts = ${if eq{$tls_in_cipher}{}{}{*}}\n"
    "acl_smtp_rcpt = rcpt\n"
    "acl_smtp_data = data\n"
    "begin acl\n"
    "rcpt:\n"
    "  deny local_parts = nobody\n"
    "       message = no such user here\n"
    "  accept authenticated = *\n"
    "  deny message = login first\n"
    "data:\n"
    "  warn logwrite = ARRIVED $h_message-id:\n"
    "  accept delay = %4$s\n"
    "begin authenticators\n"
    "plain:\n"
    "  driver = plaintext\n"
    "  public_name = PLAIN\n"
    "  server_prompts = :\n"
    "  server_set_id = $auth2\n"
    "  server_condition = ${if and{{eq{$auth2}{sslauto}}{eq{$auth3}{open sesame}}}}\n"
    "begin routers\n"
    "begin transports\n";

static void start_exim(struct post *post, const char *tls_hosts, const char *delay)
{
    struct buf text;
    char path[320];
    buf_init(&text, LOG_MAX);
    assert_ok(buf_printf(&text, exim_conf, post->lab.dir, (unsigned)post->port, tls_hosts, delay),
              NULL);
    lab_write(&post->lab, "exim.conf", buf_str(&text));
    buf_done(&text);
    (void)snprintf(path, sizeof path, "%s/exim.conf", post->lab.dir);
    post->exim = lab_spawn(&post->lab, (const char *const[]){EXIM, "-C", path, "-bdf", NULL});
    for (int i = 0; i < 100; i++) {
        char url[64];
        (void)snprintf(url, sizeof url, "smtp://127.0.0.1:%u", (unsigned)post->port);
        if (lab_run(&post->lab, NULL,
                    (const char *const[]){"curl", "-s", "-X", "NOOP", url, NULL}) == 0) {
            return;
        }
        lab_sleep_ms(50);
    }
    fail_msg("exim does not answer; see %s", post->lab.dir);
}

static void stop_exim(struct post *post)
{
    if (post->exim > 0) {
        (void)kill(post->exim, SIGTERM);
        (void)lab_wait(post->exim);
        post->exim = 0;
    }
}

// What the server wrote down, owned by the caller.
static char *server_log(const struct post *post)
{
    char path[320];
    (void)snprintf(path, sizeof path, "%s/exim/mainlog", post->lab.dir);
    FILE *in = fopen(path, "re");
    char *text = calloc(1, LOG_MAX);
    assert_non_null(text);
    if (in != NULL) {
        text[fread(text, 1, LOG_MAX - 1, in)] = '\0';
        (void)fclose(in);
    }
    return text;
}

static size_t count_in_log(const struct post *post, const char *words)
{
    char *text = server_log(post);
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, words)) != NULL; at++) {
        count++;
    }
    free(text);
    return count;
}

static void forget_log(const struct post *post)
{
    char path[320];
    (void)snprintf(path, sizeof path, "%s/exim/mainlog", post->lab.dir);
    (void)unlink(path);
}

// -- the store ------------------------------------------------------------------------------------

static char evidence[] = "{\"version\":1,\"hosts\":[]}";
static char policy[] = "{}";
static char said[] =
    "{\"verdict\":\"keep\",\"confirmed\":false,\"reasons\":[],\"blockers\":[{\"code\":\"c\","
    "\"text\""
    ":\"HTTPS shows another page.\",\"source\":\"s\",\"remedy\":\"Serve the same site.\"}]}";

static void add_blocked_zone(struct db *db, int number, int64_t scanned_at)
{
    struct why why = {""};
    struct db_lease lease = {0};
    struct host *host = NULL;
    OWN(zone_own) struct zone *zone = zone_new();
    assert_non_null(zone);
    free(zone->name);
    free(zone->account);
    assert_true(asprintf(&zone->name, "site%d.example", number) > 0);
    assert_true(asprintf(&zone->account, "account%d", number) > 0);
    assert_ok(zone_add_host(&host, zone, span_of(zone->name), NULL), NULL);
    assert_ok(host_add_origin(host, span_of("192.0.2.1"), 80, 443, NULL), NULL);
    assert_ok(db_zone_insert(db, zone, &why), &why);
    assert_ok(db_claim_zone(db, "test", 60, zone->id, &lease, &why), &why);
    struct db_scan scan = {.scanned_at = scanned_at,
                           .mode_current = MODE_FLEXIBLE,
                           .mode_recommended = MODE_FLEXIBLE,
                           .verdict = VERDICT_KEEP,
                           .blocker_count = 1,
                           .evidence = evidence,
                           .recommendation = said,
                           .policy = policy};
    memcpy(scan.zone_id, zone->id, sizeof scan.zone_id);
    assert_ok(db_scan_commit(db, &scan, lease.epoch, &why), &why);
    zone_free(lease.zone);
}

static void fresh_store(struct post *post)
{
    char path[320];
    struct why why = {""};
    struct db *db = NULL;
    static const char *const endings[] = {"-wal", "-shm", ""};
    for (size_t i = 0; i < COUNT_OF(endings); i++) {
        (void)snprintf(path, sizeof path, "%s/sslauto.db%s", post->lab.dir, endings[i]);
        (void)unlink(path);
    }
    assert_ok(db_open(&db, path, DB_CREATE, &why), &why);
    post->week = week_of(time_now_s()) - WEEK_S;
    for (int i = 0; i < ACCOUNTS; i++) {
        char account[32];
        char address[64];
        add_blocked_zone(db, i, post->week + 3600);
        (void)snprintf(account, sizeof account, "account%d", i);
        (void)snprintf(address, sizeof address, "admin%d@example.org", i);
        struct db_member member = {.account = account, .address = address, .name = "Ada"};
        assert_ok(db_member_add(db, &member, &why), &why);
    }
    db_close(db);
}

static void configure(const struct post *post, const char *ca, const char *more)
{
    char text[2048];
    (void)snprintf(text, sizeof text,
                   "[store]\nurl = sqlite://%1$s/sslauto.db\n"
                   "[mail]\nserver = smtp://127.0.0.1:%2$u\nhello = client.test\n"
                   "user = sslauto\npassword_file = %1$s/password\nca_file = %1$s/pki/%4$s.pem\n"
                   "from = sslauto@example.org\ntimeout = 20s\n%3$s",
                   post->lab.dir, (unsigned)post->port, more, ca);
    lab_write(&post->lab, "sslauto.conf", text);
    lab_write(&post->lab, "password", "open sesame\n");
}

static int set_up(void **state)
{
    static struct post post;
    static const char *const names[] = {"mail.test"};
    char path[320];
    if (access(EXIM, X_OK) != 0) {
        print_message("skipped: there is no %s (exim4-daemon-light)\n", EXIM);
        exit(77);
    }
    *state = &post;
    lab_open(&post.lab, names, COUNT_OF(names));
    post.port = post.lab.http_port;
    (void)snprintf(path, sizeof path, "%s/exim", post.lab.dir);
    // Started by root, Exim goes on as a user of its own, who must reach its spool and its key.
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(chmod(path, 0777), 0);
    assert_int_equal(chmod(post.lab.dir, 0755), 0);
    (void)snprintf(path, sizeof path, "%s/pki/ip-only.key", post.lab.dir);
    assert_int_equal(chmod(path, 0644), 0);
    return 0;
}

static int tear_down(void **state)
{
    struct post *post = *state;
    stop_exim(post);
    lab_close(&post->lab);
    return 0;
}

static int begin(void **state)
{
    struct post *post = *state;
    fresh_store(post);
    configure(post, "public", "");
    forget_log(post);
    return 0;
}

static int end(void **state)
{
    stop_exim(*state);
    return 0;
}

static void expect_list(const struct post *post, const char *words, size_t times)
{
    struct buf out;
    size_t count = 0;
    buf_init(&out, LAB_OUTPUT);
    (void)lab_sslauto(&post->lab, &out, "digest", "--list", NULL);
    for (const char *at = buf_str(&out); (at = strstr(at, words)) != NULL; at++) {
        count++;
    }
    if (count != times) {
        fail_msg("\"%s\" %zu times, not %zu:\n%s", words, count, times, buf_str(&out));
    }
    buf_done(&out);
}

static void expect_sent_once(const struct post *post)
{
    for (int i = 0; i < ACCOUNTS; i++) {
        char address[64];
        (void)snprintf(address, sizeof address, "admin%d@example.org", i);
        expect_list(post, address, 1);
    }
    expect_list(post, "  sent  ", ACCOUNTS);
}

// Different Message-IDs that the server took, each with the number of times.
static size_t distinct_ids(const struct post *post, size_t *taken)
{
    char *text = server_log(post);
    static char ids[64][128];
    size_t count = 0;
    *taken = 0;
    for (char *at = text; (at = strstr(at, " id=digest.")) != NULL; at++) {
        char id[128] = "";
        (void)snprintf(id, sizeof id, "%.*s", (int)strcspn(at + 4, " \n"), at + 4);
        size_t i = 0;
        while (i < count && strcmp(ids[i], id) != 0) {
            i++;
        }
        if (i == count) {
            assert_true(count < COUNT_OF(ids));
            (void)snprintf(ids[count++], sizeof ids[0], "%s", id);
        }
        (*taken)++;
    }
    free(text);
    return count;
}

// -- tests ----------------------------------------------------------------------------------------

static void arrives_over_starttls_with_login(void **state)
{
    struct post *post = *state;
    size_t taken = 0;
    start_exim(post, "*", "0s");
    for (int i = 0; i < 2; i++) { // the second time there is nothing left to send
        answer_expect_status(&post->lab, lab_sslauto(&post->lab, NULL, "digest", "--send", NULL),
                             "digest --send");
    }
    assert_int_equal(distinct_ids(post, &taken), ACCOUNTS);
    assert_int_equal(taken, ACCOUNTS);
    // Exim writes the TLS version, and who has logged in by which method.
    assert_int_equal(count_in_log(post, " A=plain:sslauto "), ACCOUNTS);
    assert_int_equal(count_in_log(post, " X=TLS1."), ACCOUNTS);
    expect_sent_once(post);
}

static void a_tick_sends_too(void **state)
{
    struct post *post = *state;
    size_t taken = 0;
    configure(post, "public", "[digest]\ndelay = 0\nrecipients = ops@example.org\n");
    start_exim(post, "*", "0s");
    for (int i = 0; i < 2; i++) {
        answer_expect_status(&post->lab, lab_sslauto(&post->lab, NULL, "tick", "--no-scans", NULL),
                             "tick");
    }
    assert_int_equal(distinct_ids(post, &taken), ACCOUNTS);
    assert_int_equal(taken, 2 * ACCOUNTS); // the same message to the member and to the operator
}

static pid_t send_digests(const struct post *post)
{
    char config[320];
    (void)snprintf(config, sizeof config, "%s/sslauto.conf", post->lab.dir);
    return lab_spawn(&post->lab, (const char *const[]){LAB_SSLAUTO, "--config", config, "digest",
                                                       "--send", NULL});
}

static void wait_for(const struct post *post, const char *words, size_t count)
{
    int64_t until = time_monotonic_ms() + 20000;
    while (count_in_log(post, words) < count && time_monotonic_ms() < until) {
        lab_sleep_ms(10);
    }
    assert_int_equal(count_in_log(post, words), count);
}

// The server takes the message while its sender stands still, and dies before it has read that.
static void killed_between_sending_and_recording(void **state)
{
    struct post *post = *state;
    size_t taken = 0;
    start_exim(post, "*", "1s");
    for (size_t i = 0; i < KILLS; i++) {
        pid_t pid = send_digests(post);
        wait_for(post, "ARRIVED", i + 1);
        (void)kill(pid, SIGSTOP);
        wait_for(post, " <= ", i + 1);
        (void)kill(pid, SIGKILL);
        (void)lab_wait(pid);
        expect_list(post, "  sent  ", 0);
    }
    stop_exim(post);
    start_exim(post, "*", "0s");
    answer_expect_status(&post->lab, lab_sslauto(&post->lab, NULL, "digest", "--send", NULL),
                         "digest --send");
    expect_sent_once(post);
    size_t ids = distinct_ids(post, &taken);
    print_message("%d kills: %zu messages taken, %zu Message-IDs\n", KILLS, taken, ids);
    assert_int_equal(ids, ACCOUNTS);
    assert_true(taken >= KILLS); // else the kills came too early to prove anything
    answer_expect_status(&post->lab, lab_sslauto(&post->lab, NULL, "db", "check", NULL),
                         "db check");
}

static void nobody_answers(void **state)
{
    struct post *post = *state;
    size_t taken = 0;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(lab_sslauto(&post->lab, NULL, "digest", "--send", NULL), 1);
    }
    expect_list(post, "  waiting  ", ACCOUNTS);
    expect_list(post, "Failed to connect", ACCOUNTS);
    start_exim(post, "*", "0s");
    answer_expect_status(&post->lab, lab_sslauto(&post->lab, NULL, "digest", "--send", NULL),
                         "digest --send");
    assert_int_equal(distinct_ids(post, &taken), ACCOUNTS);
    assert_int_equal(taken, ACCOUNTS);
    expect_sent_once(post);
}

static void refusals_are_told(void **state)
{
    struct post *post = *state;
    configure(post, "public", "[digest]\nrecipients = nobody@example.org\n");
    start_exim(post, "*", "0s");
    assert_int_equal(lab_sslauto(&post->lab, NULL, "digest", "--send", NULL), 1);
    expect_list(post, "550 no such user here", ACCOUNTS);
    expect_list(post, "  sent  ", ACCOUNTS); // to the members
    lab_write(&post->lab, "password", "wrong\n");
    assert_int_equal(lab_sslauto(&post->lab, NULL, "digest", "--send", NULL), 1);
    expect_list(post, "535 Incorrect authentication data", ACCOUNTS);
}

static void nothing_is_sent_in_the_clear(void **state)
{
    struct post *post = *state;
    start_exim(post, "", "0s");
    assert_int_equal(lab_sslauto(&post->lab, NULL, "digest", "--send", NULL), 1);
    assert_int_equal(count_in_log(post, "ARRIVED"), 0);
    expect_list(post, "  waiting  ", ACCOUNTS);
}

static void the_server_must_be_who_it_says(void **state)
{
    struct post *post = *state;
    configure(post, "other", "");
    start_exim(post, "*", "0s");
    assert_int_equal(lab_sslauto(&post->lab, NULL, "digest", "--send", NULL), 1);
    assert_int_equal(count_in_log(post, "ARRIVED"), 0);
    expect_list(post, "SSL certificate problem", ACCOUNTS);
}

// A server that takes the connection and says nothing. Returns where it listens.
static int start_hung(const struct post *post)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(post->port)};
    const int yes = 1;
    int hung = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    (void)setsockopt(hung, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    assert_int_equal(bind(hung, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(hung, 8), 0);
    return hung;
}

static bool log_has(const struct post *post, const char *words)
{
    char path[320];
    (void)snprintf(path, sizeof path, "%s/run.log", post->lab.dir);
    return lab_run(&post->lab, NULL, (const char *const[]){"grep", "-q", words, path, NULL}) == 0;
}

static void a_hung_server_holds_no_reload(void **state)
{
    struct post *post = *state;
    char command[1024];
    configure(post, "public", "[digest]\ndelay = 0\n[log]\nlevel = info\n");
    int hung = start_hung(post);
    (void)snprintf(command, sizeof command,
                   "exec %s --config %s/sslauto.conf run --no-scans 2>%s/run.log", LAB_SSLAUTO,
                   post->lab.dir, post->lab.dir);
    pid_t pid = lab_spawn(&post->lab, (const char *const[]){"sh", "-c", command, NULL});
    int held = accept(hung, NULL, NULL);
    assert_true(held >= 0);
    lab_sleep_ms(500);
    int64_t begun = time_monotonic_ms();
    (void)kill(pid, SIGHUP);
    while (!log_has(post, "configuration read again") && time_monotonic_ms() - begun < 40000) {
        lab_sleep_ms(100);
    }
    assert_in_range(time_monotonic_ms() - begun, 0, 12000); // far below mail.timeout
    begun = time_monotonic_ms();
    (void)kill(pid, SIGTERM);
    assert_int_equal(lab_wait(pid), 0);
    assert_in_range(time_monotonic_ms() - begun, 0, 12000);
    (void)close(held);
    (void)close(hung);
    expect_list(post, "  waiting  ", ACCOUNTS);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(arrives_over_starttls_with_login),
        TEST(a_tick_sends_too),
        TEST(killed_between_sending_and_recording),
        TEST(nobody_answers),
        TEST(refusals_are_told),
        TEST(nothing_is_sent_in_the_clear),
        TEST(the_server_must_be_who_it_says),
        TEST(a_hung_server_holds_no_reload),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
