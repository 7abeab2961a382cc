// SPDX-License-Identifier: Apache-2.0
// The tags of an HTML page one after the other, without a tree: comments, declarations and the
// text of script, style and their like are passed over. Linear in the bytes, no memory of its own.
// Source: WHATWG HTML section 13.2.5 (tokenization), as far as finding tags needs it.
#ifndef SSLAUTO_CRAWLER_TAG_H
#define SSLAUTO_CRAWLER_TAG_H

#include <stdbool.h>

#include "core/span.h"

struct tag {
    struct span name; // as written
    bool closing;     // </name>
};

// Private; start with tag_reader_init.
struct tag_reader {
    const char *at, *end;
    struct span raw; // the element whose text is raw, until its end tag
    bool inside;     // between a tag's name and its '>'
    size_t text;     // letters between tags so far, spaces not counted; the caller's to set
    size_t text_max; // where counting ends; 0 = do not count
};

void tag_reader_init(struct tag_reader *reader, struct span html);
// The next tag; false at the end of the page. Spans are lent from the page.
bool tag_next(struct tag_reader *reader, struct tag *out);
// The next attribute of the tag that tag_next gave; false after the last. References such as
// &amp; in the value are not resolved.
bool tag_attribute(struct tag_reader *reader, struct span *name, struct span *value);

#endif
