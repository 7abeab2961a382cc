// SPDX-License-Identifier: Apache-2.0
#include "edge/exec/answer.h"

#include <inttypes.h>
#include <jansson.h>

#include "core/str.h"

// Where in the answer we are, the first complaint, and the words for it.
struct place {
    char path[96];
    enum err e;
    struct why *why;
};

static void drop_json(json_t **json)
{
    json_decref(*json);
}

static void complain(struct place *place, const char *key, const char *wanted)
{
    if (place->e == ERR_OK) {
        place->e = why_set(place->why, ERR_CORRUPT, "the answer makes no sense: %s%s must be %s",
                           place->path, key, wanted);
    }
}

static enum err parse(json_t **out, struct span text, struct why *why)
{
    json_error_t error;
    json_t *json =
        json_loadb(text.len == 0 ? "" : text.at, text.len, JSON_REJECT_DUPLICATES, &error);
    if (json == NULL) {
        char words[160];
        (void)str_printable(words, sizeof words, span_of(error.text));
        return why_set(why, ERR_CORRUPT, "the answer is no JSON: line %d column %d: %s", error.line,
                       error.column, words);
    }
    *out = json;
    return ERR_OK;
}

// -- typed fields; a missing or strange one is a complaint, and reads as nothing -----------------
static int64_t int_field(const json_t *object, const char *key, int64_t max, struct place *place)
{
    const json_t *value = json_object_get(object, key);
    int64_t number = json_is_integer(value) ? (int64_t)json_integer_value(value) : -1;
    if (number < 0 || number > max) {
        char wanted[64];
        (void)snprintf(wanted, sizeof wanted, "a whole number from 0 to %" PRId64, max);
        complain(place, key, wanted);
        return 0;
    }
    return number;
}

static int64_t signed_field(const json_t *object, const char *key, int64_t absent,
                            struct place *place)
{
    const json_t *value = json_object_get(object, key);
    if (value != NULL && !json_is_integer(value)) {
        complain(place, key, "a whole number");
    }
    return json_is_integer(value) ? (int64_t)json_integer_value(value) : absent;
}

static bool bool_field(const json_t *object, const char *key, bool must, struct place *place)
{
    const json_t *value = json_object_get(object, key);
    if (value == NULL ? must : !json_is_boolean(value)) {
        complain(place, key, "true or false");
    }
    return json_is_true(value);
}

static enum mode mode_field(const json_t *object, const char *key, bool must, struct place *place)
{
    const json_t *value = json_object_get(object, key);
    enum mode mode = MODE_NONE;
    if (!must && (value == NULL || json_is_null(value))) {
        return MODE_NONE;
    }
    const struct span word = {json_string_value(value), json_string_length(value)};
    if (word.at == NULL || mode_parse(&mode, word) != ERR_OK) {
        complain(place, key, "off, flexible, full, strict or origin_pull");
        return MODE_NONE;
    }
    return mode;
}

static void name_field(char out[LIMIT_EDGE_NAME + 1], const json_t *object, struct place *place)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:_-";
    const json_t *value = json_object_get(object, "process");
    const char *name = json_is_string(value) ? json_string_value(value) : "";
    size_t len = strspn(name, plain);
    if (len == 0 || len > LIMIT_EDGE_NAME || len != json_string_length(value)) {
        complain(place, "process", "1 to 31 letters, digits and .:_-");
        len = 0;
    }
    memcpy(out, name, len);
    out[len] = '\0';
}

// A key that nobody knows is a slip of the pen, and its number would be missing.
static void only_keys(const json_t *object, const char *const *known, size_t count,
                      struct place *place)
{
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        bool found = false;
        for (size_t i = 0; i < count; i++) {
            found = found || strcmp(known[i], key) == 0;
        }
        if (!found) {
            char words[48];
            complain(place, str_printable(words, sizeof words, span_of(key)),
                     "left out: there is no such name");
        }
    }
}

// -- the answers ---------------------------------------------------------------------------------
static const struct {
    const char *name;
    unsigned bit;
} capabilities[] = {
    {"counts", EDGE_COUNTS}, {"leases", EDGE_LEASES}, {"fallback", EDGE_FALLBACK},
    {"probes", EDGE_PROBES}, {"sticky", EDGE_STICKY},
};

enum err answer_capabilities(unsigned *out, struct span text, struct why *why)
{
    OWN(drop_json) json_t *json = NULL;
    enum err e = parse(&json, text, why);
    if (e != ERR_OK) {
        return e;
    }
    struct place place = {.why = why};
    const json_t *list = json_object_get(json, "capabilities");
    if (!json_is_array(list)) {
        complain(&place, "capabilities", "a list of words");
    }
    unsigned bits = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *word = json_string_value(json_array_get(list, i));
        unsigned bit = 0;
        for (size_t j = 0; word != NULL && j < COUNT_OF(capabilities); j++) {
            bit |= strcmp(word, capabilities[j].name) == 0 ? capabilities[j].bit : 0;
        }
        if (bit == 0) {
            complain(&place, "capabilities", "counts, leases, fallback, probes, sticky");
        }
        bits |= bit;
    }
    if (place.e == ERR_OK) {
        *out = bits;
    }
    return place.e;
}

// The list "processes" with its rows read by take(), which writes row `at` of its output.
static enum err each_process(void (*take)(void *out, size_t at, const json_t *row,
                                          struct place *place),
                             void *out, size_t *count, struct span text, struct why *why)
{
    OWN(drop_json) json_t *json = NULL;
    enum err e = parse(&json, text, why);
    if (e != ERR_OK) {
        return e;
    }
    struct place place = {.why = why};
    const json_t *list = json_object_get(json, "processes");
    size_t rows = json_array_size(list);
    if (rows == 0 || rows > LIMIT_EDGE_PROCESSES) {
        complain(&place, "processes", "a list of 1 to 16 processes");
        return place.e;
    }
    for (size_t i = 0; i < rows; i++) {
        (void)snprintf(place.path, sizeof place.path, "processes[%zu].", i);
        take(out, i, json_array_get(list, i), &place);
    }
    if (place.e == ERR_OK) {
        *count = rows;
    }
    return place.e;
}

static void take_seen(void *out, size_t at, const json_t *row, struct place *place)
{
    struct edge_seen *all = out;
    struct edge_seen *seen = &all[at];
    *seen = (struct edge_seen){.old_mode = MODE_NONE, .new_mode = MODE_NONE};
    name_field(seen->process, row, place);
    for (size_t i = 0; i < at; i++) {
        if (strcmp(all[i].process, seen->process) == 0) {
            complain(place, "process", "another one than those before");
        }
    }
    seen->epoch = int_field(row, "epoch", INT64_MAX, place);
    seen->known = bool_field(row, "known", true, place);
    seen->foreign = bool_field(row, "foreign", false, place);
    if (!seen->known || seen->foreign) {
        return;
    }
    seen->old_mode = mode_field(row, "old_mode", true, place);
    seen->generation = int_field(row, "generation", INT64_MAX, place);
    if (seen->generation != 0) {
        seen->new_mode = mode_field(row, "new_mode", true, place);
        seen->share_bp = (int)int_field(row, "share_bp", SHARE_ALL_BP, place);
        seen->lease_left_s = signed_field(row, "lease_left_s", INT64_MAX, place);
    }
}

enum err answer_seen(struct edge_seen *out, size_t *count, struct span text, struct why *why)
{
    return each_process(take_seen, out, count, text, why);
}

static uint64_t count_field(const json_t *cohort, const char *key, bool must, struct place *place)
{
    bool absent = !must && json_object_get(cohort, key) == NULL;
    return absent ? 0 : (uint64_t)int_field(cohort, key, INT64_MAX, place);
}

static void take_cohort(struct cohort_counts *out, const json_t *cohort, struct place *place)
{
    static const char *const known[] = {"requests",     "server_errors", "redirects",
                                        "tls_failures", "fallbacks",     "connect_failures",
                                        "cache_hits"};
    out->requests = count_field(cohort, "requests", true, place);
    out->server_errors = count_field(cohort, "server_errors", false, place);
    out->redirects = count_field(cohort, "redirects", false, place);
    out->connect_failures = count_field(cohort, "connect_failures", false, place);
    out->tls_failures = count_field(cohort, "tls_failures", false, place);
    out->fallbacks = count_field(cohort, "fallbacks", false, place);
    out->cache_hits = count_field(cohort, "cache_hits", false, place);
    only_keys(cohort, known, COUNT_OF(known), place);
    if (out->cache_hits > out->requests) {
        complain(place, "cache_hits", "at most requests");
    }
}

static void take_counted(void *out, size_t at, const json_t *row, struct place *place)
{
    struct edge_counted *all = out;
    struct edge_counted *counted = &all[at];
    const char *known[COHORT_COUNT];
    *counted = (struct edge_counted){0};
    name_field(counted->process, row, place);
    for (size_t i = 0; i < at; i++) {
        if (strcmp(all[i].process, counted->process) == 0) {
            complain(place, "process", "another one than those before");
        }
    }
    counted->epoch = int_field(row, "epoch", INT64_MAX, place);
    const json_t *counts = json_object_get(row, "counts");
    if (!json_is_object(counts)) {
        complain(place, "counts", "an object with the cohorts");
    }
    for (int i = 0; i < COHORT_COUNT; i++) {
        known[i] = cohort_str((enum cohort)i);
        const json_t *cohort = json_object_get(counts, known[i]);
        if (cohort != NULL) {
            (void)snprintf(place->path, sizeof place->path, "processes[%zu].counts.%s.", at,
                           known[i]);
            take_cohort(&counted->counts.of[i], cohort, place);
        }
    }
    (void)snprintf(place->path, sizeof place->path, "processes[%zu].counts.", at);
    only_keys(counts, known, COHORT_COUNT, place);
}

enum err answer_counted(struct edge_counted *out, size_t *count, struct span text, struct why *why)
{
    return each_process(take_counted, out, count, text, why);
}

enum err answer_probe(struct edge_probe *out, struct span text, struct why *why)
{
    OWN(drop_json) json_t *json = NULL;
    enum err e = parse(&json, text, why);
    if (e != ERR_OK) {
        return e;
    }
    struct place place = {.why = why};
    struct edge_probe probe = {.mode = MODE_NONE};
    probe.answered = bool_field(json, "answered", true, &place);
    if (probe.answered) {
        probe.status = (int)int_field(json, "status", 999, &place);
    }
    probe.mode = mode_field(json, "mode", false, &place);
    const json_t *words = json_object_get(json, "words");
    if (words != NULL && !json_is_string(words)) {
        complain(&place, "words", "text");
    }
    (void)str_printable(probe.words, sizeof probe.words,
                        (struct span){json_string_value(words), json_string_length(words)});
    if (place.e == ERR_OK) {
        *out = probe;
    }
    return place.e;
}

enum err answer_stopped(size_t *out, struct span text, struct why *why)
{
    OWN(drop_json) json_t *json = NULL;
    enum err e = parse(&json, text, why);
    if (e != ERR_OK) {
        return e;
    }
    struct place place = {.why = why};
    int64_t count = int_field(json, "count", INT32_MAX, &place);
    if (place.e == ERR_OK) {
        *out = (size_t)count;
    }
    return place.e;
}

enum err answer_resynced(const char *edge, struct span text, struct why *why)
{
    OWN(drop_json) json_t *json = NULL;
    char words[256];
    if (span_trim(text).len == 0) {
        return ERR_OK;
    }
    enum err e = parse(&json, text, why);
    if (e != ERR_OK) {
        return e;
    }
    struct place place = {.why = why};
    int64_t left = int_field(json, "left", INT32_MAX, &place);
    const json_t *first = json_object_get(json, "words");
    const struct span told = {json_string_value(first), json_string_length(first)};
    (void)str_printable(words, sizeof words, told.at == NULL ? span_of("not said") : told);
    if (place.e != ERR_OK || left == 0) {
        return place.e;
    }
    return why_set(why, ERR_INVALID,
                   "%lld %s left as it was; the first: %s. To have the store's all the same: "
                   "sslauto edge resync %s --overwrite",
                   (long long)left, left == 1 ? "zone was" : "zones were each", words, edge);
}
