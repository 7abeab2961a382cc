// SPDX-License-Identifier: Apache-2.0
#include "cli/zone_import.h"

#include <stdlib.h>
#include <strings.h>

#include "cli/args.h"
#include "cli/met.h"
#include "cli/origin_text.h"
#include "cli/zone_record.h"

struct import {
    struct lines *lines;
    const struct import_sink *sink;
    struct import_counts counts;
    // The first reading, the survey, only notes which zones come again behind others: what was
    // stored of a zone could not be taken back where it replaced something.
    struct met met;
    bool survey;
    const char *columns[CSV_MAX_FIELDS]; // static names
    size_t column_count;
    struct span fields[CSV_MAX_FIELDS]; // of the row in work; in lines->line
    // The zone that rows are being gathered for.
    struct zone *zone; // owned
    size_t zone_line;
    bool zone_bad;
    bool zone_again;           // not its first rows; these counted
    bool zone_known;           // it is there already:
    struct zone_before before; // and was this
    struct named_hosts named;  // by its rows
    bool hosts_told;           // one of them has a host field
    char *raw[CSV_MAX_FIELDS]; // owned: its zone fields as first written
};

static void report(struct import *import, size_t line, const char *reason)
{
    if (import->survey) {
        return;
    }
    import->counts.bad_lines++;
    import->sink->bad(import->sink->ctx, import->lines->name, line, reason);
}

// The zone's or the file's fault, as against ours.
static bool is_theirs(enum err e)
{
    return e == ERR_INVALID || e == ERR_LIMIT || e == ERR_EXISTS || e == ERR_CONFLICT ||
           e == ERR_NOT_FOUND;
}

static void group_clear(struct import *import)
{
    zone_free(import->zone);
    import->zone = NULL;
    import->zone_bad = false;
    import->zone_again = false;
    import->zone_known = false;
    import->named = (struct named_hosts){0};
    import->hosts_told = false;
    for (size_t i = 0; i < COUNT_OF(import->raw); i++) {
        free(import->raw[i]);
        import->raw[i] = NULL;
    }
}

// *zone is the one that is there already, if there is one.
static enum err fetch_known(struct import *import, struct zone **zone, struct why *why)
{
    const struct import_sink *sink = import->sink;
    struct zone *known = NULL;
    enum err e = sink->known == NULL
                     ? ERR_OK
                     : sink->known(sink->ctx, &known, (*zone)->name, (*zone)->account, why);
    import->zone_known = known != NULL;
    if (known != NULL) {
        zone_free(*zone);
        *zone = known;
        import->before = zone_before(known);
    }
    return e;
}

// automatic: the file names it.
static enum err hand_over(struct import *import, struct zone *zone, bool automatic, size_t line,
                          struct why *why)
{
    struct why words = {""};
    const struct zone_before *before = import->zone_known ? &import->before : NULL;
    if (before != NULL && zone->mode != before->mode && !automatic) {
        zone->automatic = AUTOMATIC_CUSTOM;
    }
    if (before != NULL && zone->automatic != before->automatic) {
        zone->opt_out_until = 0;
    }
    enum err e = zone_complete(zone, import->sink->settings, &words);
    e = e == ERR_OK ? zone_change_allowed(zone, before, &words) : e;
    e = e == ERR_OK ? import->sink->zone(import->sink->ctx, zone, before, &words) : e;
    if (e == ERR_OK) {
        import->counts.zones++;
        return ERR_OK;
    }
    if (!is_theirs(e)) {
        return why_set(why, e, "%s", why_text(&words, e));
    }
    import->counts.bad_zones++;
    report(import, line, why_text(&words, e));
    return ERR_OK;
}

// Notes the zone of the line in work, or tells by what was noted where it began when its rows do
// not stand together; *first is 0 for all others.
static enum err look_up(struct import *import, const struct zone *zone, size_t *first,
                        struct why *why)
{
    uint64_t key = met_key(&import->met, zone->name, zone->account);
    *first = 0;
    if (!import->survey) {
        *first = met_first_line(&import->met, key);
        return ERR_OK;
    }
    enum err e = met_add(&import->met, key, import->lines->number);
    return e == ERR_LIMIT ? why_set(why, ERR_IO,
                                    "%s: too many lines for one file; import it in "
                                    "parts",
                                    import->lines->name)
                          : e;
}

// -- CSV ---------------------------------------------------------------------------------------
static enum err read_header(struct import *import, char *line, size_t len, struct why *why)
{
    enum err e = csv_split(import->fields, &import->column_count, line, len, why);
    bool has_name = false;
    for (size_t i = 0; e == ERR_OK && i < import->column_count; i++) {
        char word[64];
        const char *names[CSV_MAX_FIELDS];
        size_t n = 0;
        struct span field = span_trim(import->fields[i]);
        (void)snprintf(word, sizeof word, "%.*s", (int)field.len, field.at);
        import->columns[i] = NULL;
        for (; n < COUNT_OF(names) && zone_field_name(n) != NULL; n++) {
            names[n] = zone_field_name(n);
            if (strcasecmp(names[n], word) == 0) {
                import->columns[i] = names[n];
            }
        }
        const char *close = suggest(word, names, n);
        if (import->columns[i] == NULL) {
            return why_set(why, ERR_INVALID,
                           "unknown column \"%s\"%s%s%s; the first line names the columns, as in "
                           "name,origin,http_port,https_port,mode",
                           word, close == NULL ? "" : "; did you mean ", close == NULL ? "" : close,
                           close == NULL ? "" : "?");
        }
        has_name = has_name || strcmp(import->columns[i], "name") == 0;
        for (size_t j = 0; j < i; j++) {
            if (import->columns[j] == import->columns[i]) {
                return why_set(why, ERR_INVALID, "column \"%s\" is there twice", word);
            }
        }
    }
    return e == ERR_OK && !has_name
               ? why_set(why, ERR_INVALID,
                         "no column \"name\"; the first line names the columns, "
                         "as in name,origin,http_port,https_port,mode")
               : e;
}

// Its place; column_count where the file has none of that name.
static size_t column_of(const struct import *import, const char *column)
{
    size_t i = 0;
    while (i < import->column_count && strcmp(import->columns[i], column) != 0) {
        i++;
    }
    return i;
}

static struct span field(const struct import *import, const char *column)
{
    size_t i = column_of(import, column);
    return i < import->column_count ? span_trim(import->fields[i]) : (struct span){"", 0};
}

static enum err group_end(struct import *import, struct why *why)
{
    enum err e = ERR_OK;
    if (import->zone != NULL && import->zone_bad) {
        import->counts.bad_zones += !import->zone_again;
    } else if (import->zone != NULL && !import->survey) {
        if (import->hosts_told) {
            named_only(&import->named, import->zone);
        }
        size_t automatic = column_of(import, "automatic");
        bool named = automatic < import->column_count && import->raw[automatic] != NULL;
        e = hand_over(import, import->zone, named, import->zone_line, why);
    }
    group_clear(import);
    return e;
}

// Begins the next zone unless the row continues the one in work.
static enum err group_for(struct import *import, struct why *why)
{
    struct span account = field(import, "account");
    OWN(zone_own) struct zone *fresh = zone_new();
    enum err e = fresh == NULL ? ERR_NOMEM : zone_set_name(fresh, field(import, "name"), why);
    if (e == ERR_OK && account.len > 0) {
        e = zone_set_field(fresh, "account", account, why);
    }
    if (e != ERR_OK) {
        return e;
    }
    bool same = import->zone != NULL && strcmp(import->zone->name, fresh->name) == 0 &&
                (account.len == 0 || strcmp(import->zone->account, fresh->account) == 0);
    if (same) {
        return ERR_OK;
    }
    e = group_end(import, why);
    import->zone = fresh;
    import->zone_line = import->lines->number;
    fresh = NULL;
    size_t first = 0;
    e = e == ERR_OK ? look_up(import, import->zone, &first, why) : e;
    import->zone_bad = first > 0;
    import->zone_again = first > 0 && first != import->zone_line;
    if (e == ERR_OK && import->zone_again) {
        char words[400];
        (void)snprintf(words, sizeof words,
                       "rows of %.255s must follow each other (first at line %zu)",
                       import->zone->name, first);
        report(import, import->zone_line, words);
    }
    return e == ERR_OK && !import->survey ? fetch_known(import, &import->zone, why) : e;
}

// A field of the zone counts from its first row; later rows repeat it or leave it empty.
static enum err take_zone_field(struct import *import, size_t i, struct why *why)
{
    struct span value = span_trim(import->fields[i]);
    if (value.len == 0) {
        return ERR_OK;
    }
    if (import->raw[i] != NULL) {
        return span_equal(span_of(import->raw[i]), value)
                   ? ERR_OK
                   : why_set(why, ERR_INVALID, "%s differs from that in line %zu of the same zone",
                             import->columns[i], import->zone_line);
    }
    if (import->lines->number != import->zone_line) {
        return why_set(why, ERR_INVALID, "%s is not in the zone's first row, line %zu",
                       import->columns[i], import->zone_line);
    }
    import->raw[i] = strndup(value.at, value.len);
    return import->raw[i] == NULL ? ERR_NOMEM
                                  : zone_set_field(import->zone, import->columns[i], value, why);
}

static enum err take_origins(struct import *import, struct host *host, struct why *why)
{
    bool named = import->named.origins[host - import->zone->hosts];
    uint16_t http = 80;
    uint16_t https = 443;
    struct span http_text = field(import, "http_port");
    struct span https_text = field(import, "https_port");
    struct span rest = field(import, "origin");
    enum err e = http_text.len == 0 ? ERR_OK : port_text_parse(&http, http_text, "http_port", why);
    if (e == ERR_OK && https_text.len > 0) {
        e = port_text_parse(&https, https_text, "https_port", why);
    }
    if (e == ERR_OK && rest.len == 0 && http_text.len == 0 && https_text.len == 0 && !named &&
        host->origin_count > 0) {
        return ERR_OK; // those it has
    }
    if (e == ERR_OK && rest.len == 0) {
        return why_set(why, ERR_INVALID, "origin is empty; give the address of the site's server");
    }
    if (e == ERR_OK) {
        named_origins(&import->named, import->zone, host);
    }
    while (e == ERR_OK && rest.len > 0) {
        struct span one = span_trim(span_cut(&rest, ';'));
        e = one.len == 0 ? ERR_OK : origin_text_add(host, one, http, https, why);
    }
    return e;
}

static enum err take_row(struct import *import, struct why *why)
{
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < import->column_count; i++) {
        if (zone_field_of(import->columns[i]) == FIELD_OF_ZONE) {
            e = take_zone_field(import, i, why);
        }
    }
    struct host *host = NULL;
    struct span name = field(import, "host");
    if (e == ERR_OK) {
        bool again = false;
        import->hosts_told = import->hosts_told || name.len > 0;
        e = named_host(&import->named, &host, &again, import->zone,
                       name.len > 0 ? name : span_of(import->zone->name), why);
    }
    for (size_t i = 0; e == ERR_OK && i < import->column_count; i++) {
        struct span value = span_trim(import->fields[i]);
        if (zone_field_of(import->columns[i]) == FIELD_OF_HOST && value.len > 0 &&
            strcmp(import->columns[i], "host") != 0) {
            e = host_set_field(host, import->columns[i], value, why);
        }
    }
    return e == ERR_OK ? take_origins(import, host, why) : e;
}

// The row has `count` good fields and no more. The name tells which zone it spoils; without one it
// may be the zone in work.
static enum err spoil(struct import *import, size_t count, struct why *why)
{
    for (size_t i = count; i < import->column_count; i++) {
        import->fields[i] = (struct span){"", 0};
    }
    enum err e = field(import, "name").len > 0 ? group_for(import, why) : ERR_OK;
    import->zone_bad = import->zone != NULL;
    return e;
}

static enum err csv_row(struct import *import, struct span line, struct why *why)
{
    size_t count = 0;
    struct why words = {""};
    enum err e = csv_split(import->fields, &count, import->lines->line.at, line.len, &words);
    if (e == ERR_OK && count != import->column_count) {
        e = why_set(&words, ERR_INVALID, "%zu fields, but the first line names %zu columns", count,
                    import->column_count);
    }
    if (e != ERR_OK || field(import, "name").len == 0) {
        struct why ours = {""};
        enum err spoiled = spoil(import, e == ERR_OK ? import->column_count : count, &ours);
        if (spoiled != ERR_OK && !is_theirs(spoiled)) {
            e = spoiled;
            words = ours;
        }
    }
    if (e == ERR_OK) {
        e = group_for(import, &words);
        if (e == ERR_OK && !import->survey) {
            e = take_row(import, &words);
            import->zone_bad = import->zone_bad || e != ERR_OK;
        }
    }
    if (e == ERR_OK || !is_theirs(e)) {
        if (e != ERR_OK && why != NULL) {
            *why = words;
        }
        return e;
    }
    report(import, import->lines->number, why_text(&words, e));
    return ERR_OK;
}

// -- JSONL -------------------------------------------------------------------------------------
static enum err json_zone(struct import *import, struct zone **zone, const json_t *json,
                          struct why *why)
{
    size_t line = import->lines->number;
    size_t first = 0;
    enum err e = look_up(import, *zone, &first, why);
    if (e != ERR_OK || import->survey) {
        return e;
    }
    if (first == 0) {
        const json_t *automatic = json_object_get(json, "automatic");
        e = fetch_known(import, zone, why);
        e = e == ERR_OK && import->zone_known ? zone_take_json(*zone, json, why) : e;
        return e == ERR_OK ? hand_over(import, *zone, json_is_string(automatic), line, why) : e;
    }
    import->counts.bad_zones += first == line;
    if (first != line) {
        char words[400];
        (void)snprintf(words, sizeof words, "zone %.255s stands in line %zu already", (*zone)->name,
                       first);
        report(import, line, words);
    }
    return ERR_OK;
}

static enum err json_row(struct import *import, struct span line, struct why *failed)
{
    json_error_t error;
    struct why why = {""};
    OWN(zone_own) struct zone *zone = NULL;
    json_t *json = json_loadb(line.at, line.len, JSON_REJECT_DUPLICATES, &error);
    enum err e = json != NULL ? zone_from_json(&zone, json, &why)
                              : why_set(&why, ERR_INVALID, "no JSON object: %s (column %d)",
                                        error.text, error.column);
    e = e == ERR_OK ? json_zone(import, &zone, json, &why) : e;
    json_decref(json);
    if (e == ERR_OK) {
        return ERR_OK;
    }
    if (!is_theirs(e)) {
        return failed == NULL ? e : why_set(failed, e, "%s", why_text(&why, e));
    }
    import->counts.bad_zones++;
    report(import, import->lines->number, why_text(&why, e));
    return ERR_OK;
}

static enum err take_line(struct import *import, struct span line, enum import_format *format,
                          struct why *why)
{
    if (*format == IMPORT_AUTO) {
        *format = span_trim(line).at[0] == '{' ? IMPORT_JSONL : IMPORT_CSV;
    }
    if (*format == IMPORT_JSONL) {
        return json_row(import, line, why);
    }
    if (import->column_count > 0) {
        return csv_row(import, line, why);
    }
    enum err e = read_header(import, import->lines->line.at, line.len, why);
    if (e == ERR_INVALID) {
        why_prefix(why, "%s:%zu", import->lines->name, import->lines->number);
    }
    return e;
}

static enum err read_through(struct import *import, enum import_format format, struct why *why)
{
    enum err e = ERR_OK;
    while (e == ERR_OK) {
        struct span line = {NULL, 0};
        struct why words = {""};
        e = lines_read(import->lines, &line, &words);
        if (e == ERR_INVALID || e == ERR_LIMIT) {
            // Whose row it was cannot be known: the zone in work may miss a part.
            import->zone_bad = import->zone != NULL;
            report(import, import->lines->number, words.text);
            e = ERR_OK;
        } else if (e == ERR_OK && span_trim(line).len > 0) {
            e = take_line(import, line, &format, why);
        } else if (e != ERR_OK && e != ERR_NOT_FOUND && why != NULL) {
            *why = words;
        }
    }
    e = e == ERR_NOT_FOUND ? group_end(import, why) : e;
    group_clear(import);
    if (e == ERR_OK && import->lines->number == 0) {
        return why_set(why, ERR_INVALID, "%s: is empty", import->lines->name);
    }
    return e;
}

enum err zone_import(struct import_counts *out, struct lines *lines, enum import_format format,
                     const struct import_sink *sink, struct why *why)
{
    struct import import = {.lines = lines, .sink = sink, .survey = true};
    met_init(&import.met);
    *out = import.counts;
    enum err e = lines_keep(lines, why);
    e = e == ERR_OK ? read_through(&import, format, why) : e;
    e = e == ERR_OK ? lines_rewind(lines, why) : e;
    if (e == ERR_OK) {
        import.survey = false;
        import.counts = (struct import_counts){0};
        import.column_count = 0;
        e = read_through(&import, format, why);
        *out = import.counts;
    }
    met_done(&import.met);
    return e;
}
