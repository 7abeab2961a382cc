// SPDX-License-Identifier: Apache-2.0
// What one scan of a zone found, distilled: enough to decide, explain and decide again years
// later, small enough to keep for every scan. Bodies are not in it.
//
//   evidence -> hosts[] -> origins[] -> { robots, http, https, certificate, similarity, pages[] }
#ifndef SSLAUTO_MODEL_EVIDENCE_H
#define SSLAUTO_MODEL_EVIDENCE_H

#include <jansson.h>

#include "model/fetch.h"
#include "model/mode.h"

// The answer to "do both schemes serve the same page?".
enum sameness {
    SAMENESS_NONE, // not compared: at least one side gave no answer
    SAMENESS_SAME,
    SAMENESS_DIFFERENT,
    SAMENESS_UNSURE,
    SAMENESS_COUNT
};

// Where a chain of redirects led.
enum redirect {
    REDIRECT_NONE,
    REDIRECT_SAME_SCHEME, // within the zone's hosts
    REDIRECT_TO_HTTPS,    // ended on, or passed through, HTTPS of the same site
    REDIRECT_TO_HTTP,     // began on HTTPS and left it for HTTP
    REDIRECT_OFF_ZONE,    // to a host that is not of this zone; not followed
    REDIRECT_OTHER_HOST,  // to a host of the zone with origins of its own, judged by itself
    REDIRECT_LOOP,
    REDIRECT_LIMIT,
    REDIRECT_COUNT
};

// The home page over one scheme.
struct scheme_evidence {
    bool asked;
    enum outcome outcome;
    enum phase phase;
    char words[160];
    int status; // 0 = no answer
    enum redirect redirect;
    char *final_url; // owned or NULL
    bool same_site;  // final_url, off the host, is of the host's registrable domain
    unsigned hops;
    int64_t retry_after_s; // -1 = none; over HTTP also what robots.txt or another page asked for
    uint32_t total_ms;
};

struct page_evidence {
    char *path; // owned
    enum page_role role;
    enum outcome http_outcome, https_outcome;
    int http_status, https_status;
    enum sameness sameness;
    bool informative; // says something about the site: not the same error or stock page twice
    double score;     // 0..1
    char rule[48];    // what decided: "equal_bytes", "stock_page_https", "text", ...
    char detail[160]; // in words: features that decided, name of the stock page
};

enum second_look {
    LOOK_ONCE,      // the first look was good enough
    LOOK_CONFIRMED, // a second look minutes later found the same
    LOOK_CHANGED,   // a second look found it better: the first was a passing failure
    LOOK_COUNT
};

struct origin_evidence {
    char *address;     // owned; as configured
    char resolved[64]; // the address that was connected, "" = none
    uint16_t http_port, https_port;
    enum robots robots;
    char robots_words[160]; // the line that names us, or why robots.txt could not be had
    struct scheme_evidence http, https;
    // The worst of each kind over all handshakes, of all addresses and looks.
    char tls_version[16]; // the oldest; "" = no handshake
    char tls_cipher[64];  // the weakest
    bool client_certificate_requested;
    struct certificate *certificate;  // owned or NULL; refused by strict, else the first to end
    bool challenge, login;            // some page over either scheme
    unsigned insecure_resources;      // on the HTTPS pages: by http:// addresses
    unsigned http_insecure_resources; // on the HTTP pages, which flexible shows over HTTPS
    enum sameness sameness;           // worst over the informative pages
    double score;                     // lowest over the informative pages
    struct page_evidence *pages;      // owned; [0] is the home page
    size_t page_count;
    unsigned requests;
    enum second_look second_look;
    char first_look[160]; // with LOOK_CHANGED: what the first look had found
    bool overload;        // our overload may have spoiled it: nothing may be concluded
    bool more_addresses;  // the address is a name with more of them than LIMIT_ADDRESSES
};

struct host_evidence {
    char *name; // owned
    double weight;
    struct origin_evidence *origins; // owned
    size_t origin_count;
};

struct evidence {
    char zone_id[33];
    int64_t scanned_at;          // seconds since the epoch
    struct host_evidence *hosts; // owned
    size_t host_count;
    bool shortened; // too long to be kept whole: names, chains and words were left out
};

void evidence_free(struct evidence *evidence);
void origin_evidence_done(struct origin_evidence *origin);
DEFINE_OWN(evidence_own, struct evidence, evidence_free)

const char *sameness_str(enum sameness sameness); // "none" "same" "different" "unsure"
const char *redirect_str(enum redirect redirect);
const char *second_look_str(enum second_look look);

// The stored form: one JSON object, `{"version":1,...}`. evidence_from_json(evidence_to_json(e))
// is e. Reading checks every field; ERR_INVALID names the place, ERR_NEWER an unknown version.
// A new reference, NULL without memory.
json_t *evidence_to_json(const struct evidence *evidence);
enum err evidence_from_json(struct evidence **out, const json_t *json, struct why *why);
// One origin in the form that `check --json` and `explain --json` print:
// {address, http{...}, https{...}, certificate{...}, similarity{score,verdict,pages[...]}, ...}.
json_t *origin_evidence_to_json(const struct origin_evidence *origin);

#endif
