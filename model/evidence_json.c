// SPDX-License-Identifier: Apache-2.0
// The stored and the printed form of evidence are one form: what `explain --json` shows is what a
// replay reads.
#include <limits.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "core/limits.h"
#include "model/evidence.h"
#include "model/json_fields.h"
#include "model/zone.h"

#define EVIDENCE_VERSION 1

static const char *outcome_word(int value)
{
    return outcome_str((enum outcome)value);
}

static const char *phase_word(int value)
{
    return phase_str((enum phase)value);
}

static const char *redirect_word(int value)
{
    return redirect_str((enum redirect)value);
}

static const char *robots_word(int value)
{
    return robots_str((enum robots)value);
}

static const char *sameness_word(int value)
{
    return sameness_str((enum sameness)value);
}

static const char *role_word(int value)
{
    return page_role_str((enum page_role)value);
}

static const char *look_word(int value)
{
    return second_look_str((enum second_look)value);
}

// clang-format off
// A row: key, kind, struct, member, then bounds or words as the kind needs them.
#define ROW(name, of_kind, type, member, ...)                                                      \
    {.key = (name), .kind = (of_kind), .offset = offsetof(struct type, member), __VA_ARGS__}
#define SIZE(type, member) .max = sizeof ((struct type *)0)->member

static const struct field scheme_fields[] = {
    ROW("asked", FIELD_BOOL, scheme_evidence, asked),
    ROW("outcome", FIELD_WORD, scheme_evidence, outcome, .max = OUTCOME_COUNT,
     .word = outcome_word),
    ROW("phase", FIELD_WORD, scheme_evidence, phase, .max = PHASE_COUNT, .word = phase_word),
    ROW("words", FIELD_CHARS, scheme_evidence, words, SIZE(scheme_evidence, words)),
    ROW("status", FIELD_INT, scheme_evidence, status, .min = 0, .max = 999),
    ROW("redirect", FIELD_WORD, scheme_evidence, redirect, .max = REDIRECT_COUNT,
     .word = redirect_word),
    ROW("final_url", FIELD_TEXT_NULL, scheme_evidence, final_url),
    ROW("same_site", FIELD_BOOL, scheme_evidence, same_site),
    ROW("hops", FIELD_UINT, scheme_evidence, hops, .max = UINT_MAX),
    ROW("retry_after_s", FIELD_I64, scheme_evidence, retry_after_s, .min = -1, .max = INT64_MAX),
    ROW("total_ms", FIELD_U32, scheme_evidence, total_ms, .max = UINT32_MAX),
};

static const struct field tls_fields[] = {
    ROW("tls_version", FIELD_CHARS, origin_evidence, tls_version,
     SIZE(origin_evidence, tls_version)),
    ROW("tls_cipher", FIELD_CHARS, origin_evidence, tls_cipher,
     SIZE(origin_evidence, tls_cipher)),
    ROW("client_certificate_requested", FIELD_BOOL, origin_evidence, client_certificate_requested),
};

static const struct field certificate_fields[] = {
    ROW("subject", FIELD_TEXT, certificate, subject),
    ROW("issuer", FIELD_TEXT, certificate, issuer),
    ROW("common_name", FIELD_TEXT_NULL, certificate, common_name),
    ROW("not_before", FIELD_TIME, certificate, not_before),
    ROW("not_after", FIELD_TIME, certificate, not_after),
    ROW("chain_not_after", FIELD_TIME, certificate, chain_not_after),
    ROW("key_type", FIELD_CHARS, certificate, key_type, SIZE(certificate, key_type)),
    ROW("key_bits", FIELD_INT, certificate, key_bits, .min = 0, .max = INT_MAX),
    ROW("signature", FIELD_CHARS, certificate, signature, SIZE(certificate, signature)),
    ROW("fingerprint", FIELD_CHARS, certificate, fingerprint, SIZE(certificate, fingerprint)),
    ROW("name_ok", FIELD_BOOL, certificate, name_ok),
    ROW("name_matched", FIELD_TEXT_NULL, certificate, name_matched),
    ROW("self_signed", FIELD_BOOL, certificate, self_signed),
    ROW("incomplete_chain", FIELD_BOOL, certificate, incomplete_chain),
    ROW("weak_key", FIELD_BOOL, certificate, weak_key),
    ROW("weak_signature", FIELD_BOOL, certificate, weak_signature),
    ROW("trust", FIELD_TEXT_NULL, certificate, trust),
    ROW("strict_ok", FIELD_BOOL, certificate, strict_ok),
};

static const struct field error_fields[] = {
    ROW("depth", FIELD_INT, cert_error, depth, .min = INT_MIN, .max = INT_MAX),
    ROW("code", FIELD_INT, cert_error, code, .min = INT_MIN, .max = INT_MAX),
};

static const struct field similarity_fields[] = {
    ROW("verdict", FIELD_WORD, origin_evidence, sameness, .max = SAMENESS_COUNT,
     .word = sameness_word),
    ROW("score", FIELD_REAL, origin_evidence, score, .max = 1),
    ROW("challenge", FIELD_BOOL, origin_evidence, challenge),
    ROW("login", FIELD_BOOL, origin_evidence, login),
    ROW("insecure_resources", FIELD_UINT, origin_evidence, insecure_resources,
     .max = UINT_MAX),
    ROW("http_insecure_resources", FIELD_UINT, origin_evidence, http_insecure_resources,
     .max = UINT_MAX, .optional = true),
};

static const struct field page_fields[] = {
    ROW("path", FIELD_TEXT, page_evidence, path),
    ROW("role", FIELD_WORD, page_evidence, role, .max = ROLE_COUNT, .word = role_word),
    ROW("http_outcome", FIELD_WORD, page_evidence, http_outcome, .max = OUTCOME_COUNT,
     .word = outcome_word),
    ROW("http_status", FIELD_INT, page_evidence, http_status, .min = 0, .max = 999),
    ROW("https_outcome", FIELD_WORD, page_evidence, https_outcome, .max = OUTCOME_COUNT,
     .word = outcome_word),
    ROW("https_status", FIELD_INT, page_evidence, https_status, .min = 0, .max = 999),
    ROW("verdict", FIELD_WORD, page_evidence, sameness, .max = SAMENESS_COUNT,
     .word = sameness_word),
    ROW("informative", FIELD_BOOL, page_evidence, informative),
    ROW("score", FIELD_REAL, page_evidence, score, .max = 1),
    ROW("rule", FIELD_CHARS, page_evidence, rule, SIZE(page_evidence, rule)),
    ROW("detail", FIELD_CHARS, page_evidence, detail, SIZE(page_evidence, detail)),
};

static const struct field origin_fields[] = {
    ROW("address", FIELD_TEXT, origin_evidence, address),
    ROW("resolved", FIELD_CHARS, origin_evidence, resolved, SIZE(origin_evidence, resolved)),
    ROW("http_port", FIELD_U16, origin_evidence, http_port, .min = 1, .max = UINT16_MAX),
    ROW("https_port", FIELD_U16, origin_evidence, https_port, .min = 1, .max = UINT16_MAX),
    ROW("robots", FIELD_WORD, origin_evidence, robots, .max = ROBOTS_COUNT,
     .word = robots_word),
    ROW("robots_words", FIELD_CHARS, origin_evidence, robots_words,
     SIZE(origin_evidence, robots_words)),
    ROW("requests", FIELD_UINT, origin_evidence, requests, .max = UINT_MAX),
    ROW("second_look", FIELD_WORD, origin_evidence, second_look, .max = LOOK_COUNT,
     .word = look_word),
    ROW("first_look", FIELD_CHARS, origin_evidence, first_look,
     SIZE(origin_evidence, first_look)),
    ROW("overload", FIELD_BOOL, origin_evidence, overload),
    ROW("more_addresses", FIELD_BOOL, origin_evidence, more_addresses, .optional = true),
};

// A weight is any share on any scale; the bound only keeps sums finite.
static const struct field host_fields[] = {
    ROW("name", FIELD_TEXT, host_evidence, name),
    ROW("weight", FIELD_REAL, host_evidence, weight, .max = INT64_MAX),
};

static const struct field evidence_fields[] = {
    ROW("zone_id", FIELD_CHARS, evidence, zone_id, SIZE(evidence, zone_id)),
    ROW("scanned_at", FIELD_TIME, evidence, scanned_at),
};
// clang-format on

// ---- writing ----

static bool write_errors(json_t *object, const struct certificate *certificate)
{
    json_t *array = json_array();
    bool ok = array != NULL;
    for (size_t i = 0; ok && i < certificate->error_count; i++) {
        const struct cert_error *error = &certificate->errors[i];
        json_t *one = json_object();
        // The text is for readers; reading back takes the code alone.
        ok = fields_write(one, error, error_fields, COUNT_OF(error_fields)) &&
             json_object_set_new(one, "text",
                                 json_text(X509_verify_cert_error_string(error->code))) == 0;
        ok = json_array_append_new(array, one) == 0 && ok;
    }
    return json_object_set_new(object, "errors", array) == 0 && ok;
}

static bool write_certificate(json_t *parent, const struct certificate *certificate)
{
    if (certificate == NULL) {
        return json_object_set_new(parent, "certificate", json_null()) == 0;
    }
    json_t *object = json_object();
    bool ok = fields_write(object, certificate, certificate_fields, COUNT_OF(certificate_fields)) &&
              strings_write(object, "names", certificate->names, certificate->name_count) &&
              strings_write(object, "chain", certificate->chain, certificate->chain_count) &&
              write_errors(object, certificate);
    return json_object_set_new(parent, "certificate", object) == 0 && ok;
}

static bool write_similarity(json_t *parent, const struct origin_evidence *origin)
{
    json_t *object = json_object();
    json_t *pages = json_array();
    bool ok = fields_write(object, origin, similarity_fields, COUNT_OF(similarity_fields)) &&
              pages != NULL;
    for (size_t i = 0; ok && i < origin->page_count; i++) {
        json_t *page = json_object();
        ok = fields_write(page, &origin->pages[i], page_fields, COUNT_OF(page_fields));
        ok = json_array_append_new(pages, page) == 0 && ok;
    }
    ok = json_object_set_new(object, "pages", pages) == 0 && ok;
    return json_object_set_new(parent, "similarity", object) == 0 && ok;
}

static bool write_schemes(json_t *parent, const struct origin_evidence *origin)
{
    json_t *http = json_object();
    json_t *https = json_object();
    bool ok = fields_write(http, &origin->http, scheme_fields, COUNT_OF(scheme_fields)) &&
              fields_write(https, &origin->https, scheme_fields, COUNT_OF(scheme_fields)) &&
              fields_write(https, origin, tls_fields, COUNT_OF(tls_fields));
    ok = json_object_set_new(parent, "http", http) == 0 && ok;
    return json_object_set_new(parent, "https", https) == 0 && ok;
}

json_t *origin_evidence_to_json(const struct origin_evidence *origin)
{
    json_t *object = json_object();
    bool ok = fields_write(object, origin, origin_fields, COUNT_OF(origin_fields)) &&
              write_schemes(object, origin) && write_certificate(object, origin->certificate) &&
              write_similarity(object, origin);
    if (!ok) {
        json_decref(object);
        return NULL;
    }
    return object;
}

static bool write_host(json_t *hosts, const struct host_evidence *host)
{
    json_t *object = json_object();
    json_t *origins = json_array();
    bool ok = fields_write(object, host, host_fields, COUNT_OF(host_fields)) && origins != NULL;
    for (size_t i = 0; ok && i < host->origin_count; i++) {
        ok = json_array_append_new(origins, origin_evidence_to_json(&host->origins[i])) == 0;
    }
    ok = json_object_set_new(object, "origins", origins) == 0 && ok;
    return json_array_append_new(hosts, object) == 0 && ok;
}

json_t *evidence_to_json(const struct evidence *evidence)
{
    json_t *object = json_object();
    json_t *hosts = json_array();
    bool ok = json_object_set_new(object, "version", json_integer(EVIDENCE_VERSION)) == 0 &&
              fields_write(object, evidence, evidence_fields, COUNT_OF(evidence_fields)) &&
              hosts != NULL;
    for (size_t i = 0; ok && i < evidence->host_count; i++) {
        ok = write_host(hosts, &evidence->hosts[i]);
    }
    ok = json_object_set_new(object, "hosts", hosts) == 0 && ok;
    // Hardly any is, and what was stored before this mark was there has none.
    if (evidence->shortened) {
        ok = json_object_set_new(object, "shortened", json_true()) == 0 && ok;
    }
    if (!ok) {
        json_decref(object);
        return NULL;
    }
    return object;
}

// ---- reading ----

static enum err read_errors(struct certificate *out, const json_t *object, struct why *why)
{
    json_t *array = NULL;
    enum err e = array_at(&array, object, "errors", LIMIT_CERT_ERRORS, "certificate", why);
    if (e != ERR_OK || json_array_size(array) == 0) {
        return e;
    }
    size_t count = json_array_size(array);
    out->errors = calloc(count, sizeof *out->errors);
    if (out->errors == NULL) {
        return ERR_NOMEM;
    }
    out->error_count = count;
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        e = fields_read(&out->errors[i], json_array_get(array, i), error_fields,
                        COUNT_OF(error_fields), "certificate error", why);
    }
    return e;
}

static enum err read_certificate(struct certificate **out, const json_t *parent, struct why *why)
{
    static const char place[] = "certificate";
    if (json_is_null(json_object_get(parent, place))) {
        return ERR_OK;
    }
    json_t *object = NULL;
    enum err e = object_at(&object, parent, place, "origin", why);
    if (e != ERR_OK) {
        return e;
    }
    OWN(certificate_own) struct certificate *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return ERR_NOMEM;
    }
    e = fields_read(made, object, certificate_fields, COUNT_OF(certificate_fields), place, why);
    if (e == ERR_OK) {
        e = strings_read(&made->names, &made->name_count, object, "names", LIMIT_CERT_NAMES, place,
                         why);
    }
    if (e == ERR_OK) {
        e = strings_read(&made->chain, &made->chain_count, object, "chain", LIMIT_CERT_CHAIN, place,
                         why);
    }
    if (e == ERR_OK) {
        e = read_errors(made, object, why);
    }
    if (e == ERR_OK) {
        *out = made;
        made = NULL;
    }
    return e;
}

static enum err read_similarity(struct origin_evidence *out, const json_t *parent, struct why *why)
{
    static const char place[] = "similarity";
    json_t *object = NULL;
    json_t *pages = NULL;
    enum err e = object_at(&object, parent, place, "origin", why);
    if (e == ERR_OK) {
        e = fields_read(out, object, similarity_fields, COUNT_OF(similarity_fields), place, why);
    }
    if (e == ERR_OK) {
        e = array_at(&pages, object, "pages", 1 + LIMIT_PAGES + LIMIT_PROBE_PATHS, place, why);
    }
    if (e != ERR_OK || json_array_size(pages) == 0) {
        return e;
    }
    size_t count = json_array_size(pages);
    out->pages = calloc(count, sizeof *out->pages);
    if (out->pages == NULL) {
        return ERR_NOMEM;
    }
    out->page_count = count;
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        e = fields_read(&out->pages[i], json_array_get(pages, i), page_fields,
                        COUNT_OF(page_fields), "page", why);
    }
    return e;
}

static enum err read_schemes(struct origin_evidence *out, const json_t *parent, struct why *why)
{
    json_t *http = NULL;
    json_t *https = NULL;
    enum err e = object_at(&http, parent, "http", "origin", why);
    if (e == ERR_OK) {
        e = object_at(&https, parent, "https", "origin", why);
    }
    if (e == ERR_OK) {
        e = fields_read(&out->http, http, scheme_fields, COUNT_OF(scheme_fields), "http", why);
    }
    if (e == ERR_OK) {
        e = fields_read(&out->https, https, scheme_fields, COUNT_OF(scheme_fields), "https", why);
    }
    if (e == ERR_OK) {
        e = fields_read(out, https, tls_fields, COUNT_OF(tls_fields), "https", why);
    }
    return e;
}

// Half-read origins are freed with the evidence that holds them.
static enum err read_origin(struct origin_evidence *out, const json_t *object, struct why *why)
{
    enum err e = fields_read(out, object, origin_fields, COUNT_OF(origin_fields), "origin", why);
    if (e == ERR_OK) {
        e = read_schemes(out, object, why);
    }
    if (e == ERR_OK) {
        e = read_certificate(&out->certificate, object, why);
    }
    return e == ERR_OK ? read_similarity(out, object, why) : e;
}

static enum err read_host(struct host_evidence *out, const json_t *object, struct why *why)
{
    json_t *origins = NULL;
    enum err e = fields_read(out, object, host_fields, COUNT_OF(host_fields), "host", why);
    if (e == ERR_OK) {
        e = array_at(&origins, object, "origins", LIMIT_HOST_ORIGINS, "host", why);
    }
    if (e != ERR_OK || json_array_size(origins) == 0) {
        return e;
    }
    size_t count = json_array_size(origins);
    out->origins = calloc(count, sizeof *out->origins);
    if (out->origins == NULL) {
        return ERR_NOMEM;
    }
    out->origin_count = count;
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        e = read_origin(&out->origins[i], json_array_get(origins, i), why);
    }
    return e;
}

static enum err read_version(const json_t *json, struct why *why)
{
    const json_t *version = json_object_get(json, "version");
    if (!json_is_integer(version) || json_integer_value(version) < 1) {
        return why_set(why, ERR_INVALID, "evidence: \"version\" is missing or no number above 0");
    }
    if (json_integer_value(version) > EVIDENCE_VERSION) {
        return why_set(why, ERR_NEWER, "evidence has version %lld, this program reads %d",
                       (long long)json_integer_value(version), EVIDENCE_VERSION);
    }
    return ERR_OK;
}

static enum err read_hosts(struct evidence *out, const json_t *json, struct why *why)
{
    json_t *hosts = NULL;
    enum err e = array_at(&hosts, json, "hosts", LIMIT_ZONE_HOSTS, "evidence", why);
    if (e != ERR_OK || json_array_size(hosts) == 0) {
        return e;
    }
    size_t count = json_array_size(hosts);
    out->hosts = calloc(count, sizeof *out->hosts);
    if (out->hosts == NULL) {
        return ERR_NOMEM;
    }
    out->host_count = count;
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        e = read_host(&out->hosts[i], json_array_get(hosts, i), why);
    }
    return e;
}

enum err evidence_from_json(struct evidence **out, const json_t *json, struct why *why)
{
    enum err e = read_version(json, why);
    if (e != ERR_OK) {
        return e;
    }
    OWN(evidence_own) struct evidence *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return ERR_NOMEM;
    }
    e = fields_read(made, json, evidence_fields, COUNT_OF(evidence_fields), "evidence", why);
    if (e == ERR_OK && made->zone_id[0] != '\0' && !zone_id_valid(span_of(made->zone_id))) {
        e = why_set(why, ERR_INVALID, "evidence: \"zone_id\" is no zone id");
    }
    if (e == ERR_OK) {
        made->shortened = json_is_true(json_object_get(json, "shortened"));
        e = read_hosts(made, json, why);
    }
    if (e == ERR_OK) {
        *out = made;
        made = NULL;
    }
    return e;
}
