// SPDX-License-Identifier: Apache-2.0
// One message, put together by GMime: it folds and encodes headers (RFC 5322, 2047), encodes bodies
// (RFC 2045), and nests the parts.
//
//   multipart/alternative
//     text/plain
//     multipart/related          or the page alone where there is no picture
//       text/html
//       image/png, inline
#include <gmime/gmime.h>
#include <openssl/evp.h>

#include "digest/words.h"
#include "model/week.h"

#define CHART_NAME "modes.png"

static void object_unref(GMimeObject **object)
{
    if (*object != NULL) {
        g_object_unref(*object);
    }
}

// A part that owns nothing of ours. The encoding is told, so that no client depends on 8BITMIME.
static GMimeObject *text_part(const char *subtype, const char *text)
{
    GMimeTextPart *part = g_mime_text_part_new_with_subtype(subtype);
    g_mime_text_part_set_charset(part, "utf-8");
    g_mime_text_part_set_text(part, text);
    g_mime_part_set_content_encoding(GMIME_PART(part), GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
    return GMIME_OBJECT(part);
}

static GMimeObject *chart_part(const struct buf *png, const char *content_id)
{
    GMimePart *part = g_mime_part_new_with_type("image", "png");
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(png->at, png->len);
    GMimeDataWrapper *content =
        g_mime_data_wrapper_new_with_stream(stream, GMIME_CONTENT_ENCODING_BINARY);
    g_mime_part_set_content(part, content);
    g_mime_part_set_content_encoding(part, GMIME_CONTENT_ENCODING_BASE64);
    g_mime_object_set_disposition(GMIME_OBJECT(part), GMIME_DISPOSITION_INLINE);
    g_mime_part_set_filename(part, CHART_NAME);
    g_mime_object_set_content_id(GMIME_OBJECT(part), content_id);
    g_object_unref(content);
    g_object_unref(stream);
    return GMIME_OBJECT(part);
}

// Takes both parts. The boundary is made from the id: the same message has the same bytes.
static GMimeObject *multipart(const char *subtype, const char *id, GMimeObject *first,
                              GMimeObject *second)
{
    char boundary[64];
    GMimeMultipart *parts = g_mime_multipart_new_with_subtype(subtype);
    (void)snprintf(boundary, sizeof boundary, "=_%.11s_%.40s", subtype, id);
    for (char *c = boundary; *c != '\0'; c++) {
        *c = *c == '@' ? '_' : *c;
    }
    g_mime_multipart_set_boundary(parts, boundary);
    g_mime_multipart_add(parts, first);
    g_mime_multipart_add(parts, second);
    g_object_unref(first);
    g_object_unref(second);
    return GMIME_OBJECT(parts);
}

static enum err page_part(GMimeObject **out, const struct digest *digest,
                          const struct digest_links *links, const char *id)
{
    struct buf html;
    struct buf png;
    char content_id[320];
    char source[330];
    buf_init(&html, LIMIT_MAIL);
    buf_init(&png, LIMIT_MAIL);
    (void)snprintf(content_id, sizeof content_id, "modes.%.300s", id);
    (void)snprintf(source, sizeof source, "cid:%s", content_id);
    enum err e = digest_chart(&png, digest);
    bool chart = e == ERR_OK;
    e = e == ERR_NOT_FOUND ? ERR_OK : e;
    e = e == ERR_OK ? digest_html(&html, digest, links, chart ? source : NULL) : e;
    if (e == ERR_OK) {
        *out = text_part("html", buf_str(&html));
        if (chart) {
            *out = multipart("related", id, *out, chart_part(&png, content_id));
            g_mime_object_set_content_type_parameter(*out, "type", "text/html"); // RFC 2387
        }
    }
    buf_done(&html);
    buf_done(&png);
    return e;
}

static enum err body(GMimeObject **out, const struct digest *digest,
                     const struct digest_links *links, const char *id)
{
    struct buf text;
    buf_init(&text, LIMIT_MAIL);
    OWN(object_unref) GMimeObject *page = NULL;
    enum err e = digest_text(&text, digest, links);
    e = e == ERR_OK ? page_part(&page, digest, links, id) : e;
    if (e == ERR_OK) {
        *out = multipart("alternative", id, text_part("plain", buf_str(&text)), page);
        page = NULL;
    }
    buf_done(&text);
    return e;
}

static void address_header(GMimeMessage *message, const struct digest_envelope *envelope)
{
    const char *name = envelope->from.name[0] == '\0' ? NULL : envelope->from.name;
    g_mime_message_add_mailbox(message, GMIME_ADDRESS_TYPE_FROM, name, envelope->from.address);
    if (envelope->reply_to != NULL) {
        g_mime_message_add_mailbox(message, GMIME_ADDRESS_TYPE_REPLY_TO, NULL, envelope->reply_to);
    }
    for (size_t i = 0; i < envelope->to_count; i++) {
        const struct digest_address *to = &envelope->to[i];
        g_mime_message_add_mailbox(message, GMIME_ADDRESS_TYPE_TO,
                                   to->name[0] == '\0' ? NULL : to->name, to->address);
    }
    if (envelope->to_count == 0) { // RFC 5322 section 3.4: an empty group
        g_mime_object_set_header(GMIME_OBJECT(message), "To", "undisclosed-recipients:;", NULL);
    }
}

static enum err headers(GMimeMessage *message, const struct digest *digest,
                        const struct digest_envelope *envelope)
{
    char subject[DIGEST_SUBJECT_SIZE];
    enum err e = digest_subject(subject, digest);
    if (e != ERR_OK) {
        return e;
    }
    address_header(message, envelope);
    char *valid = g_utf8_make_valid(subject, -1); // a long name may have been cut in a letter
    g_mime_message_set_subject(message, valid, "utf-8");
    g_free(valid);
    GDateTime *date = g_date_time_new_from_unix_utc(digest->made_at);
    if (date != NULL) {
        g_mime_message_set_date(message, date);
        g_date_time_unref(date);
    }
    g_mime_message_set_message_id(message, envelope->id);
    GMimeObject *object = GMIME_OBJECT(message);
    if (envelope->list_id != NULL) {
        char list[320];
        (void)snprintf(list, sizeof list, "sslauto digest <%.300s>", envelope->list_id);
        g_mime_object_set_header(object, "List-Id", list, NULL); // RFC 2919
    }
    g_mime_object_set_header(object, "Auto-Submitted", "auto-generated", NULL); // RFC 3834
    g_mime_object_set_header(object, "MIME-Version", "1.0", NULL);
    return ERR_OK;
}

static enum err print(struct buf *out, GMimeMessage *message)
{
    GMimeFormatOptions *options = g_mime_format_options_new();
    g_mime_format_options_set_newline_format(options, GMIME_NEWLINE_FORMAT_DOS);
    char *text = g_mime_object_to_string(GMIME_OBJECT(message), options);
    enum err e = text == NULL ? ERR_NOMEM : buf_add_str(out, text);
    g_free(text);
    g_mime_format_options_free(options);
    return e;
}

enum err digest_mime(struct buf *out, const struct digest *digest, const struct digest_links *links,
                     const struct digest_envelope *envelope)
{
    g_mime_init();
    OWN(object_unref) GMimeObject *parts = NULL;
    enum err e = body(&parts, digest, links, envelope->id);
    if (e != ERR_OK) {
        return e;
    }
    GMimeMessage *message = g_mime_message_new(TRUE);
    e = headers(message, digest, envelope);
    if (e == ERR_OK) {
        g_mime_message_set_mime_part(message, parts);
        e = print(out, message);
    }
    g_object_unref(message);
    return e;
}

// 64 bits of SHA-256 over what tells installations and accounts apart.
static enum err fingerprint(char out[17], const char *account, const char *overview)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    struct buf text;
    buf_init(&text, LIMIT_MAIL);
    enum err e = buf_printf(&text, "%s\n%s", account, overview == NULL ? "" : overview);
    if (e == ERR_OK &&
        EVP_Digest(buf_str(&text), text.len, digest, NULL, EVP_sha256(), NULL) != 1) {
        e = ERR_NOMEM;
    }
    for (size_t i = 0; e == ERR_OK && i < 8; i++) {
        (void)snprintf(out + 2 * i, 3, "%02x", digest[i]);
    }
    buf_done(&text);
    return e;
}

enum err digest_message_id(struct buf *out, const struct digest *digest, int64_t generation,
                           const struct digest_links *links, const char *domain)
{
    char hash[17];
    char week[WEEK_TEXT_SIZE];
    const struct digest_part *back = &digest->parts[DIGEST_ROLLED_BACK];
    if (digest->notice && back->count > 0) {
        return buf_printf(out, "rollback.%s.%lld@%s", back->items[0].zone_id, (long long)generation,
                          domain);
    }
    enum err e = fingerprint(hash, digest->account, links->overview);
    return e != ERR_OK
               ? e
               : buf_printf(out, "digest.%s.%s@%s", week_print(week, digest->week), hash, domain);
}
