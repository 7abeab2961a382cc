// SPDX-License-Identifier: Apache-2.0
#include "similarity/measure.h"

#include "core/limits.h"
#include "similarity/pattern.h"

enum {
    POOR_WORDS = 12, // below: links and resources are counted with the words
    RUN_BREAK = 4,   // so many shared shingles in a row end a stretch of missing ones
    EXCERPT_BYTES = 4 << 10,
};

static double lesser(double a, double b)
{
    return a < b ? a : b;
}

static const struct bag *bag_or_null(const struct page *page, size_t offset)
{
    return page == NULL ? NULL : (const struct bag *)(const void *)((const char *)page + offset);
}

struct both {
    struct containment fwd, rev;
};

// Both directions of one feature. What either HTTP fetch has is no addition of HTTPS.
static struct both contain(const struct sides *s, size_t offset)
{
    const struct bag *http = bag_or_null(s->http, offset);
    const struct bag *https = bag_or_null(s->https, offset);
    const struct bag *http_again = bag_or_null(s->http_again, offset);
    const struct bag *https_again = bag_or_null(s->https_again, offset);
    return (struct both){
        .fwd = bag_containment(http, http_again, https, https_again),
        .rev = bag_containment(https, https_again, http, http_again),
    };
}

static double both_ratio(struct both both)
{
    return lesser(containment_ratio(both.fwd, 1), containment_ratio(both.rev, 1));
}

static void pool(struct containment *sum, struct containment more)
{
    sum->all += more.all;
    sum->stable += more.stable;
    sum->found += more.found;
}

static unsigned common_level(const struct bag *a, const struct bag *b, const struct bag *c)
{
    unsigned level = a->level > b->level ? a->level : b->level;
    return c != NULL && c->level > level ? c->level : level;
}

// A shingle in the order of `page` that both of its fetches have and `other` has not.
static bool is_gone(const struct bag_step *step, const struct bag *control, const struct bag *other,
                    const struct bag *other_again)
{
    return (control == NULL || bag_count(control, step->hash) > 0) &&
           bag_count(other, step->hash) == 0 && bag_count(other_again, step->hash) == 0;
}

// Longest stretch of shingles that are gone, in words.
static uint64_t longest_run(const struct bag *bag, const struct bag *control,
                            const struct bag *other, const struct bag *other_again)
{
    unsigned level = common_level(bag, other, control);
    uint64_t run = 0, longest = 0;
    unsigned shared = 0;
    for (size_t i = 0; i < bag->step_count; i++) {
        const struct bag_step *step = &bag->steps[i];
        if (!bag_keeps(step->hash, level)) {
            continue;
        }
        if (is_gone(step, control, other, other_again)) {
            run++;
            shared = 0;
        } else if (control == NULL || bag_count(control, step->hash) > 0) {
            shared++;
            run = shared >= RUN_BREAK ? 0 : run;
        }
        longest = run > longest ? run : longest;
    }
    return longest << (level < 16 ? level : 16);
}

// The visible text of `page` that `other` has not.
static enum err excerpt(struct buf *out, const struct page *page, const struct page *control,
                        const struct page *other)
{
    const struct bag *bag = &page->text.shingles;
    struct span visible = buf_span(&page->text.visible);
    uint32_t done = 0;
    for (size_t i = 0; i < bag->step_count; i++) {
        const struct bag_step *step = &bag->steps[i];
        if (step->to <= done || step->to > visible.len ||
            !is_gone(step, control == NULL ? NULL : &control->text.shingles, &other->text.shingles,
                     NULL)) {
            continue;
        }
        uint32_t from = step->from > done ? step->from : done;
        enum err e = from > done ? buf_add_char(out, '\n') : ERR_OK;
        e = e == ERR_OK ? buf_add(out, visible.at + from, step->to - from) : e;
        if (e != ERR_OK) {
            return e == ERR_LIMIT ? ERR_OK : e;
        }
        done = step->to;
    }
    return ERR_OK;
}

// Less text in common is `different` without looking at the words.
static const double SOFT_FWD_MIN = .5;

struct soft {
    const char *error; // mark
    const char *label; // mark of a title or heading
    bool login;
};

static void soft_look(struct soft *soft, struct span text)
{
    const char *mark = pattern_find(PATTERN_SOFT_ERROR, text);
    soft->error = soft->error == NULL ? mark : soft->error;
    soft->login = soft->login || pattern_find(PATTERN_SOFT_LOGIN, text) != NULL;
}

// A title that differs tells of an error in fewer words than a page does.
static void soft_look_label(struct soft *soft, const struct label *label, const struct label *other)
{
    if (label_equal(label, other)) {
        return;
    }
    soft_look(soft, (struct span){label->at, label->len});
    struct label own;
    label_without(&own, label, other);
    const char *mark = pattern_find(PATTERN_SOFT_TITLE, (struct span){own.at, own.len});
    soft->label = soft->label == NULL ? mark : soft->label;
}

static enum err soft_of(struct soft *out, const struct page *page, const struct page *control,
                        const struct page *other)
{
    struct buf words;
    buf_init(&words, EXCERPT_BYTES);
    enum err e = excerpt(&words, page, control, other);
    if (e == ERR_OK) {
        soft_look(out, buf_span(&words));
        soft_look_label(out, &page->title, &other->title);
        soft_look_label(out, &page->heading, &other->heading);
    }
    buf_done(&words);
    return e;
}

static enum err take_soft(struct measure *out, const struct sides *s)
{
    struct soft http = {0}, https = {0};
    enum err e = soft_of(&http, s->http, s->http_again, s->https);
    e = e == ERR_OK ? soft_of(&https, s->https, s->https_again, s->http) : e;
    if (e == ERR_OK) {
        bool one = (http.error == NULL) != (https.error == NULL);
        out->soft_error = !one ? NULL : https.error != NULL ? https.error : http.error;
        if ((http.label == NULL) != (https.label == NULL)) {
            out->soft_error = https.label != NULL ? https.label : http.label;
        }
        out->soft_login = http.login != https.login;
    }
    return e;
}

static void take_labels(struct measure *out, const struct sides *s)
{
    const struct page *again = s->http_again;
    out->title = label_overlap(&s->http->title, &s->https->title);
    out->heading = label_overlap(&s->http->heading, &s->https->heading);
    out->title_equal = label_equal(&s->http->title, &s->https->title);
    out->heading_equal = label_equal(&s->http->heading, &s->https->heading);
    out->title_moves = again != NULL && !label_equal(&s->http->title, &again->title);
    out->heading_moves = again != NULL && !label_equal(&s->http->heading, &again->heading);
    out->title_numbers = label_numbers_agree(&s->http->title, &s->https->title,
                                             again == NULL ? NULL : &again->title);
    out->heading_numbers = label_numbers_agree(&s->http->heading, &s->https->heading,
                                               again == NULL ? NULL : &again->heading);
    out->canonical_differs = s->http->canonical != 0 && s->https->canonical != 0 &&
                             s->http->canonical != s->https->canonical &&
                             (again == NULL || again->canonical != s->https->canonical);
    out->password_differs = s->http->password != s->https->password &&
                            (again == NULL || again->password == s->http->password);
}

static void take_text(struct measure *out, const struct sides *s)
{
    struct both text = contain(s, offsetof(struct page, text.shingles));
    struct both links = contain(s, offsetof(struct page, links));
    struct both resources = contain(s, offsetof(struct page, resources));
    out->noise = s->http_again == NULL || text.fwd.all == 0
                     ? 0
                     : 1 - (double)text.fwd.stable / (double)text.fwd.all;
    out->links = both_ratio(links);
    out->resources = both_ratio(resources);
    out->link_count = links.fwd.stable;
    out->stable = text.fwd.stable;
    out->missing = text.fwd.stable - text.fwd.found;
    out->added = text.rev.stable - text.rev.found;
    out->words_least =
        s->http->text.words < s->https->text.words ? s->http->text.words : s->https->text.words;
    if (out->words_least < POOR_WORDS) {
        pool(&text.fwd, links.fwd);
        pool(&text.fwd, resources.fwd);
        pool(&text.rev, links.rev);
        pool(&text.rev, resources.rev);
    }
    out->fwd = containment_ratio(text.fwd, text.rev.stable == 0 ? 1 : 0);
    out->rev = containment_ratio(text.rev, text.fwd.stable == 0 ? 1 : 0);
}

static void take_runs(struct measure *out, const struct sides *s)
{
    const struct bag *http = &s->http->text.shingles, *https = &s->https->text.shingles;
    const struct bag *http_again = bag_or_null(s->http_again, offsetof(struct page, text.shingles));
    const struct bag *https_again =
        bag_or_null(s->https_again, offsetof(struct page, text.shingles));
    out->run_missing = longest_run(http, http_again, https, https_again);
    out->run_added = longest_run(https, https_again, http, http_again);
}

enum err measure_take(struct measure *out, const struct sides *sides)
{
    struct measure m = {.controlled = sides->http_again != NULL,
                        .https_controlled = sides->https_again != NULL};
    struct both shape = contain(sides, offsetof(struct page, shape));
    bool flat = sides->http->flat || sides->https->flat;
    m.shape_fwd = flat ? 1 : containment_ratio(shape.fwd, 1);
    m.shape_rev = flat ? 1 : containment_ratio(shape.rev, 1);
    take_text(&m, sides);
    take_labels(&m, sides);
    take_runs(&m, sides);
    enum err e = m.fwd < SOFT_FWD_MIN ? ERR_OK : take_soft(&m, sides);
    if (e == ERR_OK) {
        *out = m;
    }
    return e;
}
