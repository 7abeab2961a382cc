// SPDX-License-Identifier: Apache-2.0
// A laboratory on loopback: a test PKI, sites, and real servers, one address per situation.
// Everything lives in one temporary folder; children die with the test, however it ends.
#ifndef SSLAUTO_TESTS_NET_LAB_H
#define SSLAUTO_TESTS_NET_LAB_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/buf.h"

enum server_kind {
    SERVER_NONE, // nothing listens: connection refused
    SERVER_NGINX,
    SERVER_NGINX_SNI, // refuses the handshake of clients that do not send the right name
    SERVER_APACHE,
    SERVER_S_SERVER,
    SERVER_HOSTILE,
};

struct server {
    enum server_kind kind;
    const char *site;  // a folder made by tests/support/sites.sh; NULL = none
    const char *extra; // directives, options of s_server, or the behaviour of hostile
};

#define SITE(name)               {SERVER_NGINX, name, ""}
#define NGINX(name, directives)  {SERVER_NGINX, name, directives}
#define NGINX_SNI(name)          {SERVER_NGINX_SNI, name, ""}
#define APACHE(name, directives) {SERVER_APACHE, name, directives}
#define S_SERVER(options)        {SERVER_S_SERVER, NULL, options}
#define HOSTILE(behaviour)       {SERVER_HOSTILE, NULL, behaviour}
#define NOTHING                  {SERVER_NONE, NULL, NULL}

#define LAB_CHILDREN 16
#define LAB_OUTPUT   ((size_t)32 << 20) // bytes of one command's output

struct lab {
    char dir[256];
    uint16_t http_port, https_port; // the same for every address
    bool ipv6;                      // ::1 can be bound
    struct buf nginx, apache, hostile, hosts;
    pid_t children[LAB_CHILDREN];
    size_t child_count;
    pid_t hostile_pid; // 0 = not running
};

// Makes the folder, the PKI with leafs for these names, the sites, and finds two free ports.
void lab_open(struct lab *lab, const char *const *names, size_t name_count);
// Describes an origin. cert is a KIND of tests/support/pki.sh.
void lab_add(struct lab *lab, const char *address, const char *host, const struct server *http,
             const struct server *https, const char *cert);
// A line of the hosts file that stands for DNS.
void lab_resolve(struct lab *lab, const char *name, const char *address);
// Starts what was described and waits until it answers.
void lab_start(struct lab *lab);
// Connections that hostile had on an address, all ports; stops hostile.
unsigned lab_connections(struct lab *lab, const char *address);
// Stops everything by its process id and removes the folder.
void lab_close(struct lab *lab);

// Writes DIR/name.
void lab_write(const struct lab *lab, const char *name, const char *text);
// Runs a command to its end: stdout into out (may be NULL), stderr to DIR/stderr.log. The exit
// code, or 128 + the signal.
int lab_run(const struct lab *lab, struct buf *out, const char *const *argv);
// Starts one without waiting.
pid_t lab_spawn(const struct lab *lab, const char *const *argv);
int lab_wait(pid_t pid);
// sslauto with the lab's configuration and store, the arguments up to NULL.
int lab_sslauto(const struct lab *lab, struct buf *out, ...);
// Shows what the last command wrote to stderr.
void lab_show_errors(const struct lab *lab);
void lab_sleep_ms(long ms);

#endif
