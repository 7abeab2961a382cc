// SPDX-License-Identifier: Apache-2.0
// What the crawler brings home. A remote failure is data in here, never an error of ours.
//
//   visit            one look at one host through one of its origins; a chain of them when the
//                    origin is a name with several addresses
//     robots         the fetch of /robots.txt and what it says to us
//     pages[]        page by page: over HTTP, over HTTPS, and each of them again as a control
//       fetch        one request with its redirect hops, and for HTTPS the two verdicts of one
//                    handshake: full accepts it when the handshake ended, strict when `strict_ok`
#ifndef SSLAUTO_MODEL_FETCH_H
#define SSLAUTO_MODEL_FETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/buf.h"

enum scheme {
    SCHEME_HTTP,
    SCHEME_HTTPS
};

// How far a request got.
enum phase {
    PHASE_NONE, // never begun
    PHASE_DNS,
    PHASE_CONNECT,
    PHASE_TLS,
    PHASE_REQUEST,
    PHASE_HEADERS,
    PHASE_BODY,
    PHASE_DONE,
    PHASE_COUNT
};

// What came of it. The first two are answers; the rest are reasons why there is none.
enum outcome {
    OUTCOME_OK,                 // a whole answer, whatever its status
    OUTCOME_TRUNCATED,          // an answer whose body was cut at our cap
    OUTCOME_SKIPPED,            // not asked for (words say why: robots, budget, back-off)
    OUTCOME_DNS_FAILED,         // the origin's name does not resolve
    OUTCOME_ADDRESS_REFUSED,    // our address guard refused every address
    OUTCOME_CONNECT_REFUSED,    // RST or ICMP port unreachable
    OUTCOME_CONNECT_TIMEOUT,    // no SYN+ACK in time
    OUTCOME_UNREACHABLE,        // no route
    OUTCOME_TLS_FAILED,         // handshake failed (words: alert or library's reason)
    OUTCOME_TLS_TIMEOUT,        // connected, the handshake did not end in time
    OUTCOME_CLIENT_CERTIFICATE, // the origin demands a client certificate
    OUTCOME_RESET,              // connection reset or closed in the middle
    OUTCOME_EMPTY_REPLY,        // closed without one byte of answer
    OUTCOME_TIMEOUT,            // too slow after the connection stood
    OUTCOME_INVALID_RESPONSE,   // not HTTP/1.x, contradictory framing, bad encoding, short body
    OUTCOME_HEADERS_TOO_LARGE,
    OUTCOME_REDIRECT_LIMIT, // more hops than allowed
    OUTCOME_REDIRECT_LOOP,  // came back to a URL of its own chain
    OUTCOME_OVERLOAD,       // our own overload, not the origin's failure: look again
    OUTCOME_COUNT
};

enum hop_kind {
    HOP_STATUS,
    HOP_META_REFRESH // or the Refresh field that it stands for
};

// One redirect, as visitors see it: URLs without the origin's own ports.
struct hop {
    enum scheme scheme; // of the request that was redirected
    enum hop_kind kind;
    int status;
    char *from;    // owned; absolute visitor URL
    char *to;      // owned; absolute visitor URL, resolved
    bool followed; // false: off the zone's hosts, another origin's host, limit, or loop
    bool in_zone;  // not followed, to a host of the zone that has origins of its own
};

struct cert_error {
    int depth; // 0 = leaf
    int code;  // X509_V_ERR_*
};

// The certificate as sent, and what an edge in strict mode would say of it.
struct certificate {
    char *subject;     // owned, RFC 2253 form
    char *issuer;      // owned
    char *common_name; // owned or NULL
    char **names;      // owned: DNS names and IP addresses of subjectAltName
    size_t name_count;
    int64_t not_before;      // seconds since the epoch
    int64_t not_after;       // of the leaf
    int64_t chain_not_after; // earliest of the chain that was built
    char key_type[16];       // "RSA", "EC", "ED25519", ...
    int key_bits;
    char signature[48];   // short name of the leaf's signature algorithm
    char fingerprint[65]; // SHA-256 of the leaf, hex
    char **chain;         // owned: subject of each certificate as sent, leaf first
    size_t chain_count;
    struct cert_error *errors; // owned: every verification error
    size_t error_count;
    bool name_ok;       // covers the host or an extra accepted name (SAN, else CN)
    char *name_matched; // owned or NULL: the host or extra name that it covers
    bool self_signed;
    bool incomplete_chain; // an intermediate is missing; no AIA fetching is done
    bool weak_key;         // below 112 bits: RSA < 2048, EC < 224
    bool weak_signature;   // SHA-1 or MD5 somewhere below the root
    char *trust;           // owned or NULL: the set that accepted it, "public" or its name
    bool strict_ok;        // an edge in strict mode accepts it now
};

struct tls {
    char version[16]; // "TLSv1.3"
    char cipher[64];
    bool client_certificate_requested;
    struct certificate *certificate; // owned; NULL when none was sent
};

// What the page itself says, found without a parser (crawler/page.c).
struct page_facts {
    unsigned insecure_resources; // active or passive sub-resources by http:// URL
    unsigned internal_links;     // same-host links seen
};

struct fetch {
    enum scheme scheme;   // of the first request
    char *path;           // owned; begins with '/', with query
    bool forwarded_proto; // asked with X-Forwarded-Proto: https, as an edge in flexible asks
    enum phase phase;
    enum outcome outcome;
    char words[160];  // the library's or our own sentence on a failure; printable ASCII
    int status;       // of the last answer; 0 = none
    struct hop *hops; // owned
    size_t hop_count;
    char *final_url; // owned or NULL; visitor URL of the last answer or unfollowed redirect
    bool same_site;  // of a redirect that was not followed: to the host's registrable domain
    enum scheme final_scheme;
    char *content_type;     // owned or NULL, as sent
    char *content_encoding; // owned or NULL
    char *server;           // owned or NULL
    char *location;         // owned or NULL: of a redirect that was not followed, resolved
    bool challenge;         // headers of a bot challenge (cf-mitigated, x-sucuri-block, ...)
    bool login;             // 401 or www-authenticate
    bool hsts;
    bool attachment; // Content-Disposition: attachment: saved, not shown
    bool nosniff;    // X-Content-Type-Options: nosniff
    bool isolated;   // Cross-Origin-Embedder-Policy: require-corp
    char *policy;    // owned or NULL: enforced Content-Security-Policy fields, joined with ','
    int64_t retry_after_s; // -1 = none
    struct buf body;       // decoded, at most the configured cap; read only when it is shared
    size_t *body_shares;   // how many fetches hold the body together; NULL = this one alone
    uint64_t body_size;    // decoded bytes received, cap included
    int64_t started_at_ms; // since the epoch
    uint32_t dns_ms, connect_ms, tls_ms, first_byte_ms, total_ms;
    char address[64]; // the address that was connected, "" = none
    struct tls *tls;  // owned; NULL on http or before the handshake ended
    struct page_facts facts;
};

enum page_role {
    ROLE_HOME,
    ROLE_LINK,     // found in the home page
    ROLE_PROBE,    // named by the operator
    ROLE_RESOURCE, // a script or style sheet that the home page needs
    ROLE_COUNT
};

struct page_fetches {
    char *path; // owned
    enum page_role role;
    struct fetch *http, *https;             // owned; NULL = not asked for
    struct fetch *http_again, *https_again; // owned; the controls
};

enum robots {
    ROBOTS_NONE,        // no group names us (RFC 9309 section 2.2.1), or 4xx: everything is allowed
    ROBOTS_ALLOWED,     // a group names us and allows the home page
    ROBOTS_DISALLOWED,  // a group names us and disallows the home page
    ROBOTS_UNAVAILABLE, // 5xx or unreachable while the origin is there: RFC 9309 section 2.3.1.4
    ROBOTS_COUNT
};

struct visit {
    enum robots robots;
    struct fetch *robots_fetch; // owned; NULL = not asked for
    struct page_fetches *pages; // owned; [0] is the home page
    size_t page_count;
    unsigned requests;     // that were sent, hops included
    int64_t retry_after_s; // what the answer 429 or 503 asked for that ended it; 0 = none did
    bool overload;         // some outcome may be our own doing
    bool more_addresses;   // the origin's name has further addresses that are not looked at
    struct visit *next;    // owned: the same origin at its further addresses; NULL = no more
};

void fetch_free(struct fetch *fetch);
// `to` has the body of `from` from now on, in the same memory; both belong to one visit.
enum err fetch_share_body(struct fetch *to, struct fetch *from);
// Leaves the fetch without a body; other fetches that share it keep it.
void fetch_drop_body(struct fetch *fetch);
void certificate_free(struct certificate *certificate);
// When the leaf or an issuer ends, whichever is first; seconds since the epoch.
int64_t certificate_ends_at(const struct certificate *certificate);
void tls_free(struct tls *tls);
void visit_free(struct visit *visit); // the whole chain
DEFINE_OWN(fetch_own, struct fetch, fetch_free)
DEFINE_OWN(visit_own, struct visit, visit_free)
DEFINE_OWN(certificate_own, struct certificate, certificate_free)

const char *scheme_str(enum scheme scheme);
const char *phase_str(enum phase phase);
const char *outcome_str(enum outcome outcome); // a stable word: "connect_timeout"
const char *robots_str(enum robots robots);
const char *page_role_str(enum page_role role); // "home" "link" "probe" "resource"
bool outcome_is_answer(enum outcome outcome);   // OUTCOME_OK, OUTCOME_TRUNCATED

#endif
