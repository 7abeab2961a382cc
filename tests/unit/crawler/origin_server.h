// SPDX-License-Identifier: Apache-2.0
// A tiny origin on loopback for the crawler's tests: a thread per connection, scripted answers,
// and a record of what was asked and when.
#ifndef SSLAUTO_TESTS_UNIT_CRAWLER_ORIGIN_SERVER_H
#define SSLAUTO_TESTS_UNIT_CRAWLER_ORIGIN_SERVER_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"

struct asked {
    char path[256];
    char host[256];
    char agent[128];
    char forwarded_proto[16]; // X-Forwarded-Proto
    char from[64];            // From
    bool tls;
    int64_t at_ms; // monotonic
};

// Writes the raw answer; returns whether the connection stays open. Called with the server's lock
// held, so scripts may count.
typedef bool origin_script(void *ctx, const struct asked *asked, struct buf *out);

struct origin_server;

// Listens on ip, any port. tls may be NULL: plain HTTP. hold: accept and never answer.
struct origin_server *origin_server_start(const char *ip, SSL_CTX *tls, origin_script *script,
                                          void *ctx);
void origin_server_stop(struct origin_server *server);
uint16_t origin_server_port(const struct origin_server *server);
size_t origin_server_connections(struct origin_server *server);
size_t origin_server_most_at_once(struct origin_server *server);
// A copy of the record; the caller frees it.
size_t origin_server_asked(struct origin_server *server, struct asked **out);

// A self-signed certificate for the name (a CA by itself), and its PEM in a file.
SSL_CTX *origin_tls(const char *name, const char *pem_file);
// A port of ip where nobody listens.
uint16_t origin_closed_port(const char *ip);

// "HTTP/1.1 <status> X" with length, body, and further header lines ("A: b\r\n"), keep-alive.
bool origin_answer(struct buf *out, int status, const char *headers, const char *body);

#endif
