// SPDX-License-Identifier: Apache-2.0
// Pairs of policies, and whether the one over HTTPS can break a page that the other lets work.
#include "pipeline/policy.h"
#include "tests/support/check.h"

struct row {
    const char *http, *https;
    bool insecure;
    enum policy_change change;
};

static const struct row rows[] = {
    {NULL, NULL, false, POLICY_ALIKE},
    {"default-src 'self'", NULL, false, POLICY_ALIKE},
    {"default-src 'self'", "default-src 'self'", false, POLICY_ALIKE},
    {"default-src 'self'", "DEFAULT-SRC   'SELF' ;", false, POLICY_ALIKE},
    {"script-src 'nonce-a1' 'strict-dynamic'", "script-src 'nonce-b2' 'strict-dynamic'", false,
     POLICY_ALIKE},
    {"script-src 'sha256-aa'", "script-src 'sha256-bb'", false, POLICY_ALIKE},
    {"img-src http://a.example", "img-src https://a.example", false, POLICY_ALIKE},
    {"connect-src ws://a.example", "connect-src wss://a.example", false, POLICY_ALIKE},
    {"img-src 'self'", "img-src 'self' https://cdn.example", false, POLICY_ALIKE},
    {"img-src 'none'", "img-src 'self'", false, POLICY_ALIKE},
    {"sandbox allow-scripts", "sandbox allow-scripts allow-forms", false, POLICY_ALIKE},
    {"default-src 'self', img-src *", "img-src *, default-src 'self'", false, POLICY_ALIKE},
    {NULL, "upgrade-insecure-requests", false, POLICY_ALIKE},
    {NULL, "block-all-mixed-content; frame-ancestors 'none'; report-uri /csp", false, POLICY_ALIKE},
    {NULL, "", false, POLICY_ALIKE},
    {NULL, ";,;", false, POLICY_ALIKE},

    {NULL, "upgrade-insecure-requests", true, POLICY_STRICTER},
    {NULL, "default-src 'self'", false, POLICY_STRICTER},
    {NULL, "object-src 'none'", false, POLICY_STRICTER},
    {NULL, "default-src 'none'; script-src 'self'", false, POLICY_STRICTER},
    {"img-src 'self' https://cdn.example", "img-src 'self'", false, POLICY_STRICTER},
    {"script-src 'unsafe-inline'", "script-src 'unsafe-inline' 'nonce-a'", false, POLICY_STRICTER},
    {"default-src 'none'; script-src 'self'", "default-src 'none'", false, POLICY_STRICTER},
    {"frame-ancestors 'none'", "form-action 'self'", false, POLICY_STRICTER},

    {NULL, "default-src 'none'", false, POLICY_BLOCKS},
    {NULL, "default-src", false, POLICY_BLOCKS},
    {NULL, "sandbox", false, POLICY_BLOCKS},
    {"sandbox allow-scripts", "sandbox", false, POLICY_BLOCKS},
    {NULL, "default-src 'self'; script-src 'none'", false, POLICY_BLOCKS},
    {"upgrade-insecure-requests", "frame-ancestors 'self', default-src 'none'", false,
     POLICY_BLOCKS},
};

static void every_pair(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char what[40];
        const struct row *row = &rows[i];
        enum policy_change got =
            policy_compare(what, sizeof what, row->http, row->https, row->insecure);
        if (got != row->change || (what[0] == '\0') != (got == POLICY_ALIKE)) {
            fail_msg("\"%s\" then \"%s\": %d (%s), expected %d", row->http ? row->http : "",
                     row->https ? row->https : "", (int)got, what, (int)row->change);
        }
    }
}

static void what_is_told_is_printable(void **state)
{
    (void)state;
    char what[12];
    assert_int_equal(policy_compare(what, sizeof what, NULL, "img-src \x1b[2J\xff and more", false),
                     POLICY_STRICTER);
    assert_string_equal(what, "img-src ?[2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair),
        cmocka_unit_test(what_is_told_is_printable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
