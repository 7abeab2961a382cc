// SPDX-License-Identifier: Apache-2.0
#include "model/token.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#define SECRET_PREFIX "sslauto_" // lets scanners for leaked secrets know it
#define SECRET_BYTES  32
#define HASH_BYTES    32

static const char *const words[PERMISSION_COUNT] = {
    [PERMISSION_ZONE_READ] = "zone_read",
    [PERMISSION_SETTINGS_READ] = "settings_read",
    [PERMISSION_SETTINGS_WRITE] = "settings_write",
};

static const char *const titles[PERMISSION_COUNT] = {
    [PERMISSION_ZONE_READ] = "Zone Read",
    [PERMISSION_SETTINGS_READ] = "Zone Settings Read",
    [PERMISSION_SETTINGS_WRITE] = "Zone Settings Write",
};

static void hex(char *out, const unsigned char *bytes, size_t count)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < count; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * count] = '\0';
}

static bool draw(unsigned char *bytes, size_t count)
{
    // Up to 256 bytes are never cut short by a signal (getrandom(2)).
    return getrandom(bytes, count, 0) == (ssize_t)count;
}

struct token *token_new(void)
{
    unsigned char bytes[16];
    struct token *token = calloc(1, sizeof *token);
    if (token == NULL || !draw(bytes, sizeof bytes)) {
        free(token);
        return NULL;
    }
    hex(token->id, bytes, sizeof bytes);
    return token;
}

static void free_list(char **list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(list[i]);
    }
    free((void *)list);
}

void token_free(struct token *token)
{
    if (token != NULL) {
        free(token->name);
        free(token->owner);
        free_list(token->accounts, token->account_count);
        free_list(token->zones, token->zone_count);
        free(token);
    }
}

enum err token_hash(char hash[TOKEN_HASH_SIZE], struct span secret)
{
    unsigned char bytes[HASH_BYTES];
    unsigned size = 0;
    if (EVP_Digest(secret.len == 0 ? "" : secret.at, secret.len, bytes, &size, EVP_sha256(),
                   NULL) != 1 ||
        size != HASH_BYTES) {
        return ERR_NOMEM;
    }
    hex(hash, bytes, HASH_BYTES);
    return ERR_OK;
}

bool token_hash_equal(const char a[TOKEN_HASH_SIZE], const char b[TOKEN_HASH_SIZE])
{
    return CRYPTO_memcmp(a, b, TOKEN_HASH_SIZE) == 0;
}

// RFC 4648 section 5, without padding.
static void base64url(char *out, const unsigned char bytes[SECRET_BYTES])
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    unsigned bits = 0;
    unsigned held = 0;
    for (size_t i = 0; i < SECRET_BYTES; i++) {
        bits = bits << 8 | bytes[i];
        for (held += 8; held >= 6; held -= 6) {
            *out++ = letters[bits >> (held - 6) & 63];
        }
        bits &= (1U << held) - 1;
    }
    if (held > 0) {
        *out++ = letters[bits << (6 - held) & 63];
    }
    *out = '\0';
}

enum err token_secret_new(char secret[TOKEN_SECRET_SIZE], char hash[TOKEN_HASH_SIZE])
{
    unsigned char bytes[SECRET_BYTES];
    if (!draw(bytes, sizeof bytes)) {
        return ERR_UNAVAILABLE;
    }
    (void)snprintf(secret, TOKEN_SECRET_SIZE, "%s", SECRET_PREFIX);
    base64url(secret + strlen(SECRET_PREFIX), bytes);
    OPENSSL_cleanse(bytes, sizeof bytes);
    return token_hash(hash, span_of(secret));
}

bool token_may(const struct token *token, enum permission permission)
{
    unsigned held = token->permissions;
    if ((held & 1U << PERMISSION_SETTINGS_WRITE) != 0) {
        held |= 1U << PERMISSION_SETTINGS_READ;
    }
    return (held & 1U << permission) != 0;
}

bool token_reaches(const struct token *token, const struct zone *zone)
{
    return (token->owner == NULL || strcmp(token->owner, zone->account) == 0) &&
           ((token->account_count == 0 && token->zone_count == 0) ||
            strings_have(token->accounts, token->account_count, zone->account) ||
            strings_have(token->zones, token->zone_count, zone->id));
}

const char *permission_str(enum permission permission)
{
    return permission < PERMISSION_COUNT ? words[permission] : "?";
}

const char *permission_title(enum permission permission)
{
    return permission < PERMISSION_COUNT ? titles[permission] : "?";
}

enum err permission_parse(enum permission *out, struct span word)
{
    for (unsigned i = 0; i < PERMISSION_COUNT; i++) {
        if (span_equal(word, span_of(words[i]))) {
            *out = (enum permission)i;
            return ERR_OK;
        }
    }
    return ERR_INVALID;
}

enum err account_id(char id[33], const char *account)
{
    char hash[TOKEN_HASH_SIZE];
    enum err e = token_hash(hash, span_of(account));
    if (e == ERR_OK) {
        (void)snprintf(id, 33, "%.32s", hash);
    }
    return e;
}
