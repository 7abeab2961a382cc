// SPDX-License-Identifier: Apache-2.0
// The people of an account, by the product's words for their roles.
#ifndef SSLAUTO_MODEL_MEMBER_H
#define SSLAUTO_MODEL_MEMBER_H

#include <stdbool.h>

#include "core/err.h"
#include "core/span.h"

enum member_role {
    ROLE_SUPER_ADMINISTRATOR, // gets the digest unless the configuration says otherwise
    ROLE_ADMINISTRATOR,
    ROLE_READ_ONLY,
    ROLE_COUNT_OF_MEMBERS
};

// "super_administrator" "administrator" "read_only"
const char *member_role_str(enum member_role role);
const char *member_role_title(enum member_role role); // "Super Administrator", ...
// Either form, letters of any case, '-' and ' ' as '_'.
enum err member_role_parse(enum member_role *out, struct span word);
// An address as mail servers take it: local@domain, printable ASCII without spaces, quotes, angle
// brackets or commas, 254 bytes at most (RFC 5321 section 4.5.3.1.3 less the brackets).
bool member_address_valid(struct span address);

#endif
