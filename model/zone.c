// SPDX-License-Identifier: Apache-2.0
#include "model/zone.h"

#include <assert.h>
#include <idn2.h>
#include <stdlib.h>
#include <sys/random.h>

#include "core/addr.h"
#include "core/attr.h"
#include "core/limits.h"

static void strings_free(char **list, size_t count)
{
    for (size_t i = 0; list != NULL && i < count; i++) {
        free(list[i]);
    }
    free(list);
}

static bool random_id(char id[33])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[16];
    // Up to 256 bytes are never cut short by a signal (getrandom(2)).
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) {
        return false;
    }
    for (size_t i = 0; i < sizeof bytes; i++) {
        id[2 * i] = digits[bytes[i] >> 4];
        id[2 * i + 1] = digits[bytes[i] & 15];
    }
    id[32] = '\0';
    return true;
}

struct zone *zone_new(void)
{
    OWN(zone_own) struct zone *zone = calloc(1, sizeof *zone);
    if (zone == NULL || !random_id(zone->id)) {
        return NULL;
    }
    zone->account = strdup("default");
    zone->plan = strdup("free");
    zone->edge = strdup("dryrun");
    if (zone->account == NULL || zone->plan == NULL || zone->edge == NULL) {
        return NULL;
    }
    // What a site has that was never configured otherwise, and what `check` assumes.
    zone->mode = MODE_FLEXIBLE;
    zone->automatic = AUTOMATIC_AUTO;
    struct zone *made = zone;
    zone = NULL;
    return made;
}

void host_drop_origins(struct host *host)
{
    for (size_t i = 0; i < host->origin_count; i++) {
        free(host->origins[i].address);
    }
    free(host->origins);
    host->origins = NULL;
    host->origin_count = 0;
}

static void host_done(struct host *host)
{
    free(host->name);
    free(host->host_header);
    free(host->sni);
    host_drop_origins(host);
    strings_free(host->extra_names, host->extra_name_count);
    strings_free(host->probe_paths, host->probe_path_count);
}

void zone_free(struct zone *zone)
{
    if (zone == NULL) {
        return;
    }
    free(zone->name);
    free(zone->account);
    free(zone->plan);
    free(zone->edge);
    strings_free(zone->trust_sets, zone->trust_set_count);
    for (size_t i = 0; zone->hosts != NULL && i < zone->host_count; i++) {
        host_done(&zone->hosts[i]);
    }
    free(zone->hosts);
    free(zone);
}

static void free_text(char **text)
{
    free(*text);
}

enum err zone_add_host(struct host **out, struct zone *zone, struct span name, struct why *why)
{
    OWN(free_text) char *canonical = NULL;
    enum err e = host_name_canonical(&canonical, name, true, why);
    if (e != ERR_OK) {
        return e;
    }
    for (size_t i = 0; i < zone->host_count; i++) {
        if (strcmp(zone->hosts[i].name, canonical) == 0) {
            *out = &zone->hosts[i];
            return ERR_OK;
        }
    }
    if (zone->host_count >= LIMIT_ZONE_HOSTS) {
        return why_set(why, ERR_LIMIT, "a zone may have %zu hosts at most", LIMIT_ZONE_HOSTS);
    }
    struct host *hosts = realloc(zone->hosts, (zone->host_count + 1) * sizeof *hosts);
    if (hosts == NULL) {
        return ERR_NOMEM;
    }
    zone->hosts = hosts;
    struct host *host = &hosts[zone->host_count++];
    *host = (struct host){.name = canonical, .weight = 1};
    canonical = NULL;
    *out = host;
    return ERR_OK;
}

void zone_drop_host(struct zone *zone, size_t index)
{
    assert(index < zone->host_count);
    host_done(&zone->hosts[index]);
    zone->host_count--;
    memmove(&zone->hosts[index], &zone->hosts[index + 1],
            (zone->host_count - index) * sizeof zone->hosts[0]);
}

enum err host_add_origin(struct host *host, struct span address, uint16_t http_port,
                         uint16_t https_port, struct why *why)
{
    OWN(free_text) char *canonical = NULL;
    enum err e = origin_address_canonical(&canonical, address, why);
    if (e != ERR_OK) {
        return e;
    }
    if (http_port == 0 || https_port == 0) {
        return why_set(why, ERR_INVALID, "origin %s: port 0 cannot be connected", canonical);
    }
    for (size_t i = 0; i < host->origin_count; i++) {
        const struct origin *other = &host->origins[i];
        if (strcmp(other->address, canonical) == 0 && other->http_port == http_port &&
            other->https_port == https_port) {
            return why_set(why, ERR_EXISTS, "origin %s with ports %u and %u is there already",
                           canonical, http_port, https_port);
        }
    }
    if (host->origin_count >= LIMIT_HOST_ORIGINS) {
        return why_set(why, ERR_LIMIT, "a host may have %zu origins at most", LIMIT_HOST_ORIGINS);
    }
    struct origin *origins = realloc(host->origins, (host->origin_count + 1) * sizeof *origins);
    if (origins == NULL) {
        return ERR_NOMEM;
    }
    host->origins = origins;
    origins[host->origin_count++] =
        (struct origin){.address = canonical, .http_port = http_port, .https_port = https_port};
    canonical = NULL;
    return ERR_OK;
}

enum err strings_add(char ***list, size_t *count, struct span text, size_t limit)
{
    if (*count >= limit) {
        return ERR_LIMIT;
    }
    char *copy = strndup(text.at == NULL ? "" : text.at, text.len);
    if (copy == NULL) {
        return ERR_NOMEM;
    }
    char **grown = realloc(*list, (*count + 1) * sizeof *grown);
    if (grown == NULL) {
        free(copy);
        return ERR_NOMEM;
    }
    grown[(*count)++] = copy;
    *list = grown;
    return ERR_OK;
}

bool strings_have(char *const *list, size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i], text) == 0) {
            return true;
        }
    }
    return false;
}

// Remote or operator text inside a message: printable ASCII, cut.
static const char *shown(char text[80], struct span name)
{
    size_t n = 0;
    for (; n < name.len && n < 76; n++) {
        char c = name.at[n];
        text[n] = c;
        if (c < ' ' || c > '~') {
            text[n] = '?';
        }
    }
    text[n] = '\0';
    if (n < name.len) {
        memcpy(text + n, "...", 4);
    }
    return text;
}

static bool is_ldh(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

// RFC 1035 section 2.3.4 and RFC 5890 section 2.3.1. The underscore is not in the rules but is
// in names that are served.
static enum err check_labels(struct span name, struct why *why)
{
    char text[80];
    if (name.len == 0) {
        return why_set(why, ERR_INVALID, "the host name is empty");
    }
    if (name.len > LIMIT_HOST_NAME) {
        return why_set(why, ERR_INVALID, "host name of %zu bytes: %zu at most (RFC 1035): %s",
                       name.len, LIMIT_HOST_NAME, shown(text, name));
    }
    struct span rest = name;
    struct span label;
    do {
        label = span_cut(&rest, '.');
        if (label.len == 0 || label.len > LIMIT_LABEL) {
            return why_set(why, ERR_INVALID, "host name %s: a label has %zu bytes, 1 to %zu fit",
                           shown(text, name), label.len, LIMIT_LABEL);
        }
        if (label.at[0] == '-' || label.at[label.len - 1] == '-') {
            return why_set(why, ERR_INVALID, "host name %s: a label begins or ends with '-'",
                           shown(text, name));
        }
        for (size_t i = 0; i < label.len; i++) {
            if (!is_ldh(label.at[i])) {
                return why_set(why, ERR_INVALID,
                               "host name %s: only letters, digits, '-' and '.' are allowed",
                               shown(text, name));
            }
        }
    } while (rest.at != NULL);
    // A name whose last label is a number is an IPv4 address to browsers (WHATWG URL, "ends in a
    // number"), so it can be no host name.
    if (strspn(label.at, "0123456789") >= label.len) {
        return why_set(why, ERR_INVALID, "host name %s: the last label is a number",
                       shown(text, name));
    }
    return ERR_OK;
}

static enum err give_copy(char **out, const char *text)
{
    char *copy = strdup(text);
    if (copy == NULL) {
        return ERR_NOMEM;
    }
    *out = copy;
    return ERR_OK;
}

static void idn2_text_free(char **text)
{
    idn2_free(*text);
}

// The name in A-labels and lower case, without the final dot. Only the length is bounded here.
static enum err to_ascii(char **out, struct span name, struct why *why)
{
    char text[80];
    if (name.len > 4 * LIMIT_HOST_NAME || memchr(name.at, '\0', name.len) != NULL) {
        return why_set(why, ERR_INVALID, "host name of %zu bytes: %zu at most (RFC 1035): %s",
                       name.len, LIMIT_HOST_NAME, shown(text, name));
    }
    bool ascii = true;
    for (size_t i = 0; i < name.len; i++) {
        ascii = ascii && name.at[i] > 0 && name.at[i] <= '~';
    }
    OWN(free_text) char *copy = strndup(name.at, name.len);
    if (copy == NULL) {
        return ERR_NOMEM;
    }
    if (ascii) {
        for (char *c = copy; *c != '\0'; c++) {
            *c = (char)(*c >= 'A' && *c <= 'Z' ? *c - 'A' + 'a' : *c);
        }
        *out = copy;
        copy = NULL;
        return ERR_OK;
    }
    OWN(idn2_text_free) char *alabels = NULL;
    int rc = idn2_to_ascii_8z(copy, &alabels, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    if (rc == IDN2_MALLOC) {
        return ERR_NOMEM;
    }
    if (rc != IDN2_OK) {
        return why_set(why, ERR_INVALID, "host name %s: %s (IDNA 2008)", shown(text, name),
                       idn2_strerror(rc));
    }
    return give_copy(out, alabels);
}

static enum err ip_canonical(char **out, struct span name)
{
    if (name.len >= 2 && name.at[0] == '[' && name.at[name.len - 1] == ']') {
        name = (struct span){name.at + 1, name.len - 2};
        if (memchr(name.at, ':', name.len) == NULL) {
            return ERR_INVALID;
        }
    }
    struct addr addr;
    enum err e = addr_parse(&addr, name);
    if (e != ERR_OK) {
        return e;
    }
    char text[ADDR_TEXT_SIZE];
    return give_copy(out, addr_print(text, &addr));
}

static enum err name_canonical(char **out, struct span name, struct why *why)
{
    if (name.len > 1 && name.at[name.len - 1] == '.') {
        name.len--;
    }
    OWN(free_text) char *ascii = NULL;
    enum err e = to_ascii(&ascii, name, why);
    if (e != ERR_OK) {
        return e;
    }
    // After the conversion, so that digits of other scripts cannot spell an address either.
    struct addr loose;
    if (addr_parse_loose(&loose, span_of(ascii))) {
        char text[80];
        char canonical[ADDR_TEXT_SIZE];
        return why_set(why, ERR_INVALID, "%s: write the address as %s", shown(text, name),
                       addr_print(canonical, &loose));
    }
    e = check_labels(span_of(ascii), why);
    if (e == ERR_OK) {
        *out = ascii;
        ascii = NULL;
    }
    return e;
}

enum err host_name_canonical(char **out, struct span name, bool allow_ip, struct why *why)
{
    name = span_trim(name);
    if (name.len == 0) {
        return why_set(why, ERR_INVALID, "the host name is empty");
    }
    char *address = NULL;
    enum err e = ip_canonical(&address, name);
    if (e == ERR_NOMEM) {
        return e;
    }
    if (e == ERR_OK) {
        if (!allow_ip) {
            char text[80];
            free(address);
            return why_set(why, ERR_INVALID, "%s is an address, a host name is needed",
                           shown(text, name));
        }
        *out = address;
        return ERR_OK;
    }
    return name_canonical(out, name, why);
}

enum err origin_address_canonical(char **out, struct span address, struct why *why)
{
    address = span_trim(address);
    if (address.len == 0) {
        return why_set(why, ERR_INVALID, "the origin's address is empty");
    }
    enum err e = ip_canonical(out, address);
    if (e == ERR_OK || e == ERR_NOMEM) {
        return e;
    }
    e = name_canonical(out, address, why);
    if (e == ERR_INVALID) {
        why_prefix(why, "origin");
    }
    return e;
}

void zone_choose(struct zone *zone, const enum mode *mode, const enum automatic *automatic)
{
    if (mode != NULL) {
        zone->mode = *mode;
    }
    if (automatic != NULL) {
        zone->automatic = *automatic;
    } else if (mode != NULL) {
        zone->automatic = AUTOMATIC_CUSTOM;
    }
    if (mode != NULL || automatic != NULL) {
        zone->opt_out_until = 0;
    }
}

enum err zone_allows_mode(const struct zone *zone, enum mode mode, struct why *why)
{
    if (mode == MODE_ORIGIN_PULL && strcmp(zone->plan, "enterprise") != 0) {
        return why_set(why, ERR_INVALID,
                       "origin_pull is for zones on the enterprise plan; this one is on %.20s",
                       zone->plan);
    }
    if (zone->authenticated_pulls && mode <= MODE_FLEXIBLE) {
        return why_set(why, ERR_INVALID,
                       "authenticated origin pulls are on, and they need full, strict or "
                       "origin_pull");
    }
    return ERR_OK;
}

static const char *const automatic_words[AUTOMATIC_COUNT] = {
    [AUTOMATIC_AUTO] = "auto",
    [AUTOMATIC_CUSTOM] = "custom",
};

const char *automatic_str(enum automatic automatic)
{
    return automatic < AUTOMATIC_COUNT ? automatic_words[automatic] : "none";
}

enum err automatic_parse(enum automatic *out, struct span word)
{
    for (enum automatic a = AUTOMATIC_AUTO; a < AUTOMATIC_COUNT; a++) {
        if (span_equal(word, span_of(automatic_words[a]))) {
            *out = a;
            return ERR_OK;
        }
    }
    return ERR_INVALID;
}

bool zone_id_valid(struct span id)
{
    if (id.len != 32) {
        return false;
    }
    for (size_t i = 0; i < id.len; i++) {
        char c = id.at[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
            return false;
        }
    }
    return true;
}
