// SPDX-License-Identifier: Apache-2.0
#include "crawler/libctx.h"

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define NAME "sslauto"

// From here on OpenSSL remembers which decoders read which key (OSSL_DECODER_CTX_new_for_pkey), and
// there is little to win.
#define REMEMBERS 0x30200000UL

// Filled once, then only read, and kept to the end: a provider's functions are told the context of
// the provider behind it and nothing of ours.
static struct {
    OSSL_LIB_CTX *ctx;                  // NULL = could not be made
    OSSL_PROVIDER *whole;               // OpenSSL's own
    OSSL_ALGORITHM *ciphers, *decoders; // ended by a zero entry
} lean;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static const OSSL_ALGORITHM *query(void *provctx, int operation, int *no_store)
{
    (void)provctx;
    *no_store = 0;
    if (operation == OSSL_OP_CIPHER) {
        return lean.ciphers;
    }
    if (operation == OSSL_OP_DECODER) {
        return lean.decoders;
    }
    return OSSL_PROVIDER_query_operation(lean.whole, operation, no_store);
}

struct group_filter {
    OSSL_CALLBACK *each;
    void *ctx;
};

// Curves that OpenSSL knows, but never offers unless an application lists them.
static bool never_offered(const char *group)
{
    static const char *const prefixes[] = {"sect",    "secp160",   "secp192",
                                           "secp224", "secp256k1", "brainpool"};
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        if (strncmp(group, prefixes[i], strlen(prefixes[i])) == 0) {
            return true;
        }
    }
    return false;
}

static int pass_group(const OSSL_PARAM params[], void *data)
{
    const struct group_filter *filter = data;
    const char *name = NULL;
    const OSSL_PARAM *param = OSSL_PARAM_locate_const(params, OSSL_CAPABILITY_TLS_GROUP_NAME);
    if (param != NULL && OSSL_PARAM_get_utf8_string_ptr(param, &name) == 1 && never_offered(name)) {
        return 1;
    }
    return filter->each(params, filter->ctx);
}

static int capabilities(void *provctx, const char *capability, OSSL_CALLBACK *each, void *ctx)
{
    (void)provctx;
    struct group_filter filter = {each, ctx};
    return strcmp(capability, "TLS-GROUP") == 0
               ? OSSL_PROVIDER_get_capabilities(lean.whole, capability, pass_group, &filter)
               : OSSL_PROVIDER_get_capabilities(lean.whole, capability, each, ctx);
}

static const OSSL_PARAM *gettable(void *provctx)
{
    (void)provctx;
    return OSSL_PROVIDER_gettable_params(lean.whole);
}

static int get(void *provctx, OSSL_PARAM params[])
{
    (void)provctx;
    return OSSL_PROVIDER_get_params(lean.whole, params);
}

static const OSSL_DISPATCH functions[] = {
    {OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))query},
    {OSSL_FUNC_PROVIDER_GET_CAPABILITIES, (void (*)(void))capabilities},
    {OSSL_FUNC_PROVIDER_GETTABLE_PARAMS, (void (*)(void))gettable},
    {OSSL_FUNC_PROVIDER_GET_PARAMS, (void (*)(void))get},
    {0, NULL},
};

// The algorithms are the other provider's, so they are made with its context.
static int begin(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *core,
                 const OSSL_DISPATCH **out, void **provctx)
{
    (void)handle;
    (void)core;
    *out = functions;
    *provctx = OSSL_PROVIDER_get0_provider_ctx(lean.whole);
    return 1;
}

// Certificates carry public keys, as DER, in a SubjectPublicKeyInfo.
static bool reads_public_keys(const OSSL_ALGORITHM *decoder)
{
    return strstr(decoder->property_definition, "input=der") != NULL &&
           strstr(decoder->property_definition, "structure=SubjectPublicKeyInfo") != NULL;
}

// The modes of all cipher suites (RFC 5246, 5288, 6655, 7905 and 8446).
static bool is_of_a_suite(const OSSL_ALGORITHM *cipher)
{
    static const char *const modes[] = {"-CBC", "-GCM", "-CCM", "ChaCha20-Poly1305", "NULL"};
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        if (strstr(cipher->algorithm_names, modes[i]) != NULL) {
            return strstr(cipher->algorithm_names, "-CTS") == NULL;
        }
    }
    return false;
}

static bool choose(OSSL_ALGORITHM **out, int operation, bool (*wanted)(const OSSL_ALGORITHM *))
{
    int no_store = 0;
    const OSSL_ALGORITHM *all = OSSL_PROVIDER_query_operation(lean.whole, operation, &no_store);
    size_t count = 0;
    size_t kept = 0;
    while (all != NULL && all[count].algorithm_names != NULL) {
        count++;
    }
    *out = calloc(count + 1, sizeof **out);
    for (size_t i = 0; *out != NULL && i < count; i++) {
        if (wanted(&all[i])) {
            (*out)[kept++] = all[i];
        }
    }
    return kept > 0;
}

static void make(void)
{
    if (OpenSSL_version_num() >= REMEMBERS) {
        return;
    }
    // In a context of its own: what its algorithms need of each other they find there.
    OSSL_LIB_CTX *behind = OSSL_LIB_CTX_new();
    lean.whole = behind == NULL ? NULL : OSSL_PROVIDER_load(behind, "default");
    if (lean.whole == NULL || !choose(&lean.ciphers, OSSL_OP_CIPHER, is_of_a_suite) ||
        !choose(&lean.decoders, OSSL_OP_DECODER, reads_public_keys)) {
        return;
    }
    OSSL_LIB_CTX *ctx = OSSL_LIB_CTX_new();
    unsigned char byte = 0; // no connection is made without random numbers
    if (ctx == NULL || OSSL_PROVIDER_add_builtin(ctx, NAME, begin) != 1 ||
        OSSL_PROVIDER_load(ctx, NAME) == NULL || RAND_bytes_ex(ctx, &byte, 1, 0) != 1) {
        ERR_clear_error();
        OSSL_LIB_CTX_free(ctx);
        return;
    }
    lean.ctx = ctx;
}

OSSL_LIB_CTX *libctx_enter(void)
{
    (void)pthread_once(&once, make);
    return OSSL_LIB_CTX_set0_default(lean.ctx); // of NULL: asks only
}

void libctx_leave(OSSL_LIB_CTX *before)
{
    (void)OSSL_LIB_CTX_set0_default(before);
}
