// SPDX-License-Identifier: Apache-2.0
// Hosts whose owners asked not to be looked at.
#ifndef SSLAUTO_CRAWLER_DENY_H
#define SSLAUTO_CRAWLER_DENY_H

#include "crawler/crawler.h"

// The entry of policy->deny_hosts that covers the name, or NULL. "example.com" covers itself and
// every name below it; case does not matter.
const char *deny_find(const struct crawler_policy *policy, const char *name);

#endif
