// SPDX-License-Identifier: Apache-2.0
#include "model/member.h"

#include <assert.h>
#include <ctype.h>

#include "core/limits.h"

static const struct {
    const char *word, *title;
} roles[] = {
    {"super_administrator", "Super Administrator"},
    {"administrator", "Administrator"},
    {"read_only", "Administrator Read Only"},
};
static_assert(COUNT_OF(roles) == ROLE_COUNT_OF_MEMBERS, "one row per role, in order");

const char *member_role_str(enum member_role role)
{
    assert(role < ROLE_COUNT_OF_MEMBERS);
    return roles[role].word;
}

const char *member_role_title(enum member_role role)
{
    assert(role < ROLE_COUNT_OF_MEMBERS);
    return roles[role].title;
}

static bool same_words(struct span word, const char *role)
{
    if (word.len != strlen(role)) {
        return false;
    }
    for (size_t i = 0; i < word.len; i++) {
        char a = word.at[i] == '-' || word.at[i] == ' ' ? '_' : word.at[i];
        char b = role[i] == ' ' ? '_' : role[i];
        if (tolower((unsigned char)a) != tolower((unsigned char)b)) {
            return false;
        }
    }
    return true;
}

enum err member_role_parse(enum member_role *out, struct span word)
{
    for (size_t i = 0; i < COUNT_OF(roles); i++) {
        if (same_words(word, roles[i].word) || same_words(word, roles[i].title)) {
            *out = (enum member_role)i;
            return ERR_OK;
        }
    }
    return ERR_INVALID;
}

static bool address_byte(char c)
{
    return c > ' ' && c < 0x7f && strchr("<>()[]\\,;:\"@", c) == NULL;
}

bool member_address_valid(struct span address)
{
    size_t at = 0;
    while (at < address.len && address_byte(address.at[at])) {
        at++;
    }
    if (address.len > LIMIT_MAIL_ADDRESS || at == 0 || at > 64 || at + 1 >= address.len ||
        address.at[at] != '@') {
        return false;
    }
    struct span domain = {address.at + at + 1, address.len - at - 1};
    for (size_t i = 0; i < domain.len; i++) {
        bool dot = domain.at[i] == '.';
        if (!(isalnum((unsigned char)domain.at[i]) || domain.at[i] == '-' || dot) ||
            (dot && (i == 0 || i + 1 == domain.len || domain.at[i - 1] == '.'))) {
            return false;
        }
    }
    return domain.at[0] != '-' && address.at[0] != '.' && address.at[at - 1] != '.';
}
