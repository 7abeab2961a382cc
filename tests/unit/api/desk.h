// SPDX-License-Identifier: Apache-2.0
// The API without HTTP: a store in memory with zones and tokens, and requests as structs.
#ifndef SSLAUTO_TESTS_UNIT_API_DESK_H
#define SSLAUTO_TESTS_UNIT_API_DESK_H

#include "api/call.h"
#include "db/backend.h"

#define DESK_ZONES 25

struct desk {
    struct db *db;
    struct api_policy policy;
    struct controller_policy controller;
    struct edge *edge;
    struct api_hands hands;
    struct api_worker worker;
    char zones[DESK_ZONES]
              [33]; // site00.example .. site24.example; the last five of account "other"
    char all[TOKEN_SECRET_SIZE];     // may do everything
    char acme[TOKEN_SECRET_SIZE];    // everything, in account "acme" alone
    char reader[TOKEN_SECRET_SIZE];  // Zone Read alone
    char looker[TOKEN_SECRET_SIZE];  // Zone Settings Read alone
    char expired[TOKEN_SECRET_SIZE]; // since an hour
    char owned[TOKEN_SECRET_SIZE];   // of the account "acme"
    char one[TOKEN_SECRET_SIZE];     // everything, in site03.example alone
    json_t *answer;                  // of the last request
    struct api_reply reply;
};

void desk_open(struct desk *desk);
void desk_close(struct desk *desk);
// One request; its status. A path without API_BASE gets it. token NULL = none.
unsigned desk_ask(struct desk *desk, const char *method, const char *path, const char *token,
                  const char *body);
// Any request.
unsigned desk_ask_raw(struct desk *desk, const struct api_ask *ask);
// Of the last answer: errors[0].code, 0 = none; result; text at a member of result.
long long desk_code(const struct desk *desk);
const char *desk_words(const struct desk *desk);
json_t *desk_result(const struct desk *desk);
const char *desk_text(const struct desk *desk, const char *key);
bool desk_noted(const struct desk *desk, enum api_note note);
// How many events of that kind the zone has, and the newest one's words.
size_t desk_events(struct desk *desk, const char *zone_id, const char *kind, char detail[512]);
// "/zones/ID" + rest, lent until the next call.
const char *desk_path(const struct desk *desk, size_t zone, const char *rest);

#endif
