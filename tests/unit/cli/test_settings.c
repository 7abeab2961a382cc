// SPDX-License-Identifier: Apache-2.0
#include "cli/settings.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/check.h"

struct said {
    size_t count;
    char text[8][512];
};

static void remember(void *ctx, const char *complaint)
{
    struct said *said = ctx;
    assert_true(said->count < COUNT_OF(said->text));
    (void)snprintf(said->text[said->count++], sizeof said->text[0], "%s", complaint);
}

static struct settings *load(const char *text)
{
    char path[] = "/tmp/sslauto-settings-XXXXXX";
    struct settings *settings = NULL;
    struct why why = {""};
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    assert_int_equal(close(fd), 0);
    assert_ok(settings_load(&settings, path, NULL, NULL, &why), &why);
    assert_int_equal(unlink(path), 0);
    return settings;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

// The table's defaults are the rooms' defaults: one value, told in two places.
static void test_defaults_equal_those_of_the_rooms(void **state)
{
    (void)state;
    OWN(settings_own) struct settings *settings = load("");
    struct settings rooms = {
        .policy = pipeline_policy_default(),
        .controller = controller_policy_default(),
        .haproxy = {.maps_dir = "/etc/haproxy/sslauto",
                    .http_port = 80,
                    .https_port = 443,
                    .ca_file = "/etc/ssl/certs/ca-certificates.crt",
                    .timeout_ms = 5000,
                    .skew_max_s = 5},
        .api = api_policy_default(),
        .digest = digest_policy_default(),
        .exec_timeout_ms = 10000,
    };
    rooms.digest.mail.ca_file = "/etc/ssl/certs/ca-certificates.crt";
    rooms.digest.webhook.ca_file = rooms.digest.mail.ca_file;
    size_t count = 0;
    const struct binding *bindings = settings_bindings(&count);
    for (size_t i = 0; i < count; i++) {
        const void *ours = (const char *)settings + bindings[i].offset;
        const void *theirs = (const char *)&rooms + bindings[i].offset;
        bool same = false;
        switch (bindings[i].kind) {
        case BIND_UNSIGNED:
        case BIND_INT:
        case BIND_TLS:
        case BIND_SHARE:
            same = *(const int *)ours == *(const int *)theirs;
            break;
        case BIND_BOOL:
            same = *(const bool *)ours == *(const bool *)theirs;
            break;
        case BIND_PORT:
            same = *(const uint16_t *)ours == *(const uint16_t *)theirs;
            break;
        case BIND_INT64:
        case BIND_SECONDS:
            same = *(const int64_t *)ours == *(const int64_t *)theirs;
            break;
        case BIND_SIZE:
            same = *(const size_t *)ours == *(const size_t *)theirs;
            break;
        case BIND_DOUBLE:
            same = *(const double *)ours == *(const double *)theirs;
            break;
        case BIND_TEXT:
            same = same_text(*(const char *const *)ours, *(const char *const *)theirs);
            break;
        }
        if (!same) {
            fail_msg("%s: the table's default differs from the room's", bindings[i].key);
        }
    }
}

// Lists are no binding, so they are compared here; padding is not, so that memcmp would not do.
static void test_default_lists_equal_those_of_the_rooms(void **state)
{
    (void)state;
    OWN(settings_own) struct settings *settings = load("");
    const struct rollout_policy rooms = rollout_policy_default();
    const struct rollout_policy *ours = &settings->controller.rollout;
    assert_int_equal(ours->step_count, rooms.step_count);
    assert_int_equal(ours->slow_step_count, rooms.slow_step_count);
    assert_memory_equal(ours->steps_bp, rooms.steps_bp, sizeof ours->steps_bp);
    assert_memory_equal(ours->slow_steps_bp, rooms.slow_steps_bp, sizeof ours->slow_steps_bp);
    assert_memory_equal(ours->cooldown_s, rooms.cooldown_s, sizeof ours->cooldown_s);
    assert_int_equal(settings->controller.freeze_count, controller_policy_default().freeze_count);
}

// No field of the two policies is without a key: each can be set to something else.
static void test_every_field_of_a_rollout_has_a_key(void **state)
{
    (void)state;
    static const struct {
        size_t offset, size;
    } lists[] = {
        {offsetof(struct controller_policy, rollout.steps_bp), sizeof(int) * LIMIT_ROLLOUT_STEPS},
        {offsetof(struct controller_policy, rollout.slow_steps_bp),
         sizeof(int) * LIMIT_ROLLOUT_STEPS},
        {offsetof(struct controller_policy, rollout.step_count), sizeof(size_t)},
        {offsetof(struct controller_policy, rollout.slow_step_count), sizeof(size_t)},
        {offsetof(struct controller_policy, rollout.cooldown_s), sizeof(int64_t) * 4},
        {offsetof(struct controller_policy, freezes),
         sizeof(struct freeze_window) * LIMIT_FREEZE_WINDOWS},
        {offsetof(struct controller_policy, freeze_count), sizeof(size_t)},
    };
    static char covered[sizeof(struct controller_policy)];
    size_t count = 0;
    const struct binding *bindings = settings_bindings(&count);
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        memset(covered + lists[i].offset, 1, lists[i].size);
    }
    for (size_t i = 0; i < count; i++) {
        size_t base = offsetof(struct settings, controller);
        if (bindings[i].offset >= base && bindings[i].offset < base + sizeof covered) {
            bool small = bindings[i].kind == BIND_SHARE;
            bool tiny = bindings[i].kind == BIND_BOOL;
            memset(covered + (bindings[i].offset - base), 1, tiny ? 1 : small ? 4 : 8);
        }
    }
    // What is left is padding: never as much as a field of 8 bytes, aligned.
    for (size_t at = 0; at + 8 <= sizeof covered; at += 8) {
        if (memchr(covered + at, 1, 8) == NULL) {
            fail_msg("byte %zu of struct controller_policy is set by no key", at);
        }
    }
}

static void test_every_key_has_help_and_a_range(void **state)
{
    (void)state;
    size_t count = 0;
    const struct conf_key *keys = settings_keys(&count);
    for (size_t i = 0; i < count; i++) {
        char range[160];
        assert_true(strlen(keys[i].help) > 5);
        assert_true(conf_range_print(range, &keys[i])[0] != '\0');
        assert_non_null(strchr(keys[i].name, '.'));
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(keys[i].name, keys[j].name);
        }
        if (keys[i].type == CONF_INT || keys[i].type == CONF_DURATION ||
            keys[i].type == CONF_SIZE || keys[i].type == CONF_DOUBLE) {
            assert_true(keys[i].max > keys[i].min);
        }
    }
}

static void test_assembles(void **state)
{
    (void)state;
    OWN(settings_own)
    struct settings *settings =
        load("[store]\nurl = sqlite:///x\n[crawl]\nslots = 7\ngap = 1s\nallow_nets = 10.0.0.0/8\n"
             "[recommend]\ntls_min = 1.2\ncertificate_margin = 2d\n[trust]\npublic = /p.pem\n"
             "corp = /c.pem\n[log]\nlevel = debug\n");
    assert_string_equal(settings->store_url, "sqlite:///x");
    assert_int_equal(settings->policy.crawler.slots, 7);
    assert_int_equal(settings->policy.crawler.gap_ms, 1000);
    assert_int_equal(settings->policy.crawler.allow_net_count, 1);
    assert_int_equal(settings->policy.recommend.tls_min, 12);
    assert_int_equal(settings->policy.recommend.certificate_margin_s, 2 * 86400);
    assert_int_equal(settings->policy.crawler.trust_count, 2);
    assert_string_equal(settings->policy.crawler.trust[0].name, "public");
    assert_string_equal(settings->policy.crawler.trust[1].file, "/c.pem");
    assert_true(settings_has_trust(settings, "corp"));
    assert_false(settings_has_trust(settings, "other"));
    assert_int_equal(settings->log_level, LOG_LEVEL_DEBUG);
}

static void test_options_come_on_top(void **state)
{
    (void)state;
    OWN(settings_own) struct settings *settings = load("[crawl]\nallow_nets = 10.0.0.0/8\n");
    struct why why = {""};
    assert_ok(settings_add_net(settings, "::1", &why), &why);
    assert_err(settings_add_net(settings, "127.0.0.0/33", &why), ERR_INVALID);
    assert_ok(settings_assemble(settings, &why), &why);
    assert_int_equal(settings->policy.crawler.allow_net_count, 2);
    assert_err(settings_set(settings, "crawl.slots", "70000", "--concurrency", &why), ERR_INVALID);
    assert_non_null(strstr(why.text, "--concurrency"));
    assert_non_null(strstr(why.text, "1 to 5000"));
}

static void test_verify(void **state)
{
    (void)state;
    struct said said = {0};
    OWN(settings_own)
    struct settings *settings =
        load("[crawl]\nallow_nets = 10.0.0.1/8, 300.0.0.0/8\n[trust]\ncorp = /nonexistent/c.pem\n");
    assert_err(settings_verify(settings, remember, &said, NULL), ERR_INVALID);
    size_t nets = 0;
    size_t files = 0;
    for (size_t i = 0; i < said.count; i++) {
        nets += strstr(said.text[i], ":2: crawl.allow_nets: \"") != NULL;
        files += strstr(said.text[i], ":4: trust.corp: /nonexistent/c.pem cannot be read") != NULL;
    }
    assert_int_equal(nets, 2);
    assert_int_equal(files, 1);
}

static void test_edges(void **state)
{
    (void)state;
    OWN(settings_own)
    struct settings *settings =
        load("[edge]\nmain = haproxy unix:/run/haproxy/admin.sock tcp:127.0.0.1:9999\n"
             "ng = exec /usr/bin/env edge\nlab = dryrun\n[haproxy]\nmaps_dir = /m\n"
             "http_port = 8080\nskew = 9s\ntimeout = 2s\n[exec]\ntimeout = 3s\n");
    assert_int_equal(settings->edge_count, 4);
    assert_string_equal(settings->edges[0].name, "dryrun");
    assert_string_equal(settings->edges[0].driver, "dryrun");
    const struct edge_settings *edge = settings_edge(settings, "main");
    assert_string_equal(edge->driver, "haproxy");
    assert_int_equal(edge->place_count, 2);
    assert_string_equal(edge->places[0], "unix:/run/haproxy/admin.sock");
    assert_string_equal(edge->places[1], "tcp:127.0.0.1:9999");
    assert_string_equal(edge->maps_dir, "/m");
    assert_int_equal(edge->http_port, 8080);
    assert_int_equal(edge->https_port, 443);
    assert_int_equal(edge->skew_max_s, 9);
    assert_int_equal(edge->timeout_ms, 2000);
    assert_null(edge->probe_secret);
    edge = settings_edge(settings, "ng");
    assert_string_equal(edge->driver, "exec");
    assert_int_equal(edge->place_count, 2);
    assert_string_equal(edge->places[1], "edge");
    assert_int_equal(edge->timeout_ms, 3000);
    assert_string_equal(settings_edge(settings, "lab")->driver, "dryrun");
    assert_null(settings_edge(settings, "other"));
}

static void test_rollout(void **state)
{
    (void)state;
    OWN(settings_own)
    struct settings *settings =
        load("[rollout]\nsteps = 0.01 2.5 100\nslow_steps = 5\nslow_steps = 50, 100\n"
             "dwell = 90s\nprobes_carry = 12.5\nhard_p1 = 0.05\nconfirm = no\n"
             "cooldown = 0 1h 2h 3h\nmax_running = 7\nclaim_max = 9\n"
             "freeze = fri 16:00-mon 08:00, 2026-12-20..2027-01-03\n");
    const struct controller_policy *policy = &settings->controller;
    assert_int_equal(policy->rollout.step_count, 3);
    assert_int_equal(policy->rollout.steps_bp[0], 1);
    assert_int_equal(policy->rollout.steps_bp[1], 250);
    assert_int_equal(policy->rollout.steps_bp[2], SHARE_ALL_BP);
    assert_int_equal(policy->rollout.slow_step_count, 3);
    assert_int_equal(policy->rollout.slow_steps_bp[0], 500);
    assert_int_equal(policy->rollout.dwell_s, 90);
    assert_int_equal(policy->rollout.probes_carry_bp, 1250);
    assert_true(policy->rollout.hard_p1 > 0.049 && policy->rollout.hard_p1 < 0.051);
    assert_int_equal(policy->rollout.cooldown_s[0], 0);
    assert_int_equal(policy->rollout.cooldown_s[3], 3 * 3600);
    assert_int_equal(policy->max_running, 7);
    assert_int_equal(policy->claim_max, 9);
    assert_false(policy->confirm);
    assert_int_equal(policy->freeze_count, 2);
    assert_true(policy->freezes[1].dated);
}

static void test_complains_with_file_and_line(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"[edge]\nmain =\n", ":2: edge.main: no driver"},
        {"[edge]\n\ndryrun = haproxy unix:/x\n", ":3: edge.dryrun: this fleet is always there"},
        {"[rollout]\nsteps = 1 50\n", ":2: rollout.steps: the last step is 50 percent"},
        {"[rollout]\nsteps = 1 1 100\n", ":2: rollout.steps: 1 does not rise above 1"},
        {"[rollout]\nslow_steps = 0 100\n", ":2: rollout.slow_steps: \"0\" is no share"},
        {"[rollout]\nsteps = 1.001 100\n", ":2: rollout.steps: \"1.001\" is no share"},
        {"[rollout]\nsteps = 1 101\n", "\"101\" is no share; allowed: 0.01 to 100"},
        {"[rollout]\nsteps =\n", ":2: rollout.steps: 0 steps; allowed: 1 to 32"},
        {"[rollout]\ncooldown = 1d\n", ":2: rollout.cooldown: 1 times; allowed: four"},
        {"[rollout]\ncooldown = 1d 2d 3d 9x\n", ":2: rollout.cooldown: \"9x\" is not valid"},
        {"[rollout]\nfreeze = fri\n", ":2: rollout.freeze: 'fri'"},
        {"[rollout]\nhard_p0 = 2\n", ":2: rollout.hard_p0: \"2\" is out of range"},
        {"[mail]\nserver = mail.test\n", ":2: mail.server: \"mail.test\" is none; write it as"},
        {"[mail]\nserver = smtp://mail.test\n", ":2: mail.server: mail.from must be set too"},
        {"[mail]\nfrom = Ada <a@b>\n", ":2: mail.from: \"Ada <a@b>\" is no address"},
        {"[mail]\nuser = ada\n", ":2: mail.user: mail.password_file must be set too"},
        {"[digest]\nrecipients = a@b c\n", ":2: digest.recipients: \"c\" is no address"},
        {"[digest]\nroles = owner\n", ":2: digest.roles: \"owner\" is none of"},
        {"[digest]\nurl = ftp://x\n", ":2: digest.url: \"ftp://x\" is none"},
        {"[webhook]\nurl = https://\n", ":2: webhook.url: \"https://\" is none"},
        {"[rollout]\nhard_p0 = 0.3\nhard_p1 = 0.2\n", "[rollout]"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char path[] = "/tmp/sslauto-settings-XXXXXX";
        struct said said = {0};
        struct why why = {""};
        struct settings *settings = NULL;
        int fd = mkstemp(path);
        assert_true(fd >= 0);
        assert_int_equal(write(fd, rows[i][0], strlen(rows[i][0])), (ssize_t)strlen(rows[i][0]));
        assert_int_equal(close(fd), 0);
        assert_err(settings_load(&settings, path, remember, &said, &why), ERR_INVALID);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(said.count, 1);
        assert_non_null(strstr(said.text[0], rows[i][1]));
        assert_non_null(strstr(said.text[0], path));
        assert_string_equal(why.text, said.text[0]);
    }
}

static void test_verify_edges(void **state)
{
    (void)state;
    struct said said = {0};
    OWN(settings_own)
    struct settings *settings = load("[edge]\nmain = varnish x\nng = exec /nonexistent/edge\n"
                                     "fine = exec /usr/bin/env\n[trust]\npublic = /dev/null\n");
    assert_err(settings_verify(settings, remember, &said, NULL), ERR_INVALID);
    assert_int_equal(said.count, 2);
    assert_non_null(strstr(said.text[0], ":2: edge.main: edge main: there is no driver"));
    assert_non_null(strstr(said.text[1], ":3: edge.ng: edge ng: /nonexistent/edge cannot be run"));
}

static enum err secret_of(const char *text, mode_t mode, char out[160], struct why *why)
{
    char path[] = "/tmp/sslauto-secret-XXXXXX";
    char conf[128];
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    assert_int_equal(fchmod(fd, mode), 0);
    assert_int_equal(close(fd), 0);
    (void)snprintf(conf, sizeof conf,
                   "[haproxy]\nprobe_secret_file = %s\n[edge]\nmain = haproxy unix:/x\n", path);
    OWN(settings_own) struct settings *settings = load(conf);
    enum err e = settings_read_secret(settings, why);
    const char *secret = settings_edge(settings, "main")->probe_secret;
    (void)snprintf(out, 160, "%s", secret == NULL ? "" : secret);
    assert_int_equal(unlink(path), 0);
    return e;
}

static void test_secret(void **state)
{
    (void)state;
    char secret[160];
    struct why why = {""};
    assert_ok(secret_of("0123456789abcdef\n", 0600, secret, &why), &why);
    assert_string_equal(secret, "0123456789abcdef");
    assert_err(secret_of("0123456789abcdef", 0604, secret, &why), ERR_DENIED);
    assert_non_null(strstr(why.text, "open to everybody"));
    assert_string_equal(secret, "");
    assert_err(secret_of("0123456789abcde\n", 0600, secret, &why), ERR_INVALID);
    assert_non_null(strstr(why.text, ":2: haproxy.probe_secret_file: /tmp/"));
    assert_err(secret_of("0123456789abcdef\nmore", 0600, secret, &why), ERR_INVALID);
    char longest[130];
    memset(longest, 'a', sizeof longest);
    longest[129] = '\0';
    assert_err(secret_of(longest, 0600, secret, &why), ERR_INVALID);
    longest[128] = '\0';
    assert_ok(secret_of(longest, 0600, secret, &why), &why);
    OWN(settings_own) struct settings *settings = load("");
    assert_ok(settings_read_secret(settings, &why), &why);
}

static void test_denied_hosts_are_names(void **state)
{
    (void)state;
    struct said said = {0};
    OWN(settings_own)
    struct settings *good = load("[crawl]\ndeny_hosts = example.com, .Example.NET, 192.0.2.1\n");
    assert_int_equal(good->policy.crawler.deny_host_count, 3);
    (void)settings_verify(good, remember, &said, NULL);
    for (size_t i = 0; i < said.count; i++) {
        assert_null(strstr(said.text[i], "deny_hosts"));
    }
    struct said told = {0};
    OWN(settings_own)
    struct settings *bad =
        load("[crawl]\ndeny_hosts = *.example, b\303\274cher.example, a..example\n");
    assert_err(settings_verify(bad, remember, &told, NULL), ERR_INVALID);
    size_t found = 0;
    bool rewritten = false;
    for (size_t i = 0; i < told.count; i++) {
        found += strstr(told.text[i], ":2: crawl.deny_hosts: ") != NULL;
        rewritten = rewritten || strstr(told.text[i], "xn--bcher-kva.example") != NULL;
    }
    assert_int_equal(found, 3);
    assert_true(rewritten);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults_equal_those_of_the_rooms),
        cmocka_unit_test(test_default_lists_equal_those_of_the_rooms),
        cmocka_unit_test(test_every_field_of_a_rollout_has_a_key),
        cmocka_unit_test(test_edges),
        cmocka_unit_test(test_rollout),
        cmocka_unit_test(test_complains_with_file_and_line),
        cmocka_unit_test(test_verify_edges),
        cmocka_unit_test(test_secret),
        cmocka_unit_test(test_every_key_has_help_and_a_range),
        cmocka_unit_test(test_assembles),
        cmocka_unit_test(test_options_come_on_top),
        cmocka_unit_test(test_verify),
        cmocka_unit_test(test_denied_hosts_are_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
