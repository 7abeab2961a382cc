// SPDX-License-Identifier: Apache-2.0
#include "cli/args.h"

#include <getopt.h>
#include <stdint.h>
#include <stdlib.h>

#include "core/span.h"

void args_done(struct args *args)
{
    free(args->values);
    *args = (struct args){0};
}

// The options that getopt_long(3) is told of, and the rows they stand for.
struct option_set {
    struct option longs[ARGS_MAX_OPTIONS + 1];
    const struct option_row *rows[ARGS_MAX_OPTIONS];
    char letters[2 * ARGS_MAX_OPTIONS + 3];
    size_t count;
};

static void add_rows(struct option_set *set, const struct option_row *rows, size_t count)
{
    size_t letter = strlen(set->letters);
    for (size_t i = 0; i < count && set->count < ARGS_MAX_OPTIONS; i++) {
        set->longs[set->count] = (struct option){
            .name = rows[i].name,
            .has_arg = rows[i].value == NULL ? no_argument : required_argument,
            .val = 256 + (int)set->count,
        };
        set->rows[set->count++] = &rows[i];
        if (rows[i].letter != 0) {
            set->letters[letter++] = rows[i].letter;
            if (rows[i].value != NULL) {
                set->letters[letter++] = ':';
            }
        }
    }
}

static const struct option_row *row_of(const struct option_set *set, int got)
{
    if (got >= 256) {
        return set->rows[got - 256];
    }
    for (size_t i = 0; i < set->count; i++) {
        if (set->rows[i]->letter != 0 && set->rows[i]->letter == got) {
            return set->rows[i];
        }
    }
    return NULL;
}

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;
    return least < c ? least : c;
}

#define WORD_MAX 32 // longer ones are not guessed at

// Letters to change, add, leave out or swap with their neighbour ("optimal string alignment").
static size_t distance(const char *a, const char *b)
{
    size_t rows[3][WORD_MAX + 1];
    size_t a_len = strlen(a);
    size_t b_len = strlen(b);
    if (a_len > WORD_MAX || b_len > WORD_MAX) {
        return SIZE_MAX;
    }
    for (size_t j = 0; j <= b_len; j++) {
        rows[0][j] = j;
    }
    for (size_t i = 1; i <= a_len; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i + 2) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            row[j] = min3(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                size_t swapped = rows[(i + 1) % 3][j - 2] + 1;
                row[j] = swapped < row[j] ? swapped : row[j];
            }
        }
    }
    return rows[a_len % 3][b_len];
}

const char *suggest(const char *word, const char *const *words, size_t count)
{
    size_t best = strlen(word) <= 4 ? 2 : 3; // as far as that is another word
    const char *found = NULL;
    for (size_t i = 0; i < count; i++) {
        size_t d = distance(word, words[i]);
        if (d < best) {
            best = d;
            found = words[i];
        }
    }
    return found;
}

static enum err unknown_option(const struct option_set *set, const char *given, struct why *why)
{
    const char *names[ARGS_MAX_OPTIONS];
    for (size_t i = 0; i < set->count; i++) {
        names[i] = set->rows[i]->name;
    }
    char word[64];
    (void)snprintf(word, sizeof word, "%s", given + strspn(given, "-"));
    word[strcspn(word, "=")] = '\0';
    const char *close = strncmp(given, "--", 2) == 0 ? suggest(word, names, set->count) : NULL;
    return why_set(why, ERR_INVALID, "unknown option %.60s%s%s%s", given,
                   close == NULL ? "" : "; did you mean --", close == NULL ? "" : close,
                   close == NULL ? "" : "?");
}

static bool word_allowed(const struct option_row *row, const char *value)
{
    struct span rest = span_of(row->words);
    while (rest.len > 0) {
        if (span_equal(span_cut(&rest, '|'), span_of(value))) {
            return true;
        }
    }
    return row->words == NULL;
}

static enum err take_option(struct args *args, const struct option_row *row, const char *value,
                            struct why *why)
{
    if (value != NULL && !word_allowed(row, value)) {
        return why_set(why, ERR_INVALID, "--%s takes one of %s, not \"%.60s\"", row->name,
                       row->words, value);
    }
    if (!row->repeat && row->value != NULL && args_text(args, row->name) != NULL) {
        return why_set(why, ERR_INVALID, "--%s is given twice", row->name);
    }
    struct arg_value *more =
        reallocarray(args->values, args->value_count + 1, sizeof *args->values);
    if (more == NULL) {
        return ERR_NOMEM;
    }
    args->values = more;
    more[args->value_count++] = (struct arg_value){row, value};
    return ERR_OK;
}

// Takes options from argv[1] on; *used is the index of the first word that is none. With
// `permute` operands may stand between options and end up behind them.
static enum err take_options(struct args *args, const struct command *command, int argc,
                             char **argv, int *used, struct why *why)
{
    size_t count = 0;
    const struct option_row *globals = cli_global_options(&count);
    struct option_set set = {0};
    // '+': stop at the first operand, ':': tell a missing value from an unknown option
    (void)snprintf(set.letters, sizeof set.letters, "%s", command == NULL ? "+:" : ":");
    add_rows(&set, globals, count);
    if (command != NULL) {
        add_rows(&set, command->options, command->option_count);
    }
    optind = 0; // GNU: start over
    opterr = 0;
    int got = 0;
    while ((got = getopt_long(argc, argv, set.letters, set.longs, NULL)) != -1) {
        const char *given = optind > 0 && optind <= argc ? argv[optind - 1] : "";
        const struct option_row *row = row_of(&set, got);
        if (got == ':') {
            return why_set(why, ERR_INVALID, "%.60s needs a value", given);
        }
        if (row == NULL) {
            return unknown_option(&set, given, why);
        }
        enum err e = take_option(args, row, row->value == NULL ? NULL : optarg, why);
        if (e != ERR_OK) {
            return e;
        }
    }
    *used = optind;
    return ERR_OK;
}

static bool first_word_is(const struct command *command, const char *word)
{
    size_t len = strcspn(command->words, " ");
    return strlen(word) == len && strncmp(command->words, word, len) == 0;
}

static const char *second_word(const struct command *command)
{
    const char *space = strchr(command->words, ' ');
    return space == NULL ? NULL : space + 1;
}

static enum err unknown_command(const char *group, const char *given, struct why *why)
{
    size_t count = 0;
    const struct command *all = cli_commands(&count);
    const char *names[128];
    char firsts[128][32];
    size_t n = 0;
    for (size_t i = 0; i < count && n < COUNT_OF(names); i++) {
        if (group == NULL) {
            (void)snprintf(firsts[n], sizeof firsts[n], "%.*s", (int)strcspn(all[i].words, " "),
                           all[i].words);
            names[n] = firsts[n];
            n++;
        } else if (first_word_is(&all[i], group)) {
            names[n++] = second_word(&all[i]);
        }
    }
    const char *close = suggest(given, names, n);
    return why_set(why, ERR_INVALID, "unknown command \"%s%s%.60s\"%s%s%s",
                   group == NULL ? "" : group, group == NULL ? "" : " ", given,
                   close == NULL ? "" : "; did you mean ", close == NULL ? "" : close,
                   close == NULL ? "" : "?");
}

// Finds the command that argv begins with, taking global options on the way. *used: how many
// words of argv were read.
static enum err take_command(struct args *args, int argc, char **argv, int *used, struct why *why)
{
    size_t count = 0;
    const struct command *all = cli_commands(&count);
    enum err e = take_options(args, NULL, argc, argv, used, why);
    if (e != ERR_OK || *used >= argc) {
        return e;
    }
    const char *first = argv[*used];
    for (size_t i = 0; i < count; i++) {
        if (!first_word_is(&all[i], first)) {
            continue;
        }
        if (second_word(&all[i]) == NULL) {
            args->command = &all[i];
            return ERR_OK;
        }
        args->group = all[i].words;
    }
    if (args->group == NULL) {
        return unknown_command(NULL, first, why);
    }
    args->group = first;
    int more = 0;
    e = take_options(args, NULL, argc - *used, argv + *used, &more, why);
    *used += more;
    if (e != ERR_OK || *used >= argc) {
        return e;
    }
    for (size_t i = 0; i < count; i++) {
        if (first_word_is(&all[i], first) && strcmp(second_word(&all[i]), argv[*used]) == 0) {
            args->command = &all[i];
            return ERR_OK;
        }
    }
    return unknown_command(first, argv[*used], why);
}

enum err args_parse(struct args *out, int argc, char **argv, struct why *why)
{
    *out = (struct args){0};
    int used = 0;
    enum err e = take_command(out, argc, argv, &used, why);
    if (e != ERR_OK || out->command == NULL) {
        return e;
    }
    argc -= used;
    argv += used;
    e = take_options(out, out->command, argc, argv, &used, why);
    if (e != ERR_OK || args_flag(out, "help")) {
        return e;
    }
    out->operands = argv + used;
    out->operand_count = (size_t)(argc - used);
    if (out->operand_count < (size_t)out->command->operands_min) {
        return why_set(why, ERR_INVALID, "%s is missing", out->command->operands);
    }
    if (out->command->operands_max >= 0 &&
        out->operand_count > (size_t)out->command->operands_max) {
        return why_set(why, ERR_INVALID, "\"%.60s\" is one word too many",
                       out->operands[out->command->operands_max]);
    }
    return ERR_OK;
}

bool args_flag(const struct args *args, const char *name)
{
    for (size_t i = 0; i < args->value_count; i++) {
        if (strcmp(args->values[i].row->name, name) == 0) {
            return true;
        }
    }
    return false;
}

const char *args_text(const struct args *args, const char *name)
{
    const char *last = NULL;
    for (size_t i = 0; i < args->value_count; i++) {
        if (strcmp(args->values[i].row->name, name) == 0) {
            last = args->values[i].value;
        }
    }
    return last;
}

const char *args_next(const struct args *args, const char *name, size_t *at)
{
    while (*at < args->value_count) {
        const struct arg_value *value = &args->values[(*at)++];
        if (strcmp(value->row->name, name) == 0) {
            return value->value;
        }
    }
    return NULL;
}

enum err args_joined(struct buf *out, const struct args *args, const char *name)
{
    size_t at = 0;
    const char *value = NULL;
    enum err e = ERR_OK;
    buf_clear(out);
    while (e == ERR_OK && (value = args_next(args, name, &at)) != NULL) {
        e = buf_printf(out, "%s%s", out->len > 0 ? ";" : "", value);
    }
    return e;
}
