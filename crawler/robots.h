// SPDX-License-Identifier: Apache-2.0
// robots.txt as RFC 9309 has it, for the groups that name our product token only (the product
// documentation: rules "except those that specifically target it" are bypassed).
#ifndef SSLAUTO_CRAWLER_ROBOTS_H
#define SSLAUTO_CRAWLER_ROBOTS_H

#include <stdbool.h>

#include "core/err.h"
#include "core/span.h"

struct robots_rules;

// Reads at most LIMIT_ROBOTS bytes; hostile input gives rules, never an error but ERR_NOMEM.
enum err robots_parse(struct robots_rules **out, struct span text, const char *product_token);
void robots_free(struct robots_rules *rules);
bool robots_names_us(const struct robots_rules *rules);
// The longest match decides, allow wins ties (section 2.2.2). `line` gets the deciding line
// ("Disallow: /", at most 120 printable bytes, "" when none).
bool robots_allows(const struct robots_rules *rules, const char *path, char line[128]);

#endif
