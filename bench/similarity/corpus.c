// SPDX-License-Identifier: Apache-2.0
#include "bench/similarity/corpus.h"

#include "bench/similarity/api_answer.h"
#include "bench/similarity/site.h"
#include "bench/similarity/stock_pages.h"
#include "core/limits.h"

// How the HTTPS side differs from the HTTP side.
struct recipe {
    const char *category;
    bool same;
    enum scene scene;
    enum trap trap; // and the page is furnished on both sides
    bool other_page, other_tenant, other_language;
    bool json, doubled; // on both sides
    // Noise on every fetch.
    bool clock, rotating, adverts, furnished, counter;
    // Noise between the schemes.
    bool links, minified, latin1, cookie_bar, attributes, rebuilt;
};

static const struct recipe recipes[] = {
    {"nonce", .same = true},
    {"clock", .same = true, .clock = true},
    {"rotating_list", .same = true, .rotating = true},
    {"adverts", .same = true, .adverts = true},
    {"scheme_links", .same = true, .links = true},
    {"minified", .same = true, .minified = true},
    {"charset", .same = true, .latin1 = true},
    {"cookie_bar", .same = true, .cookie_bar = true},
    {"attributes", .same = true, .attributes = true},
    {"rebuilt", .same = true, .rebuilt = true},
    {"edited", .same = true, .scene = SCENE_EDITED},
    {"all_noise", .same = true, .clock = true, .rotating = true, .links = true, .minified = true,
     .attributes = true, .rebuilt = true},
    {"furnished", .same = true, .furnished = true},
    {"furnished_noisy", .same = true, .furnished = true, .links = true, .clock = true,
     .rotating = true, .rebuilt = true},
    {"title_counter", .same = true, .counter = true},
    {"other_page", .other_page = true},
    {"other_page_noisy", .other_page = true, .clock = true, .rotating = true, .links = true},
    {"other_content", .other_tenant = true},
    {"other_language", .other_language = true},
    {"main_swapped", .scene = SCENE_SWAPPED},
    {"main_swapped_noisy", .scene = SCENE_SWAPPED, .clock = true, .rotating = true},
    {"old_copy", .scene = SCENE_OLD},
    {"main_gone", .scene = SCENE_BARE},
    {"soft_404", .scene = SCENE_MISSING, .rotating = true},
    {"soft_404_same_title", .scene = SCENE_MISSING_TITLED},
    {"maintenance_inside", .scene = SCENE_DOWN},
    {"maintenance_same_title", .scene = SCENE_DOWN_TITLED, .clock = true},
    {"login_inside", .scene = SCENE_LOGIN},
    {"error_inside", .scene = SCENE_ERROR},
    {"script_other_host", .trap = TRAP_SCRIPT_HOST},
    {"script_back_to_http", .trap = TRAP_SCRIPT_HTTP},
    {"refresh_elsewhere", .trap = TRAP_REFRESH},
    {"base_retargeted", .trap = TRAP_BASE},
    {"form_retargeted", .trap = TRAP_FORM},
    {"frame_retargeted", .trap = TRAP_FRAME},
    {"main_hidden", .trap = TRAP_HIDDEN},
    {"title_number", .trap = TRAP_TITLE},
    {"heading_number", .trap = TRAP_HEADING},
    {"title_error", .trap = TRAP_TITLE_ERROR},
    {"json_clock", .same = true, .json = true, .clock = true},
    {"json_reordered", .same = true, .json = true, .doubled = true, .rebuilt = true},
    {"json_other", .json = true, .scene = SCENE_SWAPPED},
    {"json_other_doubled", .json = true, .doubled = true, .scene = SCENE_SWAPPED},
    {"json_old_copy", .json = true, .scene = SCENE_OLD},
    {"json_error", .json = true, .scene = SCENE_ERROR},
};

enum {
    STOCK_PER_SITE = 4
};

static size_t per_site(void)
{
    return COUNT_OF(recipes) + STOCK_PER_SITE;
}

size_t corpus_size(void)
{
    return CORPUS_SITES * per_site();
}

void corpus_init(struct corpus_pair *pair)
{
    *pair = (struct corpus_pair){0};
    buf_init(&pair->http, LIMIT_BODY);
    buf_init(&pair->https, LIMIT_BODY);
    buf_init(&pair->http_again, LIMIT_BODY);
}

void corpus_done(struct corpus_pair *pair)
{
    buf_done(&pair->http);
    buf_done(&pair->https);
    buf_done(&pair->http_again);
}

static struct view http_view(uint64_t site, uint64_t fetch, const struct recipe *recipe)
{
    struct dice dice = dice_of(site, 41, 0);
    return (struct view){
        .site = site,
        .page = dice_below(&dice, 5),
        .fetch = fetch,
        .links = (enum link_style)dice_below(&dice, LINKS_STYLE_COUNT),
        .clock = recipe->clock || dice_below(&dice, 3) == 0,
        .rotating = recipe->rotating || dice_below(&dice, 6) == 0,
        .adverts = recipe->adverts,
        .furnished = recipe->furnished || recipe->trap != TRAP_NONE,
        .counter = recipe->counter && site % 4 < 2,
        .json = recipe->json,
        .doubled = recipe->doubled,
    };
}

static void render(struct buf *out, const struct view *view)
{
    if (view->json) {
        api_answer_render(out, view);
    } else {
        site_render(out, view);
    }
}

static void make_https(struct corpus_pair *pair, struct view view, const struct recipe *recipe)
{
    struct dice dice = dice_of(view.site, 43, view.fetch);
    view.https = true;
    view.scene = recipe->scene;
    view.trap = recipe->trap;
    view.page += recipe->other_page ? 1 + dice_below(&dice, 50) : 0;
    view.tenant = recipe->other_tenant ? 1 + dice_below(&dice, 50) : 0;
    view.other_language = recipe->other_language;
    view.links =
        recipe->links ? (enum link_style)((view.links + 1) % LINKS_STYLE_COUNT) : view.links;
    view.minified = recipe->minified;
    view.latin1 = recipe->latin1 && language_is_western(site_language(view.site));
    view.cookie_bar = recipe->cookie_bar;
    view.attributes = recipe->attributes;
    view.rebuilt = recipe->rebuilt;
    render(&pair->https, &view);
}

static void make_stock(struct corpus_pair *pair, uint64_t site, size_t which)
{
    const struct stock_page *page =
        stock_page_at((site * STOCK_PER_SITE + which) % stock_page_count());
    pair->category = page->category;
    pair->stock = true;
    buf_clear(&pair->https);
    put(&pair->https, page->html);
}

unsigned corpus_fold(size_t number)
{
    return (unsigned)(number / per_site() % 2);
}

void corpus_make(struct corpus_pair *pair, size_t number)
{
    static const struct recipe plain = {"stock", .same = false};
    uint64_t site = number / per_site();
    size_t which = number % per_site();
    bool stock = which >= COUNT_OF(recipes);
    const struct recipe *recipe = stock ? &plain : &recipes[which];
    pair->category = recipe->category;
    pair->same = recipe->same;
    pair->stock = false;
    pair->fold = corpus_fold(number);
    struct view view = http_view(site, number * 4, recipe);
    char host[64];
    site_host(host, &view);
    (void)snprintf(pair->url, sizeof pair->url, "https://%s/", host);
    render(&pair->http, &view);
    view.fetch++;
    render(&pair->http_again, &view);
    view.fetch++;
    if (stock) {
        make_stock(pair, site, which - COUNT_OF(recipes));
    } else {
        make_https(pair, view, recipe);
    }
}
