// SPDX-License-Identifier: Apache-2.0
#include "recommend/strict.h"

#include <openssl/x509_vfy.h>
#include <stdio.h>

#include "core/time.h"

// The checks of the product's strict mode that failed. Revocation is not looked at.
struct faults {
    bool expired, issuer_expired, not_yet_valid;
    bool self_signed, incomplete, unknown_issuer;
    bool name, weak_key, weak_signature;
    int issuer_code; // of unknown_issuer
    int other_code, other_depth;
    bool other;
};

static void count_error(struct faults *faults, const struct cert_error *error)
{
    switch (error->code) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
        *(error->depth == 0 ? &faults->expired : &faults->issuer_expired) = true;
        break;
    case X509_V_ERR_CERT_NOT_YET_VALID:
        faults->not_yet_valid = true;
        break;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        faults->self_signed = true;
        break;
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_UNTRUSTED:
        faults->unknown_issuer = true;
        faults->issuer_code = error->code;
        break;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        faults->name = true;
        break;
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
        faults->weak_key = true;
        break;
    case X509_V_ERR_CA_MD_TOO_WEAK:
        faults->weak_signature = true;
        break;
    default: // OpenSSL's list is open
        faults->other = true;
        faults->other_code = error->code;
        faults->other_depth = error->depth;
        break;
    }
}

static struct faults find_faults(const struct certificate *certificate, int64_t now)
{
    struct faults faults = {
        .expired = certificate->not_after<now, .not_yet_valid = certificate->not_before> now,
        .name = !certificate->name_ok,
        .weak_key = certificate->weak_key,
        .weak_signature = certificate->weak_signature,
    };
    if (certificate->strict_ok) {
        // Accepted at the time of the scan, perhaps by a trust set that holds this very
        // certificate; only what `now` changes is left to look at.
        faults.issuer_expired = certificate->chain_not_after < now;
        return faults;
    }
    faults.self_signed = certificate->self_signed;
    faults.incomplete = certificate->incomplete_chain;
    for (size_t i = 0; i < certificate->error_count; i++) {
        count_error(&faults, &certificate->errors[i]);
    }
    return faults;
}

static int64_t ends_at(const struct certificate *certificate)
{
    return certificate->chain_not_after < certificate->not_after ? certificate->chain_not_after
                                                                 : certificate->not_after;
}

static void list_names(char *out, size_t size, const struct certificate *certificate)
{
    enum {
        SHOWN_NAMES = 4
    };
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < certificate->name_count && i < SHOWN_NAMES; i++) {
        int n =
            snprintf(out + used, size - used, "%s%s", i == 0 ? "" : ", ", certificate->names[i]);
        if (n < 0 || (size_t)n >= size - used) {
            return; // cut, and terminated
        }
        used += (size_t)n;
    }
    if (certificate->name_count > SHOWN_NAMES) {
        (void)snprintf(out + used, size - used, " and %zu more",
                       certificate->name_count - SHOWN_NAMES);
    }
}

static void say_name(const struct look *look, struct finding_list *blockers)
{
    const struct certificate *certificate = look->origin->certificate;
    char names[320];
    list_names(names, sizeof names, certificate);
    const char *only = certificate->common_name != NULL ? certificate->common_name : "no name";
    finding_add(blockers, "certificate_name_mismatch", &look->about, "it is for %s",
                names[0] != '\0' ? names : only);
}

static void say_dates(const struct look *look, const struct faults *faults,
                      struct finding_list *blockers)
{
    const struct certificate *certificate = look->origin->certificate;
    char date[TIME_TEXT_SIZE];
    if (faults->expired) {
        finding_add(blockers, "certificate_expired", &look->about, "it ended on %s",
                    time_print(date, certificate->not_after));
    } else if (faults->issuer_expired) {
        finding_add(blockers, "certificate_expired", &look->about,
                    "that of one of its issuers has ended");
    }
    if (faults->not_yet_valid) {
        finding_add(blockers, "certificate_not_yet_valid", &look->about, "it begins on %s",
                    time_print(date, certificate->not_before));
    }
}

static void say_issuer(const struct look *look, const struct faults *faults,
                       struct finding_list *blockers)
{
    const struct certificate *certificate = look->origin->certificate;
    if (faults->self_signed) {
        finding_add(blockers, "certificate_self_signed", &look->about, "%s", "");
    }
    if (faults->incomplete) {
        finding_add(blockers, "certificate_incomplete_chain", &look->about, " of its issuer %s",
                    certificate->issuer);
    }
    // Both explain why no issuer was found.
    if (faults->unknown_issuer && !faults->self_signed && !faults->incomplete) {
        finding_add(blockers, "certificate_unknown_issuer", &look->about, "%s, issued by %s",
                    X509_verify_cert_error_string(faults->issuer_code), certificate->issuer);
    }
}

static void say_strength(const struct look *look, const struct faults *faults,
                         struct finding_list *blockers)
{
    const struct certificate *certificate = look->origin->certificate;
    if (faults->weak_key) {
        finding_add(blockers, "certificate_weak_key", &look->about, "the leaf has %s with %d bits",
                    certificate->key_type, certificate->key_bits);
    }
    if (faults->weak_signature) {
        finding_add(blockers, "certificate_weak_signature", &look->about, "the leaf with %s",
                    certificate->signature);
    }
    if (faults->other) {
        finding_add(blockers, "certificate_other", &look->about, "%s, at depth %d",
                    X509_verify_cert_error_string(faults->other_code), faults->other_depth);
    }
}

bool strict_accepts(const struct look *look, struct finding_list *blockers)
{
    const struct certificate *certificate = look->origin->certificate;
    struct faults faults = find_faults(certificate, look->now);
    size_t before = blockers->count + blockers->left_out;
    say_dates(look, &faults, blockers);
    if (faults.name) {
        say_name(look, blockers);
    }
    say_issuer(look, &faults, blockers);
    say_strength(look, &faults, blockers);
    bool faultless = blockers->count + blockers->left_out == before && !blockers->no_memory;
    if (!certificate->strict_ok && faultless) {
        finding_add(blockers, "certificate_other", &look->about, "no check names the fault");
        return false;
    }
    if (faultless && ends_at(certificate) < look->now + look->policy->certificate_margin_s) {
        char date[TIME_TEXT_SIZE];
        char left[32];
        char margin[32];
        finding_add(blockers, "certificate_expires_soon", &look->about,
                    "it ends on %s, in %s, and %s are asked for",
                    time_print(date, ends_at(certificate)),
                    time_print_span(left, ends_at(certificate) - look->now),
                    time_print_span(margin, look->policy->certificate_margin_s));
        return false;
    }
    return faultless;
}

void strict_explain(const struct look *look, struct finding_list *reasons)
{
    const struct certificate *certificate = look->origin->certificate;
    char date[TIME_TEXT_SIZE];
    finding_add(reasons, "certificate_valid", &look->about, "trusted by %s, valid until %s",
                certificate->trust != NULL ? certificate->trust : "a trust set",
                time_print(date, ends_at(certificate)));
}
