// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/model/random_evidence.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

// xorshift64* (Vigna, "An experimental exploration of Marsaglia's xorshift generators").
uint64_t dice_roll(struct dice *dice, uint64_t sides)
{
    dice->state ^= dice->state >> 12;
    dice->state ^= dice->state << 25;
    dice->state ^= dice->state >> 27;
    return (dice->state * 2685821657736338717ULL >> 16) % sides;
}

bool dice_says(struct dice *dice, unsigned percent)
{
    return dice_roll(dice, 100) < percent;
}

static void *zeroed(size_t count, size_t size)
{
    void *at = calloc(count == 0 ? 1 : count, size);
    assert(at != NULL);
    return at;
}

static char *copy(const char *text)
{
    char *made = strdup(text);
    assert(made != NULL);
    return made;
}

// ---- wild ----

static const char *const scraps[] = {
    "",    "a",  "example.org", "\xc3\xa9",     "\"", "\\", "\n", "\x1b[31m",
    "%s",  "%n", "</script>",   "\xe6\x97\xa5", " ",  "'",  "{}", "https://example.org/",
    "\x7f"};

static void wild_text(struct dice *dice, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (uint64_t n = dice_roll(dice, 12); n > 0; n--) {
        const char *scrap = scraps[dice_roll(dice, COUNT_OF(scraps))];
        if (used + strlen(scrap) >= size) {
            return;
        }
        memcpy(out + used, scrap, strlen(scrap) + 1);
        used += strlen(scrap);
    }
}

static char *wild_copy(struct dice *dice)
{
    char text[200];
    wild_text(dice, text, sizeof text);
    return copy(text);
}

static char *wild_or_null(struct dice *dice)
{
    return dice_says(dice, 30) ? NULL : wild_copy(dice);
}

static int64_t wild_time(struct dice *dice)
{
    static const int64_t odd[] = {
        0,         -1, INT64_MIN, INT64_MAX, 253402300799, 253402300800, -62167219200, -62167219201,
        4102444800};
    return dice_says(dice, 40) ? odd[dice_roll(dice, COUNT_OF(odd))]
                               : (int64_t)dice_roll(dice, 8000000000) - 2000000000;
}

static bool wild_bool(struct dice *dice)
{
    return dice_roll(dice, 2) == 1;
}

static double wild_score(struct dice *dice)
{
    return (double)dice_roll(dice, 1000000007) / 1000000006.0;
}

static void wild_scheme(struct dice *dice, struct scheme_evidence *out)
{
    out->asked = wild_bool(dice);
    out->outcome = (enum outcome)dice_roll(dice, OUTCOME_COUNT);
    out->phase = (enum phase)dice_roll(dice, PHASE_COUNT);
    wild_text(dice, out->words, sizeof out->words);
    out->status = (int)dice_roll(dice, 1000);
    out->redirect = (enum redirect)dice_roll(dice, REDIRECT_COUNT);
    out->same_site = dice_says(dice, 50);
    out->final_url = wild_or_null(dice);
    out->hops = dice_says(dice, 10) ? UINT_MAX : (unsigned)dice_roll(dice, 11);
    out->retry_after_s = dice_says(dice, 50) ? -1 : (int64_t)dice_roll(dice, 100000);
    out->total_ms = dice_says(dice, 10) ? UINT32_MAX : (uint32_t)dice_roll(dice, 20000);
}

static char **wild_list(struct dice *dice, size_t *count)
{
    *count = (size_t)dice_roll(dice, 5);
    char **list = *count == 0 ? NULL : zeroed(*count, sizeof *list);
    for (size_t i = 0; i < *count; i++) {
        list[i] = wild_copy(dice);
    }
    return list;
}

static struct certificate *wild_certificate(struct dice *dice)
{
    struct certificate *out = zeroed(1, sizeof *out);
    out->subject = wild_copy(dice);
    out->issuer = wild_copy(dice);
    out->common_name = wild_or_null(dice);
    out->names = wild_list(dice, &out->name_count);
    out->not_before = wild_time(dice);
    out->not_after = wild_time(dice);
    out->chain_not_after = wild_time(dice);
    wild_text(dice, out->key_type, sizeof out->key_type);
    out->key_bits = (int)dice_roll(dice, 16385);
    wild_text(dice, out->signature, sizeof out->signature);
    wild_text(dice, out->fingerprint, sizeof out->fingerprint);
    out->chain = wild_list(dice, &out->chain_count);
    out->error_count = (size_t)dice_roll(dice, 4);
    out->errors = out->error_count == 0 ? NULL : zeroed(out->error_count, sizeof *out->errors);
    for (size_t i = 0; i < out->error_count; i++) {
        out->errors[i].depth = (int)dice_roll(dice, 5);
        out->errors[i].code = dice_says(dice, 10) ? INT_MIN : (int)dice_roll(dice, 100);
    }
    out->name_ok = wild_bool(dice);
    out->name_matched = wild_or_null(dice);
    out->self_signed = wild_bool(dice);
    out->incomplete_chain = wild_bool(dice);
    out->weak_key = wild_bool(dice);
    out->weak_signature = wild_bool(dice);
    out->trust = wild_or_null(dice);
    out->strict_ok = wild_bool(dice);
    return out;
}

static void wild_page(struct dice *dice, struct page_evidence *out)
{
    out->path = wild_copy(dice);
    out->role = (enum page_role)dice_roll(dice, 3);
    out->http_outcome = (enum outcome)dice_roll(dice, OUTCOME_COUNT);
    out->https_outcome = (enum outcome)dice_roll(dice, OUTCOME_COUNT);
    out->http_status = (int)dice_roll(dice, 1000);
    out->https_status = (int)dice_roll(dice, 1000);
    out->sameness = (enum sameness)dice_roll(dice, SAMENESS_COUNT);
    out->informative = wild_bool(dice);
    out->score = wild_score(dice);
    wild_text(dice, out->rule, sizeof out->rule);
    wild_text(dice, out->detail, sizeof out->detail);
}

static void wild_origin(struct dice *dice, struct origin_evidence *out)
{
    out->address = wild_copy(dice);
    wild_text(dice, out->resolved, sizeof out->resolved);
    out->http_port = (uint16_t)(1 + dice_roll(dice, 65535));
    out->https_port = (uint16_t)(1 + dice_roll(dice, 65535));
    out->robots = (enum robots)dice_roll(dice, ROBOTS_COUNT);
    wild_text(dice, out->robots_words, sizeof out->robots_words);
    wild_scheme(dice, &out->http);
    wild_scheme(dice, &out->https);
    wild_text(dice, out->tls_version, sizeof out->tls_version);
    wild_text(dice, out->tls_cipher, sizeof out->tls_cipher);
    out->client_certificate_requested = wild_bool(dice);
    out->certificate = dice_says(dice, 20) ? NULL : wild_certificate(dice);
    out->challenge = wild_bool(dice);
    out->login = wild_bool(dice);
    out->insecure_resources = (unsigned)dice_roll(dice, 1000);
    out->http_insecure_resources = (unsigned)dice_roll(dice, 1000);
    out->sameness = (enum sameness)dice_roll(dice, SAMENESS_COUNT);
    out->score = wild_score(dice);
    out->page_count = (size_t)dice_roll(dice, 4);
    out->pages = out->page_count == 0 ? NULL : zeroed(out->page_count, sizeof *out->pages);
    for (size_t i = 0; i < out->page_count; i++) {
        wild_page(dice, &out->pages[i]);
    }
    out->requests = (unsigned)dice_roll(dice, 100);
    out->second_look = (enum second_look)dice_roll(dice, LOOK_COUNT);
    wild_text(dice, out->first_look, sizeof out->first_look);
    out->overload = wild_bool(dice);
    out->more_addresses = wild_bool(dice);
}

static struct evidence *empty_evidence(struct dice *dice, size_t hosts, size_t origins)
{
    struct evidence *out = zeroed(1, sizeof *out);
    for (size_t i = 0; i < 32; i++) {
        out->zone_id[i] = "0123456789abcdef"[dice_roll(dice, 16)];
    }
    out->host_count = (size_t)dice_roll(dice, hosts);
    out->hosts = out->host_count == 0 ? NULL : zeroed(out->host_count, sizeof *out->hosts);
    for (size_t i = 0; i < out->host_count; i++) {
        struct host_evidence *host = &out->hosts[i];
        host->origin_count = (size_t)dice_roll(dice, origins);
        host->origins =
            host->origin_count == 0 ? NULL : zeroed(host->origin_count, sizeof *host->origins);
    }
    return out;
}

struct evidence *evidence_wild(struct dice *dice)
{
    struct evidence *out = empty_evidence(dice, 4, 4);
    out->scanned_at = wild_time(dice);
    out->shortened = dice_says(dice, 10);
    for (size_t h = 0; h < out->host_count; h++) {
        struct host_evidence *host = &out->hosts[h];
        host->name = wild_copy(dice);
        host->weight = wild_score(dice) * 1e6;
        for (size_t o = 0; o < host->origin_count; o++) {
            wild_origin(dice, &host->origins[o]);
        }
    }
    return out;
}

// ---- likely ----

static void likely_scheme(struct dice *dice, unsigned percent, bool https,
                          struct scheme_evidence *out)
{
    static const int statuses[] = {200, 301, 401, 403, 404, 429, 500, 503, 204};
    static const char *const places[] = {"http://example.org/", "https://example.org/",
                                         "https://example.org/other", "https://example.net/", NULL};
    *out = (struct scheme_evidence){
        .asked = true, .phase = PHASE_DONE, .status = 200, .retry_after_s = -1, .total_ms = 20};
    const char *place = places[https ? 1 : 0];
    if (dice_says(dice, percent)) {
        out->outcome = (enum outcome)dice_roll(dice, OUTCOME_COUNT);
        out->status = outcome_is_answer(out->outcome) ? 200 : 0;
    }
    if (dice_says(dice, percent)) {
        out->status = statuses[dice_roll(dice, COUNT_OF(statuses))];
    }
    if (dice_says(dice, percent)) {
        out->redirect = (enum redirect)dice_roll(dice, REDIRECT_COUNT);
        out->hops = (unsigned)dice_roll(dice, 3);
    }
    if (dice_says(dice, percent)) {
        place = places[dice_roll(dice, COUNT_OF(places))];
    }
    if (dice_says(dice, percent)) {
        out->asked = wild_bool(dice);
        out->retry_after_s = (int64_t)dice_roll(dice, 100);
    }
    out->final_url = place == NULL ? NULL : copy(place);
}

static struct certificate *likely_certificate(struct dice *dice, unsigned percent, int64_t now)
{
    struct certificate *out = zeroed(1, sizeof *out);
    const int64_t day = 86400;
    out->subject = copy("CN=example.org");
    out->issuer = copy("CN=Test CA");
    out->not_before = now - 10 * day;
    out->not_after = now + 80 * day;
    out->chain_not_after = now + 80 * day;
    out->name_ok = true;
    out->strict_ok = true;
    if (dice_says(dice, percent)) {
        out->not_after = now + ((int64_t)dice_roll(dice, 60) - 30) * day;
    }
    if (dice_says(dice, percent)) {
        out->chain_not_after = now + ((int64_t)dice_roll(dice, 60) - 30) * day;
    }
    if (dice_says(dice, percent)) {
        out->not_before = now + ((int64_t)dice_roll(dice, 4) - 2) * day;
    }
    out->name_ok = !dice_says(dice, percent);
    out->strict_ok = !dice_says(dice, percent);
    out->self_signed = dice_says(dice, percent);
    out->incomplete_chain = dice_says(dice, percent);
    out->weak_key = dice_says(dice, percent);
    out->weak_signature = dice_says(dice, percent);
    if (dice_says(dice, percent)) {
        out->errors = zeroed(1, sizeof *out->errors);
        out->error_count = 1;
        out->errors[0].code = (int)dice_roll(dice, 80);
        out->errors[0].depth = (int)dice_roll(dice, 3);
    }
    return out;
}

static void likely_page(struct dice *dice, unsigned percent, size_t at, struct page_evidence *out)
{
    static const char *const rules[] = {"text",        "stock_page_https", "stock_page_http",
                                        "login_https", "other_place",      "https_failed"};
    static const int statuses[] = {200, 301, 404, 500};
    char path[32];
    (void)snprintf(path, sizeof path, "/%.0zu", at);
    *out = (struct page_evidence){.path = copy(path),
                                  .role = at == 0 ? ROLE_HOME : ROLE_LINK,
                                  .http_status = 200,
                                  .https_status = 200,
                                  .sameness = SAMENESS_SAME,
                                  .informative = true,
                                  .score = 1};
    if (dice_says(dice, percent)) {
        out->sameness = (enum sameness)dice_roll(dice, SAMENESS_COUNT);
    }
    out->informative = !dice_says(dice, percent);
    if (dice_says(dice, percent)) {
        out->https_status = statuses[dice_roll(dice, COUNT_OF(statuses))];
        out->http_status = statuses[dice_roll(dice, COUNT_OF(statuses))];
    }
    if (dice_says(dice, percent)) {
        out->https_outcome = (enum outcome)dice_roll(dice, OUTCOME_COUNT);
        out->http_outcome = (enum outcome)dice_roll(dice, OUTCOME_COUNT);
    }
    (void)snprintf(out->rule, sizeof out->rule, "%s", rules[dice_roll(dice, COUNT_OF(rules))]);
}

static void likely_origin(struct dice *dice, unsigned percent, int64_t now,
                          struct origin_evidence *out)
{
    static const char *const versions[] = {"TLSv1", "TLSv1.1", "TLSv1.2", "SSLv3", "", "odd"};
    out->address = copy("192.0.2.1");
    out->http_port = 80;
    out->https_port = dice_says(dice, percent) ? 8443 : 443;
    if (dice_says(dice, percent)) {
        out->robots = (enum robots)dice_roll(dice, ROBOTS_COUNT);
    }
    likely_scheme(dice, percent, false, &out->http);
    likely_scheme(dice, percent, true, &out->https);
    const char *version = dice_says(dice, percent) ? versions[dice_roll(dice, 6)] : "TLSv1.3";
    (void)snprintf(out->tls_version, sizeof out->tls_version, "%s", version);
    out->client_certificate_requested = dice_says(dice, percent);
    out->certificate = dice_says(dice, percent) ? NULL : likely_certificate(dice, percent, now);
    out->challenge = dice_says(dice, percent);
    out->login = dice_says(dice, percent);
    out->insecure_resources = dice_says(dice, percent) ? 3 : 0;
    out->http_insecure_resources = dice_says(dice, percent) ? 2 : 0;
    out->sameness = SAMENESS_SAME;
    out->score = 1;
    out->page_count = dice_says(dice, percent) ? (size_t)dice_roll(dice, 2) : 3;
    out->pages = out->page_count == 0 ? NULL : zeroed(out->page_count, sizeof *out->pages);
    for (size_t i = 0; i < out->page_count; i++) {
        likely_page(dice, percent, i, &out->pages[i]);
    }
    out->second_look = dice_says(dice, percent) ? LOOK_CHANGED : LOOK_ONCE;
    out->overload = dice_says(dice, percent);
}

struct evidence *evidence_likely(struct dice *dice, unsigned percent, int64_t now)
{
    struct evidence *out = empty_evidence(dice, 3, 3);
    out->scanned_at = now;
    for (size_t h = 0; h < out->host_count; h++) {
        struct host_evidence *host = &out->hosts[h];
        char name[64];
        (void)snprintf(name, sizeof name, "host%zu.example.org", h);
        host->name = copy(name);
        host->weight = 1;
        for (size_t o = 0; o < host->origin_count; o++) {
            likely_origin(dice, percent, now, &host->origins[o]);
        }
    }
    return out;
}

// ---- equal ----

static bool text_equal(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool list_equal(char *const *a, size_t a_count, char *const *b, size_t b_count)
{
    bool same = a_count == b_count;
    for (size_t i = 0; same && i < a_count; i++) {
        same = text_equal(a[i], b[i]);
    }
    return same;
}

static bool scheme_equal(const struct scheme_evidence *a, const struct scheme_evidence *b)
{
    return a->asked == b->asked && a->outcome == b->outcome && a->phase == b->phase &&
           text_equal(a->words, b->words) && a->status == b->status && a->redirect == b->redirect &&
           a->same_site == b->same_site && text_equal(a->final_url, b->final_url) &&
           a->hops == b->hops && a->retry_after_s == b->retry_after_s && a->total_ms == b->total_ms;
}

static bool errors_equal(const struct certificate *a, const struct certificate *b)
{
    bool same = a->error_count == b->error_count;
    for (size_t i = 0; same && i < a->error_count; i++) {
        same = a->errors[i].depth == b->errors[i].depth && a->errors[i].code == b->errors[i].code;
    }
    return same;
}

static bool certificate_equal(const struct certificate *a, const struct certificate *b)
{
    if (a == NULL || b == NULL) {
        return a == b;
    }
    return text_equal(a->subject, b->subject) && text_equal(a->issuer, b->issuer) &&
           text_equal(a->common_name, b->common_name) &&
           list_equal(a->names, a->name_count, b->names, b->name_count) &&
           a->not_before == b->not_before && a->not_after == b->not_after &&
           a->chain_not_after == b->chain_not_after && text_equal(a->key_type, b->key_type) &&
           a->key_bits == b->key_bits && text_equal(a->signature, b->signature) &&
           text_equal(a->fingerprint, b->fingerprint) &&
           list_equal(a->chain, a->chain_count, b->chain, b->chain_count) && errors_equal(a, b) &&
           a->name_ok == b->name_ok && text_equal(a->name_matched, b->name_matched) &&
           a->self_signed == b->self_signed && a->incomplete_chain == b->incomplete_chain &&
           a->weak_key == b->weak_key && a->weak_signature == b->weak_signature &&
           text_equal(a->trust, b->trust) && a->strict_ok == b->strict_ok;
}

// Scores are written and read without loss, so they are compared by their bits.
static bool real_equal(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

static bool page_equal(const struct page_evidence *a, const struct page_evidence *b)
{
    return text_equal(a->path, b->path) && a->role == b->role &&
           a->http_outcome == b->http_outcome && a->https_outcome == b->https_outcome &&
           a->http_status == b->http_status && a->https_status == b->https_status &&
           a->sameness == b->sameness && a->informative == b->informative &&
           real_equal(a->score, b->score) && text_equal(a->rule, b->rule) &&
           text_equal(a->detail, b->detail);
}

static bool pages_equal(const struct origin_evidence *a, const struct origin_evidence *b)
{
    bool same = a->page_count == b->page_count;
    for (size_t i = 0; same && i < a->page_count; i++) {
        same = page_equal(&a->pages[i], &b->pages[i]);
    }
    return same;
}

static bool origin_equal(const struct origin_evidence *a, const struct origin_evidence *b)
{
    return text_equal(a->address, b->address) && text_equal(a->resolved, b->resolved) &&
           a->http_port == b->http_port && a->https_port == b->https_port &&
           a->robots == b->robots && text_equal(a->robots_words, b->robots_words) &&
           scheme_equal(&a->http, &b->http) && scheme_equal(&a->https, &b->https) &&
           text_equal(a->tls_version, b->tls_version) && text_equal(a->tls_cipher, b->tls_cipher) &&
           a->client_certificate_requested == b->client_certificate_requested &&
           certificate_equal(a->certificate, b->certificate) && a->challenge == b->challenge &&
           a->login == b->login && a->insecure_resources == b->insecure_resources &&
           a->http_insecure_resources == b->http_insecure_resources && a->sameness == b->sameness &&
           real_equal(a->score, b->score) && pages_equal(a, b) && a->requests == b->requests &&
           a->second_look == b->second_look && text_equal(a->first_look, b->first_look) &&
           a->overload == b->overload && a->more_addresses == b->more_addresses;
}

static bool host_equal(const struct host_evidence *a, const struct host_evidence *b)
{
    bool same = text_equal(a->name, b->name) && real_equal(a->weight, b->weight) &&
                a->origin_count == b->origin_count;
    for (size_t i = 0; same && i < a->origin_count; i++) {
        same = origin_equal(&a->origins[i], &b->origins[i]);
    }
    return same;
}

bool evidence_equal(const struct evidence *a, const struct evidence *b)
{
    bool same = text_equal(a->zone_id, b->zone_id) && a->scanned_at == b->scanned_at &&
                a->shortened == b->shortened && a->host_count == b->host_count;
    for (size_t i = 0; same && i < a->host_count; i++) {
        same = host_equal(&a->hosts[i], &b->hosts[i]);
    }
    return same;
}
