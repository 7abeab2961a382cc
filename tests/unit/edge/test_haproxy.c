// SPDX-License-Identifier: Apache-2.0
// The haproxy driver against sockets that say what they should not, and in which order it changes
// what it changes. Against real HAProxy: tests/net/test_net_haproxy*.c.
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/time.h"
#include "edge/haproxy/haproxy.h"
#include "edge/haproxy/map_file.h"
#include "tests/support/check.h"
#include "tests/unit/edge/fake_haproxy.h"

#define TIMEOUT_MS 300

static struct edge_settings settings_of(const struct fake *fake, const char *const *place)
{
    return (struct edge_settings){.name = "main",
                                  .driver = "haproxy",
                                  .places = place,
                                  .place_count = 1,
                                  .maps_dir = fake->dir,
                                  .http_port = 80,
                                  .https_port = 443,
                                  .timeout_ms = TIMEOUT_MS,
                                  .skew_max_s = 5};
}

static struct zone *zone_of(const char *first, const char *second)
{
    struct zone *zone = zone_new();
    struct why why = {""};
    const char *const names[] = {first, second};
    assert_non_null(zone);
    zone->name = strdup(first);
    zone->mode = MODE_FLEXIBLE;
    for (size_t i = 0; i < COUNT_OF(names) && names[i] != NULL; i++) {
        struct host *host = NULL;
        assert_ok(zone_add_host(&host, zone, span_of(names[i]), &why), &why);
        assert_ok(host_add_origin(host, span_of("192.0.2.1"), 80, 443, &why), &why);
    }
    return zone;
}

static struct edge_want ramp(const struct zone *zone, int share_bp, int64_t lease_s)
{
    return (struct edge_want){zone, MODE_FLEXIBLE, MODE_STRICT, share_bp, 7, lease_s};
}

// -- words ---------------------------------------------------------------------------------------
static void test_values_are_read_back_exactly(void **state)
{
    static const char *const wrong[] = {
        "",
        "full",
        "full:full:0:0",
        "full:full:0:0:0:",
        "full:full:0:0:0:0",
        "full:FULL:0:0:0",
        "none:full:0:0:0",
        "full:strict:10001:1:0",
        "full:strict:-1:1:0",
        "full:strict:01:1:0",
        "full:strict:1:g7:0",
        " full:strict:1:7:0",
        "full:strict:1:7:99999999999999999999",
        "canary",
    };
    const struct map_value value = {MODE_FLEXIBLE, MODE_ORIGIN_PULL, 1100, 7, 1795254110};
    struct map_value again;
    char text[MAP_VALUE_SIZE];
    (void)state;
    assert_string_equal(map_value_print(text, &value), "flexible:origin_pull:1100:7:1795254110");
    assert_ok(map_value_parse(&again, span_of(text)), NULL);
    assert_true(again.old_mode == value.old_mode && again.new_mode == value.new_mode);
    assert_true(again.share_bp == 1100 && again.generation == 7 && again.until == value.until);
    struct map_value steady = map_value_steady(MODE_OFF);
    assert_string_equal(map_value_print(text, &steady), "off:off:0:0:0");
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        assert_err(map_value_parse(&again, span_of(wrong[i])), ERR_INVALID);
    }
}

static void test_places_have_two_forms(void **state)
{
    static const struct {
        const char *text;
        const char *process; // NULL = refused
    } cases[] = {
        {"unix:/run/haproxy/sslauto.sock", "/run/haproxy/sslauto.sock"},
        {"unix:/a/very/long/path/to/the/socket.sock", "b999a211~ath/to/the/socket.sock"},
        {"tcp:127.0.0.1:9999", "127.0.0.1:9999"},
        {"tcp:[::1]:9999", "[::1]:9999"},
        {"tcp:localhost:9999", NULL},
        {"tcp:127.0.0.1", NULL},
        {"tcp:127.0.0.1:0", NULL},
        {"unix:run/haproxy.sock", NULL},
        {"/run/haproxy.sock", NULL},
        {"", NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct place place;
        struct why why = {""};
        enum err e = place_parse(&place, cases[i].text, &why);
        assert_int_equal(e, cases[i].process != NULL ? ERR_OK : ERR_INVALID);
        if (e == ERR_OK) {
            assert_string_equal(place.process, cases[i].process);
        } else {
            assert_non_null(strstr(why.text, "place"));
        }
    }
}

static void test_settings_that_cannot_be_are_refused(void **state)
{
    static const char *const place[] = {"unix:/run/a.sock"};
    static const char *const odd[] = {"unix:/run/a b.sock"};
    struct fake fake = {.dir = "/maps"};
    struct edge_settings good = settings_of(&fake, place);
    struct edge_settings s[7];
    struct why why = {""};
    (void)state;
    assert_ok(haproxy_check(&good, &why), &why);
    for (size_t i = 0; i < COUNT_OF(s); i++) {
        s[i] = good;
    }
    s[0].place_count = 0;
    s[1].maps_dir = NULL;
    s[2].maps_dir = "maps";
    s[3].maps_dir = "/maps;show info";
    s[4].probe_secret = "short";
    s[5].probe_url = "http://127.0.0.1:80/path";
    s[6].places = odd;
    for (size_t i = 0; i < COUNT_OF(s); i++) {
        why.text[0] = '\0';
        assert_err(haproxy_check(&s[i], &why), ERR_INVALID);
        assert_non_null(strstr(why.text, "edge main"));
    }
}

// Whatever a store holds: nothing that is a command, or a row of its own, goes to the socket.
static void test_names_cannot_be_commands(void **state)
{
    static const char *const wrong[] = {"a.test;clear map",
                                        "a.test\nshow info",
                                        "a.test b",
                                        "a\\;b",
                                        "a.test <<",
                                        "-a.test",
                                        "\xc3\xa4.test",
                                        "A.test",
                                        "#a",
                                        "a.test\tx",
                                        "",
                                        "a|7|new",
                                        "a.test/0"};
    static const char *const place[] = {"unix:/run/a.sock"};
    struct fake fake = {.dir = "/maps"};
    struct edge_settings settings = settings_of(&fake, place);
    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        OWN(zone_own) struct zone *zone = zone_of("a.test", NULL);
        OWN(map_rows_done) struct map_rows rows = {0};
        struct why why = {""};
        assert_false(map_row_safe(wrong[i]));
        free(zone->hosts[0].host_header);
        zone->hosts[0].host_header = strdup(wrong[i]);
        assert_err(map_rows_of_zone(&rows, zone, MODE_FULL, &settings, &why), ERR_INVALID);
        free(zone->hosts[0].host_header);
        zone->hosts[0].host_header = NULL;
        free(zone->hosts[0].origins[0].address);
        zone->hosts[0].origins[0].address = strdup(wrong[i]);
        assert_err(map_rows_of_zone(&rows, zone, MODE_FULL, &settings, &why), ERR_INVALID);
        free(zone->hosts[0].origins[0].address);
        zone->hosts[0].origins[0].address = strdup("192.0.2.1");
        free(zone->hosts[0].name);
        zone->hosts[0].name = strdup(wrong[i]);
        assert_err(map_rows_of_zone(&rows, zone, MODE_FULL, &settings, &why), ERR_INVALID);
    }
    assert_true(map_row_safe("xn--mnchen-3ya.test") && map_row_safe("2001:db8::1"));
}

// -- files ---------------------------------------------------------------------------------------
static void test_map_files_change_row_by_row(void **state)
{
    static const struct map_row rows[] = {
        {MAP_ZONE, "b.test", "strict:strict:0:0:0"},
        {MAP_ORIGIN, "b.test", "1"}, // not of this file
        {MAP_ZONE, "new.test", "full:full:0:0:0"},
        {MAP_ZONE, "gone.test", NULL},
    };
    static const struct {
        const char *before, *after;
    } cases[] = {
        {"", "b.test strict:strict:0:0:0\nnew.test full:full:0:0:0\n"},
        {"# words\na.test off:off:0:0:0\nb.test full:full:0:0:0\ngone.test x\n",
         "# words\na.test off:off:0:0:0\nb.test strict:strict:0:0:0\nnew.test full:full:0:0:0\n"},
        {"gone.test x\nb.test  strict:strict:0:0:0 \nb.test full:full:0:0:0\nz.test x",
         "b.test  strict:strict:0:0:0 \nz.test x\nnew.test full:full:0:0:0\n"},
        {"b.testing x\n", "b.testing x\nb.test strict:strict:0:0:0\nnew.test full:full:0:0:0\n"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct fake fake = {.manner = FAKE_HANGS};
        struct stat first;
        struct stat second;
        char path[128];
        struct why why = {""};
        fake_start(&fake);
        fake_write(&fake, "zone.map", cases[i].before);
        (void)snprintf(path, sizeof(path), "%s/zone.map", fake.dir);
        assert_int_equal(chmod(path, 0640), 0);
        assert_ok(map_file_update(fake.dir, MAP_ZONE, rows, COUNT_OF(rows), &why), &why);
        char *text = fake_read(&fake, "zone.map");
        assert_string_equal(text, cases[i].after);
        free(text);
        assert_int_equal(stat(path, &first), 0);
        assert_int_equal(first.st_mode & 0777, 0640);
        assert_ok(map_file_update(fake.dir, MAP_ZONE, rows, COUNT_OF(rows), &why), &why);
        assert_int_equal(stat(path, &second), 0);
        assert_true(first.st_ino == second.st_ino); // it had them: nothing was written
        fake_stop(&fake);
    }
}

static void test_writers_of_map_files_wait_for_each_other(void **state)
{
    struct fake fake = {.manner = FAKE_HANGS};
    struct map_lock one = {-1};
    struct map_lock two = {-1};
    struct why why = {""};
    (void)state;
    fake_start(&fake);
    assert_ok(map_lock_take(&one, fake.dir, 100, &why), &why);
    assert_err(map_lock_take(&two, fake.dir, 50, &why), ERR_UNAVAILABLE);
    map_lock_done(&one);
    assert_ok(map_lock_take(&two, fake.dir, 100, &why), &why);
    map_lock_done(&two);
    assert_err(map_lock_take(&two, "/nonexistent", 10, &why), ERR_NOT_FOUND);
    fake_stop(&fake);
}

// -- sockets that are not as they should be ------------------------------------------------------
static void expect(const char *what, const struct edge_settings *settings, enum err expected,
                   const char *words)
{
    struct edge_seen seen[LIMIT_EDGE_PROCESSES];
    struct edge_counted counted[LIMIT_EDGE_PROCESSES];
    struct why why[4] = {{""}, {""}, {""}, {""}};
    size_t count = 0;
    OWN(edge_own) struct edge *edge = NULL;
    OWN(zone_own) struct zone *zone = zone_of("a.test", NULL);
    struct edge_want want = ramp(zone, 100, 30);
    assert_ok(edge_open(&edge, settings, &why[0]), &why[0]);
    int64_t begin = time_monotonic_ms();
    enum err e[] = {edge_apply(edge, &want, &why[0]), edge_read(edge, zone, seen, &count, &why[1]),
                    edge_counters(edge, zone, 7, counted, &count, &why[2]),
                    edge_stop_all(edge, &count, &why[3])};
    assert_true(time_monotonic_ms() - begin < 10 * settings->timeout_ms);
    print_message("%s: %s\n", what, why[0].text);
    for (size_t i = 0; i < COUNT_OF(e); i++) {
        assert_int_equal(e[i], expected);
        assert_non_null(strstr(why[i].text, settings->places[0]));
        assert_non_null(strstr(why[i].text, words));
    }
}

static void test_bad_sockets_are_told_with_a_remedy(void **state)
{
    static const struct {
        const char *what;
        struct fake fake;
        enum err expected;
        const char *words;
    } cases[] = {
        {"hangs", {.manner = FAKE_HANGS}, ERR_UNAVAILABLE, "no answer in time"},
        {"closes", {.manner = FAKE_CLOSES}, ERR_UNAVAILABLE, ""},
        {"endless", {.manner = FAKE_ENDLESS}, ERR_CORRUPT, "an answer of more than"},
        {"web server",
         {.manner = FAKE_SAYS, .text = "HTTP/1.0 400 Bad request\r\n\r\n\x1b[31mred"},
         ERR_CORRUPT,
         "makes no sense: \"HTTP/1.0 400 Bad request\""},
        {"no permission",
         {.manner = FAKE_SAYS, .text = "Permission denied\n\n"},
         ERR_UNAVAILABLE,
         "level admin"},
        {"old haproxy",
         {.manner = FAKE_SAYS, .text = "Unknown command. Please enter one of the following\n\n"},
         ERR_UNAVAILABLE,
         "HAProxy 2.6"},
        {"binary", {.manner = FAKE_SAYS, .text = "\x01\x02\xff\n"}, ERR_CORRUPT, "\\x01\\x02\\xff"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct fake fake = cases[i].fake;
        const char *const place[] = {fake.place};
        fake_start(&fake);
        struct edge_settings settings = settings_of(&fake, place);
        // Only who hangs is waited for; the others answer, on a slow machine late.
        settings.timeout_ms = fake.manner == FAKE_HANGS ? TIMEOUT_MS : 30000;
        expect(cases[i].what, &settings, cases[i].expected, cases[i].words);
        fake_stop(&fake);
    }
}

static void test_sockets_that_cannot_be_used(void **state)
{
    struct fake fake = {.manner = FAKE_HANGS};
    const char *const place[] = {fake.place};
    const char *const tcp[] = {"tcp:127.0.0.1:1"};
    (void)state;
    fake_start(&fake);
    struct edge_settings settings = settings_of(&fake, place);
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/sock", fake.dir);
    if (geteuid() != 0) { // root may use any socket
        assert_int_equal(chmod(path, 0), 0);
        expect("no permission", &settings, ERR_UNAVAILABLE, "group");
    }
    (void)kill(fake.pid, 9);
    assert_int_equal(unlink(path), 0);
    expect("no socket", &settings, ERR_UNAVAILABLE, "no such socket");
    settings.places = tcp;
    expect("nobody", &settings, ERR_UNAVAILABLE, "nobody listens");
    fake_stop(&fake);
}

// -- order of changes ----------------------------------------------------------------------------
static const struct fake_row settled[] = {
    {"zone.map", "a.test", "flexible:flexible:0:0:0"},
    {"origin.map", "a.test", "1"},
    {"origin.map", "a.test/0", "192.0.2.1"},
    {"zone.map", "b.test", "flexible:flexible:0:0:0"},
    {"origin.map", "b.test", "1"},
    {"origin.map", "b.test/0", "192.0.2.1"},
    {NULL, NULL, NULL},
};

static void apply_and_log(struct fake *fake, const struct edge_want *want, enum err expected,
                          char **log)
{
    const char *const place[] = {fake->place};
    struct edge_settings settings = settings_of(fake, place);
    OWN(edge_own) struct edge *edge = NULL;
    struct why why = {""};
    assert_ok(edge_open(&edge, &settings, &why), &why);
    fake_write(fake, "log", "");
    enum err e = edge_apply(edge, want, &why);
    if (e != expected) {
        fail_msg("%s: %s", err_str(e), why.text);
    }
    free(*log);
    *log = fake_log(fake);
}

static void test_steady_before_ramp_when_it_finishes(void **state)
{
    struct fake fake = {.manner = FAKE_MAPS, .rows = settled};
    OWN(zone_own) struct zone *zone = zone_of("a.test", NULL);
    struct edge_want want = ramp(zone, 100, 0);
    char *log = NULL;
    (void)state;
    fake_start(&fake);
    apply_and_log(&fake, &want, ERR_OK, &log);
    assert_string_equal(log, "add ramp.map a.test flexible:strict:100:7:0\n");
    apply_and_log(&fake, &want, ERR_OK, &log);
    assert_string_equal(log, ""); // it has that already
    want.share_bp = 1000;
    apply_and_log(&fake, &want, ERR_OK, &log);
    assert_string_equal(log, "set ramp.map a.test flexible:strict:1000:7:0\n");
    struct edge_want done = {.zone = zone, .old_mode = MODE_STRICT};
    apply_and_log(&fake, &done, ERR_OK, &log);
    assert_string_equal(log, "set zone.map a.test strict:strict:0:0:0\ndel ramp.map a.test \n");
    char *file = fake_read(&fake, "zone.map");
    assert_string_equal(file, "a.test strict:strict:0:0:0\n");
    free(file);
    apply_and_log(&fake, &done, ERR_OK, &log);
    assert_string_equal(log, "");
    free(log);
    fake_stop(&fake);
}

static void test_remedy_names_the_map_that_has_the_value(void **state)
{
    static const char *const maps[] = {"zone.map", "ramp.map"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(maps); i++) {
        const struct fake_row rows[] = {{maps[i], "a.test", "canary"}, {NULL, NULL, NULL}};
        struct fake fake = {.manner = FAKE_MAPS, .rows = rows};
        OWN(zone_own) struct zone *zone = zone_of("a.test", NULL);
        struct edge_want want = ramp(zone, 1000, 30);
        struct why why = {""};
        char remedy[128];
        fake_start(&fake);
        const char *const place[] = {fake.place};
        struct edge_settings settings = settings_of(&fake, place);
        OWN(edge_own) struct edge *edge = NULL;
        assert_ok(edge_open(&edge, &settings, &why), &why);
        assert_err(edge_apply(edge, &want, &why), ERR_INVALID);
        (void)snprintf(remedy, sizeof(remedy), "del map %s/%s a.test", fake.dir, maps[i]);
        assert_non_null(strstr(why.text, remedy));
        fake_stop(&fake);
    }
}

// The operator gave the origin another port in the middle of a ramp.
static void test_goes_back_although_it_cannot_be_served(void **state)
{
    struct fake fake = {.manner = FAKE_MAPS, .rows = settled};
    OWN(zone_own) struct zone *zone = zone_of("a.test", NULL);
    struct edge_want up = ramp(zone, 1000, 0);
    struct edge_want back = ramp(zone, 0, 0);
    struct edge_want steady = {.zone = zone, .old_mode = MODE_FLEXIBLE};
    struct edge_want raise = ramp(zone, 3000, 30);
    struct edge_seen seen[LIMIT_EDGE_PROCESSES];
    struct why why = {""};
    size_t count = 0;
    char *log = NULL;
    (void)state;
    fake_start(&fake);
    apply_and_log(&fake, &up, ERR_OK, &log);
    zone->hosts[0].origins[0].https_port = 8443;
    apply_and_log(&fake, &raise, ERR_INVALID, &log);
    assert_string_equal(log, "");
    apply_and_log(&fake, &back, ERR_INVALID, &log);
    assert_string_equal(log, "set ramp.map a.test flexible:strict:0:7:0\n");
    steady.old_mode = MODE_FULL; // not what stands behind the ramp: visitors stay where they are
    apply_and_log(&fake, &steady, ERR_INVALID, &log);
    assert_string_equal(log, "");
    steady.old_mode = MODE_FLEXIBLE;
    apply_and_log(&fake, &steady, ERR_INVALID, &log);
    assert_string_equal(log, "del ramp.map a.test \n");
    const char *const place[] = {fake.place};
    struct edge_settings settings = settings_of(&fake, place);
    OWN(edge_own) struct edge *edge = NULL;
    assert_ok(edge_open(&edge, &settings, &why), &why);
    assert_err(edge_read(edge, zone, seen, &count, &why), ERR_INVALID);
    assert_non_null(strstr(why.text, "fixed in its configuration"));
    assert_int_equal(count, 1);
    assert_true(seen[0].known && seen[0].generation == 0 && seen[0].old_mode == MODE_FLEXIBLE);
    free(log);
    fake_stop(&fake);
}

static void test_origins_before_the_zone_is_served(void **state)
{
    struct fake fake = {.manner = FAKE_MAPS};
    OWN(zone_own) struct zone *zone = zone_of("a.test", NULL);
    struct edge_want want = {.zone = zone, .old_mode = MODE_FULL};
    char *log = NULL;
    (void)state;
    fake_start(&fake);
    apply_and_log(&fake, &want, ERR_OK, &log);
    assert_string_equal(log, "add origin.map a.test 1\nadd origin.map a.test/0 192.0.2.1\n"
                             "add zone.map a.test full:full:0:0:0\n");
    zone->hosts[0].sni = strdup("s.test");
    apply_and_log(&fake, &want, ERR_OK, &log);
    assert_string_equal(log, "add origin.map a.test/sni s.test\n");
    free(zone->hosts[0].sni);
    zone->hosts[0].sni = NULL;
    apply_and_log(&fake, &want, ERR_OK, &log);
    assert_string_equal(log, "del origin.map a.test/sni \n");
    char *file = fake_read(&fake, "origin.map");
    assert_string_equal(file, "a.test 1\na.test/0 192.0.2.1\n");
    free(file);
    free(log);
    fake_stop(&fake);
}

// The files cannot be written: nothing becomes permanent, no share grows, but back it goes.
static void test_nothing_holds_up_going_back(void **state)
{
    struct fake fake = {.manner = FAKE_MAPS, .rows = settled};
    OWN(zone_own) struct zone *zone = zone_of("a.test", "b.test");
    struct edge_want forward = ramp(zone, 1000, 30);
    struct edge_want back = ramp(zone, 0, 0);
    char *log = NULL;
    char path[128];
    (void)state;
    fake_start(&fake);
    apply_and_log(&fake, &forward, ERR_OK, &log);
    assert_non_null(strstr(log, "add ramp.map b.test flexible:strict:1000:7:1"));
    forward.old_mode = MODE_FULL; // a steady row to write
    back.old_mode = MODE_FULL;
    (void)snprintf(path, sizeof(path), "%s/.zone.map.new", fake.dir);
    assert_int_equal(mkdir(path, 0755), 0); // in the way
    apply_and_log(&fake, &forward, ERR_UNAVAILABLE, &log);
    assert_string_equal(log, "");
    apply_and_log(&fake, &back, ERR_UNAVAILABLE, &log);
    assert_string_equal(log, "set ramp.map a.test full:strict:0:7:0\n"
                             "set ramp.map b.test full:strict:0:7:0\n");
    assert_int_equal(rmdir(path), 0);
    free(log);
    fake_stop(&fake);
}

static void test_foreign_values_are_left_but_own_ones_go_back(void **state)
{
    static const struct fake_row rows[] = {
        {"zone.map", "a.test", "flexible:flexible:0:0:0"},
        {"zone.map", "b.test", "flexible:flexible:0:0:0"},
        {"ramp.map", "a.test", "somebody\x01 else"},
        {"ramp.map", "b.test", "flexible:strict:5000:7:99999999999"},
        {NULL, NULL, NULL},
    };
    struct fake fake = {.manner = FAKE_MAPS, .rows = rows};
    OWN(zone_own) struct zone *zone = zone_of("a.test", "b.test");
    struct edge_want forward = ramp(zone, 6000, 30);
    struct edge_want back = ramp(zone, 0, 0);
    char *log = NULL;
    (void)state;
    fake_start(&fake);
    apply_and_log(&fake, &forward, ERR_INVALID, &log);
    assert_string_equal(log, "");
    apply_and_log(&fake, &back, ERR_INVALID, &log);
    assert_string_equal(log, "set ramp.map b.test flexible:strict:0:7:0\n");
    free(log);
    fake_stop(&fake);
}

static void test_clock_of_the_edge_decides_and_skew_is_refused(void **state)
{
    struct fake fake = {.manner = FAKE_MAPS, .rows = settled, .clock_ahead_s = -3};
    OWN(zone_own) struct zone *zone = zone_of("a.test", NULL);
    struct edge_want want = ramp(zone, 100, 30);
    char *log = NULL;
    char expected[64];
    (void)state;
    fake_start(&fake);
    int64_t now = time_now_s();
    apply_and_log(&fake, &want, ERR_OK, &log);
    (void)snprintf(expected, sizeof(expected), ":7:%lld\n", (long long)(now - 3 + 30));
    char *late = strstr(log, expected);
    (void)snprintf(expected, sizeof(expected), ":7:%lld\n", (long long)(now - 3 + 31));
    assert_true(late != NULL || strstr(log, expected) != NULL);
    fake_stop(&fake);
    fake.clock_ahead_s = 60;
    fake_start(&fake);
    apply_and_log(&fake, &want, ERR_UNAVAILABLE, &log);
    assert_string_equal(log, "");
    free(log);
    fake_stop(&fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_are_read_back_exactly),
        cmocka_unit_test(test_places_have_two_forms),
        cmocka_unit_test(test_settings_that_cannot_be_are_refused),
        cmocka_unit_test(test_names_cannot_be_commands),
        cmocka_unit_test(test_map_files_change_row_by_row),
        cmocka_unit_test(test_writers_of_map_files_wait_for_each_other),
        cmocka_unit_test(test_bad_sockets_are_told_with_a_remedy),
        cmocka_unit_test(test_sockets_that_cannot_be_used),
        cmocka_unit_test(test_steady_before_ramp_when_it_finishes),
        cmocka_unit_test(test_remedy_names_the_map_that_has_the_value),
        cmocka_unit_test(test_goes_back_although_it_cannot_be_served),
        cmocka_unit_test(test_origins_before_the_zone_is_served),
        cmocka_unit_test(test_nothing_holds_up_going_back),
        cmocka_unit_test(test_foreign_values_are_left_but_own_ones_go_back),
        cmocka_unit_test(test_clock_of_the_edge_decides_and_skew_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
