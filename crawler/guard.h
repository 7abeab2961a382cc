// SPDX-License-Identifier: Apache-2.0
// The address guard: which addresses may be connected to. Checked after resolution and again when
// the socket is made, so that no spelling, redirect or rebinding gets around it.
// NAT64 and 6to4 addresses are refused too, whatever they carry: somebody else's translator or
// relay decides where they lead. An operator behind a NAT64 of their own opens 64:ff9b::/96.
// Source: IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890 and successors).
#ifndef SSLAUTO_CRAWLER_GUARD_H
#define SSLAUTO_CRAWLER_GUARD_H

#include "core/addr.h"
#include "core/err.h"

struct guard;

// allow: CIDRs that the operator opened. This machine's own addresses are refused like the
// special-purpose ranges, unless opened too. ERR_INVALID names the bad CIDR.
enum err guard_new(struct guard **out, const char *const *allow, size_t allow_count,
                   struct why *why);
void guard_free(struct guard *guard);
// Networks that asked not to be looked at, or that the operator keeps away from: they stay closed
// whatever is allowed. ERR_INVALID names the bad CIDR.
enum err guard_deny(struct guard *guard, const char *const *deny, size_t count, struct why *why);
// NULL when it may be connected to, else the static name of the range it is in
// ("private-use 10.0.0.0/8").
const char *guard_refuses(const struct guard *guard, const struct addr *addr);

#endif
