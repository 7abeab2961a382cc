// SPDX-License-Identifier: Apache-2.0
#include "model/digest.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct digest *digest_new(const char *account, int64_t week, int64_t made_at)
{
    struct digest *digest = calloc(1, sizeof *digest);
    if (digest == NULL) {
        return NULL;
    }
    *digest = (struct digest){.account = strdup(account), .week = week, .made_at = made_at};
    if (digest->account == NULL) {
        free(digest);
        return NULL;
    }
    return digest;
}

static void item_done(struct digest_item *item)
{
    free(item->zone);
    free(item->text);
    free(item->remedy);
}

void digest_free(struct digest *digest)
{
    if (digest == NULL) {
        return;
    }
    for (size_t i = 0; i < DIGEST_SECTION_COUNT; i++) {
        for (size_t j = 0; j < digest->parts[i].count; j++) {
            item_done(&digest->parts[i].items[j]);
        }
        free(digest->parts[i].items);
    }
    free(digest->account);
    free(digest);
}

static char *copy(const char *text)
{
    return strdup(text == NULL ? "" : text);
}

// Where the item belongs: the soonest certificates first, else in the order they come. max = it is
// only counted.
static size_t place_for(const struct digest_part *part, enum digest_section section,
                        const struct digest_item *item, size_t max)
{
    size_t at = part->count;
    while (section == DIGEST_EXPIRING && at > 0 && part->items[at - 1].at > item->at) {
        at--;
    }
    return at > max ? max : at;
}

enum err digest_add(struct digest *digest, enum digest_section section,
                    const struct digest_item *item, size_t max)
{
    struct digest_part *part = &digest->parts[section];
    part->total++;
    if (part->count < max) {
        struct digest_item *grown = realloc(part->items, (part->count + 1) * sizeof *grown);
        if (grown == NULL) {
            return ERR_NOMEM;
        }
        part->items = grown;
    }
    size_t at = place_for(part, section, item, max);
    if (at == max) {
        return ERR_OK;
    }
    struct digest_item kept = *item;
    kept.zone = copy(item->zone);
    kept.text = copy(item->text);
    kept.remedy = copy(item->remedy);
    if (kept.zone == NULL || kept.text == NULL || kept.remedy == NULL) {
        item_done(&kept);
        return ERR_NOMEM;
    }
    if (part->count == max) {
        item_done(&part->items[--part->count]);
    }
    memmove(&part->items[at + 1], &part->items[at], (part->count - at) * sizeof kept);
    part->items[at] = kept;
    part->count++;
    return ERR_OK;
}

const char *digest_section_str(enum digest_section section)
{
    static const char *const words[DIGEST_SECTION_COUNT] = {
        [DIGEST_UPGRADED] = "upgraded", [DIGEST_ROLLED_BACK] = "rolled_back",
        [DIGEST_AT_RISK] = "at_risk",   [DIGEST_EXPIRING] = "expiring",
        [DIGEST_WAITING] = "waiting",   [DIGEST_BLOCKED] = "blocked",
        [DIGEST_FAILED] = "failed",
    };
    assert(section < DIGEST_SECTION_COUNT);
    return words[section];
}
