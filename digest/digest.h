// SPDX-License-Identifier: Apache-2.0
// Renders a digest: text, HTML, a picture, a whole message of mail, JSON. Pure.
//
//   digest -> text, HTML + chart -> one message (RFC 5322, MIME)
//          -> JSON (webhook)
#ifndef SSLAUTO_DIGEST_DIGEST_H
#define SSLAUTO_DIGEST_DIGEST_H

#include <jansson.h>

#include "core/buf.h"
#include "model/digest.h"

// The operator's own address. All lent; NULL = none.
struct digest_links {
    const char *overview; // a page for people who want to see more
    const char *zone;     // of one zone: {id}, {name} and {account} are replaced
};

#define DIGEST_TEXT_COLUMNS 72
#define DIGEST_SUBJECT_SIZE 256

// What to write above it: "Encryption modes, week 47: 3 upgraded, 1 rolled back".
enum err digest_subject(char out[DIGEST_SUBJECT_SIZE], const struct digest *digest);
// Lines of at most DIGEST_TEXT_COLUMNS columns but for addresses of pages; UTF-8, ends in LF.
enum err digest_text(struct buf *out, const struct digest *digest,
                     const struct digest_links *links);
// One page of tables with inline styles that asks the network for nothing. picture: what src of the
// chart is ("cid:..."), NULL = no chart.
enum err digest_html(struct buf *out, const struct digest *digest, const struct digest_links *links,
                     const char *picture);
// The same with the picture in it, as a file to look at.
enum err digest_page(struct buf *out, const struct digest *digest,
                     const struct digest_links *links);
// Stacked bars of zones by mode over the last weeks, PNG. ERR_NOT_FOUND with fewer than two weeks.
enum err digest_chart(struct buf *out, const struct digest *digest);
// The same in words, for those who do not see it.
enum err digest_chart_words(struct buf *out, const struct digest *digest);

struct digest_address {
    const char *name; // "" = none
    const char *address;
};

struct digest_envelope {
    const char *id;             // Message-ID without its brackets
    const char *list_id;        // "sslauto-digest.example.org"; NULL = no list
    struct digest_address from; // name UTF-8
    const char *reply_to;       // NULL = none
    const struct digest_address *to;
    size_t to_count; // 0 = undisclosed
};

// text/plain and text/html with its picture, lines end in CRLF (RFC 5322, 2045 to 2047, 2387,
// 2919, 3834). The same digest and envelope give the same bytes.
enum err digest_mime(struct buf *out, const struct digest *digest, const struct digest_links *links,
                     const struct digest_envelope *envelope);
// "digest.2026-W47.0123456789abcdef@example.org": the same for the same account, week and overview
// page, whoever makes it. For a notice: "rollback.ZONE.GENERATION@example.org".
enum err digest_message_id(struct buf *out, const struct digest *digest, int64_t generation,
                           const struct digest_links *links, const char *domain);

// {"kind": "digest"|"rollback", "account", "week", "from", "to", "made_at", "url", "sections": {
// "upgraded": {"total", "items": [{zone_id, zone, mode_from, mode_to, at, text, remedy, url}]},
// ...}, "modes": [{"week", "off", ...}]}; a new reference, NULL without memory.
json_t *digest_json(const struct digest *digest, const struct digest_links *links);

#endif
