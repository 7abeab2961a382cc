// SPDX-License-Identifier: Apache-2.0
// Which hosts are of one owner, as far as names tell: the public suffix list.
#ifndef SSLAUTO_CRAWLER_SITE_H
#define SSLAUTO_CRAWLER_SITE_H

#include <stdbool.h>

// Whether two hosts (lower case, A-labels) share their registrable domain: one label below a public
// suffix (publicsuffix.org). An IP literal, or a public suffix itself, only shares with its like.
bool site_is_same(const char *a, const char *b);

#endif
