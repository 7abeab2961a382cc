// SPDX-License-Identifier: Apache-2.0
// Mail clients drop style sheets, scripts and what must be fetched: everything stands in tables
// with inline styles, and colours are said in words too.
#include <openssl/evp.h>
#include <stdlib.h>

#include "core/str.h"
#include "core/time.h"
#include "digest/words.h"
#include "model/week.h"

#define FONT  "font-family:-apple-system,'Segoe UI',Roboto,'Noto Sans',Arial,sans-serif;"
#define INK   "color:#1b2430;"
#define QUIET "color:#5b6675;"
#define BREAK "word-break:break-word;overflow-wrap:anywhere;"
#define LAYOUT                                                                                     \
    "<table role=\"presentation\" width=\"100%\" border=\"0\" cellpadding=\"0\" "                  \
    "cellspacing=\"0\""

static enum err escaped(struct buf *out, const char *text)
{
    return str_add_html(out, span_of(text));
}

// before, the text escaped, after.
static enum err put(struct buf *out, const char *before, const char *text, const char *after)
{
    enum err e = buf_add_str(out, before);
    e = e == ERR_OK ? escaped(out, text) : e;
    return e == ERR_OK ? buf_add_str(out, after) : e;
}

static enum err put_head(struct buf *out, const struct digest *digest)
{
    char subject[DIGEST_SUBJECT_SIZE];
    enum err e = digest_subject(subject, digest);
    e = e == ERR_OK
            ? buf_add_str(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta "
                               "charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width="
                               "device-width, initial-scale=1\">\n<meta name=\"color-scheme\" "
                               "content=\"light\">\n")
            : e;
    e = e == ERR_OK ? put(out, "<title>", subject, "</title>\n</head>\n") : e;
    return e == ERR_OK
               ? buf_add_str(
                     out,
                     "<body style=\"margin:0;padding:0;background:#eef1f5;\">\n" LAYOUT
                     " style=\"background:#eef1f5;\">\n<tr><td "
                     "style=\"padding:16px 8px;text-align:center;\">\n" LAYOUT
                     " style=\"max-width:640px;margin:0 auto;background:#ffffff;border:1px solid "
                     "#dde2e9;border-radius:8px;" FONT INK "font-size:15px;"
                     "line-height:1.45;text-align:left;\">\n")
               : e;
}

// One number for each section that has something to tell.
static enum err put_sums(struct buf *out, const struct digest *digest)
{
    enum err e = buf_add_str(out, "<tr><td style=\"padding:0 20px 8px;\">");
    for (unsigned i = 0; e == ERR_OK && i < DIGEST_SECTION_COUNT; i++) {
        const struct section_words *words = words_section((enum digest_section)i);
        size_t total = digest->parts[i].total;
        if (total > 0) {
            e = buf_printf(out,
                           "<span style=\"display:inline-block;margin:0 18px 8px 0;\"><b style=\""
                           "font-size:24px;line-height:1.2;color:%s;\">%zu</b> %s</span>\n",
                           words->color, total, total == 1 ? words->one : words->many);
        }
    }
    return e == ERR_OK ? buf_add_str(out, "</td></tr>\n") : e;
}

static enum err put_title(struct buf *out, const struct digest *digest)
{
    struct buf line;
    buf_init(&line, LIMIT_OUTPUT_FIELD);
    enum err e = buf_printf(&line, "Account %.200s", digest->account);
    if (e == ERR_OK && !digest->notice) {
        char week[WEEK_TEXT_SIZE];
        e = buf_printf(&line, ", week %s: ", week_print(week, digest->week));
        e = e == ERR_OK ? words_days(&line, digest->week) : e;
    }
    e = e == ERR_OK ? put(out,
                          "<tr><td style=\"padding:20px 20px 12px;\"><h1 style=\"margin:0 0 4px;"
                          "font-size:21px;line-height:1.25;\">",
                          digest->notice ? "A rollout went back"
                                         : "Encryption between the edge and the origins",
                          "</h1>")
                    : e;
    e = e == ERR_OK
            ? put(out, "<p style=\"margin:0;" QUIET BREAK "\">", buf_str(&line), "</p></td></tr>\n")
            : e;
    buf_done(&line);
    return e;
}

static enum err put_chart(struct buf *out, const struct digest *digest, const char *picture)
{
    struct buf words;
    buf_init(&words, LIMIT_OUTPUT_FIELD);
    enum err e = digest_chart_words(&words, digest);
    e = e == ERR_OK ? put(out, "<tr><td style=\"padding:4px 20px 0;\"><img width=\"560\" alt=\"",
                          buf_str(&words), "\"")
                    : e;
    e = e == ERR_OK ? put(out, " src=\"", picture,
                          "\" style=\"display:block;width:100%;max-width:600px;height:auto;"
                          "border:0;\">")
                    : e;
    e = e == ERR_OK ? buf_printf(out,
                                 "<p style=\"margin:4px 0 0;" QUIET "font-size:13px;\">One bar "
                                 "for each week, the last one at the right; the highest stands "
                                 "for %lld zones.</p></td></tr>\n",
                                 (long long)words_most_zones(digest))
                    : e;
    buf_done(&words);
    return e;
}

#define NUMBER_CELL "<td style=\"padding:3px 0 3px 14px;text-align:right;\">"

static enum err put_mode_row(struct buf *out, const struct digest *digest, int mode)
{
    const struct digest_modes *then = &digest->modes[0];
    const struct digest_modes *now = &digest->modes[digest->mode_count - 1];
    enum err e = buf_printf(
        out,
        "<tr><td width=\"18\" style=\"padding:3px 0;\"><span style=\"display:"
        "inline-block;width:12px;height:12px;vertical-align:middle;background:%s;\">&nbsp;</span>"
        "</td>",
        words_mode_colors[mode]);
    e = e == ERR_OK
            ? put(out, "<td style=\"padding:3px 0;\">", mode_title((enum mode)mode), "</td>")
            : e;
    if (e == ERR_OK && digest->mode_count > 1) {
        e = buf_printf(out, NUMBER_CELL "%lld</td>", (long long)then->zones[mode]);
    }
    return e == ERR_OK
               ? buf_printf(out, NUMBER_CELL "<b>%lld</b></td></tr>\n", (long long)now->zones[mode])
               : e;
}

static enum err put_modes(struct buf *out, const struct digest *digest, const char *picture)
{
    char then[WEEK_TEXT_SIZE];
    char now[WEEK_TEXT_SIZE];
    if (digest->mode_count == 0) {
        return ERR_OK;
    }
    size_t last = digest->mode_count - 1;
    enum err e = put(out,
                     "<tr><td style=\"padding:16px 20px 8px;\"><h2 style=\"margin:0;font-size:"
                     "17px;\">",
                     "Zones by mode", "</h2></td></tr>\n");
    if (e == ERR_OK && picture != NULL && last > 0) {
        e = put_chart(out, digest, picture);
    }
    e = e == ERR_OK
            ? buf_add_str(out, "<tr><td style=\"padding:8px 20px 12px;\"><table width=\""
                               "100%\" border=\"0\" cellpadding=\"0\" cellspacing=\"0\" "
                               "style=\"font-size:14px;\">\n<tr style=\"" QUIET "\"><th "
                               "style=\"text-align:left;\" colspan=\"2\" scope=\"col\">Mode</th>")
            : e;
    if (e == ERR_OK && last > 0) {
        e = buf_printf(out,
                       "<th style=\"text-align:right;white-space:nowrap;padding-left:14px;\" "
                       "scope=\"col\">%s</th>",
                       week_print(then, digest->modes[0].week));
    }
    e = e == ERR_OK
            ? buf_printf(out,
                         "<th style=\"text-align:right;white-space:nowrap;padding-left:14px;\" "
                         "scope=\"col\">%s</th></tr>\n",
                         week_print(now, digest->modes[last].week))
            : e;
    for (int mode = MODE_COUNT - 1; e == ERR_OK && mode >= 0; mode--) {
        e = put_mode_row(out, digest, mode);
    }
    return e == ERR_OK ? buf_add_str(out, "</table></td></tr>\n") : e;
}

static enum err put_zone(struct buf *out, const struct digest *digest,
                         const struct digest_links *links, const struct digest_item *item)
{
    struct buf link;
    buf_init(&link, LIMIT_OUTPUT_FIELD);
    enum err e = words_zone_link(&link, digest, links, item);
    if (e == ERR_OK && link.len > 0) {
        e = put(out, "<a style=\"color:#1557b8;font-weight:600;" BREAK "\" href=\"", buf_str(&link),
                "\">");
        e = e == ERR_OK ? put(out, "", item->zone, "</a>") : e;
    } else if (e == ERR_OK) {
        e = put(out, "<b style=\"" BREAK "\">", item->zone, "</b>");
    }
    buf_done(&link);
    return e;
}

static enum err put_item(struct buf *out, const struct digest *digest,
                         const struct digest_links *links, enum digest_section section,
                         const struct digest_item *item)
{
    struct buf head;
    buf_init(&head, LIMIT_OUTPUT_FIELD);
    enum err e =
        buf_add_str(out, "<tr><td style=\"padding:9px 0;border-top:1px solid #e6eaf0;" BREAK "\">");
    e = e == ERR_OK ? put_zone(out, digest, links, item) : e;
    e = e == ERR_OK ? words_item(&head, section, item, digest->made_at) : e;
    e = e == ERR_OK ? put(out, "<br>\n<span style=\"" QUIET "\">", buf_str(&head), "</span>") : e;
    if (e == ERR_OK && item->text[0] != '\0') {
        e = put(out, "<br>\n", item->text, "");
    }
    if (e == ERR_OK && item->remedy[0] != '\0') {
        e = put(out, "<br>\n<span style=\"" QUIET "\"><b>What to do:</b> ", item->remedy,
                "</span>");
    }
    buf_done(&head);
    return e == ERR_OK ? buf_add_str(out, "</td></tr>\n") : e;
}

static enum err put_section(struct buf *out, const struct digest *digest,
                            const struct digest_links *links, enum digest_section section)
{
    const struct digest_part *part = &digest->parts[section];
    const struct section_words *words = words_section(section);
    if (part->total == 0) {
        return ERR_OK;
    }
    enum err e =
        buf_printf(out,
                   "<tr><td style=\"padding:14px 20px 4px;\"><h2 style=\"margin:0 0 4px;"
                   "padding-left:10px;border-left:4px solid %s;font-size:17px;\">%s (%zu)"
                   "</h2><p style=\"margin:0;" QUIET "font-size:14px;\">%s</p></td></tr>\n",
                   words->color, words->title, part->total, words->lead);
    e = e == ERR_OK ? buf_add_str(out, "<tr><td style=\"padding:4px 20px 10px;\">" LAYOUT
                                       " style=\"font-size:14px;\">\n")
                    : e;
    for (size_t i = 0; e == ERR_OK && i < part->count; i++) {
        e = put_item(out, digest, links, section, &part->items[i]);
    }
    if (e == ERR_OK && part->total > part->count) {
        e = buf_printf(out,
                       "<tr><td style=\"padding:9px 0;" QUIET "\">... and %zu more</td></tr>\n",
                       part->total - part->count);
    }
    return e == ERR_OK ? buf_add_str(out, "</table></td></tr>\n") : e;
}

static enum err put_foot(struct buf *out, const struct digest *digest,
                         const struct digest_links *links)
{
    enum err e = buf_add_str(out, "<tr><td style=\"padding:14px 20px 20px;border-top:1px solid "
                                  "#dde2e9;" QUIET "font-size:13px;" BREAK "\">");
    if (e == ERR_OK && links->overview != NULL) {
        e = put(out, "<p style=\"margin:0 0 8px;\"><a style=\"color:#1557b8;\" href=\"",
                links->overview, "\">");
        e = e == ERR_OK ? put(out, "Open the overview: ", links->overview, "</a></p>\n") : e;
    }
    e = e == ERR_OK ? put(out, "", words_foot(digest), "</td></tr>\n") : e;
    return e == ERR_OK ? buf_add_str(out, "</table>\n</td></tr>\n</table>\n</body>\n</html>\n") : e;
}

enum err digest_html(struct buf *out, const struct digest *digest, const struct digest_links *links,
                     const char *picture)
{
    enum err e = put_head(out, digest);
    e = e == ERR_OK ? put_title(out, digest) : e;
    e = e == ERR_OK ? put_sums(out, digest) : e;
    for (unsigned i = 0; e == ERR_OK && i < DIGEST_SECTION_COUNT; i++) {
        e = put_section(out, digest, links, (enum digest_section)i);
    }
    e = e == ERR_OK ? put_modes(out, digest, picture) : e;
    return e == ERR_OK ? put_foot(out, digest, links) : e;
}

enum err digest_page(struct buf *out, const struct digest *digest, const struct digest_links *links)
{
    struct buf png;
    struct buf uri;
    buf_init(&png, LIMIT_MAIL);
    buf_init(&uri, LIMIT_MAIL);
    enum err e = digest_chart(&png, digest);
    bool chart = e == ERR_OK;
    e = e == ERR_NOT_FOUND ? ERR_OK : e;
    if (chart) {
        unsigned char *base64 = malloc(png.len * 2 + 8);
        e = base64 == NULL ? ERR_NOMEM : ERR_OK;
        if (e == ERR_OK) {
            (void)EVP_EncodeBlock(base64, (const unsigned char *)png.at, (int)png.len);
            e = buf_printf(&uri, "data:image/png;base64,%s", (const char *)base64);
        }
        free(base64);
    }
    e = e == ERR_OK ? digest_html(out, digest, links, chart ? buf_str(&uri) : NULL) : e;
    buf_done(&png);
    buf_done(&uri);
    return e;
}
