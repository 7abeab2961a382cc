// SPDX-License-Identifier: Apache-2.0
#include "crawler/site.h"

#include <libpsl.h>
#include <stddef.h>
#include <string.h>

bool site_is_same(const char *a, const char *b)
{
    if (strcmp(a, b) == 0) {
        return true;
    }
    const psl_ctx_t *list = psl_builtin(); // compiled in: nothing is read, nothing is owned
    const char *domain_a = list == NULL ? NULL : psl_registrable_domain(list, a);
    const char *domain_b = list == NULL ? NULL : psl_registrable_domain(list, b);
    bool digits = a[strlen(a) - 1] >= '0' && a[strlen(a) - 1] <= '9'; // no such top-level domain
    return domain_a != NULL && domain_b != NULL && !digits && strcmp(domain_a, domain_b) == 0;
}
