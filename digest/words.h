// SPDX-License-Identifier: Apache-2.0
// What text and HTML say alike. Private.
#ifndef SSLAUTO_DIGEST_WORDS_H
#define SSLAUTO_DIGEST_WORDS_H

#include "digest/digest.h"

struct section_words {
    const char *title;
    const char *one, *many; // "upgraded", for sums: "3 upgraded"
    const char *lead;       // under the title
    const char *color;      // of the title's bar, "#rrggbb"
};

const struct section_words *words_section(enum digest_section section);
extern const char *const words_mode_colors[MODE_COUNT]; // "#rrggbb"

// "Flexible to Full (strict), 2026-11-17 14:05 UTC", "ends 2026-12-01, in 9 days", ...; may be "".
enum err words_item(struct buf *out, enum digest_section section, const struct digest_item *item,
                    int64_t made_at);
// "3 upgraded, 1 rolled back", "nothing to tell".
enum err words_sums(struct buf *out, const struct digest *digest);
// "16 to 22 November 2026 (UTC)".
enum err words_days(struct buf *out, int64_t week);
// The page of a zone; out stays empty where there is none.
enum err words_zone_link(struct buf *out, const struct digest *digest,
                         const struct digest_links *links, const struct digest_item *item);
// The most zones of a week: what the highest bar of the chart stands for.
int64_t words_most_zones(const struct digest *digest);
// Why somebody gets this, and how to change that.
const char *words_foot(const struct digest *digest);

#endif
