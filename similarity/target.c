// SPDX-License-Identifier: Apache-2.0
#include "similarity/target.h"

#include "core/attr.h"

enum {
    HOST_LINKS_MIN = 3, // fewer links do not make a host the page's own
};

static bool equal(const struct target *a, const struct target *b)
{
    return a->kind == b->kind && a->place == b->place && a->host == b->host &&
           a->unseen == b->unseen && a->to_http == b->to_http && a->delay_s == b->delay_s;
}

static bool host_alone(enum target_kind kind)
{
    return kind == TARGET_BASE || kind == TARGET_FORM || kind == TARGET_FRAME;
}

static void keep(struct targets *targets, const struct target *target)
{
    for (size_t i = 0; i < targets->count; i++) {
        if (equal(&targets->at[i], target)) {
            return;
        }
    }
    targets->more |= targets->count == COUNT_OF(targets->at);
    if (targets->count < COUNT_OF(targets->at)) {
        targets->at[targets->count++] = *target;
    }
}

void targets_add(struct targets *targets, const struct link_base *base, enum target_kind kind,
                 struct span reference, uint32_t delay_s)
{
    struct span to = span_trim(reference);
    bool back = kind == TARGET_SCRIPT && span_equal(to, span_of("http:"));
    uint64_t place = back ? 1 : link_hash(base, to);
    struct target target = {
        .place = host_alone(kind) ? 0 : place,
        .host = back ? 0 : link_other_host(base, to),
        .kind = (uint8_t)kind,
        .to_http = back || (!host_alone(kind) && link_is_http(to)),
        .to_https = span_starts_nocase(to, span_of("https://")),
        .delay_s = delay_s,
    };
    if (place != 0 && (!host_alone(kind) || target.host != 0)) {
        keep(targets, &target);
    }
    targets->own_known |= base->host.len > 0;
}

void targets_add_frame(struct targets *targets, const struct link_base *base, struct span reference,
                       bool drawn)
{
    struct target target = {
        .host = link_other_host(base, reference), .kind = TARGET_FRAME, .unseen = !drawn};
    targets->frames += drawn;
    targets->own_known |= base->host.len > 0;
    if (target.host != 0) {
        keep(targets, &target);
    }
}

void targets_tally(struct targets *targets, const struct link_base *base, struct span reference,
                   unsigned weight)
{
    uint64_t host = base->host.len > 0 ? 0 : link_other_host(base, reference);
    for (size_t i = 0; host != 0 && i < COUNT_OF(targets->hosts); i++) {
        if (targets->hosts[i].host == host || targets->hosts[i].count == 0) {
            targets->hosts[i].host = host;
            targets->hosts[i].count += weight;
            return;
        }
    }
}

// The host most links name, when the page's own is not known. 0: none stands out.
static uint64_t likely_own(const struct targets *targets)
{
    uint64_t host = 0;
    unsigned most = HOST_LINKS_MIN - 1;
    for (size_t i = 0; i < COUNT_OF(targets->hosts); i++) {
        if (targets->hosts[i].count > most) {
            most = targets->hosts[i].count;
            host = targets->hosts[i].host;
        }
    }
    return host;
}

struct own {
    uint64_t hosts[2];
    bool known;
};

static uint64_t host_in(const struct own *own, const struct target *target)
{
    return target->host == own->hosts[0] || target->host == own->hosts[1] ? 0 : target->host;
}

static bool has(const struct targets *targets, const struct own *own, const struct target *wanted,
                bool any_scheme)
{
    if (targets == NULL) {
        return false;
    }
    for (size_t i = 0; i < targets->count; i++) {
        const struct target *t = &targets->at[i];
        if (t->kind == wanted->kind && t->place == wanted->place && t->delay_s == wanted->delay_s &&
            host_in(own, t) == host_in(own, wanted) &&
            (any_scheme || t->to_http == wanted->to_http)) {
            return true;
        }
    }
    return targets->more;
}

static bool kind_moves(const struct target_sides *s, const struct own *own, uint8_t kind)
{
    const struct targets *pair[2] = {s->http, s->http_again};
    for (size_t side = 0; s->http_again != NULL && side < COUNT_OF(pair); side++) {
        for (size_t i = 0; i < pair[side]->count; i++) {
            if (pair[side]->at[i].kind == kind &&
                !has(pair[1 - side], own, &pair[side]->at[i], false)) {
                return true;
            }
        }
    }
    return false;
}

// Higher is worse; 0 = no difference.
static unsigned gravity(const struct target_difference *d)
{
    if (!d->found) {
        return 0;
    }
    unsigned weight = d->kind == TARGET_FRAME ? 1 : d->elsewhere || d->at_once ? 3 : 2;
    return 2 * (d->to_http ? 4 : weight) + d->only_https;
}

static void keep_worse(struct target_difference *worst, const struct target_difference *other)
{
    if (gravity(other) > gravity(worst)) {
        *worst = *other;
    }
}

// The own host, known only now: as good as a relative reference.
static bool stays(const struct own *own, const struct target *t)
{
    return host_alone((enum target_kind)t->kind) && host_in(own, t) == 0;
}

static struct target_difference describe(const struct target_sides *s, const struct own *own,
                                         const struct target *t)
{
    return (struct target_difference){
        .kind = (enum target_kind)t->kind,
        .found = true,
        .elsewhere = host_in(own, t) != 0,
        .at_once = t->kind == TARGET_REFRESH && t->delay_s <= REFRESH_SLOW_S,
        .moves = kind_moves(s, own, t->kind),
    };
}

static struct target_difference of_https(const struct target_sides *s, const struct own *own,
                                         const struct target *t)
{
    bool in_http = has(s->http, own, t, true) || has(s->http_again, own, t, true);
    bool as_http = has(s->http, own, t, false) || has(s->http_again, own, t, false);
    bool back = t->to_http && !as_http && (host_in(own, t) == 0 || !own->known);
    if (t->unseen || stays(own, t) || (in_http && !back) ||
        (s->https_again != NULL && !has(s->https_again, own, t, true))) {
        return (struct target_difference){.found = false};
    }
    struct target_difference d = describe(s, own, t);
    d.only_https = true;
    d.to_http = back;
    return d;
}

static struct target_difference of_http(const struct target_sides *s, const struct own *own,
                                        const struct target *t)
{
    bool in_https = has(s->https, own, t, true) || has(s->https_again, own, t, true);
    bool passing = s->http_again != NULL && !has(s->http_again, own, t, true);
    // A script that sends the visitor of HTTP to HTTPS has done its work there.
    bool upgrade = t->kind == TARGET_SCRIPT && t->to_https && (host_in(own, t) == 0 || !own->known);
    // Frames that are gone, and no other in their place, are adverts that were not placed.
    bool gone = t->kind == TARGET_FRAME && s->https->frames < s->http->frames;
    if (t->unseen || stays(own, t) || in_https || passing || upgrade || gone) {
        return (struct target_difference){.found = false};
    }
    return describe(s, own, t);
}

struct target_difference targets_differ(const struct target_sides *s)
{
    struct own own = {.known = s->http->own_known || s->https->own_known};
    if (!own.known) {
        own.hosts[0] = likely_own(s->http);
        own.hosts[1] = likely_own(s->https);
        own.known = own.hosts[0] != 0 || own.hosts[1] != 0;
    }
    struct target_difference worst = {.found = false};
    for (size_t i = 0; i < s->https->count; i++) {
        struct target_difference d = of_https(s, &own, &s->https->at[i]);
        keep_worse(&worst, &d);
    }
    for (size_t i = 0; i < s->http->count; i++) {
        struct target_difference d = of_http(s, &own, &s->http->at[i]);
        keep_worse(&worst, &d);
    }
    return worst;
}
