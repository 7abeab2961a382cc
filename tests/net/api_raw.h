// SPDX-License-Identifier: Apache-2.0
// Requests to the API that only a socket can send.
#ifndef SSLAUTO_TESTS_NET_API_RAW_H
#define SSLAUTO_TESTS_NET_API_RAW_H

#include <stddef.h>
#include <stdint.h>

// A line to 127.0.0.1 on which a read waits for at most 10 seconds; -1 when there is none.
int api_raw_connect(uint16_t port);
// The text with "%T" replaced by the token and "%Z" by the zone; its length.
size_t api_raw_fill(char *out, size_t size, const char *text, const char *token, const char *zone);

#endif
