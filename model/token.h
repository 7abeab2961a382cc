// SPDX-License-Identifier: Apache-2.0
// Who may use the API, for what, and where. The secret itself is never kept.
#ifndef SSLAUTO_MODEL_TOKEN_H
#define SSLAUTO_MODEL_TOKEN_H

#include "model/zone.h"

// The names are those of the product's token permissions.
enum permission {
    PERMISSION_ZONE_READ,      // "Zone Read": lists zones and reads them
    PERMISSION_SETTINGS_READ,  // "Zone Settings Read"
    PERMISSION_SETTINGS_WRITE, // "Zone Settings Write"; includes reading them
    PERMISSION_COUNT
};

#define TOKEN_SECRET_SIZE 52 // "sslauto_", 43 characters of base64url (256 bits), and the end
#define TOKEN_HASH_SIZE   65 // SHA-256 in hex, and the end

struct token {
    char id[33];                // 32 lower-case hex digits
    char *name;                 // owned; unique; stands in events as "token:NAME"
    char hash[TOKEN_HASH_SIZE]; // of the secret
    unsigned permissions;       // bits 1 << enum permission
    char *owner; // owned; the account that owns it: reaches its zones alone, and verifies there;
                 // NULL = a user's token
    char **accounts; // owned strings; with zones, what of that it reaches; both empty = all of it
    size_t account_count;
    char **zones; // owned strings: ids
    size_t zone_count;
    int64_t created_at; // seconds since the epoch; set by the store
    int64_t expires_at; // 0 = never
};

// Empty, with a fresh random id. NULL without memory or randomness.
struct token *token_new(void);
void token_free(struct token *token);
DEFINE_OWN(token_own, struct token, token_free)

// A new secret, shown once, and its hash for the store. ERR_UNAVAILABLE without randomness.
enum err token_secret_new(char secret[TOKEN_SECRET_SIZE], char hash[TOKEN_HASH_SIZE]);
enum err token_hash(char hash[TOKEN_HASH_SIZE], struct span secret);
// In a time that does not depend on where they differ.
bool token_hash_equal(const char a[TOKEN_HASH_SIZE], const char b[TOKEN_HASH_SIZE]);

bool token_may(const struct token *token, enum permission permission);
bool token_reaches(const struct token *token, const struct zone *zone);

const char *permission_str(enum permission permission);   // "zone_read", ...
const char *permission_title(enum permission permission); // "Zone Read", ...
enum err permission_parse(enum permission *out, struct span word);

// The account's id as the API shows it: the first 32 hex digits of the SHA-256 of its name. The
// only place that knows.
enum err account_id(char id[33], const char *account);

#endif
