// SPDX-License-Identifier: Apache-2.0
// A lab with an edge in front of its origins: real HAProxy processes with the configuration that
// `sslauto edge show` prints, moved to free ports on loopback; visitors from any number of
// addresses.
#ifndef SSLAUTO_TESTS_NET_EDGE_LAB_H
#define SSLAUTO_TESTS_NET_EDGE_LAB_H

#include <curl/curl.h>

#include "edge/edge.h"
#include "tests/net/lab.h"

#define EDGE_PROCESSES 2
#define EDGE_SECRET    "edge-lab-secret-0123"

struct edge_process {
    pid_t pid;       // the master's; 0 = not running
    char place[310]; // "unix:" and its socket
    char conf[300];
    uint16_t http_port, https_port;
    char *text; // owned; its configuration
};

struct edge_lab {
    struct lab lab;
    struct edge_settings settings;
    const char *places[EDGE_PROCESSES];
    char maps[300];
    char ca_file[300];
    char probe_url[64];
    struct edge_process at[EDGE_PROCESSES];
    struct edge *edge;   // of all processes
    uint16_t spare_port; // for a test's own use
    uint16_t dns_port;
    pid_t dns_pid;
};

// What a visitor got.
struct visited {
    int status;      // 0 = no answer
    bool https;      // how the origin was reached, as it says itself
    bool reused;     // over the connection of the visit before
    char origin[64]; // the origin's address
    char words[256]; // the whole body
    char location[256];
};

struct visitor {
    CURL *curl; // owned
    struct edge_lab *lab;
    size_t process;
};

// Whether there is a haproxy to test with: $SSLAUTO_HAPROXY, else that of the system.
bool edge_lab_possible(void);
// After the origins were described: starts them, and the processes of the edge.
void edge_lab_start(struct edge_lab *lab);
void edge_lab_close(struct edge_lab *lab);
void edge_process_start(struct edge_lab *lab, size_t process);
void edge_process_stop(struct edge_lab *lab, size_t process);
// As `systemctl reload`; waits until the new process answers.
void edge_process_reload(struct edge_lab *lab, size_t process);
// Exchanges a piece of the configuration; it has to be there.
void edge_process_edit(struct edge_lab *lab, size_t process, const char *from, const char *to);

// One host of the same name with origins at the lab's ports. Freed by the caller.
struct zone *edge_zone(const struct edge_lab *lab, const char *name, enum mode mode,
                       const char *const *origins, size_t count);
struct edge_want edge_ramp(const struct zone *zone, enum mode to, int share_bp, int64_t generation);

// The calls of edge.h that must go well.
void edge_lab_apply(struct edge_lab *lab, const struct edge_want *want);
void edge_lab_settle(struct edge_lab *lab, const struct zone *zone, enum mode mode);
void edge_lab_see(struct edge_lab *lab, const struct zone *zone, struct edge_seen *out);
void edge_lab_count(struct edge_lab *lab, const struct zone *zone, int64_t generation,
                    struct edge_counted *out);

// client: number of a client, each with an address of its own.
void visitor_init(struct visitor *visitor, struct edge_lab *lab, size_t process, unsigned client);
void visitor_done(struct visitor *visitor);
void visitor_get(struct visitor *visitor, struct visited *out, const char *host, bool secure);
// A new visitor with one request.
void visit_once(struct visited *out, struct edge_lab *lab, size_t process, unsigned client,
                const char *host, bool secure);

#endif
