// SPDX-License-Identifier: Apache-2.0
#include "crawler/deny.h"

static bool covers(struct span entry, struct span name)
{
    if (entry.len == 0 || entry.len > name.len) {
        return false;
    }
    size_t before = name.len - entry.len;
    struct span end = {name.at + before, entry.len};
    return span_equal_nocase(end, entry) && (before == 0 || name.at[before - 1] == '.');
}

const char *deny_find(const struct crawler_policy *policy, const char *name)
{
    for (size_t i = 0; i < policy->deny_host_count; i++) {
        struct span entry = span_of(policy->deny_hosts[i]);
        if (entry.len > 0 && entry.at[0] == '.') { // as cookies and proxies write it
            entry = (struct span){entry.at + 1, entry.len - 1};
        }
        if (covers(entry, span_of(name))) {
            return policy->deny_hosts[i];
        }
    }
    return NULL;
}
