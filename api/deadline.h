// SPDX-License-Identifier: Apache-2.0
// A limit on the whole of a request. libmicrohttpd limits silence alone: who sends one byte now and
// then would hold a connection for ever. Private; safe from several threads.
#ifndef SSLAUTO_API_DEADLINE_H
#define SSLAUTO_API_DEADLINE_H

#include <stdint.h>

#include "core/err.h"

struct deadlines;
struct deadline;

// Connections whose request takes longer than limit_ms are shut down, by a thread of its own.
enum err deadlines_new(struct deadlines **out, int64_t limit_ms);
// Every connection has ended. NULL is fine.
void deadlines_free(struct deadlines *deadlines);
// A connection begins: handshake, request line. NULL without memory: it then has no limit.
struct deadline *deadlines_add(struct deadlines *deadlines, int fd);
// A request line is there, or a request has ended: its limit begins anew. deadline may be NULL.
void deadlines_renew(struct deadlines *deadlines, struct deadline *deadline);
// The connection ends; its fd must still be open. deadline may be NULL.
void deadlines_drop(struct deadlines *deadlines, struct deadline *deadline);

#endif
