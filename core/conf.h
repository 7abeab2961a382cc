// SPDX-License-Identifier: Apache-2.0
// Configuration: "section.key = value" read from an INI file against a table of keys. The table
// is the only place that knows a key: its type, range, default, unit and help. Nothing in here
// knows what a key is for.
#ifndef SSLAUTO_CORE_CONF_H
#define SSLAUTO_CORE_CONF_H

#include <stdint.h>
#include <stdio.h>

#include "core/err.h"
#include "core/span.h"

enum conf_type {
    CONF_BOOL,     // yes no true false on off 1 0
    CONF_INT,      // decimal
    CONF_DOUBLE,   // "0.5"
    CONF_DURATION, // "250ms" "20s" "5m" "12h" "30d"; read in milliseconds
    CONF_SIZE,     // "64KiB" "8MiB"; read in bytes
    CONF_TEXT,     // printable
    CONF_PATH,     // absolute path
    CONF_LIST,     // words between spaces or commas; the key may be given several times
    CONF_WORD,     // one of `words`
    CONF_TYPE_COUNT
};

struct conf_key {
    const char *name; // "crawl.threads"; "trust.*" takes any name in that section
    enum conf_type type;
    double min, max;    // numbers: in the unit of the type (durations ms, sizes bytes)
    const char *preset; // the default as it would be written; "" = not set
    const char *unit;   // for people: "requests per second", "" = none
    const char *words;  // CONF_WORD: "a|b|c"
    const char *help;   // one line
};

// Where a value was set, for people: "default", "FILE:LINE", or what conf_set was told.
struct conf_entry {
    const struct conf_key *key;
    const char *name;  // the key's name; for "trust.*" the name as given
    const char *value; // as written
    const char *where;
};

struct conf;

// Called once per complaint: "file:line: key: reason; allowed ...".
typedef void conf_report(void *ctx, const char *complaint);

// All defaults. The table is lent for the life of conf; its presets must be valid (asserted).
enum err conf_new(struct conf **out, const struct conf_key *keys, size_t key_count);
void conf_free(struct conf *conf);
DEFINE_OWN(conf_own, struct conf, conf_free)

// Reads a stream to its end. Every bad line is reported (report may be NULL), up to a bound;
// ERR_INVALID when there was one, with the first in why. Nothing of a bad line is taken.
enum err conf_read(struct conf *conf, FILE *stream, const char *name, conf_report *report,
                   void *ctx, struct why *why);
// The same from a file. ERR_NOT_FOUND when there is none.
enum err conf_read_file(struct conf *conf, const char *path, conf_report *report, void *ctx,
                        struct why *why);
// Sets one key, as an option on the command line does. Replaces lists.
enum err conf_set(struct conf *conf, const char *name, const char *value, const char *where,
                  struct why *why);

// Typed reads. Asking for a key that is not in the table, or as another type, is an error of the
// program (asserted).
bool conf_bool(const struct conf *conf, const char *name);
int64_t conf_int(const struct conf *conf, const char *name); // INT, DURATION (ms), SIZE (bytes)
double conf_double(const struct conf *conf, const char *name);
const char *conf_text(const struct conf *conf, const char *name); // TEXT, PATH, WORD; NULL = unset
// CONF_LIST: the strings, lent.
const char *const *conf_list(const struct conf *conf, const char *name, size_t *count);

// Calls each() for every key in the order of the table, given or not; the names of a "trust.*"
// row follow where that row stands, or the row itself with no value when there are none.
enum err conf_each(const struct conf *conf, enum err (*each)(void *ctx, const struct conf_entry *),
                   void *ctx);

const char *conf_type_str(enum conf_type type);
// "1 to 64", "250ms to 1h", "off, on", ...: what is allowed, for messages and the reference page.
const char *conf_range_print(char text[160], const struct conf_key *key);

#endif
