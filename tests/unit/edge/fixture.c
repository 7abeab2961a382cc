// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/edge/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/check.h"

static void add_host(struct zone *zone, const char *name, const char *const *addresses,
                     size_t count)
{
    struct host *host = NULL;
    struct why why = {""};
    assert_ok(zone_add_host(&host, zone, span_of(name), &why), &why);
    for (size_t i = 0; i < count; i++) {
        assert_ok(host_add_origin(host, span_of(addresses[i]), 8080, 8443, &why), &why);
    }
}

struct zone *fixture_zone(unsigned number)
{
    static const char *const two[] = {"192.0.2.1", "2001:db8::1"};
    static const char *const one[] = {"origin.example"};
    struct zone *zone = zone_new();
    assert_non_null(zone);
    (void)snprintf(zone->id, sizeof zone->id, "%032x", number);
    zone->name = strdup("shop.example");
    zone->mode = MODE_FLEXIBLE;
    add_host(zone, "shop.example", two, COUNT_OF(two));
    add_host(zone, "www.shop.example", one, COUNT_OF(one));
    return zone;
}

void fixture_program(struct fixture *fixture, const char *text)
{
    *fixture = (struct fixture){.dir = "/tmp/sslauto-edge-XXXXXX"};
    assert_non_null(mkdtemp(fixture->dir));
    (void)snprintf(fixture->program, sizeof fixture->program, "%s/edge", fixture->dir);
    FILE *file = fopen(fixture->program, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(fixture->program, 0755), 0);
    fixture->places[0] = fixture->program;
    fixture->places[1] = fixture->dir;
    fixture->settings = (struct edge_settings){
        .name = "lab",
        .driver = "exec",
        .places = fixture->places,
        .place_count = 2,
        .timeout_ms = 5000,
    };
}

void fixture_done(struct fixture *fixture)
{
    static const char *const files[] = {"edge", "in", "environment", "fds", "pid", "ended"};
    char path[128];
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        (void)snprintf(path, sizeof path, "%s/%s", fixture->dir, files[i]);
        (void)unlink(path);
    }
    assert_int_equal(rmdir(fixture->dir), 0);
}

char *fixture_file(const struct fixture *fixture, const char *name)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", fixture->dir, name);
    char *text = calloc(1, 65536);
    assert_non_null(text);
    FILE *file = fopen(path, "re");
    if (file != NULL) {
        size_t len = fread(text, 1, 65535, file);
        text[len] = '\0';
        assert_int_equal(fclose(file), 0);
    }
    return text;
}
