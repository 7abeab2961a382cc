// SPDX-License-Identifier: Apache-2.0
#include "cli/report_html.h"

#include <inttypes.h>
#include <openssl/evp.h>

#include "cli/answer.h"
#include "core/limits.h"
#include "core/str.h"
#include "core/time.h"

static void put(const char *text)
{
    (void)fputs(text, stdout);
}

static void put_escaped(const char *text)
{
    struct buf safe;
    buf_init(&safe, 8 * LIMIT_OUTPUT_FIELD);
    (void)str_add_html(&safe, span_of(text));
    put(buf_str(&safe));
    buf_done(&safe);
}

void report_count(struct report_totals *totals, const struct zone *zone, const struct db_scan *scan)
{
    enum mode then =
        scan == NULL || scan->mode_recommended == MODE_NONE ? zone->mode : scan->mode_recommended;
    totals->sites++;
    totals->now[zone->mode]++;
    totals->then[then]++;
    if (scan == NULL) {
        totals->unscanned++;
        return;
    }
    totals->verdicts[scan->verdict]++;
    totals->blocked += scan->blocker_count > 0;
}

// 'sha256-...' of an inline style or script (Content Security Policy Level 3, section 2.3.1).
static void put_hash(const char *text)
{
    unsigned char digest[32];
    unsigned char base64[48];
    if (EVP_Digest(text, strlen(text), digest, NULL, EVP_sha256(), NULL) == 1) {
        (void)EVP_EncodeBlock(base64, digest, sizeof digest);
        (void)printf("'sha256-%s'", (const char *)base64);
    }
}

static void put_head(void)
{
    put("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src ");
    put_hash(report_css);
    put("; script-src ");
    put_hash(report_js);
    put("; base-uri 'none'; form-action 'none'\">\n<meta name=\"referrer\" content=\"no-referrer\">"
        "\n<meta name=\"robots\" content=\"noindex\">\n<title>Encryption to origin servers</title>"
        "\n<style>");
    put(report_css);
    put("</style>\n</head>\n<body>\n");
}

static void put_tile(int64_t count, const char *words)
{
    (void)printf("<li><b>%" PRId64 "</b>%s</li>\n", count, words);
}

static void put_tiles(const struct report_totals *t)
{
    put("<ul class=\"tiles\">\n");
    put_tile(t->sites, t->sites == 1 ? "site" : "sites");
    put_tile(t->verdicts[VERDICT_UPGRADE], "can be upgraded now");
    put_tile(t->verdicts[VERDICT_KEEP], "keep their mode");
    put_tile(t->blocked, "have something in the way");
    put_tile(t->verdicts[VERDICT_AT_RISK], "at risk");
    put_tile(t->verdicts[VERDICT_UNKNOWN] + t->unscanned, "unknown or not looked at");
    put("</ul>\n");
}

static void put_bar(const char *kind, const char *words, int64_t count, int64_t most)
{
    (void)printf("<div class=\"bar\"><svg viewBox=\"0 0 100 1\" preserveAspectRatio=\"none\" "
                 "aria-hidden=\"true\"><rect class=\"%s\" width=\"%.2f\" height=\"1\"/></svg>"
                 "<span><b>%" PRId64 "</b> %s</span></div>\n",
                 kind, (double)count * 100 / (double)most, count, words);
}

// Two bars per mode. Lengths are attributes, not styles: the policy above forbids those.
static void put_chart(const struct report_totals *t)
{
    int64_t most = 1;
    for (int i = 0; i < MODE_COUNT; i++) {
        most = t->now[i] > most ? t->now[i] : most;
        most = t->then[i] > most ? t->then[i] : most;
    }
    put("<section>\n<h2>Sites by encryption mode</h2>\n<p class=\"quiet\">Now, and when every "
        "recommendation is followed. The most secure mode stands last.</p>\n"
        "<div class=\"chart\">\n");
    for (int i = 0; i < MODE_COUNT; i++) {
        put("<div><h3>");
        put_escaped(mode_title((enum mode)i));
        put("</h3>\n");
        put_bar("now", "now", t->now[i], most);
        put_bar("then", "then", t->then[i], most);
        put("</div>\n");
    }
    put("</div>\n</section>\n");
}

static void put_tools(void)
{
    put("<div class=\"tools\" hidden>\n<label class=\"wide\">Search<input id=\"f-text\" "
        "type=\"search\" placeholder=\"name, reason, remedy\"></label>\n<label>Verdict<select "
        "id=\"f-verdict\"><option value=\"\">all</option><option value=\"upgrade\">upgrade</option>"
        "<option value=\"keep\">keep</option><option value=\"at_risk\">at risk</option>"
        "<option value=\"unknown\">unknown</option><option value=\"unscanned\">not looked at"
        "</option></select></label>\n<label>Mode now<select id=\"f-mode\"><option value=\"\">all"
        "</option>");
    for (int i = 0; i < MODE_COUNT; i++) {
        (void)printf("<option value=\"%s\">", mode_str((enum mode)i));
        put_escaped(mode_title((enum mode)i));
        put("</option>");
    }
    put("</select></label>\n<label class=\"check\"><input id=\"f-blocked\" type=\"checkbox\">"
        "only where something is in the way</label>\n</div>\n"
        "<p class=\"shown\" role=\"status\"></p>\n");
}

enum err report_begin(const struct report_totals *totals, const char *account, int64_t now)
{
    char text[TIME_TEXT_SIZE];
    put_head();
    (void)printf("<header>\n<h1>Encryption between the edge and the origins</h1>\n"
                 "<p class=\"quiet\">Made by sslauto, <time>%s</time>",
                 time_print(text, now));
    if (account != NULL) {
        put(", account ");
        put_escaped(account);
    }
    put("</p>\n<p>For every site: how the edge talks to its server today, the most secure mode "
        "that does not break the site, and what stands in the way of more.</p>\n</header>\n"
        "<main>\n");
    put_tiles(totals);
    put_chart(totals);
    put("<section>\n<h2>Sites</h2>\n");
    put_tools();
    put("<table class=\"sites\">\n<thead><tr><th scope=\"col\">Site</th><th scope=\"col\">Mode now"
        "</th><th scope=\"col\">Recommended</th><th scope=\"col\">Verdict</th><th scope=\"col\">"
        "In the way, and what to do</th><th scope=\"col\">Looked at</th></tr></thead>\n<tbody>\n");
    return output_check();
}

static void put_mode(const char *label, enum mode mode)
{
    (void)printf("<td class=\"mode\" data-label=\"%s\" data-sort=\"%d\">", label, (int)mode);
    put_escaped(mode == MODE_NONE ? "\xe2\x80\x93" : mode_title(mode));
    put("</td>");
}

static void put_blockers(const json_t *blockers, const char *zone)
{
    size_t i = 0;
    const json_t *blocker = NULL;
    if (json_array_size(blockers) == 0) {
        put("<td class=\"empty\" data-label=\"In the way\"></td>");
        return;
    }
    put("<td data-label=\"In the way\"><ul class=\"block\">");
    json_array_foreach(blockers, i, blocker)
    {
        const char *named = json_text_at(blocker, "host");
        const char *host = strcmp(named, zone) == 0 ? "" : named; // the row says it already
        const char *origin = json_text_at(blocker, "origin");
        put("<li>");
        put_escaped(json_text_at(blocker, "text"));
        if (host[0] != '\0' || origin[0] != '\0') {
            put(" <small class=\"quiet\">(");
            put_escaped(host);
            put(host[0] != '\0' && origin[0] != '\0' ? " at " : "");
            put_escaped(origin);
            put(")</small>");
        }
        put("<span class=\"fix\">");
        put_escaped(json_text_at(blocker, "remedy"));
        put("</span></li>");
    }
    put("</ul></td>");
}

enum err report_row(const struct zone *zone, const struct db_scan *scan, const json_t *blockers)
{
    static const char *const titles[VERDICT_COUNT] = {
        [VERDICT_UPGRADE] = "upgrade",
        [VERDICT_KEEP] = "keep",
        [VERDICT_UNKNOWN] = "unknown",
        [VERDICT_AT_RISK] = "at risk",
    };
    char text[TIME_TEXT_SIZE];
    const char *verdict = scan == NULL ? "unscanned" : verdict_str(scan->verdict);
    (void)printf("<tr data-verdict=\"%s\" data-mode=\"%s\" data-blocked=\"%d\"><th scope=\"row\">",
                 verdict, mode_str(zone->mode), scan != NULL && scan->blocker_count > 0);
    put_escaped(zone->name);
    put("<small>");
    put_escaped(zone->account);
    put("</small></th>");
    put_mode("Now", zone->mode);
    put_mode("Recommended", scan == NULL ? MODE_NONE : scan->mode_recommended);
    (void)printf("<td data-label=\"Verdict\"><span class=\"badge %s\">%s</span></td>", verdict,
                 scan == NULL ? "not looked at" : titles[scan->verdict]);
    put_blockers(blockers, zone->name);
    if (scan == NULL) {
        put("<td class=\"date empty\" data-label=\"Looked at\"></td></tr>\n");
    } else {
        (void)time_print(text, scan->scanned_at);
        (void)printf("<td class=\"date\" data-label=\"Looked at\"><time datetime=\"%s\">%.10s"
                     "</time></td></tr>\n",
                     text, text);
    }
    return output_check();
}

enum err report_rollouts_begin(void)
{
    put("</tbody>\n</table>\n</section>\n<section>\n<h2>Rollouts</h2>\n<p class=\"quiet\">The last "
        "attempt of each site to move its visitors to another mode: their share over time.</p>\n"
        "<div class=\"ramps\">");
    return output_check();
}

enum err report_rollout(const struct zone *zone, const struct rollout *rollout,
                        const struct ramp *ramp, const char *words)
{
    struct buf drawing;
    buf_init(&drawing, 64 * RAMP_POINTS);
    enum err e = ramp_svg(&drawing, ramp);
    put("\n<div><h3>");
    put_escaped(zone->name);
    put("</h3><p class=\"quiet\">");
    put_escaped(mode_title(rollout->from));
    put(" to ");
    put_escaped(mode_title(rollout->to));
    (void)printf(", attempt %" PRId64 ": <span class=\"badge %s\">%s</span> ", rollout->generation,
                 ramp->failed ? "at_risk" : "keep", rollout_state_str(rollout->state));
    put_escaped(words);
    put("</p>");
    put(buf_str(&drawing));
    put("</div>");
    buf_done(&drawing);
    return e == ERR_OK ? output_check() : e;
}

enum err report_end(void)
{
    put("</div>\n</section>\n</main>\n<footer>Modes, from least to most secure: Off, "
        "Flexible, Full, Full (strict), Strict (SSL-only origin pull). A recommendation is never "
        "below the mode of today.</footer>\n<script>");
    put(report_js);
    put("</script>\n</body>\n</html>\n");
    return output_check();
}
