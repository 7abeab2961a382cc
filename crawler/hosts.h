// SPDX-License-Identifier: Apache-2.0
// Names answered from a file in the form of hosts(5), read once.
#ifndef SSLAUTO_CRAWLER_HOSTS_H
#define SSLAUTO_CRAWLER_HOSTS_H

#include "core/addr.h"
#include "core/err.h"

struct hosts;

// Lines that do not begin with an address are skipped, as the C library does. A file that cannot be
// read, or is larger than LIMIT_HOSTS_FILE, is an error that names it.
enum err hosts_read(struct hosts **out, const char *file, struct why *why);
enum err hosts_parse(struct hosts **out, struct span text);
void hosts_free(struct hosts *hosts);
// Up to `room` addresses of the name in the order of the file; 0 when it is not in there.
size_t hosts_find(const struct hosts *hosts, const char *name, struct addr *out, size_t room);

#endif
