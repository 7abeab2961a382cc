// SPDX-License-Identifier: Apache-2.0
// The driver that lets a program of the operator be the hands. What is said between the two:
// edge/exec/README.md.
#include <stdlib.h>
#include <unistd.h>

#include <errno.h>

#include "edge/driver.h"
#include "edge/exec/answer.h"
#include "edge/exec/document.h"
#include "edge/exec/program.h"

#define EXIT_ZONE_UNFIT 3 // the program's word for "not this zone, not here"

struct exec {
    struct edge edge;
    const struct edge_settings *settings; // lent by edge_open
    const char **argv;                    // owned array of lent strings, NULL at the end
};

static enum err exec_check(const struct edge_settings *settings, struct why *why)
{
    const char *program = settings->place_count == 0 ? "" : settings->places[0];
    if (program[0] != '/') {
        return why_set(why, ERR_INVALID,
                       "edge %s: exec needs a program as an absolute path, then its arguments",
                       settings->name);
    }
    if (settings->timeout_ms <= 0) {
        return why_set(why, ERR_INVALID, "edge %s: a program needs a time limit", settings->name);
    }
    if (access(program, X_OK) != 0) {
        char text[128];
        return why_set(why, ERR_INVALID, "edge %s: %.200s cannot be run: %s", settings->name,
                       program, strerror_r(errno, text, sizeof text));
    }
    return ERR_OK;
}

// -- one call ------------------------------------------------------------------------------------
struct feeder {
    const struct document *document;       // NULL once it was told
    const struct zone *(*next)(void *ctx); // NULL = nothing follows the document
    void *ctx;
};

static enum err feed(void *ctx, struct buf *out)
{
    struct feeder *feeder = ctx;
    if (feeder->document != NULL) {
        const struct document *document = feeder->document;
        feeder->document = NULL;
        return document_print(out, document);
    }
    const struct zone *zone = feeder->next == NULL ? NULL : feeder->next(feeder->ctx);
    return zone == NULL ? ERR_OK : document_print_zone(out, zone);
}

// What became of it, in words; ERR_OK when it exited with 0.
static enum err judge(const struct program_end *end, int64_t timeout_ms, struct why *why)
{
    const char *colon = end->words[0] == '\0' ? "" : ": ";
    if (end->flooded) {
        return why_set(why, ERR_CORRUPT, "answered more than %zu bytes", LIMIT_EDGE_ANSWER);
    }
    if (end->timed_out) {
        return why_set(why, ERR_UNAVAILABLE, "took longer than %lld ms and was ended%s%s",
                       (long long)timeout_ms, colon, end->words);
    }
    if (end->signal != 0) {
        return why_set(why, ERR_UNAVAILABLE, "was ended by signal %d%s%s", end->signal, colon,
                       end->words);
    }
    if (end->exit_code == EXIT_ZONE_UNFIT) {
        return why_set(why, ERR_INVALID, "does not serve this zone%s%s", colon, end->words);
    }
    if (end->exit_code != 0) {
        return why_set(why, ERR_UNAVAILABLE, "exit code %d%s%s", end->exit_code, colon, end->words);
    }
    return ERR_OK;
}

static enum err run_program(const struct exec *exec, struct feeder *feeder, const char *call,
                            struct program_end *end, struct why *why)
{
    char call_is[64];
    char edge_is[64];
    (void)snprintf(call_is, sizeof call_is, "SSLAUTO_CALL=%s", call);
    (void)snprintf(edge_is, sizeof edge_is, "SSLAUTO_EDGE=%s", exec->settings->name);
    const char *const environment[] = {
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "LC_ALL=C",
        call_is,
        edge_is,
        NULL,
    };
    const struct program_call run = {
        .argv = exec->argv,
        .environment = environment,
        .timeout_ms = exec->settings->timeout_ms,
        .feed = feed,
        .ctx = feeder,
        .answer_max = LIMIT_EDGE_ANSWER,
    };
    enum err e = program_run(end, &run, why);
    if (e == ERR_LIMIT) {
        return why_set(why, ERR_INVALID, "the zone is too large to be told to a program");
    }
    return e == ERR_OK ? judge(end, run.timeout_ms, why) : e;
}

static enum err name_it(const struct exec *exec, const char *call, enum err e, struct why *why)
{
    if (e != ERR_OK && e != ERR_NOMEM) {
        why_prefix(why, "edge %s: %.160s %s", exec->settings->name, exec->argv[0], call);
    }
    return e;
}

// The call `document->call`; the answer is left in `end`, to be released.
static enum err ask(const struct exec *exec, struct document *document, struct program_end *end,
                    struct why *why)
{
    struct feeder feeder = {.document = document};
    document->edge = exec->settings->name;
    enum err e = run_program(exec, &feeder, document->call, end, why);
    return name_it(exec, document->call, e, why);
}

static enum err ask_alone(const struct exec *exec, struct document *document, struct why *why)
{
    OWN(program_end_done) struct program_end end = {0};
    return ask(exec, document, &end, why);
}

// -- the driver ----------------------------------------------------------------------------------
static void exec_close(struct edge *edge)
{
    struct exec *exec = (struct exec *)edge;
    free(exec->argv);
    free(exec);
}

static enum err exec_open(struct edge **out, const struct edge_settings *settings, struct why *why)
{
    struct exec *exec = calloc(1, sizeof *exec);
    if (exec == NULL) {
        return ERR_NOMEM;
    }
    exec->settings = settings;
    exec->argv = calloc(settings->place_count + 1, sizeof *exec->argv);
    enum err e = exec->argv == NULL ? ERR_NOMEM : ERR_OK;
    if (e == ERR_OK) {
        OWN(program_end_done) struct program_end end = {0};
        memcpy(exec->argv, settings->places, settings->place_count * sizeof *exec->argv);
        struct document document = {.call = "capabilities"};
        e = ask(exec, &document, &end, why);
        if (e == ERR_OK) {
            e = answer_capabilities(&exec->edge.capabilities, buf_span(&end.answer), why);
            e = name_it(exec, document.call, e, why);
        }
    }
    if (e != ERR_OK) {
        exec_close(&exec->edge);
        return e;
    }
    *out = &exec->edge;
    return ERR_OK;
}

static enum err exec_apply(struct edge *edge, const struct edge_want *want, struct why *why)
{
    struct document document = {.call = "apply", .zone = want->zone, .want = want};
    return ask_alone((struct exec *)edge, &document, why);
}

static enum err exec_read(struct edge *edge, const struct zone *zone, struct edge_seen *out,
                          size_t *count, struct why *why)
{
    const struct exec *exec = (struct exec *)edge;
    OWN(program_end_done) struct program_end end = {0};
    struct document document = {.call = "read", .zone = zone};
    enum err e = ask(exec, &document, &end, why);
    return e == ERR_OK ? name_it(exec, document.call,
                                 answer_seen(out, count, buf_span(&end.answer), why), why)
                       : e;
}

static enum err exec_counters(struct edge *edge, const struct zone *zone, int64_t generation,
                              struct edge_counted *out, size_t *count, struct why *why)
{
    const struct exec *exec = (struct exec *)edge;
    OWN(program_end_done) struct program_end end = {0};
    struct document document = {.call = "counters", .zone = zone, .generation = &generation};
    enum err e = ask(exec, &document, &end, why);
    return e == ERR_OK ? name_it(exec, document.call,
                                 answer_counted(out, count, buf_span(&end.answer), why), why)
                       : e;
}

static enum err exec_probe(struct edge *edge, const struct zone *zone, enum cohort cohort,
                           struct edge_probe *out, struct why *why)
{
    const struct exec *exec = (struct exec *)edge;
    OWN(program_end_done) struct program_end end = {0};
    struct document document = {.call = "probe", .zone = zone, .cohort = cohort_str(cohort)};
    enum err e = ask(exec, &document, &end, why);
    return e == ERR_OK
               ? name_it(exec, document.call, answer_probe(out, buf_span(&end.answer), why), why)
               : e;
}

static enum err exec_stop_all(struct edge *edge, size_t *count, struct why *why)
{
    const struct exec *exec = (struct exec *)edge;
    OWN(program_end_done) struct program_end end = {0};
    struct document document = {.call = "stop_all"};
    enum err e = ask(exec, &document, &end, why);
    return e == ERR_OK ? name_it(exec, document.call,
                                 answer_stopped(count, buf_span(&end.answer), why), why)
                       : e;
}

static enum err exec_forget(struct edge *edge, const struct zone *zone, int64_t generation,
                            struct why *why)
{
    struct document document = {.call = "forget", .zone = zone, .generation = &generation};
    return ask_alone((struct exec *)edge, &document, why);
}

static enum err exec_resync(struct edge *edge, const struct zone *(*next)(void *ctx), void *ctx,
                            bool overwrite, struct why *why)
{
    const struct exec *exec = (struct exec *)edge;
    OWN(program_end_done) struct program_end end = {0};
    struct document document = {
        .call = "resync", .edge = exec->settings->name, .overwrite = &overwrite};
    struct feeder feeder = {.document = &document, .next = next, .ctx = ctx};
    enum err e = run_program(exec, &feeder, document.call, &end, why);
    if (e == ERR_OK && end.unread) {
        e = why_set(why, ERR_UNAVAILABLE, "ended before it had read all zones");
    }
    e = e == ERR_OK ? answer_resynced(exec->settings->name, buf_span(&end.answer), why) : e;
    return name_it(exec, document.call, e, why);
}

const struct edge_driver edge_exec = {
    .name = "exec",
    .check = exec_check,
    .open = exec_open,
    .close = exec_close,
    .apply = exec_apply,
    .read = exec_read,
    .counters = exec_counters,
    .probe = exec_probe,
    .stop_all = exec_stop_all,
    .forget = exec_forget,
    .resync = exec_resync,
};
