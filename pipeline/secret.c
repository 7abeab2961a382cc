// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdio.h>

#include "pipeline/digests.h"

enum err secret_read(char out[512], const char *path, struct why *why)
{
    FILE *in = fopen(path, "re");
    if (in == NULL) {
        char words[128];
        int errnum = errno;
        return why_set(why, err_from_errno(errnum), "%s: cannot be read: %s", path,
                       strerror_r(errnum, words, sizeof words));
    }
    bool read = fgets(out, 512, in) != NULL;
    (void)fclose(in);
    size_t len = read ? strcspn(out, "\r\n") : 0;
    if (len == 0 || (out[len] == '\0' && len == 511)) {
        return why_set(why, ERR_INVALID, "%s: must hold one line of 1 to 510 bytes", path);
    }
    out[len] = '\0';
    return ERR_OK;
}
