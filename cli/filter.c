// SPDX-License-Identifier: Apache-2.0
#include "cli/filter.h"

#include "core/num.h"

static enum err mode_option(enum mode *out, const struct args *args, const char *name,
                            struct why *why)
{
    const char *word = args_text(args, name);
    *out = MODE_NONE;
    if (word == NULL || mode_parse(out, span_of(word)) == ERR_OK) {
        return ERR_OK;
    }
    return why_set(why, ERR_INVALID, "--%s \"%.40s\" is no mode", name, word);
}

enum err filter_from_args(struct db_filter *out, const struct args *args, struct why *why)
{
    int64_t limit = 0;
    const char *limit_text = args_text(args, "limit");
    *out = (struct db_filter){.account = args_text(args, "account"),
                              .blocked = args_flag(args, "blocked"),
                              .after_name = args_text(args, "after")};
    enum err e = mode_option(&out->mode, args, "mode", why);
    e = e == ERR_OK ? mode_option(&out->recommended, args, "recommended", why) : e;
    if (e == ERR_OK && limit_text != NULL &&
        num_parse(&limit, span_of(limit_text), 1, INT32_MAX) != ERR_OK) {
        return why_set(why, ERR_INVALID, "--limit \"%.40s\" is no number above 0", limit_text);
    }
    out->limit = (size_t)limit;
    return e;
}

const char *format_from_args(const struct args *args)
{
    const char *format = args_text(args, "format");
    return format == NULL ? "table" : format;
}
