// SPDX-License-Identifier: Apache-2.0
// Synthetic sites: each has a language, a template, pages, and its own noise from fetch to fetch.
#ifndef SSLAUTO_BENCH_SIMILARITY_SITE_H
#define SSLAUTO_BENCH_SIMILARITY_SITE_H

#include "bench/similarity/words.h"

// What the main part of a page shows.
enum scene {
    SCENE_PAGE,
    SCENE_MISSING,        // soft 404 in the site's template
    SCENE_MISSING_TITLED, // the same under the site's usual title
    SCENE_DOWN,           // maintenance in the template
    SCENE_DOWN_TITLED,
    SCENE_LOGIN,   // a login form in the template
    SCENE_ERROR,   // an error message answered with 200
    SCENE_BARE,    // the template, main part gone
    SCENE_SWAPPED, // title and heading as ever, other main part
    SCENE_OLD,     // half of the paragraphs are those of an older copy
    SCENE_EDITED,  // one sentence was corrected
    SCENE_COUNT
};

// What only HTTPS does although its words are those of HTTP.
enum trap {
    TRAP_NONE,
    TRAP_SCRIPT_HOST, // a script leads to another host
    TRAP_SCRIPT_HTTP, // a script leads back to HTTP
    TRAP_REFRESH,     // a refresh leads elsewhere
    TRAP_BASE,        // the links have another base
    TRAP_FORM,        // a form leads to another host
    TRAP_FRAME,       // a frame shows another host
    TRAP_HIDDEN,      // the main part is not drawn
    TRAP_TITLE,       // another number in the title
    TRAP_HEADING,     // another number in the heading
    TRAP_TITLE_ERROR, // the title tells of an error
};

enum link_style {
    LINKS_RELATIVE,
    LINKS_ABSOLUTE,
    LINKS_BARE_SCHEME,
    LINKS_STYLE_COUNT
};

// One fetch of one page.
struct view {
    uint64_t site;
    uint64_t tenant; // other content in the same template; 0 = the site itself
    uint64_t page;
    uint64_t fetch; // seed of the noise
    enum scene scene;
    enum link_style links;
    enum trap trap;
    bool https;
    bool furnished; // has a number in its title, a form, a frame, scripts that move, a hidden menu
    bool counter;   // a number in the title that is another on every fetch
    bool other_language;
    bool json;    // api_answer.h in place of a page
    bool doubled; // all it lists stands twice
    // What differs besides, when asked for.
    bool minified, rebuilt, attributes, cookie_bar, latin1, rotating, clock, adverts;
};

enum language site_language(uint64_t site);
void site_host(char out[64], const struct view *view);
// UTF-8, or Latin-1 where view says so and the language can.
void site_render(struct buf *out, const struct view *view);

#endif
