// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/digest/sample.h"

#include <stdio.h>
#include <stdlib.h>

#include "model/week.h"
#include "tests/support/check.h"

#define DAY 86400

const struct digest_links sample_links = {
    .overview = "https://edge.example.org/sslauto",
    .zone = "https://edge.example.org/sslauto/zones/{id}?name={name}",
};
const struct digest_links sample_no_links = {0};

static void add(struct digest *digest, enum digest_section section, const char *zone,
                enum mode from, enum mode to, int64_t at, const char *text, const char *remedy)
{
    struct digest_item item = {.from = from, .to = to, .at = at};
    char *copies[] = {strdup(zone), strdup(text), strdup(remedy)};
    item.zone = copies[0];
    item.text = copies[1];
    item.remedy = copies[2];
    (void)snprintf(item.zone_id, sizeof item.zone_id, "%032x", (unsigned)at);
    assert_ok(digest_add(digest, section, &item, 3), NULL);
    for (size_t i = 0; i < COUNT_OF(copies); i++) {
        free(copies[i]);
    }
}

static void add_modes(struct digest *digest)
{
    for (int i = 0; i < DIGEST_WEEKS; i++) {
        digest->modes[i] = (struct digest_modes){
            .week = digest->week - (DIGEST_WEEKS - 1 - i) * WEEK_S,
            .zones = {3, 74 - 5 * i, 31 + i, 12 + 4 * i, i / 4},
        };
    }
    digest->mode_count = DIGEST_WEEKS;
}

struct digest *sample_plain(void)
{
    struct digest *digest = digest_new("Baltic Boats", SAMPLE_WEEK, SAMPLE_WEEK + WEEK_S + 25200);
    assert_non_null(digest);
    int64_t in = SAMPLE_WEEK + DAY + 3661;
    add(digest, DIGEST_UPGRADED, "shop.example", MODE_FLEXIBLE, MODE_STRICT, in, "", "");
    add(digest, DIGEST_UPGRADED, "www.boatyard.example", MODE_FLEXIBLE, MODE_FULL, in + DAY, "",
        "");
    add(digest, DIGEST_UPGRADED, "harbour.example", MODE_FULL, MODE_STRICT, in + 2 * DAY, "", "");
    add(digest, DIGEST_ROLLED_BACK, "api.example", MODE_FLEXIBLE, MODE_FULL, in,
        "Connections to the origin failed in the new mode, and not in the old one.",
        "Let the edge reach the origin's HTTPS port; look at its firewall and its limits.");
    add(digest, DIGEST_AT_RISK, "pay.example", MODE_STRICT, MODE_NONE, in,
        "The certificate expired 2026-11-14.", "Renew the certificate.");
    add(digest, DIGEST_EXPIRING, "mail.example", MODE_NONE, MODE_STRICT, digest->made_at + 6 * DAY,
        "", "Renew the certificate at the origin.");
    add(digest, DIGEST_WAITING, "intra.example", MODE_FULL, MODE_STRICT, in,
        "A second scan must confirm the recommendation.", "Wait for the next scan.");
    add(digest, DIGEST_BLOCKED, "blog.example", MODE_FLEXIBLE, MODE_NONE, in,
        "HTTPS shows another page than HTTP (score 0.12).",
        "Serve the same site on port 443 of the origin.");
    add(digest, DIGEST_FAILED, "old.example", MODE_FLEXIBLE, MODE_NONE, in,
        "No connection to 192.0.2.7 in time.", "");
    add_modes(digest);
    digest->news = true;
    return digest;
}

struct digest *sample_new(void)
{
    struct digest *digest = sample_plain();
    int64_t in = SAMPLE_WEEK + 3600;
    add(digest, DIGEST_BLOCKED, "<script>alert(1)</script>.example", MODE_FLEXIBLE, MODE_NONE, in,
        "Server said \"<b>no</b>\"\r\nBcc: victim@example.org\x1b[31m and \xff\xfe broken",
        "M\xc3\xbcssen wir \xe2\x80\x94 ja");
    add(digest, DIGEST_BLOCKED,
        "a-very-long-name-of-more-than-seventy-two-columns-that-nobody-would-choose.with-a-"
        "second-label-of-some-length.example",
        MODE_FLEXIBLE, MODE_NONE, in,
        "One-word-that-is-longer-than-the-line-and-cannot-be-broken-"
        "anywhere-but-in-its-middle-which-we-do.",
        "");
    for (unsigned i = 0; i < 40; i++) {
        add(digest, DIGEST_BLOCKED, "more.example", MODE_FLEXIBLE, MODE_NONE, in, "", "");
    }
    return digest;
}

struct digest *sample_notice(void)
{
    struct digest *digest = digest_new("default", SAMPLE_WEEK, SAMPLE_WEEK + 100);
    assert_non_null(digest);
    digest->notice = digest->news = true;
    add(digest, DIGEST_ROLLED_BACK, "api.example", MODE_FLEXIBLE, MODE_FULL, SAMPLE_WEEK + 90,
        "Connections to the origin failed in the new mode, and not in the old one.",
        "Let the edge reach the origin's HTTPS port.");
    return digest;
}
