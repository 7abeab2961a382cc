// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/time.h"

#define CLASSES_SHOWN 3

static double seconds(const struct pipeline_progress *progress)
{
    int64_t ms = progress->now_ms - progress->started_at_ms;
    return ms < 1 ? 0.001 : (double)ms / 1000;
}

// The most common failure that is not in `used` yet.
static int next_class(const struct pipeline_progress *progress, const bool *used)
{
    int best = -1;
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        bool answer = outcome_is_answer((enum outcome)i) || i == OUTCOME_SKIPPED;
        if (!answer && !used[i] && progress->by_outcome[i] > 0 &&
            (best < 0 || progress->by_outcome[i] > progress->by_outcome[best])) {
            best = i;
        }
    }
    return best;
}

static enum err print_failures(struct buf *out, const struct pipeline_progress *progress,
                               int classes)
{
    bool used[OUTCOME_COUNT] = {false};
    enum err e = ERR_OK;
    for (int i = 0; e == ERR_OK && i < classes; i++) {
        int class = next_class(progress, used);
        if (class < 0) {
            break;
        }
        used[class] = true;
        e = buf_printf(out, "%s%" PRId64 " %s", i == 0 ? "  failed: " : ", ",
                       progress->by_outcome[class], outcome_str((enum outcome) class));
    }
    return e;
}

enum err progress_print(struct buf *out, const struct pipeline_progress *progress)
{
    char left[32];
    double rate = (double)progress->done / seconds(progress);
    int64_t rest = progress->total > progress->done ? progress->total - progress->done : 0;
    int64_t percent = progress->total > 0 ? progress->done * 100 / progress->total : 0;
    enum err e = buf_printf(out, "%" PRId64 "/%" PRId64 " zones  %" PRId64 " %%  %.1f/s",
                            progress->done, progress->total, percent, rate);
    if (e == ERR_OK && progress->done > 0 && rest > 0) {
        int64_t left_s = (int64_t)((double)rest / rate) + 1;
        e = buf_printf(out, "  about %s left", time_print_span(left, left_s));
    }
    if (e == ERR_OK && progress->waiting > 0) {
        e = buf_printf(out, "  %" PRId64 " wait for a second look", progress->waiting);
    }
    return e == ERR_OK ? print_failures(out, progress, CLASSES_SHOWN) : e;
}

void progress_show(const struct pipeline_progress *progress)
{
    struct winsize size = {0};
    struct buf line;
    buf_init(&line, 4096);
    if (progress_print(&line, progress) == ERR_OK) {
        bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
        int width = known ? size.ws_col - 1 : 79;
        (void)fprintf(stderr, "\r\033[K%.*s", width, buf_str(&line));
        (void)fflush(stderr);
    }
    buf_done(&line);
}

void progress_clear(void)
{
    (void)fputs("\r\033[K", stderr);
}

enum err progress_summary(struct buf *out, const struct pipeline_progress *progress)
{
    enum err e =
        buf_printf(out, "Scanned %" PRId64 " of %" PRId64 " zones in %.1f s:", progress->done,
                   progress->total, seconds(progress));
    bool some = false;
    for (unsigned i = 0; e == ERR_OK && i < VERDICT_COUNT; i++) {
        if (progress->by_verdict[i] > 0) {
            e = buf_printf(out, "%s %" PRId64 " %s", some ? "," : "", progress->by_verdict[i],
                           verdict_str((enum verdict)i));
            some = true;
        }
    }
    e = e == ERR_OK && !some ? buf_add_str(out, " nothing to do") : e;
    return e == ERR_OK ? print_failures(out, progress, OUTCOME_COUNT) : e;
}
