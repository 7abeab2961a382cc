// SPDX-License-Identifier: Apache-2.0
#include "cli/settings.h"

#include <stdlib.h>
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
    struct pipeline_policy rooms = pipeline_policy_default();
    size_t count = 0;
    const struct binding *bindings = settings_bindings(&count);
    for (size_t i = 0; i < count; i++) {
        const void *ours = (const char *)&settings->policy + bindings[i].offset;
        const void *theirs = (const char *)&rooms + bindings[i].offset;
        bool same = false;
        switch (bindings[i].kind) {
        case BIND_UNSIGNED:
        case BIND_INT:
        case BIND_TLS:
            same = *(const int *)ours == *(const int *)theirs;
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
        cmocka_unit_test(test_every_key_has_help_and_a_range),
        cmocka_unit_test(test_assembles),
        cmocka_unit_test(test_options_come_on_top),
        cmocka_unit_test(test_verify),
        cmocka_unit_test(test_denied_hosts_are_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
