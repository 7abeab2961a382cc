// SPDX-License-Identifier: Apache-2.0
#include "cli/settings.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/addr.h"
#include "core/buf.h"

#define CONF_DEFAULT "/etc/sslauto/sslauto.conf"
#define NO_NETWORK                                                                                 \
    "\"%.80s\" is no network; write it as 10.0.0.0/8 or fd00::/8, with no bits set behind the "    \
    "prefix"

void settings_free(struct settings *settings)
{
    if (settings == NULL) {
        return;
    }
    conf_free(settings->conf);
    free(settings->probe_secret);
    free(settings);
}

enum err settings_load(struct settings **out, const char *path, conf_report *report, void *ctx,
                       struct why *why)
{
    OWN(settings_own) struct settings *settings = calloc(1, sizeof *settings);
    if (settings == NULL) {
        return ERR_NOMEM;
    }
    size_t count = 0;
    const struct conf_key *keys = settings_keys(&count);
    enum err e = conf_new(&settings->conf, keys, count);
    if (e != ERR_OK) {
        return e;
    }
    settings->file = path == NULL ? getenv("SSLAUTO_CONFIG") : path;
    if (settings->file == NULL && access(CONF_DEFAULT, F_OK) == 0) {
        settings->file = CONF_DEFAULT;
    }
    if (settings->file != NULL) {
        e = conf_read_file(settings->conf, settings->file, report, ctx, why);
    }
    if (e == ERR_OK) {
        struct why wrong = {""};
        e = settings_assemble(settings, &wrong);
        if (e == ERR_INVALID && report != NULL) {
            report(ctx, wrong.text);
        }
        if (e != ERR_OK && why != NULL) {
            *why = wrong;
        }
    }
    if (e == ERR_OK) {
        *out = settings;
        settings = NULL;
    }
    return e;
}

enum err settings_set(struct settings *settings, const char *key, const char *value,
                      const char *option, struct why *why)
{
    enum err e = conf_set(settings->conf, key, value, option, why);
    if (e != ERR_OK) {
        why_prefix(why, "%s", option);
    }
    return e;
}

enum err settings_add_net(struct settings *settings, const char *net, struct why *why)
{
    struct cidr cidr;
    if (cidr_parse(&cidr, span_of(net)) != ERR_OK) {
        return why_set(why, ERR_INVALID, "--allow-net " NO_NETWORK, net);
    }
    struct buf joined;
    buf_init(&joined, LIMIT_CONF_FILE);
    size_t count = 0;
    const char *const *items = conf_list(settings->conf, "crawl.allow_nets", &count);
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        e = buf_printf(&joined, "%s ", items[i]);
    }
    if (e == ERR_OK) {
        e = buf_add_str(&joined, net);
    }
    if (e == ERR_OK) {
        e = settings_set(settings, "crawl.allow_nets", buf_str(&joined), "--allow-net", why);
    }
    buf_done(&joined);
    return e;
}

static void bind_value(struct settings *settings, const struct binding *binding)
{
    const struct conf *conf = settings->conf;
    void *field = (char *)settings + binding->offset;
    switch (binding->kind) {
    case BIND_UNSIGNED:
        *(unsigned *)field = (unsigned)conf_int(conf, binding->key);
        break;
    case BIND_INT:
        *(int *)field = (int)conf_int(conf, binding->key);
        break;
    case BIND_INT64:
        *(int64_t *)field = conf_int(conf, binding->key);
        break;
    case BIND_SECONDS:
        *(int64_t *)field = conf_int(conf, binding->key) / 1000;
        break;
    case BIND_SIZE:
        *(size_t *)field = (size_t)conf_int(conf, binding->key);
        break;
    case BIND_DOUBLE:
        *(double *)field = conf_double(conf, binding->key);
        break;
    case BIND_TEXT:
        *(const char **)field = conf_text(conf, binding->key);
        break;
    case BIND_TLS: {
        const char *word = conf_text(conf, binding->key);
        *(int *)field = (word[0] - '0') * 10 + (word[2] - '0');
        break;
    }
    case BIND_BOOL:
        *(bool *)field = conf_bool(conf, binding->key);
        break;
    case BIND_PORT:
        *(uint16_t *)field = (uint16_t)conf_int(conf, binding->key);
        break;
    case BIND_SHARE:
        *(int *)field = (int)lround(conf_double(conf, binding->key) * 100);
        break;
    }
}

static enum err add_trust(void *ctx, const struct conf_entry *entry)
{
    struct settings *settings = ctx;
    if (strncmp(entry->name, "trust.", 6) != 0 || entry->value[0] == '\0') {
        return ERR_OK;
    }
    if (settings->trust_count == COUNT_OF(settings->trust)) {
        return ERR_LIMIT;
    }
    settings->trust[settings->trust_count++] = (struct trust_file){entry->name + 6, entry->value};
    return ERR_OK;
}

enum err settings_assemble(struct settings *settings, struct why *why)
{
    size_t count = 0;
    const struct binding *bindings = settings_bindings(&count);
    settings->policy = pipeline_policy_default();
    settings->controller = controller_policy_default();
    settings->digest = digest_policy_default();
    settings->api = api_policy_default();
    for (size_t i = 0; i < count; i++) {
        bind_value(settings, &bindings[i]);
    }
    struct crawler_policy *crawler = &settings->policy.crawler;
    crawler->allow_nets = conf_list(settings->conf, "crawl.allow_nets", &crawler->allow_net_count);
    crawler->deny_nets = conf_list(settings->conf, "crawl.deny_nets", &crawler->deny_net_count);
    crawler->deny_hosts = conf_list(settings->conf, "crawl.deny_hosts", &crawler->deny_host_count);
    if (conf_text(settings->conf, "trust.public") == NULL) {
        return why_set(why, ERR_INVALID, "trust.public: a file must be named");
    }
    // The public set is the first row of [trust] in the table, as the crawler wants it.
    settings->trust_count = 0;
    enum err e = conf_each(settings->conf, add_trust, settings);
    if (e == ERR_LIMIT) {
        return why_set(why, e, "[trust]: more than %zu named sets", LIMIT_TRUST_SETS);
    }
    crawler->trust = settings->trust;
    crawler->trust_count = settings->trust_count;
    settings->store_url = conf_text(settings->conf, "store.url");
    if (crawler->hosts_file != NULL && strcmp(crawler->hosts_file, "/etc/hosts") == 0 &&
        access(crawler->hosts_file, R_OK) != 0) {
        crawler->hosts_file = NULL; // a system may do without; another file must be there
    }
    const char *level = conf_text(settings->conf, "log.level");
    for (unsigned i = 0; i < LOG_LEVEL_COUNT; i++) {
        if (strcmp(log_level_str((enum log_level)i), level) == 0) {
            settings->log_level = (enum log_level)i;
        }
    }
    settings->api.recommendation =
        strcmp(conf_text(settings->conf, "api.recommendation"), "mode") == 0
            ? API_RECOMMENDATION_MODE
            : API_RECOMMENDATION_AUTOMATIC;
    settings->policy.rollouts = &settings->controller;
    e = e == ERR_OK ? settings_assemble_rollout(settings, why) : e;
    e = e == ERR_OK ? settings_assemble_digest(settings, why) : e;
    return e == ERR_OK ? settings_assemble_edges(settings, why) : e;
}

bool settings_has_trust(const struct settings *settings, const char *name)
{
    for (size_t i = 0; i < settings->trust_count; i++) {
        if (strcmp(settings->trust[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

struct verify {
    const struct settings *settings;
    conf_report *report;
    void *ctx;
    struct why *why;
    size_t complaints;
};

static void complain(struct verify *verify, const struct conf_entry *entry, const char *reason)
{
    struct why one = {""};
    (void)why_set(&one, ERR_INVALID, "%.200s: %s: %.240s", entry->where, entry->name, reason);
    if (verify->complaints++ == 0 && verify->why != NULL) {
        *verify->why = one;
    }
    if (verify->report != NULL) {
        verify->report(verify->ctx, one.text);
    }
}

static void verify_networks(struct verify *verify, const struct conf_entry *entry)
{
    size_t count = 0;
    const char *const *nets = conf_list(verify->settings->conf, entry->name, &count);
    for (size_t i = 0; i < count; i++) {
        struct cidr cidr;
        if (cidr_parse(&cidr, span_of(nets[i])) != ERR_OK) {
            char reason[240];
            (void)snprintf(reason, sizeof reason, NO_NETWORK, nets[i]);
            complain(verify, entry, reason);
        }
    }
}

// Names are compared in the form that zones keep them in.
static enum err verify_hosts(struct verify *verify, const struct conf_entry *entry)
{
    size_t count = 0;
    const char *const *names = conf_list(verify->settings->conf, entry->name, &count);
    for (size_t i = 0; i < count; i++) {
        char *stored = NULL;
        struct why why = {0};
        const char *name = names[i][0] == '.' ? names[i] + 1 : names[i];
        enum err e = host_name_canonical(&stored, span_of(name), true, &why);
        if (e == ERR_NOMEM) {
            return e;
        }
        char reason[240];
        if (e != ERR_OK) {
            complain(verify, entry, why.text);
        } else if (!span_equal_nocase(span_of(stored), span_of(name))) {
            (void)snprintf(reason, sizeof reason, "write %.60s as %.120s", name, stored);
            complain(verify, entry, reason);
        }
        free(stored);
    }
    return ERR_OK;
}

// A minimal system has no hosts file; one that was named must be there. Paths that the edge reads
// need not be on this machine.
static bool may_be_missing(const struct conf_entry *entry)
{
    return entry->value[0] == '\0' || strcmp(entry->value, "/etc/hosts") == 0 ||
           strcmp(entry->name, "haproxy.maps_dir") == 0 ||
           strcmp(entry->name, "haproxy.ca_file") == 0 ||
           // Needed only where something is sent; who sends names them, or has the public ones.
           (strcmp(entry->where, "default") == 0 && (strcmp(entry->name, "mail.ca_file") == 0 ||
                                                     strcmp(entry->name, "webhook.ca_file") == 0));
}

static void verify_edge(struct verify *verify, const struct conf_entry *entry)
{
    const struct edge_settings *edge =
        settings_edge(verify->settings, entry->name + strlen("edge."));
    struct why why = {""};
    if (edge != NULL && edge_check(edge, &why) != ERR_OK) {
        complain(verify, entry, why.text);
    }
}

static enum err verify_entry(void *ctx, const struct conf_entry *entry)
{
    struct verify *verify = ctx;
    if (strcmp(entry->name, "crawl.allow_nets") == 0 ||
        strcmp(entry->name, "crawl.deny_nets") == 0) {
        verify_networks(verify, entry);
    }
    if (strncmp(entry->name, "edge.", strlen("edge.")) == 0) {
        verify_edge(verify, entry);
    }
    if (strcmp(entry->name, "crawl.deny_hosts") == 0) {
        return verify_hosts(verify, entry);
    }
    if (entry->key->type == CONF_PATH && !may_be_missing(entry) &&
        access(entry->value, R_OK) != 0) {
        char words[128];
        char reason[400];
        int errnum = errno;
        (void)snprintf(reason, sizeof reason, "%.120s cannot be read: %s; %s", entry->value,
                       strerror_r(errnum, words, sizeof words), err_file_remedy(errnum));
        complain(verify, entry, reason);
    }
    return ERR_OK;
}

enum err settings_verify(const struct settings *settings, conf_report *report, void *ctx,
                         struct why *why)
{
    struct verify verify = {settings, report, ctx, why, 0};
    enum err e = conf_each(settings->conf, verify_entry, &verify);
    return e == ERR_OK && verify.complaints > 0 ? ERR_INVALID : e;
}
