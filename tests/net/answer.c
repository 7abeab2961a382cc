// SPDX-License-Identifier: Apache-2.0
#include "tests/net/answer.h"

#include "tests/support/check.h"

void answer_expect_status(const struct lab *lab, int status, const char *what)
{
    if (status != 0 && status != 3) {
        lab_show_errors(lab);
        fail_msg("%s: exit code %d", what, status);
    }
}

json_t *answer_explain(const struct lab *lab, const char *zone, const char *option)
{
    struct buf out;
    json_error_t error;
    buf_init(&out, LAB_OUTPUT);
    int status = lab_sslauto(lab, &out, "explain", zone, "--json", option, NULL);
    answer_expect_status(lab, status, zone);
    json_t *answer = json_loadb(buf_str(&out), out.len, 0, &error);
    if (!answer) {
        fail_msg("explain %s --json: %s\n%s", zone, error.text, buf_str(&out));
    }
    buf_done(&out);
    return answer;
}

enum mode answer_mode(const json_t *answer, const char *member)
{
    enum mode mode = MODE_NONE;
    const char *word = json_string_value(json_object_get(answer, member));
    if (word) {
        assert_ok(mode_parse(&mode, (struct span){word, strlen(word)}), NULL);
    }
    return mode;
}

static bool has_code(const json_t *findings, const char *code)
{
    size_t i;
    const json_t *finding;
    json_array_foreach(findings, i, finding)
    {
        const char *word = json_string_value(json_object_get(finding, "code"));
        if (word && strcmp(word, code) == 0) {
            return true;
        }
    }
    return false;
}

static bool has_one_of(const json_t *findings, char *codes)
{
    char *rest = NULL;
    for (char *code = strtok_r(codes, "|", &rest); code; code = strtok_r(NULL, "|", &rest)) {
        if (has_code(findings, code)) {
            return true;
        }
    }
    return false;
}

bool answer_has_codes(const json_t *findings, const char *codes)
{
    char text[256];
    char *rest = NULL;
    (void)snprintf(text, sizeof(text), "%s", codes);
    for (char *code = strtok_r(text, " ", &rest); code; code = strtok_r(NULL, " ", &rest)) {
        if (!has_one_of(findings, code)) {
            return false;
        }
    }
    return true;
}

const char *answer_of_scheme(const json_t *answer, const char *scheme, const char *member)
{
    const json_t *origin = json_array_get(json_object_get(answer, "origins"), 0);
    const char *word = json_string_value(json_object_get(json_object_get(origin, scheme), member));
    return word ? word : "";
}
