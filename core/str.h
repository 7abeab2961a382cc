// SPDX-License-Identifier: Apache-2.0
// Text from outside made safe to show. Remote bytes reach a terminal, a log, a mail or a page only
// through one of these.
#ifndef SSLAUTO_CORE_STR_H
#define SSLAUTO_CORE_STR_H

#include <stddef.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/span.h"

// Printable ASCII as it is, a backslash doubled, tab and line ends as \t \r \n, all other bytes as
// \xNN. What does not fit ends in "...". size >= 4. Returns out, NUL-terminated.
const char *str_printable(char *out, size_t size, struct span text);
// The same for people who read other scripts: valid UTF-8 stays, except controls and the invisible
// or reordering characters that can disguise text (RFC 3629; Unicode TR36 section 2.10), which
// become U+FFFD like broken bytes.
enum err str_add_terminal(struct buf *out, struct span text);
// As str_add_terminal, with & < > " ' as references: safe as element content and inside quoted
// attributes. Tab and line ends stay.
enum err str_add_html(struct buf *out, struct span text);
// Well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
bool str_is_utf8(struct span text);

#endif
