// SPDX-License-Identifier: Apache-2.0
#include "model/mode.h"

static const char *const words[MODE_COUNT] = {
    [MODE_OFF] = "off",       [MODE_FLEXIBLE] = "flexible",       [MODE_FULL] = "full",
    [MODE_STRICT] = "strict", [MODE_ORIGIN_PULL] = "origin_pull",
};

static const char *const titles[MODE_COUNT] = {
    [MODE_OFF] = "Off",
    [MODE_FLEXIBLE] = "Flexible",
    [MODE_FULL] = "Full",
    [MODE_STRICT] = "Full (strict)",
    [MODE_ORIGIN_PULL] = "Strict (SSL-only origin pull)",
};

const char *mode_str(enum mode mode)
{
    return mode >= 0 && mode < MODE_COUNT ? words[mode] : "none";
}

const char *mode_title(enum mode mode)
{
    return mode >= 0 && mode < MODE_COUNT ? titles[mode] : "None";
}

enum err mode_parse(enum mode *out, struct span word)
{
    for (enum mode m = MODE_OFF; m < MODE_COUNT; m++) {
        if (span_equal(word, span_of(words[m]))) {
            *out = m;
            return ERR_OK;
        }
    }
    return ERR_INVALID;
}
