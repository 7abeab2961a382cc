// SPDX-License-Identifier: Apache-2.0
#include "edge/haproxy/map_value.h"

#include "core/num.h"
#include "model/rollout.h"

const char *map_value_print(char text[MAP_VALUE_SIZE], const struct map_value *value)
{
    (void)snprintf(text, MAP_VALUE_SIZE, "%s:%s:%d:%lld:%lld", mode_str(value->old_mode),
                   mode_str(value->new_mode), value->share_bp, (long long)value->generation,
                   (long long)value->until);
    return text;
}

enum err map_value_parse(struct map_value *out, struct span text)
{
    struct map_value value;
    int64_t share = 0;
    struct span rest = text;
    bool fits = mode_parse(&value.old_mode, span_cut(&rest, ':')) == ERR_OK &&
                mode_parse(&value.new_mode, span_cut(&rest, ':')) == ERR_OK &&
                num_parse(&share, span_cut(&rest, ':'), 0, SHARE_ALL_BP) == ERR_OK &&
                num_parse(&value.generation, span_cut(&rest, ':'), 0, INT64_MAX) == ERR_OK &&
                num_parse(&value.until, span_cut(&rest, ':'), 0, INT64_MAX) == ERR_OK &&
                rest.at == NULL;
    if (!fits) {
        return ERR_INVALID;
    }
    value.share_bp = (int)share;
    char again[MAP_VALUE_SIZE];
    if (!span_equal(text, span_of(map_value_print(again, &value)))) {
        return ERR_INVALID; // leading zeros and the like
    }
    *out = value;
    return ERR_OK;
}

struct map_value map_value_steady(enum mode mode)
{
    return (struct map_value){.old_mode = mode, .new_mode = mode};
}
