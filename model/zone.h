// SPDX-License-Identifier: Apache-2.0
// A zone: one site as the operator knows it, its hosts, and the origins behind each host.
#ifndef SSLAUTO_MODEL_ZONE_H
#define SSLAUTO_MODEL_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/span.h"
#include "model/mode.h"

// Whether sslauto may change the mode by itself (product documentation, "Automatic SSL/TLS").
enum automatic {
    AUTOMATIC_AUTO,
    AUTOMATIC_CUSTOM, // the operator chose the mode: no scans, no rollouts
    AUTOMATIC_COUNT
};

struct origin {
    char *address;       // owned; an IP literal without brackets, or a DNS name (A-labels)
    uint16_t http_port;  // 80 unless told
    uint16_t https_port; // 443 unless told
};

struct host {
    char *name;        // owned; lower case, A-labels, no final dot
    char *host_header; // owned or NULL: sent instead of name in Host, and in SNI unless sni is set
    char *sni;         // owned or NULL: sent instead in SNI
    double weight;     // share of the zone's traffic, any scale, > 0; 1 unless told
    struct origin *origins; // owned array
    size_t origin_count;
    char **extra_names; // owned strings: names a certificate may also carry (a CNAME target)
    size_t extra_name_count;
    char **probe_paths; // owned strings beginning with '/': always looked at
    size_t probe_path_count;
};

struct zone {
    char id[33];    // 32 lower-case hex digits
    char *name;     // owned; lower case, A-labels
    char *account;  // owned; "default" unless told
    char *plan;     // owned; "free" unless told: free pro business enterprise
    char *edge;     // owned; the edge fleet that serves it, "dryrun" unless told
    enum mode mode; // as configured at the edge now
    enum automatic automatic;
    int64_t opt_out_until;    // seconds since the epoch, 0 = no grace period
    bool allow_origin_pull;   // the operator lets us recommend origin_pull
    bool authenticated_pulls; // the edge presents a client certificate to the origin
    bool replace_roots;       // only trust_sets count, public roots do not
    char **trust_sets;        // owned strings: names of extra trust sets in the configuration
    size_t trust_set_count;
    struct host *hosts; // owned array, at least one
    size_t host_count;
    int64_t created_at; // seconds since the epoch; set by the store
    int64_t version;    // counts changes; set by the store
};

// A zone with defaults and a fresh random id, no name, no hosts. NULL without memory.
struct zone *zone_new(void);
void zone_free(struct zone *zone);
DEFINE_OWN(zone_own, struct zone, zone_free)

// Adds a host, or returns the one of that name. The name is checked and brought to its stored
// form by host_name_canonical. ERR_LIMIT past LIMIT_ZONE_HOSTS.
enum err zone_add_host(struct host **out, struct zone *zone, struct span name, struct why *why);
// Adds an origin; the same address and ports twice is ERR_EXISTS. The address is checked by
// origin_address_canonical. ERR_LIMIT past LIMIT_HOST_ORIGINS.
enum err host_add_origin(struct host *host, struct span address, uint16_t http_port,
                         uint16_t https_port, struct why *why);
void host_drop_origins(struct host *host);
// Takes hosts[index] out; the others keep their order.
void zone_drop_host(struct zone *zone, size_t index);
// Appends a copy of text to an owned array of strings (extra_names, probe_paths, trust_sets).
enum err strings_add(char ***list, size_t *count, struct span text, size_t limit);
bool strings_have(char *const *list, size_t count, const char *text);

// Host name rules: LDH labels or IDN (UTF-8, converted by IDNA 2008), 63 bytes a label, 253 in
// all, lower-cased, one final dot dropped (RFC 1035 section 2.3.4, RFC 5890). An IP literal is
// allowed where allow_ip. Owned result.
enum err host_name_canonical(char **out, struct span name, bool allow_ip, struct why *why);
// An IPv4 dotted quad, an IPv6 literal (brackets dropped), or a host name. Other spellings of an
// IPv4 address (0x7f.1, 2130706433) are ERR_INVALID and say how to write them.
enum err origin_address_canonical(char **out, struct span address, struct why *why);

// Somebody decides for the zone; NULL = not about that. A mode makes it custom unless automatic is
// named with it (product documentation: a manual change under auto is honoured). Either ends the
// grace period: it has served.
void zone_choose(struct zone *zone, const enum mode *mode, const enum automatic *automatic);
// Whether the zone's plan and its authenticated pulls let it have that mode; ERR_INVALID says what
// does not.
enum err zone_allows_mode(const struct zone *zone, enum mode mode, struct why *why);

const char *automatic_str(enum automatic automatic);
enum err automatic_parse(enum automatic *out, struct span word);
bool zone_id_valid(struct span id); // 32 lower-case hex digits

#endif
