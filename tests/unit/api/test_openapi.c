// SPDX-License-Identifier: Apache-2.0
// api/openapi.yaml and the table of routes say the same.
#include <string.h>

#include "tests/support/check.h"
#include "tests/unit/api/desk.h"

struct described {
    char path[128];
    char method[8];
    char operation[80];
    char permission[40];
};

// "    key: value" at that depth of indentation; the value, or NULL.
static const char *value_at(const char *line, size_t depth, const char *key)
{
    size_t spaces = strspn(line, " ");
    size_t length = strlen(key);
    return spaces == depth && strncmp(line + spaces, key, length) == 0 &&
                   strncmp(line + spaces + length, ": ", 2) == 0
               ? line + spaces + length + 2
               : NULL;
}

static void take_line(struct described *all, size_t *count, char path[128], char *line)
{
    const char *value = NULL;
    size_t spaces = strspn(line, " ");
    size_t length = strlen(line);
    if (spaces == 2 && line[2] == '/' && line[length - 1] == ':') {
        (void)snprintf(path, 128, "%.*s", (int)(length - 3), line + 2);
    } else if (spaces == 4 && line[length - 1] == ':') {
        assert_true(*count < 64);
        struct described *one = &all[(*count)++];
        *one = (struct described){0};
        (void)snprintf(one->path, sizeof one->path, "%s", path);
        (void)snprintf(one->method, sizeof one->method, "%.*s", (int)(length - 5), line + 4);
    } else if ((value = value_at(line, 6, "operationId")) != NULL) {
        (void)snprintf(all[*count - 1].operation, sizeof all->operation, "%s", value);
    } else if ((value = value_at(line, 6, "x-permission")) != NULL) {
        (void)snprintf(all[*count - 1].permission, sizeof all->permission, "%s", value);
    }
}

static size_t read_description(struct described *all)
{
    char line[1024];
    char path[128] = "";
    size_t count = 0;
    bool paths = false;
    FILE *file = fopen("api/openapi.yaml", "re");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] != ' ' && line[0] != '#') {
            paths = strcmp(line, "paths:") == 0;
        } else if (paths && line[0] != '\0') {
            take_line(all, &count, path, line);
        }
    }
    assert_int_equal(fclose(file), 0);
    return count;
}

static bool same(const struct described *described, const struct api_route *route)
{
    const char *permission =
        route->permission == PERMISSION_NONE ? "none" : permission_title(route->permission);
    return strcmp(described->path, route->pattern) == 0 &&
           strcasecmp(described->method, api_method_str(route->method)) == 0 &&
           strcmp(described->operation, route->operation) == 0 &&
           strcmp(described->permission, permission) == 0;
}

static void both_say_the_same(void **state)
{
    (void)state;
    static struct described all[64];
    size_t described = read_description(all);
    size_t count = 0;
    const struct api_route *routes = api_routes(&count);
    assert_int_equal(described, count);
    for (size_t i = 0; i < count; i++) {
        size_t at = 0;
        while (at < described && !same(&all[at], &routes[i])) {
            at++;
        }
        if (at == described) {
            fail_msg("%s %s is not in openapi.yaml as it is in the table",
                     api_method_str(routes[i].method), routes[i].pattern);
        }
    }
}

// A fixed segment goes before a variable one.
static void the_order_of_the_table(void **state)
{
    (void)state;
    size_t count = 0;
    const struct api_route *routes = api_routes(&count);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i; j++) {
            bool shadowed =
                routes[i].method == routes[j].method &&
                strcmp(routes[j].pattern, "/zones/{zone_id}/settings/{setting_id}") == 0 &&
                strncmp(routes[i].pattern, "/zones/{zone_id}/settings/",
                        strlen("/zones/{zone_id}/settings/")) == 0;
            assert_false(shadowed);
            assert_string_not_equal(routes[i].operation, routes[j].operation);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_say_the_same),
        cmocka_unit_test(the_order_of_the_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
