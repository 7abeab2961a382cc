// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include "model/evidence.h"
#include "model/fetch.h"
#include "model/recommendation.h"
#include "tests/support/check.h"

// Each word is there, and no two values share one: they are read back by their words.
static void check_words(const char *(*word)(int), int count)
{
    for (int i = 0; i < count; i++) {
        assert_non_null(word(i));
        assert_true(word(i)[0] != '\0');
        for (int j = 0; j < i; j++) {
            assert_string_not_equal(word(i), word(j));
        }
    }
}

static const char *outcome_word(int i)
{
    return outcome_str((enum outcome)i);
}

static const char *phase_word(int i)
{
    return phase_str((enum phase)i);
}

static const char *robots_word(int i)
{
    return robots_str((enum robots)i);
}

static const char *redirect_word(int i)
{
    return redirect_str((enum redirect)i);
}

static const char *sameness_word(int i)
{
    return sameness_str((enum sameness)i);
}

static const char *look_word(int i)
{
    return second_look_str((enum second_look)i);
}

static const char *verdict_word(int i)
{
    return verdict_str((enum verdict)i);
}

static const char *role_word(int i)
{
    return page_role_str((enum page_role)i);
}

static void has_a_word_for_everything(void **state)
{
    (void)state;
    check_words(outcome_word, OUTCOME_COUNT);
    check_words(phase_word, PHASE_COUNT);
    check_words(robots_word, ROBOTS_COUNT);
    check_words(redirect_word, REDIRECT_COUNT);
    check_words(sameness_word, SAMENESS_COUNT);
    check_words(look_word, LOOK_COUNT);
    check_words(verdict_word, VERDICT_COUNT);
    check_words(role_word, ROLE_COUNT);
    assert_string_equal(outcome_str(OUTCOME_CONNECT_TIMEOUT), "connect_timeout");
    assert_string_equal(outcome_str(OUTCOME_COUNT), "none");
    assert_string_equal(scheme_str(SCHEME_HTTPS), "https");
}

static void knows_answers(void **state)
{
    (void)state;
    for (enum outcome o = OUTCOME_OK; o < OUTCOME_COUNT; o++) {
        assert_int_equal(outcome_is_answer(o), o == OUTCOME_OK || o == OUTCOME_TRUNCATED);
    }
}

static void reads_verdicts(void **state)
{
    (void)state;
    for (enum verdict v = VERDICT_UPGRADE; v < VERDICT_COUNT; v++) {
        enum verdict back = VERDICT_COUNT;
        assert_err(verdict_parse(&back, span_of(verdict_str(v))), ERR_OK);
        assert_int_equal(back, v);
    }
    enum verdict back = VERDICT_COUNT;
    assert_err(verdict_parse(&back, span_of("none")), ERR_INVALID);
}

// Under the sanitizers this proves that nothing is left behind.
static void frees_half_built_visits(void **state)
{
    (void)state;
    fetch_free(NULL);
    tls_free(NULL);
    certificate_free(NULL);
    visit_free(NULL);
    struct visit *visit = calloc(1, sizeof *visit);
    visit->page_count = 2;
    visit->pages = calloc(2, sizeof *visit->pages);
    struct fetch *fetch = calloc(1, sizeof *fetch);
    buf_init(&fetch->body, 100);
    assert_err(buf_add_str(&fetch->body, "body"), ERR_OK);
    fetch->path = strdup("/");
    fetch->hops = calloc(2, sizeof *fetch->hops);
    fetch->hop_count = 2;
    fetch->hops[0].to = strdup("https://example.org/");
    fetch->tls = calloc(1, sizeof *fetch->tls);
    fetch->tls->certificate = calloc(1, sizeof *fetch->tls->certificate);
    fetch->tls->certificate->names = calloc(2, sizeof(char *));
    fetch->tls->certificate->name_count = 2;
    fetch->tls->certificate->names[0] = strdup("example.org");
    visit->pages[0].https = fetch;
    visit->pages[0].path = strdup("/");
    visit_free(visit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_a_word_for_everything),
        cmocka_unit_test(knows_answers),
        cmocka_unit_test(reads_verdicts),
        cmocka_unit_test(frees_half_built_visits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
