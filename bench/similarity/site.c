// SPDX-License-Identifier: Apache-2.0
#include "bench/similarity/site.h"

enum {
    POOL = 14,
    POOL_SHOWN = 5
};

// A site's constants.
struct plan {
    enum language language;
    uint64_t topic;
    size_t nav, side, paragraphs, words, footer;
    bool shop;        // cards with prices in place of paragraphs
    bool plain_title; // every page has the site's name as its title, and no heading
    bool canonical, scripts;
    char host[64];
};

struct pen {
    struct buf *out;
    const struct view *view;
    const struct plan *plan;
    struct dice noise;
};

enum language site_language(uint64_t site)
{
    struct dice dice = dice_of(site, 1, 0);
    return (enum language)dice_below(&dice, LANG_COUNT);
}

void site_host(char out[64], const struct view *view)
{
    (void)snprintf(out, 64, "www.site%llu%s.example", (unsigned long long)view->site,
                   view->tenant == 0 ? "" : "b");
}

static struct plan plan_of(const struct view *view)
{
    struct dice dice = dice_of(view->site, 2, 0);
    struct plan plan = {
        .topic = dice_next(&dice) + view->tenant,
        .nav = 4 + dice_below(&dice, 10),
        .side = dice_below(&dice, 3) == 0 ? 20 + dice_below(&dice, 50) : dice_below(&dice, 10),
        .paragraphs = 3 + dice_below(&dice, 16),
        .words = 15 + dice_below(&dice, 70),
        .footer = 10 + dice_below(&dice, 80),
        .shop = dice_below(&dice, 4) == 0,
        .plain_title = dice_below(&dice, 5) == 0,
        .canonical = dice_below(&dice, 2) == 0,
        .scripts = dice_below(&dice, 3) != 0,
    };
    plan.language = site_language(view->site);
    if (view->other_language) {
        plan.language = (enum language)((plan.language + 1 + view->site % 4) % LANG_COUNT);
    }
    site_host(plan.host, view);
    return plan;
}

static void line(struct pen *pen, size_t indent)
{
    if (pen->view->minified) {
        return;
    }
    put(pen->out, "\n");
    for (size_t i = 0; i < indent; i++) {
        put(pen->out, "  ");
    }
}

static void phrase(struct pen *pen, enum phrase phrase)
{
    put(pen->out, phrase_of(pen->plan->language, phrase));
}

static void hex(struct pen *pen, struct dice *dice, size_t digits)
{
    char text[40];
    (void)snprintf(text, sizeof text, "%016llx%016llx", (unsigned long long)dice_next(dice),
                   (unsigned long long)dice_next(dice));
    text[digits < 32 ? digits : 32] = '\0';
    put(pen->out, text);
}

static void sentence(struct pen *pen, uint64_t seed, uint64_t more, size_t words)
{
    struct dice dice = dice_of(pen->plan->topic, seed, more);
    sentence_add(pen->out, pen->plan->language, pen->plan->topic, &dice, words);
}

static void link_to(struct pen *pen, const char *path)
{
    if (pen->view->links == LINKS_ABSOLUTE) {
        put(pen->out, pen->view->https ? "https://" : "http://");
    } else if (pen->view->links == LINKS_BARE_SCHEME) {
        put(pen->out, "//");
    }
    put(pen->out, pen->view->links == LINKS_RELATIVE ? "" : pen->plan->host);
    put(pen->out, path);
}

static void class_of(struct pen *pen, const char *name)
{
    put(pen->out, " class=\"");
    put(pen->out, name);
    put(pen->out, pen->view->attributes ? " exp-b" : "");
    put(pen->out, "\"");
    if (pen->view->attributes) {
        put(pen->out, " data-variant=\"");
        hex(pen, &pen->noise, 6);
        put(pen->out, "\"");
    }
}

static void asset(struct pen *pen, const char *tag, const char *name, const char *close)
{
    struct dice build = dice_of(pen->view->site, pen->view->rebuilt ? 77 : 76, 5);
    put(pen->out, tag);
    link_to(pen, name);
    hex(pen, &build, 8);
    put(pen->out, close);
}

static void title_text(struct pen *pen)
{
    const struct view *view = pen->view;
    bool own = !pen->plan->plain_title;
    if (view->scene == SCENE_MISSING) {
        phrase(pen, PHRASE_MISSING_TITLE);
    } else if (view->scene == SCENE_DOWN) {
        phrase(pen, PHRASE_DOWN_TITLE);
    } else if (view->scene == SCENE_LOGIN && own) {
        phrase(pen, PHRASE_LOGIN_TITLE);
    } else if (own) {
        sentence(pen, 1000 + view->page, 0, 4);
    } else {
        sentence(pen, 3, 0, 3);
        return;
    }
    put(pen->out, " | ");
    sentence(pen, 3, 0, 2);
}

// The number of an edition in a title; HTTPS may be at another one.
static void number(struct pen *pen, enum trap trap)
{
    static const char *const numbers[][2] = {
        {"2019", "2024"}, {"v1", "v2"}, {"1.4.2", "1.5.0"}, {"No. 7", "No. 8"}, {"(404)", "(405)"}};
    if (pen->view->furnished) {
        put(pen->out, " ");
        put(pen->out, numbers[pen->view->site % COUNT_OF(numbers)][pen->view->trap == trap]);
    }
}

static void full_title(struct pen *pen)
{
    static const char *const errors[] = {"Error 404 ", "Error: ", "500 ", "404 - ", "Error | "};
    if (pen->view->trap == TRAP_TITLE_ERROR) {
        put(pen->out, errors[pen->view->site % COUNT_OF(errors)]);
    }
    if (pen->view->counter) {
        char text[32];
        (void)snprintf(text, sizeof text, "(%zu) ", 1 + dice_below(&pen->noise, 30));
        put(pen->out, text);
    }
    title_text(pen);
    number(pen, TRAP_TITLE);
}

static const char *own_scheme(const struct pen *pen)
{
    return pen->view->https ? "https://" : "http://";
}

// "http://" with the site's own host, or another host.
static void elsewhere(struct pen *pen, bool own)
{
    static const char *const others[] = {"https://www.elsewhere.example/", "//elsewhere.example/x",
                                         "http://parking.example/?d=1"};
    put(pen->out, own ? "http://" : others[pen->view->site % COUNT_OF(others)]);
    put(pen->out, own ? pen->plan->host : "");
    put(pen->out, own ? "/" : "");
}

// Hosts of partners that a furnished page names, over the scheme it came by.
static void partner(struct pen *pen, const char *rest)
{
    put(pen->out, own_scheme(pen));
    put(pen->out, rest);
}

static void base_and_refresh(struct pen *pen)
{
    static const char *const delays[] = {"0", "2", "20"};
    if (pen->view->trap == TRAP_BASE) {
        put(pen->out, "<base href=\"");
        elsewhere(pen, false);
        put(pen->out, "\">");
    } else if (pen->view->furnished && pen->view->site % 2 == 0) {
        put(pen->out, "<base href=\"");
        partner(pen, pen->plan->host);
        put(pen->out, "/\">");
    }
    if (pen->view->trap == TRAP_REFRESH) {
        put(pen->out, "<meta http-equiv=\"refresh\" content=\"");
        put(pen->out, delays[pen->view->site / 3 % COUNT_OF(delays)]);
        put(pen->out, "; url=");
        elsewhere(pen, pen->view->site % 2 == 0);
        put(pen->out, "\">");
    } else if (pen->view->furnished && pen->view->site % 3 == 0) {
        put(pen->out, "<meta http-equiv=\"refresh\" content=\"600;url=");
        partner(pen, pen->plan->host);
        put(pen->out, "/\">");
    }
}

static void trap_script(struct pen *pen)
{
    static const char *const ways[][2] = {{"location = \"", "\";"},
                                          {"window.location.replace('", "');"},
                                          {"top.location.href='", "'"},
                                          {"document.location.assign(\"", "\")"},
                                          {"if(self==top){self.location=`", "`}"}};
    const char *const *way = ways[pen->view->site % COUNT_OF(ways)];
    bool back = pen->view->trap == TRAP_SCRIPT_HTTP;
    if (!back && pen->view->trap != TRAP_SCRIPT_HOST) {
        return;
    }
    put(pen->out, "<script>");
    for (size_t i = 0; i < pen->view->site % 4 * 60; i++) {
        put(pen->out, "function f(a,b){return a>b?a-b:b-a;}var cache=cache||[];cache.push(f);\n");
    }
    if (back && pen->view->site % 3 == 0) {
        put(pen->out, "location.href='http://'+location.host+location.pathname;</script>");
        return;
    }
    put(pen->out, way[0]);
    elsewhere(pen, back);
    put(pen->out, way[1]);
    put(pen->out, "</script>");
}

static void head(struct pen *pen)
{
    put(pen->out, "<!DOCTYPE html><html lang=\"");
    put(pen->out, language_code(pen->plan->language));
    put(pen->out, "\"><head><meta charset=\"");
    put(pen->out, pen->view->latin1 ? "iso-8859-1" : "utf-8");
    put(pen->out, "\"><title>");
    full_title(pen);
    put(pen->out, "</title>");
    base_and_refresh(pen);
    line(pen, 1);
    asset(pen, "<link rel=\"stylesheet\" href=\"", "/assets/main.", ".css\">");
    if (pen->plan->canonical) {
        put(pen->out, "<link rel=\"canonical\" href=\"");
        put(pen->out, pen->view->https ? "https://" : "http://");
        put(pen->out, pen->plan->host);
        char path[64];
        (void)snprintf(path, sizeof path, "/p/%c%llu", 'a' + (int)(pen->view->page % 26),
                       (unsigned long long)pen->view->page);
        put(pen->out, path);
        put(pen->out, "\">");
    }
    put(pen->out, pen->view->rebuilt ? "<meta name=\"generator\" content=\"Press 6.4.1\">" : "");
    put(pen->out, "<script nonce=\"");
    hex(pen, &pen->noise, 32);
    put(pen->out, "\">var t='");
    hex(pen, &pen->noise, 24);
    put(pen->out, "';</script></head>");
}

static void item(struct pen *pen, uint64_t seed, uint64_t number, size_t words)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/%c/item-%llu", 'a' + (int)(seed % 26),
                   (unsigned long long)number);
    put(pen->out, "<li><a href=\"");
    link_to(pen, path);
    put(pen->out, "\">");
    sentence(pen, seed, number, words);
    put(pen->out, "</a></li>");
    line(pen, 3);
}

static void furniture(struct pen *pen)
{
    if (!pen->view->furnished) {
        return;
    }
    put(pen->out, "<form action=\"");
    if (pen->view->trap == TRAP_FORM) {
        elsewhere(pen, false);
    } else if (pen->view->site % 2 == 0) {
        link_to(pen, "/search");
    } else {
        partner(pen, "list.partner.example/subscribe");
    }
    put(pen->out, "\"><input name=\"q\"></form><iframe src=\"");
    if (pen->view->trap == TRAP_FRAME) {
        elsewhere(pen, false);
    } else if (pen->view->site % 3 == 0) {
        link_to(pen, "/map");
    } else {
        partner(pen, "maps.partner.example/embed?pb=77");
    }
    put(pen->out, "\"></iframe><div hidden><ul>");
    item(pen, 29, 0, 12);
    item(pen, 29, dice_below(&pen->noise, POOL), 6);
    put(pen->out, "</ul></div><script>function buy(){window.location.href='");
    partner(pen, "pay.partner.example/checkout");
    put(pen->out, "'}function up(){location.replace('/top')}</script>");
}

static void header(struct pen *pen)
{
    put(pen->out, "<header");
    class_of(pen, "site-header");
    put(pen->out, "><nav><ul>");
    static const enum phrase fixed[] = {PHRASE_HOME, PHRASE_ABOUT, PHRASE_CONTACT, PHRASE_SEARCH};
    for (size_t i = 0; i < COUNT_OF(fixed); i++) {
        put(pen->out, "<li><a href=\"");
        link_to(pen, "/nav");
        put(pen->out, "\">");
        phrase(pen, fixed[i]);
        put(pen->out, "</a></li>");
        line(pen, 2);
    }
    for (size_t i = 0; i < pen->plan->nav; i++) {
        item(pen, 11, i, 1 + i % 3);
    }
    put(pen->out, "</ul></nav></header>");
}

static void notice(struct pen *pen, enum phrase title, enum phrase text)
{
    put(pen->out, "<h1>");
    phrase(pen, title);
    put(pen->out, "</h1><p>");
    phrase(pen, text);
    put(pen->out, "</p>");
}

// Which text paragraph i shows: the page's own, or that of another time.
static uint64_t edition(const struct view *view, size_t i)
{
    return view->scene == SCENE_SWAPPED             ? 901
           : view->scene == SCENE_OLD && i % 2 == 0 ? 902
           : view->scene == SCENE_EDITED && i == 1  ? 903
                                                    : 0;
}

static void card(struct pen *pen, size_t i)
{
    uint64_t seed = 2000 + pen->view->page + edition(pen->view, i) * 100000;
    char path[64];
    (void)snprintf(path, sizeof path, "/shop/p%llu-%zu", (unsigned long long)(seed % 9973), i);
    put(pen->out, "<div");
    class_of(pen, "card");
    put(pen->out, "><img src=\"");
    link_to(pen, path);
    put(pen->out, ".jpg\"><a href=\"");
    link_to(pen, path);
    put(pen->out, "\"><h3>");
    sentence(pen, seed, i, 4);
    put(pen->out, "</h3></a><p>");
    sentence(pen, seed, i + 100, 10 + i % 7);
    char price[32];
    (void)snprintf(price, sizeof price, "<b>%zu,90</b> ", 5 + (size_t)(seed * 7 + i * 13) % 90);
    put(pen->out, "</p>");
    put(pen->out, price);
    phrase(pen, PHRASE_CART);
    put(pen->out, "</div>");
    line(pen, 3);
}

static void content(struct pen *pen)
{
    if (!pen->plan->plain_title || pen->view->furnished) {
        put(pen->out, "<h1>");
        sentence(pen, 1000 + pen->view->page, 0, 5);
        number(pen, TRAP_HEADING);
        put(pen->out, "</h1>");
    }
    struct dice length = dice_of(pen->view->site, pen->view->page, 9);
    for (size_t i = 0; i < pen->plan->paragraphs; i++) {
        if (pen->plan->shop) {
            card(pen, i);
            continue;
        }
        put(pen->out, "<p>");
        size_t words = pen->plan->words / 2 + dice_below(&length, pen->plan->words);
        sentence(pen, 2000 + pen->view->page + edition(pen->view, i) * 100000, i,
                 edition(pen->view, i) == 903 ? 8 : words);
        if (edition(pen->view, i) == 903 && words > 8) {
            sentence(pen, 2000 + pen->view->page, i, words - 8);
        }
        put(pen->out, "</p>");
        line(pen, 3);
    }
}

static void main_part(struct pen *pen)
{
    put(pen->out, "<main");
    class_of(pen, "content");
    static const char *const hiding[] = {" hidden>", " style=\"display: none\">",
                                         " style=\"margin:0;visibility:hidden;\">"};
    bool hidden = pen->view->trap == TRAP_HIDDEN;
    put(pen->out, hidden ? hiding[pen->view->site % COUNT_OF(hiding)] : ">");
    switch (pen->view->scene) {
    case SCENE_MISSING:
    case SCENE_MISSING_TITLED:
        notice(pen, PHRASE_MISSING_TITLE, PHRASE_MISSING_TEXT);
        break;
    case SCENE_DOWN:
    case SCENE_DOWN_TITLED:
        notice(pen, PHRASE_DOWN_TITLE, PHRASE_DOWN_TEXT);
        break;
    case SCENE_LOGIN:
        notice(pen, PHRASE_LOGIN_TITLE, PHRASE_LOGIN_TEXT);
        put(pen->out, "<form action=\"/login\" method=\"post\"><input name=\"user\"><input "
                      "type=\"password\" name=\"pass\"></form>");
        break;
    case SCENE_ERROR:
        put(pen->out, "<p>");
        phrase(pen, PHRASE_ERROR_TEXT);
        put(pen->out, "</p>");
        break;
    case SCENE_BARE:
    case SCENE_COUNT:
        break;
    case SCENE_PAGE:
    case SCENE_SWAPPED:
    case SCENE_OLD:
    case SCENE_EDITED:
        content(pen);
        break;
    }
    put(pen->out, "</main>");
}

static void side(struct pen *pen)
{
    put(pen->out, "<aside");
    class_of(pen, "sidebar");
    put(pen->out, "><ul>");
    for (size_t i = 0; i < pen->plan->side; i++) {
        item(pen, 13, i, 2 + i % 3);
    }
    put(pen->out, "</ul>");
    if (pen->view->rotating) {
        put(pen->out, "<h4>");
        phrase(pen, PHRASE_RELATED);
        put(pen->out, "</h4><ul>");
        for (size_t i = 0; i < POOL_SHOWN; i++) {
            item(pen, 17, dice_below(&pen->noise, POOL), 5);
        }
        put(pen->out, "</ul>");
    }
    if (pen->view->adverts) {
        put(pen->out, "<div class=\"ad\">");
        sentence(pen, 19, dice_next(&pen->noise), 12);
        put(pen->out, "</div>");
    }
    put(pen->out, "</aside>");
}

static void footer(struct pen *pen)
{
    put(pen->out, "<footer");
    class_of(pen, "site-footer");
    put(pen->out, "><p>");
    phrase(pen, PHRASE_IMPRINT);
    put(pen->out, " ");
    sentence(pen, 23, 0, pen->plan->footer);
    put(pen->out, "</p>");
    if (pen->view->clock) {
        char text[160];
        (void)snprintf(text, sizeof text, "<p>%s: %zu:%02zu:%02zu. %s: %zu</p>",
                       phrase_of(pen->plan->language, PHRASE_TIME), dice_below(&pen->noise, 24),
                       dice_below(&pen->noise, 60), dice_below(&pen->noise, 60),
                       phrase_of(pen->plan->language, PHRASE_VISITORS),
                       dice_below(&pen->noise, 5000));
        put(pen->out, text);
        put(pen->out, "<small>id ");
        hex(pen, &pen->noise, 16);
        put(pen->out, "</small>");
    }
    put(pen->out, "<input type=\"hidden\" name=\"csrf\" value=\"");
    hex(pen, &pen->noise, 32);
    put(pen->out, "\"></footer>");
}

// UTF-8 to Latin-1 in place; only for languages that need nothing else.
static void to_latin1(struct buf *out)
{
    size_t len = 0;
    for (size_t i = 0; i < out->len; i++) {
        unsigned char c = (unsigned char)out->at[i];
        if (c == 0xC3 || c == 0xC2) {
            i++;
            c = (unsigned char)(((c & 3U) << 6) | ((unsigned char)out->at[i] & 0x3FU));
        }
        out->at[len++] = (char)c;
    }
    out->len = len;
}

void site_render(struct buf *out, const struct view *view)
{
    struct plan plan = plan_of(view);
    struct pen pen = {out, view, &plan, dice_of(view->fetch, 31, view->https)};
    buf_clear(out);
    head(&pen);
    put(out, "<body>");
    if (view->cookie_bar) {
        put(out, "<div class=\"consent\"><p>");
        phrase(&pen, PHRASE_COOKIES);
        put(out, "</p><button>OK</button></div>");
    }
    header(&pen);
    main_part(&pen);
    side(&pen);
    furniture(&pen);
    footer(&pen);
    trap_script(&pen);
    if (plan.scripts) {
        asset(&pen, "<script src=\"", "/assets/app.", ".js\"></script>");
    }
    put(out, view->rebuilt ? "<!-- built 2026-11-20 --></body></html>" : "</body></html>");
    if (view->latin1 && language_is_western(plan.language)) {
        to_latin1(out);
    }
}
