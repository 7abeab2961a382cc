// SPDX-License-Identifier: Apache-2.0
// Character references in attribute values (WHATWG HTML section 13.2.5.72), as far as URLs need
// them: numeric ones, and &amp; &lt; &gt; &quot; &apos; &sol; &colon; &period; &quest; &num;.
#ifndef SSLAUTO_CRAWLER_ENTITY_H
#define SSLAUTO_CRAWLER_ENTITY_H

#include <stddef.h>

#include "core/span.h"

// The text itself when it holds no '&', else its decoded form in room; empty when longer than
// size. Other references stay as they are.
struct span entity_decode(char *room, size_t size, struct span text);

#endif
