// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/command.h"

#define STORE_FOLDER "/var/lib/sslauto"

// Makes path and the folders above it, private to the user (XDG Base Directory specification).
static enum err make_folders(char *path, struct why *why)
{
    for (char *slash = strchr(path + 1, '/');; slash = strchr(slash + 1, '/')) {
        if (slash != NULL) {
            *slash = '\0';
        }
        if (mkdir(path, 0700) != 0 && errno != EEXIST) {
            char words[128];
            int errnum = errno;
            return why_set(why, err_from_errno(errnum),
                           "%s: cannot be made: %s; name a place for the store with --db or "
                           "store.url",
                           path, strerror_r(errnum, words, sizeof words));
        }
        if (slash == NULL) {
            return ERR_OK;
        }
        *slash = '/';
    }
}

enum err store_default(char **out, struct why *why)
{
    if (access(STORE_FOLDER, W_OK | X_OK) == 0) {
        *out = strdup("sqlite://" STORE_FOLDER "/sslauto.db");
        return *out == NULL ? ERR_NOMEM : ERR_OK;
    }
    const char *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");
    bool has_state = state != NULL && state[0] == '/';
    if (!has_state && (home == NULL || home[0] != '/')) {
        return why_set(why, ERR_NOT_FOUND,
                       "no place for the store: " STORE_FOLDER " cannot be written and $HOME is "
                       "not set; name one with --db sqlite:///PATH");
    }
    char *folder = NULL;
    if (asprintf(&folder, "%s%s/sslauto", has_state ? state : home,
                 has_state ? "" : "/.local/state") < 0) {
        return ERR_NOMEM;
    }
    enum err e = make_folders(folder, why);
    if (e == ERR_OK && asprintf(out, "sqlite://%s/sslauto.db", folder) < 0) {
        e = ERR_NOMEM;
    }
    free(folder);
    return e;
}
