// SPDX-License-Identifier: Apache-2.0
// The order of the tiers: what costs nothing first, what needs both pages read last.
#include "similarity/similarity.h"

#include <stdlib.h>

#include <libxml/parser.h>

#include "similarity/decide.h"
#include "similarity/measure.h"
#include "similarity/noise.h"
#include "similarity/pattern.h"
#include "similarity/stock.h"

enum {
    TINY_WORDS = 8,
    TINY_BODY = 1024,  // equal bodies this small are read, to see whether there is anything
    SMALL_BODY = 2048, // reading these costs less than a wrong guess
    STUB_WORDS = 30,   // a page with fewer that sends the visitor on is a redirect
    HIDDEN_NAMED = 8,  // so many words hidden on one side explain a difference
    HIDDEN_MAX = 40,   // and so many are one, and one more for each HIDDEN_PER words
    HIDDEN_PER = 25,
    LOGIN_WORDS = 200, // a page with a password field and fewer words is a login page
};

// Two fetches over HTTP with less in common than this: one of them is another page.
static const double CONTROL_NOISE_MAX = .9;
static const double BEGINNING_MIN = .8; // part of a cut page's text that the whole one has

struct job {
    const struct sim_input *input;
    struct sim_result *out;
    struct page pages[4]; // in the order of sim_input
    bool read[4];
    bool all_shown; // hidden text is read as visible
};

static int status_of(const struct sim_page *page)
{
    return page->status == 0 ? 200 : page->status;
}

static bool bytes_equal(const struct sim_page *a, const struct sim_page *b)
{
    return span_equal(a->body, b->body);
}

// --- before any body is read; true when that decided

static bool gate_status(struct sim_result *out, const struct sim_page *h, const struct sim_page *s)
{
    int hs = status_of(h), ss = status_of(s);
    char detail[160];
    if (hs / 100 != ss / 100) {
        (void)snprintf(detail, sizeof detail, "status %d over HTTP, %d over HTTPS", hs, ss);
        decide_fixed(out, SAMENESS_DIFFERENT, .02, ss / 100 == 2 ? "status_http" : "status_https",
                     detail);
        return true;
    }
    if (hs / 100 == 2) {
        return false;
    }
    out->informative = false;
    out->login = hs == 401 || ss == 401 || hs == 407;
    if (hs / 100 == 5 || hs == 429 || hs != ss) {
        (void)snprintf(detail, sizeof detail, "status %d over HTTP, %d over HTTPS", hs, ss);
        decide_fixed(out, SAMENESS_UNSURE, .3, "status_both", detail);
        return true;
    }
    return false;
}

static bool gate_kind(struct sim_result *out, const struct sim_page *h, const struct sim_page *s)
{
    enum page_kind hk = page_kind_of(h), sk = page_kind_of(s);
    bool equal = bytes_equal(h, s);
    // The same bytes under another type still differ where one is drawn and the other shown as is.
    bool drawn = hk == PAGE_HTML || sk == PAGE_HTML || hk == PAGE_IMAGE || sk == PAGE_IMAGE;
    if (hk == sk || h->body.len == 0 || s->body.len == 0 ||
        (equal && !(drawn && page_kind_declared(h) && page_kind_declared(s)))) {
        return false;
    }
    bool text_like = (hk == PAGE_TEXT && sk == PAGE_JSON) || (hk == PAGE_JSON && sk == PAGE_TEXT);
    if (text_like && !(page_kind_declared(h) && page_kind_declared(s))) {
        return false;
    }
    char detail[160];
    (void)snprintf(detail, sizeof detail, "%s over HTTP, %s over HTTPS", page_kind_str(hk),
                   page_kind_str(sk));
    decide_fixed(out, SAMENESS_DIFFERENT, .02, "content_type", detail);
    return true;
}

// --- stock pages

static void stock_both(struct sim_result *out, const struct lexicon_entry *h,
                       const struct lexicon_entry *s, bool alike)
{
    char detail[160];
    (void)snprintf(detail, sizeof detail, "%s over HTTP, %s over HTTPS", stock_kind_str(h->kind),
                   stock_kind_str(s->kind));
    out->informative = false;
    bool passing = h->kind == STOCK_CHALLENGE || h->kind == STOCK_MAINTENANCE ||
                   h->kind == STOCK_DATABASE || h->kind == STOCK_ERROR;
    if (h->kind != s->kind || !alike) {
        decide_fixed(out, SAMENESS_DIFFERENT, .3, "stock_page_both", detail);
    } else if (passing) {
        decide_fixed(out, SAMENESS_UNSURE, .2, "stock_page_both", detail);
    } else {
        decide_fixed(out, SAMENESS_SAME, .5, "stock_page_both", detail);
    }
}

// True when a stock page decided. A directory that lists the same files twice is content.
static bool gate_stock(struct sim_result *out, const struct lexicon_entry *h,
                       const struct lexicon_entry *s, bool alike)
{
    bool listing = h != NULL && s != NULL && h->kind == STOCK_DIRECTORY && s->kind == h->kind;
    if ((h == NULL && s == NULL) || listing) {
        return false;
    }
    out->challenge =
        (h != NULL && h->kind == STOCK_CHALLENGE) || (s != NULL && s->kind == STOCK_CHALLENGE);
    out->login = (h != NULL && h->kind == STOCK_PANEL) || (s != NULL && s->kind == STOCK_PANEL);
    if (h != NULL && s != NULL) {
        stock_both(out, h, s, alike);
        return true;
    }
    const struct lexicon_entry *one = s != NULL ? s : h;
    char detail[160];
    (void)snprintf(detail, sizeof detail, "%s (%s) over %s only", stock_kind_str(one->kind),
                   one->name, s != NULL ? "HTTPS" : "HTTP");
    decide_fixed(out, SAMENESS_DIFFERENT, .02, s != NULL ? "stock_page_https" : "stock_page_http",
                 detail);
    return true;
}

// --- reading

static const struct sim_page *source_of(const struct job *job, size_t i)
{
    const struct sim_page *const sources[4] = {job->input->http, job->input->https,
                                               job->input->http_again, job->input->https_again};
    return sources[i];
}

static enum err read_one(struct job *job, size_t i, enum page_kind kind)
{
    if (job->read[i]) {
        return ERR_OK;
    }
    job->read[i] = true;
    return page_read(&job->pages[i], source_of(job, i), kind, job->all_shown);
}

static void forget(struct job *job)
{
    for (size_t i = 0; i < COUNT_OF(job->pages); i++) {
        if (job->read[i]) {
            page_release(&job->pages[i]);
        }
        job->read[i] = false;
    }
}

// A second fetch does not help when it is an error, or is cut.
static bool usable_again(const struct sim_page *again, const struct sim_page *first)
{
    return again != NULL && !again->truncated && again->body.len > 0 &&
           status_of(again) / 100 == status_of(first) / 100 &&
           page_kind_of(again) == page_kind_of(first);
}

// --- equal bytes

static enum err equal_tiny(struct job *job, bool *empty)
{
    const struct sim_page *h = job->input->http;
    *empty = h->body.len == 0;
    if (h->body.len == 0 || h->body.len > TINY_BODY || page_kind_of(h) != PAGE_HTML) {
        return ERR_OK;
    }
    enum err e = read_one(job, 0, PAGE_HTML);
    const struct page *page = &job->pages[0];
    *empty = e == ERR_OK && page->text.words == 0 && page->embeds == 0 && page->title.len == 0 &&
             !page->refresh;
    return e;
}

static enum err equal_bytes(struct job *job, double score, const char *rule, const char *detail)
{
    struct sim_result *out = job->out;
    const struct sim_page *h = job->input->http;
    bool empty = false;
    enum err e = equal_tiny(job, &empty);
    if (e != ERR_OK) {
        return e;
    }
    if (empty) {
        out->informative = false;
        decide_fixed(out, SAMENESS_UNSURE, .1, "empty_both", "no content over either scheme");
        return ERR_OK;
    }
    const struct lexicon_entry *stock =
        page_kind_of(h) == PAGE_HTML || h->body.len < TINY_BODY ? stock_find(h->body, NULL) : NULL;
    if (!gate_stock(out, stock, stock, true)) {
        out->login = out->login || stock_is_login(h->body);
        decide_fixed(out, SAMENESS_SAME, score, rule, detail);
    }
    return ERR_OK;
}

// --- other than text

static void compare_bytes(struct job *job)
{
    const struct sim_input *in = job->input;
    size_t a = in->http->body.len, b = in->https->body.len;
    double ratio = (double)(a < b ? a : b) / (double)(a > b ? a : b);
    bool moves = in->http_again != NULL && !bytes_equal(in->http, in->http_again);
    char detail[160];
    (void)snprintf(detail, sizeof detail, "%zu bytes over HTTP, %zu over HTTPS, not the same%s", a,
                   b, moves ? "; HTTP alone differs from fetch to fetch" : "");
    bool near = moves ? ratio >= .8 : ratio >= .98;
    decide_fixed(job->out, near ? SAMENESS_UNSURE : SAMENESS_DIFFERENT,
                 near ? ratio / 2 : ratio / 4, "bytes", detail);
}

// --- both read

static bool same_text(const struct page *h, const struct page *s)
{
    struct containment shape = bag_containment(&h->shape, NULL, &s->shape, NULL);
    struct containment links = bag_containment(&h->links, NULL, &s->links, NULL);
    return h->text.words >= TINY_WORDS && h->text.words == s->text.words &&
           h->text.sequence == s->text.sequence && label_equal(&h->title, &s->title) &&
           label_equal(&h->heading, &s->heading) && h->password == s->password &&
           h->refresh == s->refresh &&
           (h->canonical == s->canonical || h->canonical == 0 || s->canonical == 0) &&
           containment_ratio(shape, 1) >= .6 && containment_ratio(links, 1) >= .5;
}

static bool is_empty(const struct page *page)
{
    return page->text.words < TINY_WORDS && page->embeds == 0 && !page->refresh;
}

static bool gate_empty(struct sim_result *out, const struct page *h, const struct page *s)
{
    if (!is_empty(h) && !is_empty(s)) {
        return false;
    }
    struct containment c = bag_containment(&h->text.shingles, NULL, &s->text.shingles, NULL);
    bool words = h->text.words > 0 && s->text.words > 0;
    if (is_empty(h) && is_empty(s)) {
        if (words && label_equal(&h->title, &s->title) && label_equal(&h->heading, &s->heading) &&
            h->text.words == s->text.words && h->text.sequence == s->text.sequence) {
            decide_fixed(out, SAMENESS_SAME, .3, "few_words",
                         "the same few words over both schemes");
            return true;
        }
        bool apart = words && containment_ratio(c, 0) < .5;
        out->informative = words;
        decide_fixed(out, apart ? SAMENESS_DIFFERENT : SAMENESS_UNSURE, .1,
                     words ? "few_words" : "empty_both", "hardly any words over either scheme");
        return true;
    }
    if (h->text.words > 0 && s->text.words > 0 && containment_ratio(c, 0) >= .5) {
        return false;
    }
    char detail[160];
    (void)snprintf(detail, sizeof detail, "%zu words over HTTP, %zu over HTTPS", h->text.words,
                   s->text.words);
    decide_fixed(out, SAMENESS_DIFFERENT, .02, is_empty(s) ? "empty_https" : "empty_http", detail);
    return true;
}

static bool gate_refresh(struct sim_result *out, const struct page *h, const struct page *s)
{
    bool stub_h = h->refresh && h->text.words < STUB_WORDS;
    bool stub_s = s->refresh && s->text.words < STUB_WORDS;
    if (!stub_h && !stub_s) {
        return false;
    }
    if (stub_s && s->refresh_to_http && !h->refresh_to_http) {
        decide_fixed(out, SAMENESS_DIFFERENT, .02, "refresh_to_http",
                     "the page over HTTPS sends the visitor back to HTTP");
    } else if (stub_h && stub_s && h->refresh_to == s->refresh_to) {
        decide_fixed(out, SAMENESS_SAME, .4, "refresh_both",
                     "both pages send the visitor to the same place");
    } else if (stub_h && stub_s) {
        decide_fixed(out, SAMENESS_DIFFERENT, .4, "refresh_both",
                     "both pages send the visitor elsewhere, to different places");
    } else {
        decide_fixed(out, SAMENESS_DIFFERENT, .05, stub_s ? "refresh_https" : "refresh_http",
                     stub_s ? "only the page over HTTPS sends the visitor elsewhere"
                            : "only the page over HTTP sends the visitor elsewhere");
    }
    return true;
}

static enum err read_again(struct job *job, struct sides *sides)
{
    const struct sim_input *in = job->input;
    *sides = (struct sides){&job->pages[0], &job->pages[1], NULL, NULL};
    enum err e = ERR_OK;
    if (usable_again(in->http_again, in->http)) {
        e = read_one(job, 2, job->pages[0].kind);
        sides->http_again = &job->pages[2];
    }
    if (e == ERR_OK && usable_again(in->https_again, in->https)) {
        e = read_one(job, 3, job->pages[1].kind);
        sides->https_again = &job->pages[3];
    }
    return e;
}

static struct target_difference target_difference(const struct sides *sides)
{
    const struct target_sides targets = {
        &sides->http->targets, &sides->https->targets,
        sides->http_again == NULL ? NULL : &sides->http_again->targets,
        sides->https_again == NULL ? NULL : &sides->https_again->targets};
    return targets_differ(&targets);
}

// Pages of which only one side hands the visitor to another place.
static enum err weigh_targets(struct job *job)
{
    const struct page *h = &job->pages[0], *s = &job->pages[1];
    struct sides sides = {h, s, NULL, NULL};
    struct target_difference d = target_difference(&sides);
    enum err e = ERR_OK;
    if (d.found) {
        e = read_again(job, &sides);
        d = target_difference(&sides);
    }
    size_t words = h->text.words < s->text.words ? h->text.words : s->text.words;
    if (e == ERR_OK && d.found && !(d.moves && d.kind == TARGET_FRAME)) {
        decide_target(job->out, &d, words);
    }
    return e;
}

// --- text that is there, but not drawn

static size_t less(size_t from, size_t what)
{
    return from > what ? from - what : 0;
}

// Words that `hider` hides and `other` shows.
static size_t hidden_in(const struct page *hider, const struct page *other)
{
    size_t hidden = less(hider->hidden_words, other->hidden_words);
    size_t gone = less(other->text.words, hider->text.words);
    return hidden < gone ? hidden : gone;
}

// Pages that scripts uncover: nearly all of both is hidden, and what is not is as much in both.
static bool waits_for_script(const struct page *h, const struct page *s)
{
    size_t a = h->text.words, b = s->text.words;
    return h->hidden_words > a && s->hidden_words > b && a < STUB_WORDS && b < STUB_WORDS &&
           2 * a >= b && 2 * b >= a;
}

// A difference that hiding explains bears its name; a page that hides much is not the same.
static void name_hidden(const struct job *job, const struct page *again)
{
    struct sim_result *out = job->out;
    const struct page *h = &job->pages[0], *s = &job->pages[1];
    size_t in_https = hidden_in(s, h), in_http = hidden_in(h, s);
    size_t hidden = in_https > in_http ? in_https : in_http;
    if (again != NULL && again->hidden_words != h->hidden_words) {
        hidden = less(hidden, less(again->hidden_words, h->hidden_words) +
                                  less(h->hidden_words, again->hidden_words));
    }
    // What HTTPS shows besides is an addition, which the measures have weighed.
    bool same = out->verdict == SAMENESS_SAME;
    if ((same && in_http >= in_https) ||
        hidden < (same ? HIDDEN_MAX + h->text.words / HIDDEN_PER : HIDDEN_NAMED)) {
        return;
    }
    char detail[160];
    (void)snprintf(detail, sizeof detail, "%zu words shown over %s are hidden over %s", hidden,
                   in_https > in_http ? "HTTP" : "HTTPS", in_https > in_http ? "HTTPS" : "HTTP");
    decide_fixed(out, same ? SAMENESS_UNSURE : out->verdict,
                 out->verdict == SAMENESS_DIFFERENT ? out->score / .499 : .3,
                 in_https > in_http ? "hidden_https" : "hidden_http", detail);
}

static bool has_end(struct span body)
{
    size_t tail = body.len < 1024 ? body.len : 1024;
    struct span end = {body.at + (body.len - tail), tail};
    return span_find_nocase(end, span_of("</html")) < end.len ||
           span_find_nocase(end, span_of("</body")) < end.len;
}

// One side was cut, or ends without an end tag and much earlier than the other.
static bool is_cut(const struct page *page, const struct page *other)
{
    struct span a = page->source->body, b = other->source->body;
    if (page->source->truncated || other->source->truncated) {
        return page->source->truncated && !other->source->truncated;
    }
    return page->kind == PAGE_HTML && a.len < b.len / 10 * 6 && has_end(b) && !has_end(a);
}

// One side is no more than the beginning of the other.
static bool gate_truncated(struct sim_result *out, const struct page *h, const struct page *s)
{
    bool h_cut = is_cut(h, s), s_cut = is_cut(s, h);
    const struct page *cut = s_cut ? s : h, *whole = s_cut ? h : s;
    struct containment c = bag_containment(&cut->text.shingles, NULL, &whole->text.shingles, NULL);
    if ((!h_cut && !s_cut) || containment_ratio(c, 0) < BEGINNING_MIN) {
        return false;
    }
    decide_fixed(out, SAMENESS_UNSURE, .1, s_cut ? "truncated_https" : "truncated_http",
                 s_cut ? "the page over HTTPS ends before its end"
                       : "the page over HTTP ends before its end");
    return true;
}

static void note_login(struct sim_result *out, const struct page *h, const struct page *s)
{
    bool wall_h = h->password && h->text.words < LOGIN_WORDS;
    bool wall_s = s->password && s->text.words < LOGIN_WORDS;
    out->login = out->login || wall_h || wall_s || h->password != s->password;
}

static enum err measured(struct job *job)
{
    struct sides sides;
    enum err e = read_again(job, &sides);
    if (e == ERR_OK && sides.http_again != NULL && same_text(&job->pages[2], &job->pages[1])) {
        decide_fixed(job->out, SAMENESS_SAME, .9, "equal_text_again",
                     "the same words as in the second fetch over HTTP");
        return ERR_OK;
    }
    struct measure m;
    e = e == ERR_OK ? measure_take(&m, &sides) : e;
    if (e == ERR_OK && m.noise > CONTROL_NOISE_MAX) {
        sides.http_again = NULL;
        e = measure_take(&m, &sides);
    }
    if (e == ERR_OK) {
        decide(job->out, &m);
        name_hidden(job, sides.http_again);
    }
    return e;
}

static enum err read_both(struct job *job, enum page_kind kind)
{
    enum err e = read_one(job, 0, kind);
    e = e == ERR_OK ? read_one(job, 1, job->pages[0].kind) : e;
    if (e == ERR_OK && !job->all_shown && waits_for_script(&job->pages[0], &job->pages[1])) {
        forget(job);
        job->all_shown = true;
        e = read_both(job, kind);
    }
    return e;
}

static enum err compare_words(struct job *job)
{
    const struct page *h = &job->pages[0], *s = &job->pages[1];
    if (same_text(h, s)) {
        decide_fixed(job->out, SAMENESS_SAME, .95, "equal_text",
                     "the same words over both schemes");
        return ERR_OK;
    }
    if (gate_empty(job->out, h, s)) {
        name_hidden(job, NULL);
        return ERR_OK;
    }
    return measured(job);
}

// The words of JSON that was not parsed are its keys; its numbers are levelled as in any text.
static void doubt_unparsed(struct job *job)
{
    if (job->out->verdict == SAMENESS_SAME && (job->pages[0].unparsed || job->pages[1].unparsed)) {
        decide_fixed(job->out, SAMENESS_UNSURE, .9, "json_size",
                     "the same words in more JSON than is parsed: its numbers were not compared");
    }
}

static enum err compare_read(struct job *job)
{
    const struct sim_page *hs = job->input->http, *ss = job->input->https;
    enum page_kind kind = page_kind_of(hs->body.len > 0 ? hs : ss);
    enum err e = read_both(job, kind);
    if (e != ERR_OK) {
        return e;
    }
    struct sim_result *out = job->out;
    const struct page *h = &job->pages[0], *s = &job->pages[1];
    note_login(out, h, s);
    bool alike = h->text.sequence == s->text.sequence ||
                 containment_ratio(
                     bag_containment(&h->text.shingles, NULL, &s->text.shingles, NULL), 1) >= .8;
    if (gate_truncated(out, h, s) ||
        gate_stock(out, stock_find(hs->body, &h->title), stock_find(ss->body, &s->title), alike)) {
        return ERR_OK;
    }
    if (kind == PAGE_HTML && gate_refresh(out, h, s)) {
        return ERR_OK;
    }
    e = compare_words(job);
    e = e == ERR_OK ? weigh_targets(job) : e;
    if (e == ERR_OK) {
        doubt_unparsed(job);
    }
    return e;
}

// Tokens that differ between the schemes are the page's own noise when they differ between two
// fetches over HTTP too; without a second fetch, when they can be nothing else.
static bool differ_by_noise(const struct sim_page *h, const struct sim_page *s,
                            const struct sim_page *again)
{
    struct noise found;
    struct noise control;
    if (h->truncated != s->truncated || !noise_find(&found, h->body, s->body)) {
        return false;
    }
    if (found.downgrades > 0) {
        return false; // a script or refresh may lead back to HTTP: read it
    }
    bool comparable =
        again != NULL && again->truncated == h->truncated && status_of(again) == status_of(h);
    if (comparable && !noise_find(&control, h->body, again->body)) {
        return false;
    }
    return noise_explained(&found, comparable ? &control : NULL) &&
           (comparable || !noise_in_label(&found, h->body));
}

static enum err run(struct job *job)
{
    const struct sim_page *h = job->input->http, *s = job->input->https;
    const struct sim_page *again = job->input->http_again;
    if (gate_status(job->out, h, s) || gate_kind(job->out, h, s)) {
        return ERR_OK;
    }
    if (bytes_equal(h, s)) {
        return equal_bytes(job, 1, "equal_bytes", "the same bytes over both schemes");
    }
    enum page_kind kind = page_kind_of(h);
    if (kind == PAGE_IMAGE || kind == PAGE_OTHER) {
        compare_bytes(job);
        return ERR_OK;
    }
    // A page of a few tags may be a redirect, where the scheme is the whole difference.
    bool small = h->body.len < SMALL_BODY || s->body.len < SMALL_BODY;
    if (!small && differ_by_noise(h, s, again)) {
        return equal_bytes(job, .98, "equal_but_noise",
                           "the same bytes but for a few numbers, tokens or URL schemes");
    }
    if (again != NULL && bytes_equal(again, s) && status_of(again) == status_of(s) &&
        stock_find(s->body, NULL) == NULL && s->body.len > TINY_BODY) {
        decide_fixed(job->out, SAMENESS_SAME, .97, "equal_bytes_again",
                     "the same bytes as the second fetch over HTTP");
        return ERR_OK;
    }
    return compare_read(job);
}

enum err similarity_compare(struct sim_result *out, const struct sim_input *input)
{
    xmlInitParser(); // does nothing but the first time
    if (pattern_ready() != ERR_OK) {
        return ERR_NOMEM;
    }
    struct job *job = calloc(1, sizeof *job);
    if (job == NULL) {
        return ERR_NOMEM;
    }
    struct sim_result result = {.informative = true};
    job->input = input;
    job->out = &result;
    enum err e = run(job);
    forget(job);
    free(job);
    if (e == ERR_OK) {
        *out = result;
    }
    return e;
}
