// SPDX-License-Identifier: Apache-2.0
// What was found about one zone and what follows from it, as one JSON object: the stable form of
// `check --json` and `explain --json`, and what is printed for people.
#ifndef SSLAUTO_CLI_ANSWER_H
#define SSLAUTO_CLI_ANSWER_H

#include <jansson.h>

#include "cli/output.h"

void json_own(json_t **json);

// {host, mode_current, mode_recommended, verdict, reasons[], blockers[], hosts[], origins[{host,
// address, http{}, https{}, certificate{}, similarity{}}], scanned_at}, from evidence_to_json and
// recommendation_to_json; "shortened": true where the evidence was too long to be kept whole. A new
// reference; NULL without memory.
json_t *answer_make(const char *host, const json_t *recommendation, const json_t *evidence);
void answer_print(const struct output *out, const json_t *answer);

// Short words and a style for a verdict: "upgrade" good, "at_risk" bad.
enum style verdict_style(const char *verdict);
const char *json_text_at(const json_t *object, const char *key); // "" when there is none
const char *mode_word_title(const char *word);                   // "full" -> "Full"

#endif
