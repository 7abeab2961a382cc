// SPDX-License-Identifier: Apache-2.0
// What the tables of conf_schema.c cannot say about [rollout] and [edge]: lists, fleets, the
// secret.
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/settings.h"
#include "core/num.h"

#define SECRET_MIN ((size_t)16)
#define SECRET_MAX ((size_t)128)

struct found {
    const char *key;
    const char *where;
};

static enum err find_where(void *ctx, const struct conf_entry *entry)
{
    struct found *found = ctx;
    if (strcmp(entry->name, found->key) == 0) {
        found->where = entry->where;
    }
    return ERR_OK;
}

// "FILE:LINE: KEY: " before the words.
static enum err blame(const struct settings *settings, const char *key, enum err e, struct why *why)
{
    struct found found = {key, "default"};
    if (e != ERR_OK && conf_each(settings->conf, find_where, &found) == ERR_OK) {
        why_prefix(why, "%.200s: %s", found.where, key);
    }
    return e;
}

// -- [rollout] -----------------------------------------------------------------------------------
// "1", "2.5", "100": percent, in basis points.
static enum err parse_share(int *out, const char *text, struct why *why)
{
    double percent = 0;
    if (num_parse_double(&percent, span_of(text), 0.01, 100) != ERR_OK ||
        fabs(percent * 100 - nearbyint(percent * 100)) > 1e-6) {
        return why_set(why, ERR_INVALID,
                       "\"%.40s\" is no share; allowed: 0.01 to 100 percent, two decimals", text);
    }
    *out = (int)lround(percent * 100);
    return ERR_OK;
}

static enum err parse_steps(int out[LIMIT_ROLLOUT_STEPS], size_t *count, const char *const *items,
                            size_t item_count, struct why *why)
{
    int steps[LIMIT_ROLLOUT_STEPS] = {0};
    if (item_count == 0 || item_count > LIMIT_ROLLOUT_STEPS) {
        return why_set(why, ERR_INVALID, "%zu steps; allowed: 1 to %zu", item_count,
                       LIMIT_ROLLOUT_STEPS);
    }
    for (size_t i = 0; i < item_count; i++) {
        enum err e = parse_share(&steps[i], items[i], why);
        if (e != ERR_OK) {
            return e;
        }
        if (i > 0 && steps[i] <= steps[i - 1]) {
            return why_set(why, ERR_INVALID, "%.40s does not rise above %.40s before it", items[i],
                           items[i - 1]);
        }
    }
    if (steps[item_count - 1] != SHARE_ALL_BP) {
        return why_set(why, ERR_INVALID, "the last step is %.40s percent, not 100",
                       items[item_count - 1]);
    }
    memcpy(out, steps, sizeof steps);
    *count = item_count;
    return ERR_OK;
}

static enum err take_steps(const struct settings *settings, const char *key,
                           int out[LIMIT_ROLLOUT_STEPS], size_t *count, struct why *why)
{
    size_t item_count = 0;
    const char *const *items = conf_list(settings->conf, key, &item_count);
    return blame(settings, key, parse_steps(out, count, items, item_count, why), why);
}

static enum err take_cooldown(const struct settings *settings, struct rollout_policy *policy,
                              struct why *why)
{
    static const char key[] = "rollout.cooldown";
    const int64_t ms_s = 1000;
    const int64_t ms_max = 365 * 86400 * ms_s;
    size_t count = 0;
    const char *const *items = conf_list(settings->conf, key, &count);
    if (count != COUNT_OF(policy->cooldown_s)) {
        return blame(settings, key,
                     why_set(why, ERR_INVALID, "%zu times; allowed: four, as 1d 3d 7d 30d", count),
                     why);
    }
    for (size_t i = 0; i < count; i++) {
        int64_t ms = 0;
        if (num_parse_duration_ms(&ms, span_of(items[i])) != ERR_OK || ms > ms_max) {
            return blame(settings, key,
                         why_set(why, ERR_INVALID,
                                 "\"%.40s\" is not valid here; allowed: 0 to 365d, written as 20s "
                                 "5m 12h 30d",
                                 items[i]),
                         why);
        }
        policy->cooldown_s[i] = ms / ms_s;
    }
    return ERR_OK;
}

static enum err take_freezes(const struct settings *settings, struct controller_policy *policy,
                             struct why *why)
{
    static const char key[] = "rollout.freeze";
    struct span rest = span_of(conf_text(settings->conf, key));
    policy->freeze_count = 0;
    while (rest.len > 0) {
        struct span window = span_trim(span_cut(&rest, ','));
        if (policy->freeze_count == LIMIT_FREEZE_WINDOWS) {
            return blame(settings, key,
                         why_set(why, ERR_INVALID, "more than %zu windows", LIMIT_FREEZE_WINDOWS),
                         why);
        }
        enum err e = freeze_parse(&policy->freezes[policy->freeze_count], window, why);
        if (e != ERR_OK) {
            return blame(settings, key, e, why);
        }
        policy->freeze_count++;
    }
    return ERR_OK;
}

enum err settings_assemble_rollout(struct settings *settings, struct why *why)
{
    struct controller_policy *controller = &settings->controller;
    struct rollout_policy *policy = &controller->rollout;
    enum err e = take_steps(settings, "rollout.steps", policy->steps_bp, &policy->step_count, why);
    e = e == ERR_OK ? take_steps(settings, "rollout.slow_steps", policy->slow_steps_bp,
                                 &policy->slow_step_count, why)
                    : e;
    e = e == ERR_OK ? take_cooldown(settings, policy, why) : e;
    e = e == ERR_OK ? take_freezes(settings, controller, why) : e;
    if (e == ERR_OK) {
        e = rollout_policy_check(policy, why);
        if (e != ERR_OK) {
            why_prefix(why, "%.200s: [rollout]", settings->file == NULL ? "" : settings->file);
        }
    }
    return e;
}

// -- [edge] --------------------------------------------------------------------------------------
struct edges {
    struct settings *settings;
    struct why *why;
};

static enum err add_edge(void *ctx, const struct conf_entry *entry)
{
    struct edges *edges = ctx;
    struct settings *settings = edges->settings;
    const char *name = entry->name + strlen("edge.");
    if (strncmp(entry->name, "edge.", strlen("edge.")) != 0 || strcmp(name, "*") == 0) {
        return ERR_OK;
    }
    size_t count = 0;
    const char *const *items = conf_list(settings->conf, entry->name, &count);
    if (count == 0) {
        return why_set(edges->why, ERR_INVALID,
                       "%.200s: %s: no driver; write it as NAME = DRIVER PLACE...", entry->where,
                       entry->name);
    }
    if (strcmp(name, "dryrun") == 0) {
        return why_set(edges->why, ERR_INVALID,
                       "%.200s: %s: this fleet is always there; give yours another name",
                       entry->where, entry->name);
    }
    if (settings->edge_count == COUNT_OF(settings->edges)) {
        return why_set(edges->why, ERR_INVALID, "%.200s: %s: more than %zu fleets", entry->where,
                       entry->name, LIMIT_EDGES - 1);
    }
    bool haproxy = strcmp(items[0], "haproxy") == 0;
    struct edge_settings *edge = &settings->edges[settings->edge_count++];
    *edge = haproxy ? settings->haproxy : (struct edge_settings){0};
    edge->name = name;
    edge->driver = items[0];
    edge->places = items + 1;
    edge->place_count = count - 1;
    edge->timeout_ms = haproxy ? edge->timeout_ms : settings->exec_timeout_ms;
    return ERR_OK;
}

enum err settings_assemble_edges(struct settings *settings, struct why *why)
{
    struct edges edges = {settings, why};
    settings->haproxy.probe_secret = settings->probe_secret;
    settings->edges[0] = (struct edge_settings){.name = "dryrun", .driver = "dryrun"};
    settings->edge_count = 1;
    return conf_each(settings->conf, add_edge, &edges);
}

const struct edge_settings *settings_edge(const struct settings *settings, const char *name)
{
    for (size_t i = 0; i < settings->edge_count; i++) {
        if (strcmp(settings->edges[i].name, name) == 0) {
            return &settings->edges[i];
        }
    }
    return NULL;
}

// -- the secret ----------------------------------------------------------------------------------
static enum err read_secret(char text[SECRET_MAX + 3], const char *path, struct why *why)
{
    struct stat seen;
    char words[128];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        int errnum = errno;
        return why_set(why, err_from_errno(errnum), "%.200s cannot be opened: %s; %s", path,
                       strerror_r(errnum, words, sizeof words), err_file_remedy(errnum));
    }
    ssize_t len = read(fd, text, SECRET_MAX + 2);
    bool open_to_all = fstat(fd, &seen) == 0 && (seen.st_mode & S_IRWXO) != 0;
    (void)close(fd);
    if (len < 0) {
        return why_set(why, ERR_IO, "%.200s cannot be read", path);
    }
    if (open_to_all) {
        return why_set(why, ERR_DENIED, "%.200s is open to everybody; chmod o= it", path);
    }
    text[len] = '\0';
    return ERR_OK;
}

static bool is_secret(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '-' || c == '_';
        if (!plain) {
            return false;
        }
    }
    return text.len >= SECRET_MIN && text.len <= SECRET_MAX;
}

enum err settings_read_secret(struct settings *settings, struct why *why)
{
    static const char key[] = "haproxy.probe_secret_file";
    const char *path = conf_text(settings->conf, key);
    char text[SECRET_MAX + 3];
    if (path == NULL) {
        return ERR_OK;
    }
    enum err e = read_secret(text, path, why);
    struct span secret = {NULL, 0};
    if (e == ERR_OK) {
        secret = span_trim(span_of(text));
        if (!is_secret(secret)) {
            e = why_set(why, ERR_INVALID,
                        "%.200s does not hold 16 to 128 letters, digits, '-' and '_', and nothing "
                        "else",
                        path);
        }
    }
    if (e != ERR_OK) {
        return blame(settings, key, e, why);
    }
    char *copy = strndup(secret.at, secret.len);
    if (copy == NULL) {
        return ERR_NOMEM;
    }
    free(settings->probe_secret);
    settings->probe_secret = copy;
    return settings_assemble_edges(settings, why);
}
