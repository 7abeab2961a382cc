// SPDX-License-Identifier: Apache-2.0
#include "recommend/content.h"

#include "core/url.h"

static bool moves(int status)
{
    return status >= 300 && status < 400;
}

enum place {
    PLACE_SAME,
    PLACE_OTHER,
    PLACE_UNKNOWN
};

static const struct host_evidence *find_host(const struct evidence *all, const char *url_text)
{
    struct url url = {0};
    const struct host_evidence *found = NULL;
    if (url_text != NULL && url_parse(&url, span_of(url_text)) == ERR_OK) {
        for (size_t i = 0; found == NULL && i < all->host_count; i++) {
            found = strcmp(all->hosts[i].name, url.host) == 0 ? &all->hosts[i] : NULL;
        }
    }
    url_done(&url);
    return found;
}

// HTTP did nothing but send the visitor to where HTTPS begins.
static bool is_start_of_https(const struct look *look, const struct url *http)
{
    return http->https && look->about.host != NULL && strcmp(http->host, look->about.host) == 0 &&
           strcmp(http->path, "/") == 0;
}

// Where both chains of redirects left the visitor.
static enum place compare_places(const struct look *look)
{
    const struct origin_evidence *origin = look->origin;
    struct url http = {0};
    struct url https = {0};
    enum place place = PLACE_UNKNOWN;
    if (origin->http.final_url != NULL && origin->https.final_url != NULL &&
        url_parse(&http, span_of(origin->http.final_url)) == ERR_OK &&
        url_parse(&https, span_of(origin->https.final_url)) == ERR_OK) {
        bool same = url_same_place(&http, &https) || is_start_of_https(look, &http);
        place = same ? PLACE_SAME : PLACE_OTHER;
    }
    url_done(&http);
    url_done(&https);
    return place;
}

// A host of the zone that serves pages of its own at the end of redirects from host to host.
static bool host_tells(const struct look *look)
{
    const struct evidence *all = look->evidence;
    const char *at = look->origin->https.final_url;
    for (size_t steps = 0; steps < all->host_count; steps++) {
        const struct host_evidence *host = find_host(all, at);
        if (host == NULL || host->origin_count == 0) {
            return false;
        }
        const char *next = NULL;
        for (size_t i = 0; i < host->origin_count; i++) {
            const struct scheme_evidence *https = &host->origins[i].https;
            if (https->redirect == REDIRECT_OFF_ZONE || !outcome_is_answer(https->outcome)) {
                return false;
            }
            next = https->redirect == REDIRECT_OTHER_HOST ? https->final_url : next;
        }
        if (next == NULL) {
            return true;
        }
        at = next;
    }
    return false;
}

// Both schemes send visitors to the same place on another host of the zone.
static enum content judge_other_host(const struct look *look, struct finding_list *blockers)
{
    if (host_tells(look)) {
        return CONTENT_ELSEWHERE;
    }
    finding_add(blockers, "other_host_unknown", &look->about, "%.300s",
                look->origin->https.final_url);
    return CONTENT_UNKNOWN;
}

static const char *relation(const struct scheme_evidence *scheme)
{
    return scheme->same_site ? "of the same registrable domain" : "of another registrable domain";
}

static void say_off_zone(const struct look *look, struct finding_list *blockers)
{
    const struct scheme_evidence *http = &look->origin->http;
    const struct scheme_evidence *https = &look->origin->https;
    bool by_http = http->redirect == REDIRECT_OFF_ZONE;
    bool by_https = https->redirect == REDIRECT_OFF_ZONE;
    const struct scheme_evidence *off = by_https ? https : http;
    finding_add(blockers, "redirects_elsewhere", &look->about, "%s to %.250s, %s",
                by_http && by_https ? "HTTP and HTTPS" : (by_https ? "HTTPS" : "HTTP"),
                off->final_url, relation(off));
}

static enum content say_other_place(const struct look *look, struct finding_list *blockers)
{
    const struct scheme_evidence *http = &look->origin->http;
    const struct scheme_evidence *https = &look->origin->https;
    const struct scheme_evidence *gone = https->redirect == REDIRECT_OFF_ZONE ? https : http;
    bool off = gone->redirect == REDIRECT_OFF_ZONE;
    finding_add(blockers, "different_place", &look->about,
                "HTTP ends at %.200s, HTTPS at %.200s%s%s", http->final_url, https->final_url,
                off ? ", " : "", off ? relation(gone) : "");
    return CONTENT_BAD;
}

static enum content judge_place(const struct look *look, struct finding_list *blockers)
{
    enum redirect http = look->origin->http.redirect;
    enum redirect https = look->origin->https.redirect;
    enum place place = compare_places(look);
    if (place == PLACE_UNKNOWN) {
        finding_add(blockers, "place_unknown", &look->about, "%s", "");
        return CONTENT_UNKNOWN;
    }
    if (place == PLACE_OTHER) {
        return say_other_place(look, blockers);
    }
    if (http == REDIRECT_OFF_ZONE || https == REDIRECT_OFF_ZONE) {
        say_off_zone(look, blockers);
        return CONTENT_UNKNOWN;
    }
    if (https != REDIRECT_OTHER_HOST) {
        return CONTENT_SAME;
    }
    bool both = http == REDIRECT_OTHER_HOST || http == REDIRECT_TO_HTTPS;
    return both ? judge_other_host(look, blockers) : say_other_place(look, blockers);
}

static enum content judge_status(const struct look *look, struct finding_list *blockers)
{
    const struct scheme_evidence *http = &look->origin->http;
    const struct scheme_evidence *https = &look->origin->https;
    if (http->status >= 500) {
        finding_add(blockers, "http_server_error", &look->about, "it answers %d", http->status);
        return CONTENT_UNKNOWN;
    }
    if (http->status < 400 && https->status >= 400) {
        finding_add(blockers, https->status == 401 ? "login_wall" : "https_status", &look->about,
                    "HTTP answers %d, HTTPS answers %d", http->status, https->status);
        return CONTENT_BAD;
    }
    if (http->status >= 400 && https->status < 400) {
        finding_add(blockers, "http_status", &look->about, "HTTP answers %d, HTTPS answers %d",
                    http->status, https->status);
        return CONTENT_UNKNOWN;
    }
    return CONTENT_SAME;
}

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text);
    size_t end_len = strlen(end);
    return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

// The name of a difference, by the rule of similarity/ or pipeline/ that found it.
static const char *name_of_difference(const struct page_evidence *page)
{
    static const struct {
        const char *rule, *code;
    } names[] = {
        {"stock_page_http", "http_default_page"},
        {"stock_page_https", "https_default_page"},
        {"stock_page_both", "https_default_page"},
        {"status_http", "http_status"},
        {"status_https", "https_status"},
        {"https_failed", "page_failed"},
        {"download_https", "https_download"},
        {"type_https", "https_type"},
        {"charset_https", "https_type"},
        {"policy_https", "https_policy"},
        {"https_to_http", "https_redirects_to_http"},
        {"other_place", "different_place"},
        {"redirect_on_one_side", "different_place"},
        {"refresh_https", "different_place"},
        {"refresh_both", "different_place"},
        {"refresh_to_http", "https_redirects_to_http"},
    };
    if (page->role == ROLE_RESOURCE) {
        return "resource_failed";
    }
    bool walled = strncmp(page->rule, "login", 5) == 0;
    if (walled || (page->https_status == 401 && page->http_status != 401)) {
        return "login_wall";
    }
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (strcmp(page->rule, names[i].rule) == 0) {
            return names[i].code;
        }
    }
    return "content_different";
}

// Rules that find fault with the page over HTTP alone end so: no failure of HTTPS was seen.
static bool blames_http(const struct page_evidence *page)
{
    return ends_with(page->rule, "_http") && !ends_with(page->rule, "_to_http");
}

// A page that HTTPS serves worse than HTTP, whatever the verdict on its content says.
static bool fails_over_https(const struct page_evidence *page)
{
    // A redirect to HTTPS was not followed: HTTP serves nothing there that could be lost.
    if (!outcome_is_answer(page->http_outcome) || page->http_status >= 300) {
        return false;
    }
    bool skipped =
        page->https_outcome == OUTCOME_SKIPPED || page->https_outcome == OUTCOME_OVERLOAD;
    return !skipped && (!outcome_is_answer(page->https_outcome) || page->https_status >= 400);
}

static enum content judge_difference(const struct look *look, const struct page_evidence *page,
                                     struct finding_list *blockers)
{
    finding_add(blockers, name_of_difference(page), &look->about, "%.200s (%s)", page->path,
                page->detail[0] != '\0' ? page->detail : page->rule);
    return blames_http(page) ? CONTENT_UNKNOWN : CONTENT_BAD;
}

static enum content judge_page(const struct look *look, const struct page_evidence *page,
                               struct finding_list *blockers)
{
    switch (page->sameness) {
    case SAMENESS_DIFFERENT:
        return judge_difference(look, page, blockers);
    case SAMENESS_UNSURE:
        // The same empty or passing page twice says nothing either way.
        if (page->informative) {
            const char *code = name_of_difference(page);
            code = strcmp(code, "https_policy") == 0 || strcmp(code, "https_type") == 0
                       ? code
                       : "content_unsure";
            finding_add(blockers, code, &look->about, "%.200s (%s)", page->path,
                        page->detail[0] != '\0' ? page->detail : page->rule);
            return CONTENT_UNSURE;
        }
        return CONTENT_SAME;
    case SAMENESS_SAME:
    case SAMENESS_NONE:
    case SAMENESS_COUNT:
        break;
    }
    if (fails_over_https(page)) {
        finding_add(blockers, page->role == ROLE_RESOURCE ? "resource_failed" : "page_failed",
                    &look->about, "%.200s (HTTP %d, HTTPS %d)", page->path, page->http_status,
                    page->https_status);
        return CONTENT_BAD;
    }
    return CONTENT_SAME;
}

static bool tells(const struct page_evidence *page)
{
    return page->sameness == SAMENESS_SAME && page->informative &&
           outcome_is_answer(page->http_outcome) && outcome_is_answer(page->https_outcome) &&
           page->https_status >= 200 && page->https_status < 300;
}

// What was looked at besides a home page that leads to another host.
static enum content judge_further_pages(const struct look *look, struct finding_list *blockers)
{
    enum content worst = CONTENT_ELSEWHERE;
    for (size_t i = 1; i < look->origin->page_count; i++) {
        enum content content = judge_page(look, &look->origin->pages[i], blockers);
        worst = content > worst ? content : worst;
    }
    return worst;
}

static enum content judge_pages(const struct look *look, struct finding_list *blockers)
{
    const struct origin_evidence *origin = look->origin;
    enum content worst = CONTENT_SAME;
    bool told = false;
    for (size_t i = 0; i < origin->page_count; i++) {
        enum content content = judge_page(look, &origin->pages[i], blockers);
        worst = content > worst ? content : worst;
        told = told || tells(&origin->pages[i]);
    }
    if (worst != CONTENT_SAME) {
        return worst;
    }
    const struct page_evidence *home = origin->page_count > 0 ? &origin->pages[0] : NULL;
    if (home == NULL || home->sameness == SAMENESS_NONE) {
        finding_add(blockers, "not_compared", &look->about, "HTTP answers %d, HTTPS answers %d",
                    origin->http.status, origin->https.status);
        return CONTENT_UNKNOWN;
    }
    if (!told || home->sameness != SAMENESS_SAME) {
        finding_add(blockers, "nothing_to_compare", &look->about, "%s, HTTPS answers %d",
                    home->detail[0] != '\0' ? home->detail : home->rule, origin->https.status);
        return CONTENT_UNKNOWN;
    }
    return CONTENT_SAME;
}

enum content content_judge(const struct look *look, struct finding_list *blockers)
{
    enum content content = judge_place(look, blockers);
    if (content == CONTENT_SAME && !moves(look->origin->http.status)) {
        content = judge_status(look, blockers);
    }
    if (content == CONTENT_ELSEWHERE) {
        return judge_further_pages(look, blockers);
    }
    return content == CONTENT_SAME ? judge_pages(look, blockers) : content;
}
