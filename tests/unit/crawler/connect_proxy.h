// SPDX-License-Identifier: Apache-2.0
// An HTTP proxy on loopback that knows CONNECT (RFC 9110 section 9.3.6), one connection at a time,
// and only leads to loopback.
#ifndef SSLAUTO_TESTS_UNIT_CRAWLER_CONNECT_PROXY_H
#define SSLAUTO_TESTS_UNIT_CRAWLER_CONNECT_PROXY_H

#include <stddef.h>
#include <stdint.h>

struct connect_proxy;

struct connect_proxy *connect_proxy_start(void);
void connect_proxy_stop(struct connect_proxy *proxy);
uint16_t connect_proxy_port(const struct connect_proxy *proxy);
// Requests so far; the last one's first line goes to line.
size_t connect_proxy_asked(struct connect_proxy *proxy, char line[128]);

#endif
