// SPDX-License-Identifier: Apache-2.0
// When a letter is made, and who gets it.
#include "pipeline/digests.h"

#include <stdlib.h>

#include "model/week.h"

#define MISSED_WEEKS 4            // told afterwards; behind a longer pause it begins anew
#define KEEP_TEXTS_S (8 * WEEK_S) // letters older than this keep their row alone

struct digest_policy digest_policy_default(void)
{
    return (struct digest_policy){
        .mail = {.tls = MAIL_TLS_REQUIRED, .from_name = "sslauto", .timeout_ms = 60000},
        .webhook = {.timeout_ms = 10000},
        .items = 50,
        .delay_s = 7 * 3600,
        .claim_s = 300,
        .retry_s = 60,
        .retry_max_s = 4 * 3600,
        .give_up_s = 14 * 86400,
    };
}

bool digest_policy_has_channel(const struct digest_policy *policy)
{
    return policy->mail.server != NULL || policy->webhook.url != NULL;
}

const char *digest_policy_warning(const struct digest_policy *policy)
{
    return policy->webhook.url != NULL && policy->webhook.secret_file == NULL
               ? "webhook.secret_file is empty: webhooks go out unsigned, and their receiver "
                 "cannot "
                 "tell them from forged ones"
               : NULL;
}

enum err digests_name(char **out, const char *account, int64_t week)
{
    char text[WEEK_TEXT_SIZE];
    return asprintf(out, "digest/%s/%s", week_print(text, week), account) < 0 ? ERR_NOMEM : ERR_OK;
}

// -- recipients -----------------------------------------------------------------------------------

struct recipients {
    const struct digest_policy *policy;
    struct digest_address *list; // owned, with its texts
    size_t count;
};

static void recipients_done(struct recipients *recipients)
{
    for (size_t i = 0; i < recipients->count; i++) {
        free((void *)(uintptr_t)recipients->list[i].name);
        free((void *)(uintptr_t)recipients->list[i].address);
    }
    free(recipients->list);
}

static enum err add_member(void *ctx, const struct db_member *member)
{
    struct recipients *to = ctx;
    bool wanted = false;
    for (size_t i = 0; i < to->policy->role_count; i++) {
        wanted = wanted || strcmp(to->policy->roles[i], member_role_str(member->role)) == 0;
    }
    if (!wanted) {
        return ERR_OK;
    }
    struct digest_address *grown = realloc(to->list, (to->count + 1) * sizeof *grown);
    if (grown == NULL) {
        return ERR_NOMEM;
    }
    to->list = grown;
    struct digest_address one = {strdup(member->name), strdup(member->address)};
    to->list[to->count++] = one;
    return one.name == NULL || one.address == NULL ? ERR_NOMEM : ERR_OK;
}

// -- letters --------------------------------------------------------------------------------------

static const char *domain_of(const char *address)
{
    const char *at = address == NULL ? NULL : strrchr(address, '@');
    return at == NULL ? "localhost" : at + 1;
}

// Members see each other, unless they are so many that nobody would read their names; those that
// the configuration names are known to it alone. Each gets a message of his own.
static enum err render_mail(char **out, const struct digest *digest, int64_t generation,
                            const struct digest_policy *policy, struct db *db, struct why *why)
{
    OWN(recipients_done) struct recipients to = {.policy = policy};
    struct buf id;
    struct buf text;
    char list_id[320];
    const char *domain = domain_of(policy->mail.from);
    buf_init(&id, LIMIT_OUTPUT_FIELD);
    buf_init(&text, LIMIT_MAIL);
    (void)snprintf(list_id, sizeof list_id, "sslauto-digest.%.253s", domain);
    enum err e = db_member_each(db, digest->account, add_member, &to, why);
    e = e == ERR_OK ? digest_message_id(&id, digest, generation, &policy->links, domain) : e;
    if (e == ERR_OK) {
        const struct digest_envelope envelope = {
            .id = buf_str(&id),
            .list_id = list_id,
            .from = {policy->mail.from_name == NULL ? "" : policy->mail.from_name,
                     policy->mail.from == NULL ? "sslauto@localhost" : policy->mail.from},
            .reply_to = policy->mail.reply_to,
            .to = to.list,
            .to_count = to.count <= LIMIT_MAIL_TO ? to.count : 0};
        e = digest_mime(&text, digest, &policy->links, &envelope);
    }
    if (e == ERR_OK) {
        *out = buf_take(&text);
        e = *out == NULL ? ERR_NOMEM : ERR_OK;
    }
    buf_done(&id);
    buf_done(&text);
    return e;
}

static enum err render_json(char **out, const struct digest *digest,
                            const struct digest_policy *policy)
{
    json_t *json = digest_json(digest, &policy->links);
    *out = json == NULL ? NULL : json_dumps(json, JSON_COMPACT);
    json_decref(json);
    return *out == NULL ? ERR_NOMEM : ERR_OK;
}

enum err digests_render(struct db_letter *out, const struct digest *digest, int64_t generation,
                        const struct digest_policy *policy, struct db *db, struct why *why)
{
    struct db_letter letter = {.account = strdup(digest->account),
                               .week = digest->notice ? 0 : digest->week,
                               .made_at = digest->made_at};
    enum err e = letter.account == NULL ? ERR_NOMEM : ERR_OK;
    if (e == ERR_OK && digest->notice) {
        e = asprintf(&letter.name, "rollback/%s/%lld",
                     digest->parts[DIGEST_ROLLED_BACK].items[0].zone_id, (long long)generation) < 0
                ? ERR_NOMEM
                : ERR_OK;
    } else if (e == ERR_OK) {
        e = digests_name(&letter.name, digest->account, digest->week);
    }
    if (e == ERR_OK && digest->news) {
        e = render_mail(&letter.mail, digest, generation, policy, db, why);
        e = e == ERR_OK ? render_json(&letter.json, digest, policy) : e;
    } else if (e == ERR_OK) {
        letter.mail = strdup("");
        letter.json = strdup("");
        e = letter.mail == NULL || letter.json == NULL ? ERR_NOMEM : ERR_OK;
    }
    if (e != ERR_OK) {
        db_letter_done(&letter);
        return e;
    }
    *out = letter;
    return ERR_OK;
}

static enum err add_dispatches(struct db *db, const struct db_letter *letter,
                               const struct digest_policy *policy, struct why *why)
{
    OWN(recipients_done) struct recipients to = {.policy = policy};
    enum err e = ERR_OK;
    if (policy->mail.server != NULL) {
        e = db_member_each(db, letter->account, add_member, &to, why);
        for (size_t i = 0; e == ERR_OK && i < to.count; i++) {
            e = db_dispatch_add(db, letter->name, CHANNEL_MAIL, to.list[i].address, why);
        }
        for (size_t i = 0; e == ERR_OK && i < policy->recipient_count; i++) {
            e = db_dispatch_add(db, letter->name, CHANNEL_MAIL, policy->recipients[i], why);
        }
    }
    if (e == ERR_OK && policy->webhook.url != NULL) {
        e = db_dispatch_add(db, letter->name, CHANNEL_WEBHOOK, policy->webhook.url, why);
    }
    return e;
}

enum err digests_store(struct db *db, const struct db_letter *letter,
                       const struct digest_policy *policy, struct why *why)
{
    enum err e = db_begin(db, why);
    if (e != ERR_OK) {
        return e;
    }
    e = db_letter_add(db, letter, why);
    if (e == ERR_OK && letter->json[0] != '\0') {
        e = add_dispatches(db, letter, policy, why);
    }
    if (e != ERR_OK) {
        db_rollback(db);
        return e;
    }
    return db_commit(db, why);
}

enum err digests_letter(struct db_letter *out, struct db *db, const char *account, int64_t week,
                        const struct digest_policy *policy, struct why *why)
{
    char *name = NULL;
    enum err e = digests_name(&name, account, week);
    e = e == ERR_OK ? db_letter_get(db, name, out, why) : e;
    free(name);
    if (e != ERR_NOT_FOUND) { // a week that was closed stays as it was closed, quiet ones too
        return e;
    }
    OWN(digest_own) struct digest *digest = NULL;
    e = digests_gather(&digest, db, account, week, policy, why);
    return e == ERR_OK ? digests_render(out, digest, 0, policy, db, why) : e;
}

// The letter is there, perhaps another one than ours: what is stored is what is sent.
static enum err order_stored(bool *told, struct db *db, const char *name,
                             const struct digest_policy *policy, struct why *why)
{
    OWN(db_letter_done) struct db_letter letter = {0};
    enum err e = db_begin(db, why);
    if (e != ERR_OK) {
        return e;
    }
    e = db_letter_get(db, name, &letter, why);
    *told = e == ERR_OK && letter.json[0] != '\0';
    if (*told) {
        e = add_dispatches(db, &letter, policy, why);
        e = e == ERR_OK ? db_dispatch_hurry(db, name, why) : e;
    }
    if (e != ERR_OK) {
        db_rollback(db);
        return e;
    }
    return db_commit(db, why);
}

enum err digests_order(bool *told, struct db *db, const char *account, int64_t week,
                       const struct digest_policy *policy, struct why *why)
{
    OWN(db_letter_done) struct db_letter letter = {0};
    char text[WEEK_TEXT_SIZE];
    int64_t now = 0;
    *told = false;
    enum err e = db_now(db, &now, why);
    if (e == ERR_OK && week + WEEK_S > now) { // the rest of it would never be told
        (void)week_print(text, week);
        return why_set(why, ERR_INVALID,
                       "week %s has not ended, and is not sent before: `sslauto digest --week %s` "
                       "shows what it has so far",
                       text, text);
    }
    e = e == ERR_OK ? digests_letter(&letter, db, account, week, policy, why) : e;
    if (e != ERR_OK || letter.json[0] == '\0') {
        return e;
    }
    e = digests_store(db, &letter, policy, why);
    *told = e == ERR_OK;
    return e == ERR_EXISTS ? order_stored(told, db, letter.name, policy, why) : e;
}

// -- the pass -------------------------------------------------------------------------------------

struct accounts {
    char **names; // owned
    size_t count;
};

static void accounts_done(struct accounts *accounts)
{
    for (size_t i = 0; i < accounts->count; i++) {
        free(accounts->names[i]);
    }
    free(accounts->names);
}

static enum err add_account(void *ctx, const char *name)
{
    struct accounts *accounts = ctx;
    return strings_add(&accounts->names, &accounts->count, span_of(name), SIZE_MAX);
}

static enum err is_closed(bool *closed, struct db *db, const char *account, int64_t week,
                          struct why *why)
{
    char *name = NULL;
    OWN(db_letter_done) struct db_letter letter = {0};
    enum err e = digests_name(&name, account, week);
    e = e == ERR_OK ? db_letter_get(db, name, &letter, why) : e;
    free(name);
    *closed = e == ERR_OK;
    return e == ERR_NOT_FOUND ? ERR_OK : e;
}

// The modes of a week are kept also where nobody is told: the first digest then has a past.
// late: the week after it has ended too, and tells what is found now.
static enum err close_week(struct db *db, const char *account, int64_t week, bool late,
                           const struct digest_policy *policy, struct digest_sums *sums,
                           struct why *why)
{
    OWN(db_letter_done) struct db_letter letter = {0};
    struct digest_modes kept[DIGEST_WEEKS];
    size_t count = 0;
    OWN(digest_own) struct digest *digest = NULL;
    enum err e = db_modes_get(db, account, week, kept, &count, why);
    bool has_modes = e == ERR_OK && count > 0 && kept[count - 1].week == week;
    if (e != ERR_OK || (has_modes && !digest_policy_has_channel(policy))) {
        return e;
    }
    e = digests_gather(&digest, db, account, week, policy, why);
    if (e == ERR_OK && digest->mode_count > 0) {
        e = db_modes_keep(db, account, &digest->modes[digest->mode_count - 1], why);
    }
    if (e != ERR_OK || !digest_policy_has_channel(policy)) {
        return e;
    }
    if (late) {
        digest->news =
            digest->parts[DIGEST_UPGRADED].total + digest->parts[DIGEST_ROLLED_BACK].total > 0;
    }
    e = digests_render(&letter, digest, 0, policy, db, why);
    e = e == ERR_OK ? digests_store(db, &letter, policy, why) : e;
    sums->made += e == ERR_OK && letter.json[0] != '\0' ? 1 : 0;
    return e == ERR_EXISTS ? ERR_OK : e; // another controller was faster
}

// The week that ended last, and those behind the last closed one that ended while nobody ran. Where
// none is closed yet somebody has just begun to listen.
static enum err close_account(struct db *db, const char *account, int64_t last,
                              const struct digest_policy *policy, struct digest_sums *sums,
                              struct why *why)
{
    bool closed = false;
    int64_t first = last;
    enum err e = ERR_OK;
    for (int64_t i = 0; e == ERR_OK && !closed && i <= MISSED_WEEKS + 1; i++) {
        e = is_closed(&closed, db, account, last - i * WEEK_S, why);
        first = closed ? last - (i - 1) * WEEK_S : first;
    }
    for (int64_t week = first; e == ERR_OK && week <= last; week += WEEK_S) {
        e = close_week(db, account, week, week < last, policy, sums, why);
    }
    return e;
}

static bool stopped(const struct digest_watch *watch)
{
    return watch->stop != NULL && *watch->stop != 0;
}

struct making {
    struct db *db;
    const struct digest_policy *policy;
    const struct digest_watch *watch;
    struct digest_sums *sums;
    struct accounts accounts;
    struct why why;
};

static void making_done(struct making *making)
{
    accounts_done(&making->accounts);
}

// What one account has in its way: the others get theirs. The rest is the store's trouble, or ours.
static bool is_its_own(enum err e)
{
    return e == ERR_CORRUPT || e == ERR_LIMIT || e == ERR_INVALID;
}

// Told, and tried again with the next pass. Errors that are not an account's own stay.
static enum err tell(struct making *making, const char *account, enum err e)
{
    char words[sizeof making->why.text + 320];
    if (!is_its_own(e)) {
        return e;
    }
    if (making->watch->trouble != NULL) {
        bool large = e == ERR_LIMIT && making->why.text[0] == '\0';
        (void)snprintf(words, sizeof words, "account %.253s: %s", account,
                       large ? "its message would be too large: lower digest.items"
                             : why_text(&making->why, e));
        making->watch->trouble(making->watch->ctx, words);
    }
    making->why = (struct why){""};
    return ERR_OK;
}

static enum err close_weeks(struct making *making, int64_t week)
{
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < making->accounts.count && !stopped(making->watch); i++) {
        const char *account = making->accounts.names[i];
        e = close_account(making->db, account, week, making->policy, making->sums, &making->why);
        e = tell(making, account, e);
    }
    return e;
}

// Of all accounts at once as long as they can be read: this is looked at every minute.
static enum err make_notices(struct making *making, int64_t now)
{
    if (!making->policy->rollbacks || !digest_policy_has_channel(making->policy)) {
        return ERR_OK;
    }
    enum err e = digests_notices(making->db, NULL, making->policy, now, making->sums, &making->why);
    if (!is_its_own(e)) {
        return e;
    }
    making->why = (struct why){""};
    e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < making->accounts.count && !stopped(making->watch); i++) {
        const char *account = making->accounts.names[i];
        e = digests_notices(making->db, account, making->policy, now, making->sums, &making->why);
        e = tell(making, account, e);
    }
    return e;
}

enum err digests_pass(struct db *db, const struct digest_policy *policy,
                      const struct digest_watch *watch, struct digest_sums *sums, struct why *why)
{
    OWN(making_done)
    struct making making = {.db = db, .policy = policy, .watch = watch, .sums = sums};
    int64_t now = 0;
    enum err e = db_now(db, &now, &making.why);
    e = e == ERR_OK ? db_account_each(db, add_account, &making.accounts, &making.why) : e;
    e = e == ERR_OK ? close_weeks(&making, week_of(now - policy->delay_s) - WEEK_S) : e;
    e = e == ERR_OK ? make_notices(&making, now) : e;
    e = e == ERR_OK ? db_letter_forget(db, now - KEEP_TEXTS_S, &making.why) : e;
    e = e == ERR_OK ? digests_deliver(db, policy, watch, sums, &making.why) : e;
    if (e != ERR_OK && why != NULL) {
        *why = making.why;
    }
    return e;
}
