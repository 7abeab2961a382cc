// SPDX-License-Identifier: Apache-2.0
// What [mail], [digest] and [webhook] mean together.
#include <stddef.h>

#include "cli/settings.h"
#include "model/member.h"

static bool is_url(const char *text, const char *const *schemes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(schemes[i]);
        if (strncmp(text, schemes[i], len) == 0 && text[len] != '\0' &&
            strpbrk(text, " \"<>\\") == NULL) {
            return true;
        }
    }
    return false;
}

struct key_place {
    const char *key;
    const char *where;
};

static enum err find_where(void *ctx, const struct conf_entry *entry)
{
    struct key_place *place = ctx;
    place->where = strcmp(entry->name, place->key) == 0 ? entry->where : place->where;
    return ERR_OK;
}

// "FILE:LINE: key: words".
static enum err refuse(const struct settings *settings, const char *key, struct why *why,
                       const char *words)
{
    struct key_place place = {.key = key, .where = ""};
    (void)conf_each(settings->conf, find_where, &place);
    return why_set(why, ERR_INVALID, "%.200s: %s: %.240s", place.where, key, words);
}

static enum err check_urls(const struct settings *settings, struct why *why)
{
    const struct digest_policy *policy = &settings->digest;
    static const char *const mail[] = {"smtp://", "smtps://"};
    static const char *const web[] = {"https://", "http://"};
    const struct {
        const char *key, *value;
        const char *const *schemes;
        const char *like;
    } rows[] = {
        {"mail.server", policy->mail.server, mail, "smtp://HOST:PORT or smtps://HOST:PORT"},
        {"webhook.url", policy->webhook.url, web, "https://HOST/PATH"},
        {"digest.url", policy->links.overview, web, "https://HOST/PATH"},
        {"digest.zone_url", policy->links.zone, web, "https://HOST/PATH/{id}"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (rows[i].value != NULL && !is_url(rows[i].value, rows[i].schemes, 2)) {
            char words[240];
            (void)snprintf(words, sizeof words, "\"%.80s\" is none; write it as %s", rows[i].value,
                           rows[i].like);
            return refuse(settings, rows[i].key, why, words);
        }
    }
    return ERR_OK;
}

static enum err check_address(const struct settings *settings, const char *key, const char *value,
                              struct why *why)
{
    char words[160];
    if (value == NULL || member_address_valid(span_of(value))) {
        return ERR_OK;
    }
    (void)snprintf(words, sizeof words, "\"%.80s\" is no address; write it as NAME@DOMAIN", value);
    return refuse(settings, key, why, words);
}

static enum err check_lists(const struct settings *settings, struct why *why)
{
    const struct digest_policy *policy = &settings->digest;
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < policy->recipient_count; i++) {
        e = check_address(settings, "digest.recipients", policy->recipients[i], why);
    }
    for (size_t i = 0; e == ERR_OK && i < policy->role_count; i++) {
        enum member_role role = ROLE_READ_ONLY;
        e = member_role_parse(&role, span_of(policy->roles[i]));
        if (e != ERR_OK || strcmp(policy->roles[i], member_role_str(role)) != 0) {
            char words[160];
            (void)snprintf(words, sizeof words,
                           "\"%.80s\" is none of super_administrator administrator read_only",
                           policy->roles[i]);
            e = refuse(settings, "digest.roles", why, words);
        }
    }
    return e;
}

enum err settings_assemble_digest(struct settings *settings, struct why *why)
{
    struct digest_policy *policy = &settings->digest;
    const char *tls = conf_text(settings->conf, "mail.tls");
    policy->mail.tls = strcmp(tls, "required") == 0   ? MAIL_TLS_REQUIRED
                       : strcmp(tls, "optional") == 0 ? MAIL_TLS_OPTIONAL
                                                      : MAIL_TLS_NONE;
    policy->roles = conf_list(settings->conf, "digest.roles", &policy->role_count);
    policy->recipients = conf_list(settings->conf, "digest.recipients", &policy->recipient_count);
    enum err e = check_urls(settings, why);
    e = e == ERR_OK ? check_address(settings, "mail.from", policy->mail.from, why) : e;
    e = e == ERR_OK ? check_address(settings, "mail.reply_to", policy->mail.reply_to, why) : e;
    e = e == ERR_OK ? check_lists(settings, why) : e;
    if (e == ERR_OK && policy->mail.server != NULL && policy->mail.from == NULL) {
        e = refuse(settings, "mail.server", why, "mail.from must be set too");
    }
    if (e == ERR_OK && policy->mail.user != NULL && policy->mail.password_file == NULL) {
        e = refuse(settings, "mail.user", why, "mail.password_file must be set too");
    }
    return e;
}
