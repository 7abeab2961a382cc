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

static enum err check_urls(const struct digest_policy *policy, struct why *why)
{
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
            return why_set(why, ERR_INVALID, "%s: \"%.80s\" is none; write it as %s", rows[i].key,
                           rows[i].value, rows[i].like);
        }
    }
    return ERR_OK;
}

static enum err check_address(const char *key, const char *value, struct why *why)
{
    return value == NULL || member_address_valid(span_of(value))
               ? ERR_OK
               : why_set(why, ERR_INVALID, "%s: \"%.80s\" is no address; write it as NAME@DOMAIN",
                         key, value);
}

static enum err check_lists(const struct digest_policy *policy, struct why *why)
{
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < policy->recipient_count; i++) {
        e = check_address("digest.recipients", policy->recipients[i], why);
    }
    for (size_t i = 0; e == ERR_OK && i < policy->role_count; i++) {
        enum member_role role = ROLE_READ_ONLY;
        e = member_role_parse(&role, span_of(policy->roles[i]));
        if (e != ERR_OK || strcmp(policy->roles[i], member_role_str(role)) != 0) {
            e = why_set(why, ERR_INVALID,
                        "digest.roles: \"%.80s\" is none of super_administrator administrator "
                        "read_only",
                        policy->roles[i]);
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
    enum err e = check_urls(policy, why);
    e = e == ERR_OK ? check_address("mail.from", policy->mail.from, why) : e;
    e = e == ERR_OK ? check_address("mail.reply_to", policy->mail.reply_to, why) : e;
    e = e == ERR_OK ? check_lists(policy, why) : e;
    if (e == ERR_OK && policy->mail.server != NULL && policy->mail.from == NULL) {
        e = why_set(why, ERR_INVALID, "mail.from: must be set where mail.server is");
    }
    if (e == ERR_OK && policy->mail.user != NULL && policy->mail.password_file == NULL) {
        e = why_set(why, ERR_INVALID, "mail.password_file: must be set where mail.user is");
    }
    return e;
}
