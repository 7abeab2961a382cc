// SPDX-License-Identifier: Apache-2.0
#include "core/conf.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include <ini.h>

#include "core/buf.h"
#include "core/conf_value.h"
#include "core/limits.h"

// One key with its value: a row of the table, or a name given in a "section.*".
struct entry {
    const struct conf_key *key;
    char *name; // owned
    struct conf_value value;
    char *where; // owned; NULL = default
};

struct conf {
    const struct conf_key *keys;
    size_t key_count;
    struct entry *entries; // owned; the table's rows first, then named ones
    size_t entry_count;
};

static bool is_open_section(const struct conf_key *key)
{
    size_t len = strlen(key->name);
    return len > 2 && strcmp(key->name + len - 2, ".*") == 0;
}

void conf_free(struct conf *conf)
{
    if (conf == NULL) {
        return;
    }
    for (size_t i = 0; i < conf->entry_count; i++) {
        free(conf->entries[i].name);
        free(conf->entries[i].where);
        conf_value_done(&conf->entries[i].value);
    }
    free(conf->entries);
    free(conf);
}

static enum err add_entry(struct conf *conf, const struct conf_key *key, const char *name,
                          struct entry **out)
{
    struct entry *more = reallocarray(conf->entries, conf->entry_count + 1, sizeof *conf->entries);
    if (more == NULL) {
        return ERR_NOMEM;
    }
    conf->entries = more;
    struct entry *entry = &more[conf->entry_count];
    *entry = (struct entry){.key = key, .name = strdup(name)};
    if (entry->name == NULL) {
        return ERR_NOMEM;
    }
    conf->entry_count++;
    *out = entry;
    return ERR_OK;
}

enum err conf_new(struct conf **out, const struct conf_key *keys, size_t key_count)
{
    OWN(conf_own) struct conf *conf = calloc(1, sizeof *conf);
    if (conf == NULL) {
        return ERR_NOMEM;
    }
    conf->keys = keys;
    conf->key_count = key_count;
    for (size_t i = 0; i < key_count; i++) {
        struct entry *entry = NULL;
        enum err e = add_entry(conf, &keys[i], keys[i].name, &entry);
        if (e == ERR_OK && !is_open_section(&keys[i])) {
            e = conf_value_parse(&entry->value, &keys[i], keys[i].preset, NULL);
            assert(e != ERR_INVALID && "a default of the table is not valid");
        }
        if (e != ERR_OK) {
            return e;
        }
    }
    *out = conf;
    conf = NULL;
    return ERR_OK;
}

static struct entry *entry_find(const struct conf *conf, const char *name)
{
    for (size_t i = 0; i < conf->entry_count; i++) {
        bool pattern = i < conf->key_count && is_open_section(&conf->keys[i]);
        if (!pattern && strcmp(conf->entries[i].name, name) == 0) {
            return &conf->entries[i];
        }
    }
    return NULL;
}

static bool is_plain_word(const char *text)
{
    if (*text == '\0' || strlen(text) > LIMIT_LABEL) {
        return false;
    }
    for (; *text != '\0'; text++) {
        bool plain = (*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z') ||
                     (*text >= '0' && *text <= '9') || *text == '-' || *text == '_';
        if (!plain) {
            return false;
        }
    }
    return true;
}

// The entry for a name that may be new in a "section.*".
static enum err entry_for(struct conf *conf, const char *name, struct entry **out, struct why *why)
{
    *out = entry_find(conf, name);
    if (*out != NULL) {
        return ERR_OK;
    }
    const char *dot = strchr(name, '.');
    for (size_t i = 0; dot != NULL && i < conf->key_count; i++) {
        const struct conf_key *key = &conf->keys[i];
        size_t section = (size_t)(dot - name) + 1;
        if (!is_open_section(key) || strncmp(key->name, name, section) != 0) {
            continue;
        }
        if (!is_plain_word(dot + 1)) {
            return why_set(why, ERR_INVALID,
                           "%.80s: a name here has letters, digits, '-' and '_' only", name);
        }
        return add_entry(conf, key, name, out);
    }
    return why_set(why, ERR_INVALID, "%.80s: unknown key; `sslauto config show` lists them all",
                   name);
}

static enum err entry_assign(struct entry *entry, const char *value, const char *where,
                             struct why *why)
{
    bool more = entry->key->type == CONF_LIST && entry->where != NULL;
    enum err e = more ? conf_value_append(&entry->value, entry->key, value, why)
                      : conf_value_parse(&entry->value, entry->key, value, why);
    if (e != ERR_OK) {
        why_prefix(why, "%s", entry->name);
        return e;
    }
    char *copy = strdup(where);
    if (copy == NULL) {
        return ERR_NOMEM;
    }
    free(entry->where);
    entry->where = copy;
    return ERR_OK;
}

enum err conf_set(struct conf *conf, const char *name, const char *value, const char *where,
                  struct why *why)
{
    struct entry *entry = NULL;
    enum err e = entry_for(conf, name, &entry, why);
    if (e != ERR_OK) {
        return e;
    }
    free(entry->where);
    entry->where = NULL;
    return entry_assign(entry, value, where, why);
}

// -- reading
// ---------------------------------------------------------------------------------------
struct reader {
    struct conf *conf;
    FILE *stream;
    const char *name;
    conf_report *report;
    void *ctx;
    struct why *why;
    unsigned line;
    size_t complaints;
    bool oversize; // past LIMIT_CONF_FILE
    size_t bytes;
    enum err failed; // our own failure: ends the reading
};

static void complain(struct reader *reader, unsigned line, const char *words)
{
    struct why one = {""};
    (void)why_set(&one, ERR_INVALID, "%s:%u: %.400s", reader->name, line, words);
    if (reader->complaints == 0 && reader->why != NULL) {
        *reader->why = one;
    }
    if (reader->report != NULL && reader->complaints < LIMIT_CONF_COMPLAINTS) {
        reader->report(reader->ctx, one.text);
    }
    reader->complaints++;
}

// ini_reader: gives the parser one whole line, so that it can neither cut nor join lines.
static char *read_line(char *line, int size, void *ctx)
{
    struct reader *reader = ctx;
    int c = 0;
    int len = 0;
    bool too_long = false;
    bool bad_byte = false;
    while (reader->failed == ERR_OK && (c = getc(reader->stream)) != EOF && c != '\n') {
        if (len < size - 2) {
            line[len++] = (char)c;
        } else {
            too_long = true;
        }
        bad_byte = bad_byte || (c < ' ' && c != '\t' && c != '\r') || c == 0x7f;
        reader->oversize = ++reader->bytes > LIMIT_CONF_FILE;
        if (reader->oversize) {
            complain(reader, reader->line + 1, "the file is larger than 1 MiB");
            reader->failed = ERR_INVALID;
        }
    }
    if (reader->failed != ERR_OK || (c == EOF && len == 0)) {
        return NULL;
    }
    reader->line++;
    line[len] = '\0';
    if (bad_byte || too_long) {
        char words[96];
        (void)snprintf(words, sizeof words,
                       too_long ? "line longer than %d bytes; give lists in several lines"
                                : "a control character is in the line",
                       size - 2);
        complain(reader, reader->line, words);
        line[0] = '\0';
    }
    // White space in front would make it the continuation of the line before.
    size_t blank = strspn(line, " \t");
    memmove(line, line + blank, strlen(line) - blank + 1);
    return line;
}

// ini_handler: 1 = go on; complaints are ours.
static int take_value(void *ctx, const char *section, const char *key, const char *value)
{
    struct reader *reader = ctx;
    char name[LIMIT_CONF_LINE];
    char where[LIMIT_CONF_LINE];
    (void)snprintf(name, sizeof name, "%s.%s", section, key);
    (void)snprintf(where, sizeof where, "%s:%u", reader->name, reader->line);
    struct entry *entry = NULL;
    struct why why = {""};
    enum err e = section[0] == '\0'
                     ? why_set(&why, ERR_INVALID, "%.80s: no [section] stands before this key", key)
                     : entry_for(reader->conf, name, &entry, &why);
    if (e == ERR_OK && entry->where != NULL && entry->key->type != CONF_LIST) {
        e = why_set(&why, ERR_INVALID, "%s: given twice, first at %.200s", name, entry->where);
    }
    if (e == ERR_OK) {
        e = entry_assign(entry, value, where, &why);
    }
    if (e == ERR_NOMEM) {
        reader->failed = e;
    } else if (e != ERR_OK) {
        complain(reader, reader->line, why_text(&why, e));
    }
    return 1;
}

enum err conf_read(struct conf *conf, FILE *stream, const char *name, conf_report *report,
                   void *ctx, struct why *why)
{
    struct reader reader = {
        .conf = conf, .stream = stream, .name = name, .report = report, .ctx = ctx, .why = why};
    int bad_line = ini_parse_stream(read_line, &reader, take_value, &reader);
    if (ferror(stream)) {
        char text[128];
        int errnum = errno;
        return why_set(why, ERR_IO, "%s: cannot be read: %s; %s", name,
                       strerror_r(errnum, text, sizeof text), err_file_remedy(errnum));
    }
    if (bad_line > 0) {
        complain(&reader, (unsigned)bad_line,
                 "neither \"key = value\" nor \"[section]\" nor \"# comment\"");
    }
    if (reader.failed == ERR_NOMEM || bad_line < 0) {
        return ERR_NOMEM;
    }
    return reader.complaints > 0 ? ERR_INVALID : ERR_OK;
}

enum err conf_read_file(struct conf *conf, const char *path, conf_report *report, void *ctx,
                        struct why *why)
{
    FILE *stream = fopen(path, "re");
    if (stream == NULL) {
        char text[128];
        int errnum = errno;
        return why_set(why, err_from_errno(errnum), "%s: cannot be opened: %s; %s", path,
                       strerror_r(errnum, text, sizeof text), err_file_remedy(errnum));
    }
    enum err e = conf_read(conf, stream, path, report, ctx, why);
    (void)fclose(stream);
    return e;
}

// -- typed reads
// -------------------------------------------------------------------------------------
static const struct conf_value *value_of(const struct conf *conf, const char *name, unsigned types)
{
    const struct entry *entry = entry_find(conf, name);
    assert(entry != NULL && "no such key in the table");
    assert((types & (1U << entry->key->type)) != 0 && "the key has another type");
    return &entry->value;
}

bool conf_bool(const struct conf *conf, const char *name)
{
    return value_of(conf, name, 1U << CONF_BOOL)->number != 0;
}

int64_t conf_int(const struct conf *conf, const char *name)
{
    return value_of(conf, name, 1U << CONF_INT | 1U << CONF_DURATION | 1U << CONF_SIZE)->number;
}

double conf_double(const struct conf *conf, const char *name)
{
    return value_of(conf, name, 1U << CONF_DOUBLE)->real;
}

const char *conf_text(const struct conf *conf, const char *name)
{
    const struct conf_value *value =
        value_of(conf, name, 1U << CONF_TEXT | 1U << CONF_PATH | 1U << CONF_WORD);
    return value->text[0] == '\0' ? NULL : value->text;
}

const char *const *conf_list(const struct conf *conf, const char *name, size_t *count)
{
    const struct conf_value *value = value_of(conf, name, 1U << CONF_LIST);
    *count = value->item_count;
    return (const char *const *)value->items;
}

static enum err report_entry(const struct entry *entry,
                             enum err (*each)(void *ctx, const struct conf_entry *), void *ctx)
{
    struct conf_entry seen = {
        .key = entry->key,
        .name = entry->name,
        .value = entry->value.text == NULL ? "" : entry->value.text,
        .where = entry->where == NULL ? "default" : entry->where,
    };
    return each(ctx, &seen);
}

enum err conf_each(const struct conf *conf, enum err (*each)(void *ctx, const struct conf_entry *),
                   void *ctx)
{
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < conf->key_count; i++) {
        if (!is_open_section(&conf->keys[i])) {
            e = report_entry(&conf->entries[i], each, ctx);
            continue;
        }
        bool any = false;
        for (size_t j = conf->key_count; e == ERR_OK && j < conf->entry_count; j++) {
            if (conf->entries[j].key == &conf->keys[i]) {
                e = report_entry(&conf->entries[j], each, ctx);
                any = true;
            }
        }
        e = any ? e : report_entry(&conf->entries[i], each, ctx);
    }
    return e;
}
