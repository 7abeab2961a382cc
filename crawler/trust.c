// SPDX-License-Identifier: Apache-2.0
#include "crawler/trust.h"

#include <assert.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <sys/stat.h>

DEFINE_OWN(trust_own, struct trust, trust_free)

void trust_free(struct trust *trust)
{
    if (trust == NULL) {
        return;
    }
    for (size_t i = 0; i < trust->count; i++) {
        free(trust->sets[i].name);
        X509_STORE_free(trust->sets[i].store);
    }
    X509_STORE_free(trust->empty);
    free(trust);
}

static enum err open_bundle(FILE **out, const struct trust_file *file, struct why *why)
{
    if (file->file == NULL || file->file[0] == '\0') {
        return why_set(why, ERR_INVALID, "trust set \"%s\": no file is given; name a PEM bundle",
                       file->name);
    }
    FILE *in = fopen(file->file, "re");
    if (in == NULL) {
        int errnum = errno;
        char words[128] = "";
        const char *text = strerror_r(errnum, words, sizeof words);
        return why_set(why, err_from_errno(errnum),
                       "trust set \"%s\": %s: %s; install the bundle "
                       "(Debian: ca-certificates) or correct the path",
                       file->name, file->file, text);
    }
    struct stat st;
    if (fstat(fileno(in), &st) == 0 && S_ISDIR(st.st_mode)) {
        (void)fclose(in);
        return why_set(why, ERR_INVALID,
                       "trust set \"%s\": %s is a directory; name a file of PEM certificates",
                       file->name, file->file);
    }
    *out = in;
    return ERR_OK;
}

// Adds every certificate of the file; a damaged one is an error, not a smaller set.
static enum err read_bundle(X509_STORE *store, FILE *in, const struct trust_file *file,
                            struct why *why)
{
    size_t count = 0;
    X509 *certificate = NULL;
    ERR_clear_error();
    while ((certificate = PEM_read_X509_AUX(in, NULL, NULL, NULL)) != NULL) {
        int added = X509_STORE_add_cert(store, certificate);
        X509_free(certificate);
        if (added != 1) {
            ERR_clear_error();
            return why_set(why, ERR_NOMEM, "trust set \"%s\": out of memory", file->name);
        }
        count++;
    }
    unsigned long code = ERR_peek_last_error();
    bool at_end = ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    if (!at_end) {
        return why_set(why, ERR_INVALID,
                       "trust set \"%s\": %s: certificate %zu is damaged; write the file anew",
                       file->name, file->file, count + 1);
    }
    if (count == 0) {
        return why_set(why, ERR_INVALID,
                       "trust set \"%s\": %s holds no certificate; it must be PEM "
                       "(\"-----BEGIN CERTIFICATE-----\")",
                       file->name, file->file);
    }
    return ERR_OK;
}

static enum err load_set(struct trust *trust, const struct trust_file *file, struct why *why)
{
    for (size_t i = 0; i < trust->count; i++) {
        if (strcmp(trust->sets[i].name, file->name) == 0) {
            return why_set(why, ERR_EXISTS, "trust set \"%s\" is given twice", file->name);
        }
    }
    struct trust_set *set = &trust->sets[trust->count++];
    set->name = strdup(file->name);
    set->store = X509_STORE_new();
    if (set->name == NULL || set->store == NULL) {
        return why_set(why, ERR_NOMEM, "out of memory");
    }
    FILE *in = NULL;
    enum err e = open_bundle(&in, file, why);
    if (in != NULL) {
        e = read_bundle(set->store, in, file, why);
        (void)fclose(in);
    }
    return e;
}

enum err trust_load(struct trust **out, const struct trust_file *files, size_t count,
                    struct why *why)
{
    if (count > 1 + LIMIT_TRUST_SETS) {
        return why_set(why, ERR_LIMIT, "more than %zu extra trust sets", LIMIT_TRUST_SETS);
    }
    OWN(trust_own) struct trust *trust = calloc(1, sizeof *trust);
    if (trust == NULL || (trust->empty = X509_STORE_new()) == NULL) {
        return why_set(why, ERR_NOMEM, "out of memory");
    }
    enum err e = ERR_OK;
    for (size_t i = 0; i < count && e == ERR_OK; i++) {
        e = load_set(trust, &files[i], why);
    }
    if (e == ERR_OK) {
        *out = trust;
        trust = NULL;
    }
    return e;
}

enum err trust_mask(uint32_t *out, const struct trust *trust, char *const *names, size_t count,
                    bool replace, struct why *why)
{
    static_assert(LIMIT_TRUST_SETS < 32, "one bit for each set");
    uint32_t mask = replace || trust->count == 0 ? 0 : 1;
    for (size_t i = 0; i < count; i++) {
        size_t set = 0;
        while (set < trust->count && strcmp(trust->sets[set].name, names[i]) != 0) {
            set++;
        }
        if (set == trust->count) {
            return why_set(why, ERR_NOT_FOUND,
                           "trust set \"%.64s\" is not configured; add it to [trust]", names[i]);
        }
        mask |= 1U << set;
    }
    *out = mask;
    return ERR_OK;
}
