// SPDX-License-Identifier: Apache-2.0
#include "crawler/cert_facts.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include "core/limits.h"
#include "core/str.h"
#include "crawler/chain.h"

enum {
    NAME_BYTES = 512,
    WEAK_BITS = 112
}; // of one shown name; security of a key

DEFINE_OWN(bio_own, BIO, BIO_free_all)
DEFINE_OWN(general_names_own, GENERAL_NAMES, GENERAL_NAMES_free)

// RFC 2253 form; it escapes everything that is not printable ASCII.
static char *name_text(const X509_NAME *name)
{
    OWN(bio_own) BIO *bio = BIO_new(BIO_s_mem());
    if (bio == NULL || X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253) < 0) {
        return bio == NULL ? NULL : strdup("");
    }
    char *at = NULL;
    long len = BIO_get_mem_data(bio, &at);
    size_t shown = len > 0 ? (size_t)len : 0;
    return strndup(shown == 0 ? "" : at, shown < LIMIT_OUTPUT_FIELD ? shown : LIMIT_OUTPUT_FIELD);
}

static char *printable(const ASN1_STRING *string)
{
    char text[NAME_BYTES];
    const unsigned char *at = ASN1_STRING_get0_data(string);
    int len = ASN1_STRING_length(string);
    struct span bytes = {(const char *)at, len > 0 ? (size_t)len : 0};
    return strdup(str_printable(text, sizeof text, bytes));
}

static enum err read_common_name(struct certificate *c, X509 *leaf)
{
    X509_NAME *subject = X509_get_subject_name(leaf);
    int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (at < 0) {
        return ERR_OK;
    }
    c->common_name = printable(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
    return c->common_name == NULL ? ERR_NOMEM : ERR_OK;
}

static char *address_text(const ASN1_OCTET_STRING *address)
{
    char text[INET6_ADDRSTRLEN] = "";
    int len = ASN1_STRING_length(address);
    const unsigned char *at = ASN1_STRING_get0_data(address);
    if (len == 4) {
        (void)inet_ntop(AF_INET, at, text, sizeof text);
    } else if (len == 16) {
        (void)inet_ntop(AF_INET6, at, text, sizeof text);
    } else {
        return printable(address);
    }
    return strdup(text);
}

static enum err read_names(struct certificate *c, X509 *leaf)
{
    OWN(general_names_own)
    GENERAL_NAMES *names = X509_get_ext_d2i(leaf, NID_subject_alt_name, NULL, NULL);
    int count = names == NULL ? 0 : sk_GENERAL_NAME_num(names);
    c->names = calloc(LIMIT_CERT_NAMES, sizeof *c->names);
    if (c->names == NULL) {
        return ERR_NOMEM;
    }
    for (int i = 0; i < count && c->name_count < LIMIT_CERT_NAMES; i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        char *text = NULL;
        if (name->type == GEN_DNS) {
            text = printable(name->d.dNSName);
        } else if (name->type == GEN_IPADD) {
            text = address_text(name->d.iPAddress);
        } else {
            continue;
        }
        if (text == NULL) {
            return ERR_NOMEM;
        }
        c->names[c->name_count++] = text;
    }
    return ERR_OK;
}

static enum err read_chain(struct certificate *c, STACK_OF(X509) * sent)
{
    int count = sk_X509_num(sent);
    c->chain = calloc((size_t)count, sizeof *c->chain);
    if (c->chain == NULL) {
        return ERR_NOMEM;
    }
    for (int i = 0; i < count; i++) {
        c->chain[i] = name_text(X509_get_subject_name(sk_X509_value(sent, i)));
        if (c->chain[i] == NULL) {
            return ERR_NOMEM;
        }
        c->chain_count++;
    }
    return ERR_OK;
}

static void read_key(struct certificate *c, X509 *leaf)
{
    EVP_PKEY *key = X509_get0_pubkey(leaf);
    const char *type = key == NULL ? NULL : EVP_PKEY_get0_type_name(key);
    (void)snprintf(c->key_type, sizeof c->key_type, "%s", type == NULL ? "unknown" : type);
    c->key_bits = key == NULL ? 0 : EVP_PKEY_get_bits(key);
    c->weak_key = key == NULL || EVP_PKEY_get_security_bits(key) < WEAK_BITS;
}

static void read_signature(struct certificate *c, X509 *leaf)
{
    int nid = X509_get_signature_nid(leaf);
    if (nid != NID_undef) {
        (void)snprintf(c->signature, sizeof c->signature, "%s", OBJ_nid2sn(nid));
        return;
    }
    const X509_ALGOR *algorithm = X509_get0_tbs_sigalg(leaf);
    const ASN1_OBJECT *object = NULL;
    X509_ALGOR_get0(&object, NULL, NULL, algorithm);
    (void)OBJ_obj2txt(c->signature, sizeof c->signature, object, 1);
}

static enum err read_fingerprint(struct certificate *c, X509 *leaf)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    if (X509_digest(leaf, EVP_sha256(), digest, &len) != 1) {
        return ERR_NOMEM;
    }
    for (unsigned i = 0; i < len; i++) {
        (void)snprintf(c->fingerprint + (size_t)2 * i, 3, "%02x", digest[i]);
    }
    return ERR_OK;
}

enum err cert_facts_read(struct certificate **out, STACK_OF(X509) * sent)
{
    OWN(certificate_own) struct certificate *c = calloc(1, sizeof *c);
    if (c == NULL) {
        return ERR_NOMEM;
    }
    X509 *leaf = sk_X509_value(sent, 0);
    c->subject = name_text(X509_get_subject_name(leaf));
    c->issuer = name_text(X509_get_issuer_name(leaf));
    enum err e = c->subject == NULL || c->issuer == NULL ? ERR_NOMEM : ERR_OK;
    e = e == ERR_OK ? read_common_name(c, leaf) : e;
    e = e == ERR_OK ? read_names(c, leaf) : e;
    e = e == ERR_OK ? read_chain(c, sent) : e;
    e = e == ERR_OK ? read_fingerprint(c, leaf) : e;
    c->not_before = chain_time(X509_get0_notBefore(leaf));
    c->not_after = chain_time(X509_get0_notAfter(leaf));
    c->self_signed = (X509_get_extension_flags(leaf) & EXFLAG_SS) != 0;
    read_key(c, leaf);
    read_signature(c, leaf);
    if (e == ERR_OK) {
        *out = c;
        c = NULL;
    }
    return e;
}

// ---- copying ----

static bool copy_text(char **out, const char *text)
{
    *out = text == NULL ? NULL : strdup(text);
    return text == NULL || *out != NULL;
}

static bool copy_texts(char ***out, size_t *out_count, char *const *texts, size_t count)
{
    *out_count = 0;
    *out = calloc(count + 1, sizeof **out);
    bool ok = *out != NULL;
    for (size_t i = 0; i < count && ok; i++) {
        ok = copy_text(&(*out)[i], texts[i]);
        *out_count += ok ? 1 : 0;
    }
    return ok;
}

struct certificate *cert_facts_copy(const struct certificate *facts)
{
    OWN(certificate_own) struct certificate *c = malloc(sizeof *c);
    if (c == NULL) {
        return NULL;
    }
    // Numbers and arrays come along; what is owned is copied below.
    *c = *facts;
    c->subject = c->issuer = c->common_name = c->name_matched = c->trust = NULL;
    c->names = c->chain = NULL;
    c->name_count = c->chain_count = 0;
    c->errors = NULL;
    bool ok = copy_text(&c->subject, facts->subject) && copy_text(&c->issuer, facts->issuer) &&
              copy_text(&c->common_name, facts->common_name) &&
              copy_text(&c->name_matched, facts->name_matched) &&
              copy_text(&c->trust, facts->trust) &&
              copy_texts(&c->names, &c->name_count, facts->names, facts->name_count) &&
              copy_texts(&c->chain, &c->chain_count, facts->chain, facts->chain_count);
    if (ok && facts->error_count > 0) {
        c->errors = malloc(facts->error_count * sizeof *c->errors);
        ok = c->errors != NULL;
        if (ok) {
            memcpy(c->errors, facts->errors, facts->error_count * sizeof *c->errors);
        }
    }
    if (!ok) {
        return NULL;
    }
    struct certificate *copy = c;
    c = NULL;
    return copy;
}
