// SPDX-License-Identifier: Apache-2.0
// Private to the digests: sending one letter on one channel.
#ifndef SSLAUTO_PIPELINE_DIGESTS_H
#define SSLAUTO_PIPELINE_DIGESTS_H

#include <curl/curl.h>

#include "pipeline/pipeline.h"

#define POSTED_WORDS 256

// What came of one attempt. The receiver's refusal is data.
struct posted {
    bool taken;
    bool away;                // nobody answered: the next one will not fare better
    bool stopped;             // the operator asked us to stop; the receiver may have it
    bool lost;                // there is nothing to send, and never will be
    char words[POSTED_WORDS]; // printable ASCII, "" where it was taken without a word
};

struct mailer;

// One connection for many messages. ERR_INVALID, ERR_NOT_FOUND, ERR_DENIED for what the
// configuration names: a password that cannot be read. What *stop says (NULL = never) ends an
// attempt within about a second.
enum err mailer_open(struct mailer **out, const struct mail_policy *policy,
                     const volatile sig_atomic_t *stop, struct why *why);
void mailer_close(struct mailer *mailer);
DEFINE_OWN(mailer_own, struct mailer, mailer_close)
enum err mailer_send(struct mailer *mailer, const char *recipient, const char *message,
                     struct posted *posted);

// POSTs body, signed as Standard Webhooks says (https://www.standardwebhooks.com, version 1): the
// HMAC-SHA256 over "id.timestamp.body". stop as above.
enum err webhook_send(const struct webhook_policy *policy, const char *id, int64_t now,
                      const char *body, const volatile sig_atomic_t *stop, struct posted *posted,
                      struct why *why);
// "v1,BASE64". secret: "whsec_" and base64, else the bytes as they are. ERR_INVALID.
enum err webhook_sign(char out[64], const char *secret, const char *id, int64_t timestamp,
                      const char *body);

// The first line of a file with a secret. ERR_INVALID when it is empty or too long.
enum err secret_read(char out[512], const char *path, struct why *why);
// For CURLOPT_XFERINFOFUNCTION, which libcurl calls about once a second, also while nothing moves;
// its data is a const volatile sig_atomic_t *stop. Not 0 ends the transfer.
int posted_stop(void *stop, curl_off_t down_of, curl_off_t down, curl_off_t up_of, curl_off_t up);
// Printable words of the library or the server.
void posted_words(struct posted *posted, const char *words);

// Not of rollouts that somebody ended: by hand, by choosing a mode, by an opt-out. Nothing failed
// there, and who did it knows.
bool digests_tells(const struct db_turn *turn);
// Letters of rollouts that went back, one each. account NULL = of all.
enum err digests_notices(struct db *db, const char *account, const struct digest_policy *policy,
                         int64_t now, struct digest_sums *sums, struct why *why);
// Renders; texts stay "" for channels that are not configured.
enum err digests_render(struct db_letter *out, const struct digest *digest, int64_t generation,
                        const struct digest_policy *policy, struct db *db, struct why *why);
// Stores it with its dispatches. ERR_EXISTS when somebody else was faster.
enum err digests_store(struct db *db, const struct db_letter *letter,
                       const struct digest_policy *policy, struct why *why);
enum err digests_name(char **out, const char *account, int64_t week);

#endif
