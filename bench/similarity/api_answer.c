// SPDX-License-Identifier: Apache-2.0
#include "bench/similarity/api_answer.h"

// One ware of the list; over again at another time, or on another site, it is another one.
static void ware(struct buf *out, const struct view *view, size_t i)
{
    bool other = view->scene == SCENE_SWAPPED || (view->scene == SCENE_OLD && i % 2 == 0);
    struct dice dice = dice_of(view->site + (other ? 100000 : 0), 61 + view->page, i);
    enum language language = site_language(view->site);
    char price[48];
    (void)snprintf(price, sizeof price, "\"price\":%zu.%02zu", 1 + dice_below(&dice, 5000),
                   dice_below(&dice, 100));
    put(out, "{");
    if (view->rebuilt) {
        put(out, price);
        put(out, ",");
    }
    put(out, "\"name\":\"");
    sentence_add(out, language, view->site, &dice, 3);
    put(out, "\",\"text\":\"");
    sentence_add(out, language, view->site, &dice, 12);
    put(out, "\"");
    if (!view->rebuilt) {
        put(out, ",");
        put(out, price);
    }
    put(out, "}");
}

static void wares(struct buf *out, const struct view *view)
{
    struct dice dice = dice_of(view->site, 67, 0);
    size_t count = 4 + dice_below(&dice, 40);
    size_t times = view->doubled ? 2 : 1;
    put(out, "\"items\":[");
    for (size_t i = 0; i < count * times; i++) {
        put(out, i == 0 ? "" : ",");
        ware(out, view, i / times);
    }
    put(out, "]");
}

// What is another in each answer: a time in seconds, and the id of the request.
static void clock_and_id(struct buf *out, const struct view *view)
{
    struct dice dice = dice_of(view->fetch, 71, view->https);
    char text[96];
    (void)snprintf(text, sizeof text, "\"time\":%zu,\"request\":\"%016llx%016llx\",",
                   1760000000 + dice_below(&dice, 10000000), (unsigned long long)dice_next(&dice),
                   (unsigned long long)dice_next(&dice));
    put(out, text);
}

void api_answer_render(struct buf *out, const struct view *view)
{
    buf_clear(out);
    put(out, "{\"version\":3,");
    if (view->clock) {
        clock_and_id(out, view);
    }
    if (view->scene == SCENE_ERROR) {
        put(out, "\"error\":{\"code\":\"upstream\",\"message\":\"");
        put(out, phrase_of(site_language(view->site), PHRASE_ERROR_TEXT));
        put(out, "\"}}");
        return;
    }
    wares(out, view);
    put(out, "}");
}
