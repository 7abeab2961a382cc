// SPDX-License-Identifier: Apache-2.0
#include "tests/net/edge_lab.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/time.h"
#include "tests/support/check.h"

#define READY_MS 10000

static const char *haproxy_program(void)
{
    const char *program = getenv("SSLAUTO_HAPROXY");
    return program != NULL ? program : "/usr/sbin/haproxy";
}

bool edge_lab_possible(void)
{
    if (access(haproxy_program(), X_OK) == 0) {
        return true;
    }
    print_message("there is no haproxy here; on Debian: apt-get install haproxy\n");
    return false;
}

static uint16_t take_port(struct edge_lab *lab)
{
    static const int on = 1;
    (void)lab;
    for (int i = 0; i < 1000; i++) {
        uint16_t port = (uint16_t)(15000 + arc4random_uniform(17000));
        struct sockaddr_in in = {.sin_family = AF_INET,
                                 .sin_port = htons(port),
                                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_true(fd >= 0);
        assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)), 0);
        bool free_port = bind(fd, (const struct sockaddr *)&in, sizeof(in)) == 0;
        (void)close(fd);
        if (free_port && port != lab->lab.http_port && port != lab->lab.https_port) {
            return port;
        }
    }
    fail_msg("no free port");
    return 0;
}

// -- names --------------------------------------------------------------------------------------
// A resolver that knows one thing: every name has the address 127.0.30.1.
static void serve_dns(int fd)
{
    unsigned char packet[512];
    static const unsigned char answer[] = {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, 127, 0, 30, 1};
    for (;;) {
        struct sockaddr_in from;
        socklen_t from_len = sizeof(from);
        ssize_t n = recvfrom(fd, packet, sizeof(packet) - sizeof(answer), 0,
                             (struct sockaddr *)&from, &from_len);
        size_t end = 12;
        while (n > 12 && end < (size_t)n && packet[end] != 0) {
            end += packet[end] + 1U;
        }
        end += 5; // the root label, type and class
        if (n < 17 || end > (size_t)n) {
            continue;
        }
        bool a = packet[end - 3] == 1;
        packet[2] = 0x84; // an answer, authoritative (RFC 1035 section 4.1.1)
        packet[3] = 0;
        packet[7] = a ? 1 : 0;
        memset(packet + 8, 0, 4);
        if (a) {
            memcpy(packet + end, answer, sizeof(answer));
            end += sizeof(answer);
        }
        (void)sendto(fd, packet, end, 0, (const struct sockaddr *)&from, from_len);
    }
}

static void start_dns(struct edge_lab *lab)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(in);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0 && bind(fd, (const struct sockaddr *)&in, len) == 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &len), 0);
    lab->dns_port = ntohs(in.sin_port);
    lab->dns_pid = fork();
    assert_true(lab->dns_pid >= 0);
    if (lab->dns_pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        serve_dns(fd);
    }
    (void)close(fd);
}

// -- the processes ------------------------------------------------------------------------------
static void edit(char **text, const char *from, const char *to)
{
    struct buf out;
    char *at = strstr(*text, from);
    if (at == NULL) {
        fail_msg("the configuration does not have: %s", from);
    }
    buf_init(&out, (size_t)1 << 20);
    assert_ok(buf_add(&out, *text, (size_t)(at - *text)), NULL);
    assert_ok(buf_add_str(&out, to), NULL);
    assert_ok(buf_add_str(&out, at + strlen(from)), NULL);
    free(*text);
    *text = buf_take(&out);
}

void edge_process_edit(struct edge_lab *lab, size_t process, const char *from, const char *to)
{
    struct edge_process *p = &lab->at[process];
    edit(&p->text, from, to);
    FILE *out = fopen(p->conf, "we");
    assert_non_null(out);
    assert_true(fputs(p->text, out) >= 0);
    assert_int_equal(fclose(out), 0);
}

// What has to be another thing in a lab: users, logs, addresses, certificates.
static void configure(struct edge_lab *lab, size_t process)
{
    struct edge_process *p = &lab->at[process];
    struct edge_settings settings = lab->settings;
    size_t size = 0;
    char from[400];
    char to[400];
    struct why why = {""};
    const char *place = p->place;
    settings.places = &place;
    settings.place_count = 1;
    settings.probe_url = NULL;
    FILE *out = open_memstream(&p->text, &size);
    assert_non_null(out);
    assert_ok(edge_print(&settings, out, &why), &why);
    assert_int_equal(fclose(out), 0);
    edit(&p->text, "    log /dev/log local0\n",
         "    nbthread 2\n    log stdout format raw local0\n");
    edit(&p->text, "    user haproxy\n    group haproxy\n", "");
    edit(&p->text, " group haproxy mode 660 ", " mode 600 ");
    (void)snprintf(to, sizeof(to), "    bind 127.0.0.1:%u\n", p->http_port);
    edit(&p->text, "    bind :80\n", to);
    (void)snprintf(to, sizeof(to), "    bind 127.0.0.1:%u ssl crt %s/edge.pem alpn http/1.1\n",
                   p->https_port, lab->lab.dir);
    edit(&p->text, "    bind :443 ssl crt /etc/haproxy/certs/ alpn h2,http/1.1\n", to);
    (void)snprintf(to, sizeof(to), "    nameserver lab 127.0.0.1:%u\n", lab->dns_port);
    edit(&p->text, "    parse-resolv-conf\n", to);
    (void)snprintf(from, sizeof(from), "timeout connect 3s");
    edge_process_edit(lab, process, from, "timeout connect 1s");
}

static bool answers(const char *path)
{
    struct sockaddr_un {
        sa_family_t family;
        char path[108];
    } un = {.family = AF_UNIX};
    (void)snprintf(un.path, sizeof(un.path), "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool ok = fd >= 0 && connect(fd, (const struct sockaddr *)(const void *)&un, sizeof(un)) == 0;
    if (fd >= 0) {
        (void)close(fd);
    }
    return ok;
}

void edge_process_start(struct edge_lab *lab, size_t process)
{
    struct edge_process *p = &lab->at[process];
    p->pid =
        lab_spawn(&lab->lab, (const char *const[]){haproxy_program(), "-W", "-f", p->conf, NULL});
    for (int waited = 0; !answers(p->place + strlen("unix:")); waited += 10) {
        if (waited > READY_MS || waitpid(p->pid, NULL, WNOHANG) == p->pid) {
            lab_show_errors(&lab->lab);
            fail_msg("haproxy did not come up");
        }
        lab_sleep_ms(10);
    }
}

void edge_process_stop(struct edge_lab *lab, size_t process)
{
    struct edge_process *p = &lab->at[process];
    if (p->pid > 0) {
        (void)kill(p->pid, SIGTERM);
        (void)lab_wait(p->pid);
    }
    p->pid = 0;
}

static int64_t epoch_of(struct edge_lab *lab, size_t process)
{
    static const char *const origin[] = {"127.0.20.1"};
    struct edge_seen seen[LIMIT_EDGE_PROCESSES];
    size_t count = 0;
    struct why why = {""};
    OWN(zone_own) struct zone *zone = edge_zone(lab, "nobody.test", MODE_FLEXIBLE, origin, 1);
    assert_ok(edge_read(lab->edge, zone, seen, &count, &why), &why);
    return seen[process].epoch;
}

void edge_process_reload(struct edge_lab *lab, size_t process)
{
    int64_t before = epoch_of(lab, process);
    for (int waited = 0; epoch_of(lab, process) == before; waited += 10) {
        if (waited > READY_MS) {
            lab_show_errors(&lab->lab);
            fail_msg("haproxy was not reloaded");
        }
        if (waited % 1000 == 0) { // a master that is not ready again yet loses the signal
            assert_int_equal(kill(lab->at[process].pid, SIGUSR2), 0);
        }
        lab_sleep_ms(10);
    }
}

static void copy_edge_certificate(struct edge_lab *lab)
{
    char command[1024];
    (void)snprintf(command, sizeof(command), "cat %s/pki/good.pem %s/pki/good.key >%s/edge.pem",
                   lab->lab.dir, lab->lab.dir, lab->lab.dir);
    assert_int_equal(lab_run(&lab->lab, NULL, (const char *const[]){"sh", "-c", command, NULL}), 0);
}

static void make_settings(struct edge_lab *lab)
{
    (void)snprintf(lab->maps, sizeof(lab->maps), "%s/maps", lab->lab.dir);
    (void)snprintf(lab->ca_file, sizeof(lab->ca_file), "%s/pki/public.pem", lab->lab.dir);
    for (size_t i = 0; i < EDGE_PROCESSES; i++) {
        struct edge_process *p = &lab->at[i];
        p->http_port = take_port(lab);
        p->https_port = take_port(lab);
        (void)snprintf(p->place, sizeof(p->place), "unix:%s/edge%zu.sock", lab->lab.dir, i);
        (void)snprintf(p->conf, sizeof(p->conf), "%s/edge%zu.cfg", lab->lab.dir, i);
        lab->places[i] = p->place;
    }
    lab->spare_port = take_port(lab);
    (void)snprintf(lab->probe_url, sizeof(lab->probe_url), "https://127.0.0.1:%u",
                   lab->at[0].https_port);
    lab->settings = (struct edge_settings){
        .name = "lab",
        .driver = "haproxy",
        .places = lab->places,
        .place_count = EDGE_PROCESSES,
        .maps_dir = lab->maps,
        .probe_url = lab->probe_url,
        .probe_secret = EDGE_SECRET,
        .probe_ca_file = lab->ca_file,
        .http_port = lab->lab.http_port,
        .https_port = lab->lab.https_port,
        .ca_file = lab->ca_file,
        .timeout_ms = 30000,
        .skew_max_s = 5,
    };
}

void edge_lab_start(struct edge_lab *lab)
{
    struct why why = {""};
    lab_start(&lab->lab);
    copy_edge_certificate(lab);
    start_dns(lab);
    make_settings(lab);
    assert_int_equal(mkdir(lab->maps, 0755), 0);
    lab_write(&lab->lab, "maps/zone.map", "");
    lab_write(&lab->lab, "maps/origin.map", "");
    lab_write(&lab->lab, "maps/ramp.map", "");
    assert_ok(edge_open(&lab->edge, &lab->settings, &why), &why);
    for (size_t i = 0; i < EDGE_PROCESSES; i++) {
        configure(lab, i);
        edge_process_start(lab, i);
    }
}

void edge_lab_close(struct edge_lab *lab)
{
    for (size_t i = 0; i < EDGE_PROCESSES; i++) {
        edge_process_stop(lab, i);
        free(lab->at[i].text);
    }
    if (lab->dns_pid > 0) {
        (void)kill(lab->dns_pid, SIGKILL);
        (void)lab_wait(lab->dns_pid);
    }
    edge_close(lab->edge);
    lab_close(&lab->lab);
}

// -- zones --------------------------------------------------------------------------------------
struct zone *edge_zone(const struct edge_lab *lab, const char *name, enum mode mode,
                       const char *const *origins, size_t count)
{
    struct why why = {""};
    struct host *host = NULL;
    struct zone *zone = zone_new();
    assert_non_null(zone);
    zone->name = strdup(name);
    zone->mode = mode;
    assert_non_null(zone->name);
    assert_ok(zone_add_host(&host, zone, span_of(name), &why), &why);
    for (size_t i = 0; i < count; i++) {
        assert_ok(host_add_origin(host, span_of(origins[i]), lab->lab.http_port,
                                  lab->lab.https_port, &why),
                  &why);
    }
    return zone;
}

struct edge_want edge_ramp(const struct zone *zone, enum mode to, int share_bp, int64_t generation)
{
    return (struct edge_want){.zone = zone,
                              .old_mode = zone->mode,
                              .new_mode = to,
                              .share_bp = share_bp,
                              .generation = generation,
                              .lease_s = 60};
}

void edge_lab_apply(struct edge_lab *lab, const struct edge_want *want)
{
    struct why why = {""};
    assert_ok(edge_apply(lab->edge, want, &why), &why);
}

void edge_lab_settle(struct edge_lab *lab, const struct zone *zone, enum mode mode)
{
    struct edge_want want = {.zone = zone, .old_mode = mode};
    edge_lab_apply(lab, &want);
}

void edge_lab_see(struct edge_lab *lab, const struct zone *zone, struct edge_seen *out)
{
    size_t count = 0;
    struct why why = {""};
    assert_ok(edge_read(lab->edge, zone, out, &count, &why), &why);
    assert_int_equal(count, EDGE_PROCESSES);
}

void edge_lab_count(struct edge_lab *lab, const struct zone *zone, int64_t generation,
                    struct edge_counted *out)
{
    size_t count = 0;
    struct why why = {""};
    assert_ok(edge_counters(lab->edge, zone, generation, out, &count, &why), &why);
    assert_int_equal(count, EDGE_PROCESSES);
}

// -- visitors -----------------------------------------------------------------------------------
void visitor_init(struct visitor *visitor, struct edge_lab *lab, size_t process, unsigned client)
{
    char from[64];
    *visitor = (struct visitor){.curl = curl_easy_init(), .lab = lab, .process = process};
    assert_non_null(visitor->curl);
    (void)snprintf(from, sizeof(from), "127.%u.%u.%u", 64 + client / 62500, client / 250 % 250 + 1,
                   client % 250 + 1);
    CURL *curl = visitor->curl;
    assert_int_equal(curl_easy_setopt(curl, CURLOPT_INTERFACE, from), CURLE_OK);
    assert_int_equal(curl_easy_setopt(curl, CURLOPT_PROXY, ""), CURLE_OK);
    assert_int_equal(curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L), CURLE_OK);
    assert_int_equal(curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 10000L), CURLE_OK);
    // The visitor's own trust is not looked at here.
    assert_int_equal(curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L), CURLE_OK);
    assert_int_equal(curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L), CURLE_OK);
}

void visitor_done(struct visitor *visitor)
{
    curl_easy_cleanup(visitor->curl);
    visitor->curl = NULL;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *ctx)
{
    struct visited *visit = ctx;
    size_t have = strlen(visit->words);
    size_t room = sizeof(visit->words) - 1 - have;
    size_t len = size * count < room ? size * count : room;
    memcpy(visit->words + have, bytes, len);
    visit->words[have + len] = '\0';
    return size * count;
}

// The origins of these labs answer "SCHEME ADDRESS".
static void understand(struct visited *visit)
{
    char scheme[16] = "";
    if (sscanf(visit->words, "%15s %63s", scheme, visit->origin) == 2) {
        visit->https = strcmp(scheme, "https") == 0;
    }
}

void visitor_get(struct visitor *visitor, struct visited *out, const char *host, bool secure)
{
    char url[300];
    char where[64];
    long status = 0;
    long connects = 0;
    char *location = NULL;
    const struct edge_process *p = &visitor->lab->at[visitor->process];
    unsigned port = secure ? p->https_port : p->http_port;
    *out = (struct visited){0};
    (void)snprintf(url, sizeof(url), "%s://%s:%u/", secure ? "https" : "http", host, port);
    (void)snprintf(where, sizeof(where), "::127.0.0.1:%u", port);
    struct curl_slist *connect_to = curl_slist_append(NULL, where);
    assert_non_null(connect_to);
    CURL *curl = visitor->curl;
    assert_int_equal(curl_easy_setopt(curl, CURLOPT_URL, url), CURLE_OK);
    assert_int_equal(curl_easy_setopt(curl, CURLOPT_CONNECT_TO, connect_to), CURLE_OK);
    assert_int_equal(curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body), CURLE_OK);
    assert_int_equal(curl_easy_setopt(curl, CURLOPT_WRITEDATA, out), CURLE_OK);
    CURLcode code = curl_easy_perform(curl);
    if (code == CURLE_OK) {
        assert_int_equal(curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status), CURLE_OK);
        assert_int_equal(curl_easy_getinfo(curl, CURLINFO_NUM_CONNECTS, &connects), CURLE_OK);
        assert_int_equal(curl_easy_getinfo(curl, CURLINFO_REDIRECT_URL, &location), CURLE_OK);
        out->status = (int)status;
        out->reused = connects == 0;
        (void)snprintf(out->location, sizeof(out->location), "%s", location ? location : "");
        understand(out);
    } else {
        (void)snprintf(out->words, sizeof(out->words), "%s", curl_easy_strerror(code));
    }
    assert_int_equal(curl_easy_setopt(curl, CURLOPT_CONNECT_TO, NULL), CURLE_OK);
    curl_slist_free_all(connect_to);
}

void visit_once(struct visited *out, struct edge_lab *lab, size_t process, unsigned client,
                const char *host, bool secure)
{
    struct visitor visitor;
    visitor_init(&visitor, lab, process, client);
    visitor_get(&visitor, out, host, secure);
    visitor_done(&visitor);
}
