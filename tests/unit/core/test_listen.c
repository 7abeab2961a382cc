// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>

#include "core/addr.h"
#include "core/listen.h"
#include "tests/support/check.h"

static void places(void **state)
{
    (void)state;
    static const struct {
        const char *where;
        enum listen_port allowed;
        const char *address; // NULL = refused
        uint16_t port;
    } rows[] = {
        {"127.0.0.1:8787", LISTEN_GIVEN_PORT, "127.0.0.1", 8787},
        {"0.0.0.0:1", LISTEN_GIVEN_PORT, "0.0.0.0", 1},
        {"[::1]:65535", LISTEN_GIVEN_PORT, "::1", 65535},
        {"8787", LISTEN_GIVEN_PORT, "127.0.0.1", 8787},
        {"127.0.0.1:0", LISTEN_ANY_PORT, "127.0.0.1", 0},
        {"0", LISTEN_ANY_PORT, "127.0.0.1", 0},
        {"127.0.0.1:0", LISTEN_GIVEN_PORT, NULL, 0},
        {"127.0.0.1:65536", LISTEN_ANY_PORT, NULL, 0},
        {"127.0.0.1", LISTEN_ANY_PORT, NULL, 0},
        {"127.0.0.1:", LISTEN_ANY_PORT, NULL, 0},
        {"[::1]", LISTEN_ANY_PORT, NULL, 0},
        {"[]:1", LISTEN_ANY_PORT, NULL, 0},
        {"localhost:8787", LISTEN_ANY_PORT, NULL, 0},
        {"", LISTEN_ANY_PORT, NULL, 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct sockaddr_storage place;
        struct why why = {""};
        enum err e = listen_parse(&place, rows[i].where, rows[i].allowed, 9108, &why);
        assert_err(e, rows[i].address == NULL ? ERR_INVALID : ERR_OK);
        if (e != ERR_OK) {
            assert_non_null(strstr(why.text, "write 127.0.0.1:9108, [::1]:9108 or 9108"));
            continue;
        }
        struct addr address;
        char text[ADDR_TEXT_SIZE];
        assert_true(addr_from_sockaddr(&address, (const struct sockaddr *)&place));
        assert_string_equal(addr_print(text, &address), rows[i].address);
        // The port is at the same place in both.
        assert_int_equal(ntohs(((const struct sockaddr_in *)&place)->sin_port), rows[i].port);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(places)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
