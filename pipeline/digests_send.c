// SPDX-License-Identifier: Apache-2.0
// From the store to the receiver. A dispatch is claimed, sent, recorded: who dies between the last
// two leaves it claimed, and the next one sends the same message again, under the same Message-ID,
// by which receivers know it.
#include <openssl/evp.h>
#include <stdlib.h>

#include "pipeline/digests.h"
#include "pipeline/owner.h"

#define AWAY_LIMIT 3 // receivers in a row that did not answer: the rest waits for the next pass

struct sender {
    struct db *db;
    const struct digest_policy *policy;
    const struct digest_watch *watch;
    struct digest_sums *sums;
    struct mailer *mailer; // owned; opened for the first mail
    char owner[OWNER_SIZE];
    int away;
};

static void sender_done(struct sender *sender)
{
    mailer_close(sender->mailer);
}

struct dead {
    char **names; // owned
    size_t count;
};

static enum err collect_dead(void *ctx, const char *owner)
{
    struct dead *dead = ctx;
    return owner_is_dead(owner) ? strings_add(&dead->names, &dead->count, span_of(owner), SIZE_MAX)
                                : ERR_OK;
}

static enum err take_over(struct db *db, struct why *why)
{
    struct dead dead = {0};
    enum err e = db_dispatch_owners(db, collect_dead, &dead, why);
    for (size_t i = 0; i < dead.count; i++) {
        e = e == ERR_OK ? db_dispatch_drop_owner(db, dead.names[i], why) : e;
        free(dead.names[i]);
    }
    free(dead.names);
    return e;
}

// The same for each try, and for no other letter: receivers of webhooks know it by this.
static void letter_id(char out[40], const struct db_letter *letter)
{
    unsigned char digest[EVP_MAX_MD_SIZE] = {0};
    struct buf text;
    buf_init(&text, LIMIT_MAIL);
    if (buf_printf(&text, "%s\n%s", letter->name, letter->json) == ERR_OK) {
        (void)EVP_Digest(buf_str(&text), text.len, digest, NULL, EVP_sha256(), NULL);
    }
    buf_done(&text);
    (void)snprintf(out, 40, "msg_");
    for (size_t i = 0; i < 16; i++) {
        (void)snprintf(out + 4 + 2 * i, 3, "%02x", digest[i]);
    }
}

static enum err post_mail(struct sender *sender, const struct db_dispatch *dispatch,
                          const struct db_letter *letter, struct posted *posted, struct why *why)
{
    if (sender->policy->mail.server == NULL) {
        posted_words(posted, "mail.server is not set any more");
        return ERR_OK;
    }
    enum err e = ERR_OK;
    if (sender->mailer == NULL) {
        e = mailer_open(&sender->mailer, &sender->policy->mail, sender->watch->stop, why);
    }
    return e == ERR_OK ? mailer_send(sender->mailer, dispatch->recipient, letter->mail, posted) : e;
}

static enum err post(struct sender *sender, const struct db_dispatch *dispatch, int64_t now,
                     struct posted *posted, struct why *why)
{
    OWN(db_letter_done) struct db_letter letter = {0};
    enum err e = db_letter_get(sender->db, dispatch->letter, &letter, why);
    if (e != ERR_OK) {
        return e;
    }
    // An empty message helps nobody. Texts are forgotten after eight weeks; an older sslauto
    // ordered weeks that had none.
    if ((dispatch->channel == CHANNEL_MAIL ? letter.mail : letter.json)[0] == '\0') {
        posted->lost = true;
        posted_words(posted, "the letter has no text, or none any more");
        return ERR_OK;
    }
    if (dispatch->channel == CHANNEL_MAIL) {
        return post_mail(sender, dispatch, &letter, posted, why);
    }
    struct webhook_policy webhook = sender->policy->webhook;
    if (webhook.url == NULL || strcmp(webhook.url, dispatch->recipient) != 0) {
        posted_words(posted, "webhook.url is another one now");
        return ERR_OK;
    }
    char id[40];
    letter_id(id, &letter);
    return webhook_send(&webhook, id, now, letter.json, sender->watch->stop, posted, why);
}

static int64_t next_try(const struct digest_policy *policy, int64_t attempts)
{
    int64_t wait = policy->retry_s;
    for (int64_t i = 1; i < attempts && wait < policy->retry_max_s; i++) {
        wait *= 2;
    }
    return wait < policy->retry_max_s ? wait : policy->retry_max_s;
}

static enum err record(struct sender *sender, struct db_dispatch *dispatch,
                       const struct posted *posted, struct why *why)
{
    int64_t now = 0;
    enum err e = db_now(sender->db, &now, why);
    if (e != ERR_OK) {
        return e;
    }
    dispatch->due_at = 0;
    (void)snprintf(dispatch->words, sizeof dispatch->words, "%s", posted->words);
    if (posted->taken) {
        dispatch->state = DISPATCH_SENT;
        sender->sums->sent++;
    } else if (posted->stopped) { // the next one begins with it
        dispatch->state = DISPATCH_WAITING;
        dispatch->due_at = now;
        sender->sums->postponed++;
    } else if (posted->lost || now - dispatch->created_at >= sender->policy->give_up_s) {
        dispatch->state = DISPATCH_FAILED;
        sender->sums->failed++;
    } else {
        dispatch->state = DISPATCH_WAITING;
        dispatch->due_at = now + next_try(sender->policy, dispatch->attempts);
        sender->sums->postponed++;
    }
    e = db_dispatch_end(sender->db, dispatch, why);
    if (e == ERR_OK && sender->watch->sent != NULL) {
        sender->watch->sent(sender->watch->ctx, dispatch);
    }
    // We were so slow that another one has sent it again; he records how that went.
    return e == ERR_CONFLICT ? ERR_OK : e;
}

static enum err send_next(struct sender *sender, bool *more, struct why *why)
{
    OWN(db_dispatch_done) struct db_dispatch dispatch = {0};
    struct posted posted = {0};
    struct why words = {""};
    int64_t now = 0;
    enum err e =
        db_dispatch_claim(sender->db, sender->owner, sender->policy->claim_s, &dispatch, why);
    *more = e == ERR_OK;
    if (e != ERR_OK) {
        return e == ERR_NOT_FOUND ? ERR_OK : e;
    }
    e = db_now(sender->db, &now, why);
    if (e != ERR_OK) {
        return e;
    }
    e = post(sender, &dispatch, now, &posted, &words);
    if (e == ERR_NOMEM) {
        return e;
    }
    if (e != ERR_OK) { // a password that cannot be read, a letter that is gone: said, tried again
        posted = (struct posted){0};
        posted_words(&posted, why_text(&words, e));
    }
    if (posted.stopped) {
        posted_words(&posted, "we were asked to stop; it is sent again");
    }
    sender->away = posted.away ? sender->away + 1 : 0;
    return record(sender, &dispatch, &posted, why);
}

enum err digests_deliver(struct db *db, const struct digest_policy *policy,
                         const struct digest_watch *watch, struct digest_sums *sums,
                         struct why *why)
{
    OWN(sender_done)
    struct sender sender = {.db = db, .policy = policy, .watch = watch, .sums = sums};
    enum err e = owner_name(sender.owner, why);
    e = e == ERR_OK ? take_over(db, why) : e;
    bool more = true;
    while (e == ERR_OK && more && sender.away < AWAY_LIMIT &&
           (watch->stop == NULL || *watch->stop == 0)) {
        e = send_next(&sender, &more, why);
    }
    return e;
}
