// SPDX-License-Identifier: Apache-2.0
// What `explain --json` says about a zone.
#ifndef SSLAUTO_TESTS_NET_ANSWER_H
#define SSLAUTO_TESTS_NET_ANSWER_H

#include <jansson.h>

#include "model/mode.h"
#include "tests/net/lab.h"

// Fails the test with what was written to stderr unless the status is 0 or 3.
void answer_expect_status(const struct lab *lab, int status, const char *what);
// A new reference. option: one more option, NULL = none.
json_t *answer_explain(const struct lab *lab, const char *zone, const char *option);
// MODE_NONE for null.
enum mode answer_mode(const json_t *answer, const char *member);
// Whether every code of a list, space between, is among the findings; "a|b" is there when either
// is.
bool answer_has_codes(const json_t *findings, const char *codes);
// The word at hosts[0].origins[0].<scheme>.<member>, or "".
const char *answer_of_scheme(const json_t *answer, const char *scheme, const char *member);

#endif
