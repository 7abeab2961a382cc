// SPDX-License-Identifier: Apache-2.0
// Who holds a lease: "machine/boot/pid/start". Leases of processes of this machine that are gone
// are taken over at once instead of waiting for their expiry.
#ifndef SSLAUTO_PIPELINE_OWNER_H
#define SSLAUTO_PIPELINE_OWNER_H

#include "db/db.h"

#define OWNER_SIZE 192

enum err owner_name(char out[OWNER_SIZE], struct why *why);
// True when the process of that name ran on this machine and is gone.
bool owner_is_dead(const char *owner);
// Frees the leases of all dead owners.
enum err owner_bury(struct db *db, struct why *why);

#endif
