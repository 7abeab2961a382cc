// SPDX-License-Identifier: Apache-2.0
// Bars without letters: fonts differ from machine to machine, and what the bars say stands beside
// them in the page. Twice the size it is shown at, for fine screens.
#include <png.h>
#include <stdlib.h>

#include "digest/words.h"
#include "model/week.h"

#define WIDTH     1120
#define HEIGHT    320
#define LINES     4  // of the grid
#define BAR_SHARE 68 // percent of a week's room

enum {
    INK_PAPER = MODE_COUNT, // behind the modes
    INK_LINE,
    INK_COUNT
};

static unsigned char hex(const char *two)
{
    static const char digits[] = "0123456789abcdef";
    const char *high = strchr(digits, two[0]);
    const char *low = strchr(digits, two[1]);
    return (unsigned char)(high == NULL || low == NULL ? 0 : (high - digits) * 16 + (low - digits));
}

static void fill_palette(unsigned char palette[INK_COUNT * 3])
{
    for (int i = 0; i < INK_COUNT; i++) {
        const char *color = i < MODE_COUNT   ? words_mode_colors[i]
                            : i == INK_PAPER ? "#ffffff"
                                             : "#e3e8ee";
        for (int c = 0; c < 3; c++) {
            palette[i * 3 + c] = hex(color + 1 + c * 2);
        }
    }
}

static void fill(unsigned char *pixels, size_t left, size_t right, size_t top, size_t bottom,
                 unsigned char ink)
{
    for (size_t y = top; y < bottom && y < HEIGHT; y++) {
        for (size_t x = left; x < right && x < WIDTH; x++) {
            pixels[y * WIDTH + x] = ink;
        }
    }
}

// The most secure mode stands at the bottom: what is good grows like a ground.
static void draw_bar(unsigned char *pixels, const struct digest_modes *modes, size_t position,
                     int64_t most)
{
    size_t room = WIDTH / DIGEST_WEEKS;
    size_t width = room * BAR_SHARE / 100;
    size_t left = position * room + (room - width) / 2;
    int64_t below = 0;
    for (int mode = MODE_COUNT - 1; mode >= 0; mode--) {
        int64_t above = below + modes->zones[mode];
        size_t bottom = HEIGHT - (size_t)((double)below * (HEIGHT - 2) / (double)most);
        size_t top = HEIGHT - (size_t)((double)above * (HEIGHT - 2) / (double)most);
        if (modes->zones[mode] > 0 && top == bottom && top > 0) {
            top--; // few among many are still seen
        }
        fill(pixels, left, left + width, top, bottom, (unsigned char)mode);
        below = above;
    }
}

static void draw(unsigned char *pixels, const struct digest *digest)
{
    int64_t most = words_most_zones(digest);
    memset(pixels, INK_PAPER, (size_t)WIDTH * HEIGHT);
    for (size_t i = 0; i <= LINES; i++) {
        size_t y = i * (HEIGHT - 2) / LINES;
        fill(pixels, 0, WIDTH, y, y + 2, INK_LINE);
    }
    // The newest week stands at the right, whatever is known of those before.
    size_t first = DIGEST_WEEKS - digest->mode_count;
    for (size_t i = 0; i < digest->mode_count; i++) {
        draw_bar(pixels, &digest->modes[i], first + i, most > 0 ? most : 1);
    }
}

static enum err compress(struct buf *out, const unsigned char *pixels)
{
    unsigned char palette[INK_COUNT * 3];
    png_image image = {.version = PNG_IMAGE_VERSION,
                       .width = WIDTH,
                       .height = HEIGHT,
                       .format = PNG_FORMAT_RGB_COLORMAP,
                       .colormap_entries = INK_COUNT};
    png_alloc_size_t size = (png_alloc_size_t)WIDTH * HEIGHT + 4096;
    unsigned char *bytes = malloc(size);
    if (bytes == NULL) {
        return ERR_NOMEM;
    }
    fill_palette(palette);
    int written = png_image_write_to_memory(&image, bytes, &size, 0, pixels, WIDTH, palette);
    enum err e = written == 0 ? ERR_NOMEM : buf_add(out, bytes, size);
    png_image_free(&image);
    free(bytes);
    return e;
}

enum err digest_chart(struct buf *out, const struct digest *digest)
{
    if (digest->mode_count < 2) {
        return ERR_NOT_FOUND;
    }
    unsigned char *pixels = malloc((size_t)WIDTH * HEIGHT);
    if (pixels == NULL) {
        return ERR_NOMEM;
    }
    draw(pixels, digest);
    enum err e = compress(out, pixels);
    free(pixels);
    return e;
}

enum err digest_chart_words(struct buf *out, const struct digest *digest)
{
    const struct digest_modes *then = &digest->modes[0];
    const struct digest_modes *now = &digest->modes[digest->mode_count - 1];
    char week[WEEK_TEXT_SIZE];
    const char *between = "";
    enum err e = buf_printf(out, "Zones by mode, from week %s to ", week_print(week, then->week));
    e = e == ERR_OK ? buf_printf(out, "%s:", week_print(week, now->week)) : e;
    for (int mode = 0; e == ERR_OK && mode < MODE_COUNT; mode++) {
        if (then->zones[mode] > 0 || now->zones[mode] > 0) {
            e = buf_printf(out, "%s %s %lld, was %lld", between, mode_title((enum mode)mode),
                           (long long)now->zones[mode], (long long)then->zones[mode]);
            between = ",";
        }
    }
    return e;
}
