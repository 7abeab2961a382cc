// SPDX-License-Identifier: Apache-2.0
#include "crawler/links.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "core/limits.h"
#include "crawler/entity.h"
#include "crawler/link_filter.h"
#include "model/zone.h"

enum {
    SLOTS = 2 * LIMIT_PAGE_LINKS
}; // of the hash tables; a power of two
static_assert((SLOTS & (SLOTS - 1)) == 0, "the hash tables use masks");

struct candidate {
    struct span href; // lent from the page, trimmed, without fragment
    uint32_t hash;
    uint32_t next; // in its group, 1-based; 0 = last
};

// The candidates that share a first path segment.
struct group {
    struct span segment;
    uint32_t hash;
    uint32_t first, last; // 1-based candidates; `first` moves on as they are tried
    uint32_t count;
};

struct links {
    const struct url *page;
    struct url base; // owned; empty until a <base> was seen
    size_t seen;     // links that were considered
    size_t candidate_count, group_count;
    struct candidate candidates[LIMIT_PAGE_LINKS];
    struct group groups[LIMIT_PAGE_LINKS];
    uint16_t candidate_slots[SLOTS], group_slots[SLOTS]; // 1-based
};

static_assert(LIMIT_PAGE_LINKS < UINT16_MAX, "slots are 16 bits");

struct links *links_new(const struct url *page)
{
    struct links *links = calloc(1, sizeof *links);
    if (links != NULL) {
        links->page = page;
    }
    return links;
}

void links_free(struct links *links)
{
    if (links != NULL) {
        url_done(&links->base);
        free(links);
    }
}

const struct url *links_base(const struct links *links)
{
    return links->base.host == NULL ? links->page : &links->base;
}

void links_set_base(struct links *links, struct span href)
{
    char room[LIMIT_URL];
    struct span plain = entity_decode(room, sizeof room, span_trim(href));
    if (links->base.host == NULL && plain.len > 0) {
        // A base that cannot be read leaves the page's own URL.
        (void)url_resolve(&links->base, links->page, plain);
    }
}

// ---- sorting out, without resolving ----

static struct span skip(struct span s, size_t n)
{
    n = n < s.len ? n : s.len;
    return (struct span){s.at + n, s.len - n};
}

static struct span without_www(struct span host)
{
    return span_starts_nocase(host, span_of("www.")) ? skip(host, 4) : host;
}

static bool same_host(struct span a, struct span b)
{
    return span_equal_nocase(without_www(a), without_www(b));
}

// Offset of the first '/', '\\', '?', '#' or `other` in s, or s.len.
static size_t until(struct span s, char other)
{
    size_t i = 0;
    while (i < s.len && s.at[i] != '/' && s.at[i] != '\\' && s.at[i] != '?' && s.at[i] != '#' &&
           s.at[i] != other) {
        i++;
    }
    return i;
}

// A '#' that does not belong to a reference like "&#38;".
static struct span without_fragment(struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] == '#' && (i == 0 || s.at[i - 1] != '&')) {
            s.len = i;
        }
    }
    return s;
}

// "host[:port]/path" of the page's host. Hosts in other scripts are let through where the page has
// such a name; resolving decides.
static bool is_own_authority(const struct links *links, struct span s)
{
    while (s.len > 0 && (s.at[0] == '/' || s.at[0] == '\\')) {
        s = skip(s, 1);
    }
    struct span host = {s.at, until(s, '/')};
    struct span own = span_of(links->page->host);
    size_t bracket = until(host, ']'); // an IPv6 literal has colons inside
    bool literal = host.len > 0 && host.at[0] == '[' && bracket < host.len;
    host.len = literal ? bracket + 1 : until(host, ':');
    bool foreign_script = false;
    for (size_t i = 0; i < host.len; i++) {
        foreign_script = foreign_script || host.at[i] < 0;
    }
    return foreign_script ? span_find_nocase(own, span_of("xn--")) < own.len : same_host(host, own);
}

// Splits an internal link's path off; false when the link leads elsewhere or is no page.
static bool internal_path(struct span *path, const struct links *links, struct span href)
{
    size_t end = until(href, ':');
    bool has_scheme = end > 0 && end < href.len && href.at[end] == ':';
    if (has_scheme) {
        struct span scheme = {href.at, end};
        if (!span_equal_nocase(scheme, span_of("http")) &&
            !span_equal_nocase(scheme, span_of("https"))) {
            return false;
        }
        href = skip(href, end + 1);
    }
    bool network = href.len >= 2 && (href.at[0] == '/' || href.at[0] == '\\') &&
                   (href.at[1] == '/' || href.at[1] == '\\');
    if (!network) {
        *path = href;
        return same_host(span_of(links_base(links)->host), span_of(links->page->host));
    }
    if (!is_own_authority(links, href)) {
        return false;
    }
    href = skip(href, 2);
    *path = skip(href, until(href, '/'));
    return true;
}

// What links are spread over. A relative link belongs to its base's first segment, when the base
// has one.
static struct span first_segment(const struct links *links, struct span path)
{
    struct span base = skip(span_of(links_base(links)->path), 1);
    size_t base_end = until(base, '/');
    bool is_query = path.len > 0 && path.at[0] == '?';
    bool is_absolute = path.len > 0 && (path.at[0] == '/' || path.at[0] == '\\');
    bool base_has_folder = base_end < base.len && base.at[base_end] == '/';
    if (is_query || (!is_absolute && base_has_folder && path.len > 0 && path.at[0] != '.')) {
        return (struct span){base.at, base_end};
    }
    path = is_absolute ? skip(path, 1) : path;
    return (struct span){path.at, until(path, '/')};
}

// ---- collecting ----

static uint32_t hash_of(struct span s)
{
    uint32_t hash = 2166136261U; // FNV-1a
    for (size_t i = 0; i < s.len; i++) {
        hash = (hash ^ (unsigned char)s.at[i]) * 16777619U;
    }
    return hash;
}

// Returns the group of the segment, making it when needed; there are never more than candidates.
static struct group *find_group(struct links *links, struct span segment)
{
    uint32_t hash = hash_of(segment);
    size_t slot = hash & (SLOTS - 1);
    while (links->group_slots[slot] != 0) {
        struct group *group = &links->groups[links->group_slots[slot] - 1];
        if (group->hash == hash && span_equal(group->segment, segment)) {
            return group;
        }
        slot = (slot + 1) & (SLOTS - 1);
    }
    struct group *group = &links->groups[links->group_count++];
    *group = (struct group){.segment = segment, .hash = hash};
    links->group_slots[slot] = (uint16_t)links->group_count;
    return group;
}

static void collect(struct links *links, struct span href, struct span path)
{
    uint32_t hash = hash_of(href);
    size_t slot = hash & (SLOTS - 1);
    while (links->candidate_slots[slot] != 0) {
        const struct candidate *other = &links->candidates[links->candidate_slots[slot] - 1];
        if (other->hash == hash && span_equal(other->href, href)) {
            return;
        }
        slot = (slot + 1) & (SLOTS - 1);
    }
    links->candidates[links->candidate_count++] = (struct candidate){.href = href, .hash = hash};
    uint32_t number = (uint32_t)links->candidate_count;
    links->candidate_slots[slot] = (uint16_t)number;
    struct group *group = find_group(links, first_segment(links, path));
    if (group->count == 0) {
        group->first = number;
    } else {
        links->candidates[group->last - 1].next = number;
    }
    group->last = number;
    group->count++;
}

bool links_add(struct links *links, struct span href, bool may_choose)
{
    href = span_trim(href);
    if (href.len == 0 || href.len > LIMIT_URL || href.at[0] == '#') {
        return false;
    }
    struct span path;
    if (!internal_path(&path, links, href)) {
        return false;
    }
    if (may_choose && links->seen < LIMIT_LINKS_SEEN && links->candidate_count < LIMIT_PAGE_LINKS) {
        links->seen++;
        collect(links, without_fragment(href), without_fragment(path));
    }
    return true;
}

// ---- choosing ----

// Most links first, then in the order of the page.
static int by_count(const void *a, const void *b)
{
    const struct group *one = a;
    const struct group *two = b;
    if (one->count != two->count) {
        return one->count > two->count ? -1 : 1;
    }
    return one->first < two->first ? -1 : one->first > two->first;
}

// The path of a candidate when it may be looked at, else NULL. Without memory *e says so.
static char *resolve(enum err *e, const struct links *links, const struct candidate *candidate)
{
    char room[LIMIT_URL];
    struct span href = entity_decode(room, sizeof room, candidate->href);
    OWN(url_done) struct url url = {0};
    enum err failed = url_resolve(&url, links_base(links), href);
    if (failed != ERR_OK) {
        *e = failed == ERR_NOMEM ? ERR_NOMEM : *e;
        return NULL;
    }
    bool own = same_host(span_of(url.host), span_of(links->page->host)) &&
               url_same_port(&url, links->page);
    if (!own || strcmp(url.path, links->page->path) == 0 ||
        !link_filter_is_harmless_page(span_of(url.path))) {
        return NULL;
    }
    char *path = url.path;
    url.path = NULL;
    return path;
}

// Tries the group's candidates until one is chosen or none is left.
static enum err choose_one(char **chosen, size_t *count, struct links *links, struct group *group)
{
    enum err e = ERR_OK;
    while (group->first != 0 && e == ERR_OK) {
        const struct candidate *candidate = &links->candidates[group->first - 1];
        group->first = candidate->next;
        char *path = resolve(&e, links, candidate);
        if (path != NULL && !strings_have(chosen, *count, path)) {
            chosen[(*count)++] = path;
            return ERR_OK;
        }
        free(path);
    }
    return e;
}

enum err links_choose(char ***out, size_t *count, struct links *links, size_t want)
{
    if (want == 0) {
        *out = NULL;
        *count = 0;
        return ERR_OK;
    }
    char **chosen = calloc(want, sizeof *chosen);
    if (chosen == NULL) {
        return ERR_NOMEM;
    }
    // The slots of the table lose their meaning here; nothing is added any more.
    qsort(links->groups, links->group_count, sizeof links->groups[0], by_count);
    size_t found = 0;
    size_t before = SIZE_MAX;
    enum err e = ERR_OK;
    while (found < want && found != before && e == ERR_OK) {
        before = found;
        for (size_t i = 0; i < links->group_count && found < want && e == ERR_OK; i++) {
            e = choose_one(chosen, &found, links, &links->groups[i]);
        }
    }
    if (e != ERR_OK) {
        while (found > 0) {
            free(chosen[--found]);
        }
        free(chosen);
        return e;
    }
    *out = chosen;
    *count = found;
    return ERR_OK;
}
