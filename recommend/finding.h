// SPDX-License-Identifier: Apache-2.0
// Findings under collection. Private to the room.
#ifndef SSLAUTO_RECOMMEND_FINDING_H
#define SSLAUTO_RECOMMEND_FINDING_H

#include "core/attr.h"
#include "model/recommendation.h"

struct finding_list {
    struct finding *at; // owned
    size_t count;
    size_t left_out; // past the limit
    bool no_memory;  // sticky: look once, at the end
};

// What a finding is about; both may be NULL.
struct subject {
    const char *host;
    const char *origin;
};

void finding_list_done(struct finding_list *list);
// Adds the row of that code, which must be in the table, its %s filled with the detail. Remote
// text in the detail is made printable.
void finding_add(struct finding_list *list, const char *code, const struct subject *about,
                 const char *detail, ...) PRINTF_LIKE(4, 5);
// Moves the findings of from behind those of to.
void finding_append(struct finding_list *to, struct finding_list *from);

#endif
