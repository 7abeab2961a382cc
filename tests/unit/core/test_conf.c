// SPDX-License-Identifier: Apache-2.0
#include "core/conf.h"

#include <stdlib.h>

#include "tests/support/check.h"

static const struct conf_key keys[] = {
    {"store.url", CONF_TEXT, 0, 0, "", "", NULL, "where"},
    {"crawl.slots", CONF_INT, 1, 5000, "1000", "hosts", NULL, "at once"},
    {"crawl.rate", CONF_DOUBLE, 0, 1e6, "0.5", "requests per second", NULL, "in all"},
    {"crawl.gap", CONF_DURATION, 0, 3600000, "250ms", "", NULL, "between two"},
    {"crawl.body", CONF_SIZE, 1024, 8 << 20, "1MiB", "", NULL, "cap"},
    {"crawl.polite", CONF_BOOL, 0, 0, "yes", "", NULL, "be polite"},
    {"crawl.allow_nets", CONF_LIST, 0, 0, "", "", NULL, "networks"},
    {"crawl.tls_min", CONF_WORD, 0, 0, "1.2", "", "1.0|1.1|1.2|1.3", "oldest"},
    {"trust.public", CONF_PATH, 0, 0, "/etc/roots.pem", "", NULL, "roots"},
    {"trust.*", CONF_PATH, 0, 0, "", "", NULL, "named sets"},
};

struct seen {
    size_t count;
    char text[8][512];
};

static void remember(void *ctx, const char *complaint)
{
    struct seen *seen = ctx;
    if (seen->count < COUNT_OF(seen->text)) {
        (void)snprintf(seen->text[seen->count], sizeof seen->text[0], "%s", complaint);
    }
    seen->count++;
}

static enum err read_text(struct conf *conf, const char *text, struct seen *seen, struct why *why)
{
    FILE *stream = tmpfile();
    assert_non_null(stream);
    (void)fputs(text, stream);
    rewind(stream);
    enum err e = conf_read(conf, stream, "f.conf", seen == NULL ? NULL : remember, seen, why);
    (void)fclose(stream);
    return e;
}

static struct conf *fresh(void)
{
    struct conf *conf = NULL;
    assert_ok(conf_new(&conf, keys, COUNT_OF(keys)), NULL);
    return conf;
}

static void test_defaults(void **state)
{
    (void)state;
    OWN(conf_own) struct conf *conf = fresh();
    assert_null(conf_text(conf, "store.url"));
    assert_int_equal(conf_int(conf, "crawl.slots"), 1000);
    assert_int_equal(conf_int(conf, "crawl.gap"), 250);
    assert_int_equal(conf_int(conf, "crawl.body"), 1 << 20);
    assert_true(conf_double(conf, "crawl.rate") == 0.5);
    assert_true(conf_bool(conf, "crawl.polite"));
    assert_string_equal(conf_text(conf, "crawl.tls_min"), "1.2");
    size_t count = 1;
    (void)conf_list(conf, "crawl.allow_nets", &count);
    assert_int_equal(count, 0);
}

static void test_reads_values(void **state)
{
    (void)state;
    OWN(conf_own) struct conf *conf = fresh();
    struct why why = {""};
    assert_ok(read_text(conf,
                        "# all of it\n[store]\nurl = sqlite:///x.db\r\n\n[crawl]\nslots=7\n"
                        "  rate = 2.5 ; inline\nbody = 64KiB\npolite = no\n"
                        "allow_nets = 10.0.0.0/8, 192.168.0.0/16\nallow_nets = ::1\n"
                        "[trust]\norigin-ca = /etc/oca.pem\n",
                        NULL, &why),
              &why);
    assert_string_equal(conf_text(conf, "store.url"), "sqlite:///x.db");
    assert_int_equal(conf_int(conf, "crawl.slots"), 7);
    assert_true(conf_double(conf, "crawl.rate") == 2.5);
    assert_int_equal(conf_int(conf, "crawl.body"), 65536);
    assert_false(conf_bool(conf, "crawl.polite"));
    size_t count = 0;
    const char *const *list = conf_list(conf, "crawl.allow_nets", &count);
    assert_int_equal(count, 3);
    assert_string_equal(list[0], "10.0.0.0/8");
    assert_string_equal(list[2], "::1");
}

static void test_reports_every_bad_line(void **state)
{
    (void)state;
    OWN(conf_own) struct conf *conf = fresh();
    struct seen seen = {0};
    struct why why = {""};
    assert_err(read_text(conf,
                         "[crawl]\nslotz = 1\nslots = 70000\nslots = x\nslots = 5\nslots = 6\n"
                         "tls_min = 1.4\ngap = 250\n",
                         &seen, &why),
               ERR_INVALID);
    assert_int_equal(seen.count, 6);
    assert_non_null(strstr(seen.text[0], "f.conf:2: crawl.slotz: unknown key"));
    assert_non_null(strstr(seen.text[1], "f.conf:3: crawl.slots: \"70000\" is out of range; "
                                         "allowed: 1 to 5000"));
    assert_non_null(strstr(seen.text[2], "f.conf:4: "));
    assert_non_null(strstr(seen.text[3], "f.conf:6: crawl.slots: given twice, first at f.conf:5"));
    assert_non_null(strstr(seen.text[4], "1.0|1.1|1.2|1.3"));
    assert_non_null(strstr(seen.text[5], "allowed: 0ms to 1h, written as 250ms"));
    assert_string_equal(why.text, seen.text[0]);
    assert_int_equal(conf_int(conf, "crawl.slots"), 5);
}

static void test_bad_form(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "nothing\n",           "slots = 3\n",
        "[crawl\nslots = 3\n", "[crawl]\nslots = 3\x01\n",
        "[crawl]\n = 3\n",     "[trust]\na b = /x\n",
        "[trust]\na = x\n",    "[crawl]\nbody = 9MiB\n",
        "[trust]\n* = /x\n",   "[crawl]\npolite = perhaps\n",
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        OWN(conf_own) struct conf *conf = fresh();
        struct why why = {""};
        assert_err(read_text(conf, bad[i], NULL, &why), ERR_INVALID);
        assert_non_null(strstr(why.text, "f.conf:"));
    }
}

static void test_long_line_is_not_cut(void **state)
{
    (void)state;
    OWN(conf_own) struct conf *conf = fresh();
    char text[600] = "[store]\nurl = ";
    memset(text + strlen(text), 'x', 500);
    struct why why = {""};
    assert_err(read_text(conf, text, NULL, &why), ERR_INVALID);
    assert_non_null(strstr(why.text, "f.conf:2: line longer than"));
    assert_null(conf_text(conf, "store.url"));
}

static void test_missing_file(void **state)
{
    (void)state;
    OWN(conf_own) struct conf *conf = fresh();
    struct why why = {""};
    assert_err(conf_read_file(conf, "/nonexistent/x.conf", NULL, NULL, &why), ERR_NOT_FOUND);
    assert_non_null(strstr(why.text, "/nonexistent/x.conf"));
}

static void test_set_replaces(void **state)
{
    (void)state;
    OWN(conf_own) struct conf *conf = fresh();
    struct why why = {""};
    assert_ok(read_text(conf, "[crawl]\nallow_nets = 10.0.0.0/8\n", NULL, &why), &why);
    assert_ok(conf_set(conf, "crawl.allow_nets", "::1", "--allow-net", &why), &why);
    size_t count = 0;
    assert_string_equal(conf_list(conf, "crawl.allow_nets", &count)[0], "::1");
    assert_int_equal(count, 1);
    assert_err(conf_set(conf, "crawl.slots", "0", "--concurrency", &why), ERR_INVALID);
    assert_int_equal(conf_int(conf, "crawl.slots"), 1000);
}

static enum err count_entry(void *ctx, const struct conf_entry *entry)
{
    size_t *named = ctx;
    if (strcmp(entry->key->name, "trust.*") == 0) {
        assert_string_equal(entry->name, "trust.mine");
        assert_string_equal(entry->where, "f.conf:2");
        (*named)++;
    } else if (strcmp(entry->name, "trust.public") == 0) {
        assert_string_equal(entry->where, "default");
    }
    return ERR_OK;
}

static void test_each_tells_where(void **state)
{
    (void)state;
    OWN(conf_own) struct conf *conf = fresh();
    struct why why = {""};
    assert_ok(read_text(conf, "[trust]\nmine = /a.pem\n", NULL, &why), &why);
    size_t named = 0;
    assert_ok(conf_each(conf, count_entry, &named), NULL);
    assert_int_equal(named, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_reads_values),
        cmocka_unit_test(test_reports_every_bad_line),
        cmocka_unit_test(test_bad_form),
        cmocka_unit_test(test_long_line_is_not_cut),
        cmocka_unit_test(test_missing_file),
        cmocka_unit_test(test_set_replaces),
        cmocka_unit_test(test_each_tells_where),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
