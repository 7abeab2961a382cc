// SPDX-License-Identifier: Apache-2.0
// What there is to tell an account about one week, or about one rollout that went back just now.
#ifndef SSLAUTO_MODEL_DIGEST_H
#define SSLAUTO_MODEL_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/limits.h"
#include "core/span.h"
#include "model/mode.h"

enum digest_section {
    DIGEST_UPGRADED,    // moved to a stronger mode in the week
    DIGEST_ROLLED_BACK, // went back in the week
    DIGEST_AT_RISK,     // the origin no longer supports the zone's mode
    DIGEST_EXPIRING,    // certificates that end within 30 days, of zones that need a valid one
    DIGEST_WAITING,     // a stronger mode is safe; why it is not there yet
    DIGEST_BLOCKED,     // looked at in the week: what stands before the next mode
    DIGEST_FAILED,      // looked at in the week: nothing could be said
    DIGEST_SECTION_COUNT
};

struct digest_item {
    char zone_id[33];
    char *zone;         // owned; name
    enum mode from, to; // MODE_NONE = does not apply
    int64_t at;         // when it happened; when the certificate ends
    char *text;         // owned; a sentence: reason, "" = none
    char *remedy;       // owned; what to do about it, "" = nothing
};

struct digest_part {
    struct digest_item *items; // owned; the first ones
    size_t count;              // of items
    size_t total;              // of all there are, count at least
};

// Zones by mode at the end of a week.
struct digest_modes {
    int64_t week;
    int64_t zones[MODE_COUNT];
};

#define DIGEST_WEEKS 12 // shown of the past

struct digest {
    char *account; // owned
    bool notice;   // about one rollout that went back, sent at once
    int64_t week;  // model/week.h
    int64_t made_at;
    bool news; // worth a message
    struct digest_part parts[DIGEST_SECTION_COUNT];
    struct digest_modes modes[DIGEST_WEEKS]; // oldest first
    size_t mode_count;                       // the last one is this week, unless a notice
};

// NULL without memory.
struct digest *digest_new(const char *account, int64_t week, int64_t made_at);
void digest_free(struct digest *digest);
DEFINE_OWN(digest_own, struct digest, digest_free)

// Counts an item and keeps a copy of it: the first max ones; of certificates the max soonest, in
// that order.
enum err digest_add(struct digest *digest, enum digest_section section,
                    const struct digest_item *item, size_t max);

const char *digest_section_str(enum digest_section section); // "upgraded" "rolled_back" ...

#endif
