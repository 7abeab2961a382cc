// SPDX-License-Identifier: Apache-2.0
#include "pipeline/record.h"

#include <stdlib.h>

#include "core/limits.h"
#include "pipeline/compact.h"
#include "pipeline/replay.h"

// What is left of each origin. The sentences of the recommendation quote at most the first four
// names of a certificate and 200 bytes of a path.
static const struct shortening {
    size_t names;       // of a certificate
    size_t name_bytes;  // of each of them, of its subject and its issuer
    size_t path_bytes;  // of a page
    bool pages_in_kind; // one page of each kind, without words
} shortenings[] = {
    {.names = 4, .name_bytes = 200, .path_bytes = 200},
    {.names = 1, .name_bytes = 80, .path_bytes = 80, .pages_in_kind = true},
};

// Never in the middle of a character.
static void cut_text(char *text, size_t bytes)
{
    if (text != NULL && strlen(text) > bytes) {
        while (bytes > 0 && ((unsigned char)text[bytes] & 0xc0) == 0x80) {
            bytes--;
        }
        text[bytes] = '\0';
    }
}

static void cut_list(char **list, size_t *count, size_t keep)
{
    while (*count > keep) {
        free(list[--*count]);
    }
}

static void shorten_certificate(struct certificate *certificate, const struct shortening *to)
{
    cut_list(certificate->names, &certificate->name_count, to->names);
    cut_list(certificate->chain, &certificate->chain_count, 0);
    for (size_t i = 0; i < certificate->name_count; i++) {
        cut_text(certificate->names[i], to->name_bytes);
    }
    cut_text(certificate->subject, to->name_bytes);
    cut_text(certificate->issuer, to->name_bytes);
    cut_text(certificate->common_name, to->name_bytes);
}

// All that a decision sees of a page besides its words.
static bool same_kind(const struct page_evidence *a, const struct page_evidence *b)
{
    return a->role == b->role && a->http_outcome == b->http_outcome &&
           a->https_outcome == b->https_outcome && a->http_status == b->http_status &&
           a->https_status == b->https_status && a->sameness == b->sameness &&
           a->informative == b->informative && strcmp(a->rule, b->rule) == 0;
}

static void keep_kinds(struct origin_evidence *origin)
{
    size_t kept = 0;
    for (size_t i = 0; i < origin->page_count; i++) {
        struct page_evidence *page = &origin->pages[i];
        size_t k = 0;
        while (k < kept && !same_kind(&origin->pages[k], page)) {
            k++;
        }
        if (k < kept) {
            free(page->path);
        } else {
            page->detail[0] = '\0';
            origin->pages[kept++] = *page;
        }
    }
    origin->page_count = kept;
}

static void shorten(struct evidence *evidence, const struct shortening *to)
{
    evidence->shortened = true;
    for (size_t i = 0; i < evidence->host_count; i++) {
        for (size_t k = 0; k < evidence->hosts[i].origin_count; k++) {
            struct origin_evidence *origin = &evidence->hosts[i].origins[k];
            if (origin->certificate != NULL) {
                shorten_certificate(origin->certificate, to);
            }
            if (to->pages_in_kind) {
                keep_kinds(origin);
            }
            for (size_t p = 0; p < origin->page_count; p++) {
                cut_text(origin->pages[p].path, to->path_bytes);
            }
        }
    }
}

static enum err print(char **out, json_t *json)
{
    enum err e = compact_print(out, json);
    json_decref(json);
    return e;
}

static enum err decide_and_write(struct db_scan *out, struct recommendation **decided,
                                 const struct zone *zone, const struct evidence *evidence,
                                 const struct recommend_policy *policy,
                                 const struct recommend_past *past)
{
    OWN(recommendation_own) struct recommendation *made = NULL;
    enum err e = print(&out->evidence, evidence_to_json(evidence));
    e = e == ERR_OK ? recommend(&made, zone, evidence, policy, past, evidence->scanned_at) : e;
    e = e == ERR_OK ? print(&out->recommendation, recommendation_to_json(made)) : e;
    if (e != ERR_OK) {
        return e;
    }
    out->policy = replay_print(policy, zone, past);
    if (out->policy == NULL) {
        return ERR_NOMEM;
    }
    memcpy(out->zone_id, zone->id, sizeof out->zone_id);
    out->scanned_at = evidence->scanned_at;
    out->mode_current = made->current;
    out->mode_recommended = made->recommended;
    out->verdict = made->verdict;
    out->blocker_count = made->blocker_count;
    *decided = made;
    made = NULL;
    return ERR_OK;
}

enum err record_make(struct db_scan *out, struct recommendation **decided, const struct zone *zone,
                     struct evidence *evidence, const struct recommend_policy *policy,
                     const struct recommend_past *past, struct why *why)
{
    enum err e = decide_and_write(out, decided, zone, evidence, policy, past);
    for (size_t i = 0; e == ERR_LIMIT && i < COUNT_OF(shortenings); i++) {
        db_scan_done(out);
        shorten(evidence, &shortenings[i]);
        e = decide_and_write(out, decided, zone, evidence, policy, past);
    }
    if (e != ERR_OK) {
        db_scan_done(out);
    }
    return e != ERR_LIMIT
               ? e
               : why_set(why, ERR_LIMIT,
                         "what was found is more than %zu MiB, also in short; spread its hosts "
                         "over several zones",
                         LIMIT_EVIDENCE >> 20);
}
