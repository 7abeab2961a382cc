// SPDX-License-Identifier: Apache-2.0
#include "crawler/chain.h"

#include <assert.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

// Below this many bits a key or signature is weak (NIST SP 800-57 part 1; security level 2).
enum {
    AUTH_LEVEL = 2,
    SECURITY_BITS = 112
};

int64_t chain_time(const ASN1_TIME *time)
{
    struct tm tm = {0};
    return time != NULL && ASN1_TIME_to_tm(time, &tm) == 1 ? (int64_t)timegm(&tm) : 0;
}

// Notes the failure and lets the validation go on, so that all of them come to light.
static int note_error(int ok, X509_STORE_CTX *ctx)
{
    struct chain_verdict *verdict = X509_STORE_CTX_get_app_data(ctx);
    if (ok == 1) {
        return 1;
    }
    struct cert_error error = {X509_STORE_CTX_get_error_depth(ctx), X509_STORE_CTX_get_error(ctx)};
    for (size_t i = 0; i < verdict->error_count; i++) {
        if (verdict->errors[i].depth == error.depth && verdict->errors[i].code == error.code) {
            return 1;
        }
    }
    if (verdict->error_count < LIMIT_CERT_ERRORS) {
        verdict->errors[verdict->error_count++] = error;
    }
    return 1;
}

static void narrow(struct chain_verdict *verdict, int64_t change, int64_t now)
{
    if (change < now && change + 1 > verdict->from_s) {
        verdict->from_s = change + 1;
    } else if (change > now && change < verdict->until_s) {
        verdict->until_s = change;
    } else if (change == now) {
        verdict->from_s = now;
        verdict->until_s = now + 1;
    }
}

static bool is_self_signed(X509 *certificate)
{
    return (X509_get_extension_flags(certificate) & EXFLAG_SS) != 0;
}

static bool has_weak_signature(X509 *certificate)
{
    int digest = NID_undef;
    int bits = -1;
    if (X509_get_signature_info(certificate, &digest, NULL, &bits, NULL) != 1) {
        digest = NID_undef;
    }
    return digest == NID_sha1 || digest == NID_md5 || digest == NID_md4 || digest == NID_md2 ||
           digest == NID_md5_sha1 || (bits > 0 && bits < SECURITY_BITS);
}

static bool has_error(const struct chain_verdict *verdict, int code)
{
    for (size_t i = 0; i < verdict->error_count; i++) {
        if (verdict->errors[i].code == code) {
            return true;
        }
    }
    return false;
}

// What the path that was built says, whether it was accepted or not.
static void read_path(struct chain_verdict *verdict, STACK_OF(X509) * path, int64_t now)
{
    int count = path == NULL ? 0 : sk_X509_num(path);
    verdict->not_after = 0;
    for (int i = 0; i < count; i++) {
        X509 *certificate = sk_X509_value(path, i);
        int64_t not_after = chain_time(X509_get0_notAfter(certificate));
        narrow(verdict, chain_time(X509_get0_notBefore(certificate)), now);
        narrow(verdict, not_after, now);
        if (i == 0 || not_after < verdict->not_after) {
            verdict->not_after = not_after;
        }
        // Nobody relies on the signature that a root puts on itself.
        verdict->weak_signature = verdict->weak_signature ||
                                  (!is_self_signed(certificate) && has_weak_signature(certificate));
    }
    // Nothing above the leaf was found: what it needs was not sent. When intermediates were sent
    // and only their root is unknown, the authority is, not the chain that the server sends.
    bool no_issuer = has_error(verdict, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY) ||
                     has_error(verdict, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT);
    verdict->incomplete = no_issuer && count == 1 && !is_self_signed(sk_X509_value(path, 0));
}

static enum err verify_one(struct chain_verdict *verdict, X509_STORE_CTX *work, X509_STORE *store,
                           STACK_OF(X509) * sent, int64_t now)
{
    if (X509_STORE_CTX_init(work, store, sk_X509_value(sent, 0), sent) != 1 ||
        X509_STORE_CTX_set_default(work, "ssl_server") != 1 ||
        X509_STORE_CTX_set_app_data(work, verdict) != 1) {
        X509_STORE_CTX_cleanup(work);
        return ERR_NOMEM;
    }
    X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(work);
    X509_VERIFY_PARAM_set_auth_level(param, AUTH_LEVEL);
    X509_VERIFY_PARAM_set_time(param, (time_t)now);
    X509_STORE_CTX_set_verify_cb(work, note_error);
    int rc = X509_verify_cert(work);
    int code = X509_STORE_CTX_get_error(work);
    bool broken = rc < 0 || code == X509_V_ERR_OUT_OF_MEM;
    if (rc <= 0 && verdict->error_count == 0) {
        // Not even the callback was asked.
        verdict->errors[verdict->error_count++] = (struct cert_error){0, code};
    }
    read_path(verdict, X509_STORE_CTX_get0_chain(work), now);
    X509_STORE_CTX_cleanup(work);
    return broken && code == X509_V_ERR_OUT_OF_MEM ? ERR_NOMEM : ERR_OK;
}

// The times of both verdicts bound the one that is kept.
static void keep_within(struct chain_verdict *verdict, const struct chain_verdict *other)
{
    verdict->from_s = verdict->from_s > other->from_s ? verdict->from_s : other->from_s;
    verdict->until_s = verdict->until_s < other->until_s ? verdict->until_s : other->until_s;
}

enum err chain_verify(struct chain_verdict *out, X509_STORE_CTX *work, const struct trust *trust,
                      STACK_OF(X509) * sent, uint32_t sets, int64_t now)
{
    const struct chain_verdict fresh = {.set = -1, .from_s = INT64_MIN, .until_s = INT64_MAX};
    struct chain_verdict kept = fresh;
    bool asked = false;
    enum err e = ERR_OK;
    (void)ERR_set_mark();
    for (size_t i = 0; i < trust->count && e == ERR_OK && kept.set < 0; i++) {
        if ((sets & 1U << i) == 0) {
            continue;
        }
        struct chain_verdict verdict = fresh;
        e = verify_one(&verdict, work, trust->sets[i].store, sent, now);
        verdict.set = verdict.error_count == 0 ? (int)i : -1;
        if (!asked || verdict.set >= 0) {
            keep_within(&verdict, &kept);
            kept = verdict;
        } else {
            keep_within(&kept, &verdict);
        }
        asked = true;
    }
    if (!asked && e == ERR_OK) {
        e = verify_one(&kept, work, trust->empty, sent, now);
    }
    (void)ERR_pop_to_mark();
    if (e == ERR_OK) {
        *out = kept;
    }
    return e;
}
