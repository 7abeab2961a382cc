// SPDX-License-Identifier: Apache-2.0
#include "pipeline/compact.h"

#include <stdlib.h>
#include <string.h>

#include "core/limits.h"
#include "tests/support/check.h"

static void assert_as_jansson(const json_t *json)
{
    char *expected = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);
    char *text = NULL;
    assert_non_null(expected);
    assert_ok(compact_print(&text, json), NULL);
    assert_non_null(text);
    assert_string_equal(text, expected);
    free(text);
    free(expected);
}

static void it_prints_what_jansson_prints(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{}",
        "[]",
        "null",
        "\"\"",
        "[1,-1,0,9223372036854775807,-9223372036854775808]",
        "[0.5,1.0,0.10000000000000001,1e300,-2.5e-9]",
        "[true,false,null,[],{},[[]],[{}]]",
        "{\"b\":1,\"a\":{\"z\":[1,{\"y\":\"x\"}]},\"\":\"empty key\",\"q\\\"\":\"\\\\\"}",
        "\"quote \\\" slash / back \\\\ \\b\\f\\n\\r\\t \\u0001\\u001f \\u007f\"",
        "\"gr\\u00fc\\u00df \\u20ac \\ud83d\\ude00\"",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        json_error_t error;
        json_t *json = json_loads(texts[i], JSON_DECODE_ANY, &error);
        assert_non_null(json);
        assert_as_jansson(json);
        json_decref(json);
    }
}

static void every_byte_of_text_is_escaped_alike(void **state)
{
    (void)state;
    for (int byte = 1; byte < 0x80; byte++) {
        char text[] = {'a', (char)byte, (char)byte, 'z', '\0'};
        json_t *json = json_string(text);
        assert_as_jansson(json);
        json_decref(json);
    }
}

static void nothing_and_too_much_are_refused(void **state)
{
    (void)state;
    char *text = NULL;
    assert_err(compact_print(&text, NULL), ERR_NOMEM);
    char *long_text = malloc(LIMIT_EVIDENCE + 1);
    assert_non_null(long_text);
    memset(long_text, 'x', LIMIT_EVIDENCE);
    long_text[LIMIT_EVIDENCE] = '\0';
    json_t *json = json_string(long_text);
    assert_err(compact_print(&text, json), ERR_LIMIT); // with its quotes
    assert_null(text);
    json_decref(json);
    free(long_text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_prints_what_jansson_prints),
        cmocka_unit_test(every_byte_of_text_is_escaped_alike),
        cmocka_unit_test(nothing_and_too_much_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
