// SPDX-License-Identifier: Apache-2.0
#include "tests/net/lab.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/check.h"

#define READY_MS     10000 // servers get so long to come up
#define ARGS_MAX     256
#define CONFIG_BYTES ((size_t)1 << 20)

void lab_sleep_ms(long ms)
{
    struct timespec span = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    (void)nanosleep(&span, NULL);
}

// -- processes -------------------------------------------------------------------------------

static void child_redirect(const char *path, int flags, int to)
{
    int fd = open(path, flags | O_CLOEXEC, 0644);
    if (fd < 0 || dup2(fd, to) < 0) {
        _exit(126);
    }
}

// stdin and stdout: names of files; NULL = /dev/null.
static pid_t lab_fork(const struct lab *lab, const char *in, const char *out,
                      const char *const *argv)
{
    char errors[300];
    (void)snprintf(errors, sizeof(errors), "%s/stderr.log", lab->dir);
    pid_t parent = getpid();
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() != parent) {
            _exit(126);
        }
        child_redirect(in ? in : "/dev/null", O_RDONLY, STDIN_FILENO);
        child_redirect(out ? out : "/dev/null", O_WRONLY | O_CREAT | O_TRUNC, STDOUT_FILENO);
        child_redirect(errors, O_WRONLY | O_CREAT | O_APPEND, STDERR_FILENO);
        // execvp() leaves the strings alone; its type is older than const.
        union {
            const char *const *in;
            char *const *out;
        } args = {.in = argv};
        (void)execvp(argv[0], args.out);
        _exit(127);
    }
    return pid;
}

int lab_wait(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0) {
        assert_int_equal(errno, EINTR);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void read_whole(struct buf *out, const char *path)
{
    char chunk[16384];
    FILE *in = fopen(path, "re");
    assert_non_null(in);
    size_t n = 0;
    while ((n = fread(chunk, 1, sizeof(chunk), in)) > 0) {
        assert_ok(buf_add(out, chunk, n), NULL);
    }
    (void)fclose(in);
}

static void forget_errors(const struct lab *lab)
{
    char path[300];
    (void)snprintf(path, sizeof(path), "%s/stderr.log", lab->dir);
    (void)unlink(path);
}

int lab_run(const struct lab *lab, struct buf *out, const char *const *argv)
{
    char path[300];
    (void)snprintf(path, sizeof(path), "%s/stdout", lab->dir);
    forget_errors(lab);
    int status = lab_wait(lab_fork(lab, NULL, path, argv));
    if (out) {
        buf_clear(out);
        read_whole(out, path);
    }
    return status;
}

pid_t lab_spawn(const struct lab *lab, const char *const *argv)
{
    return lab_fork(lab, NULL, NULL, argv);
}

int lab_sslauto(const struct lab *lab, struct buf *out, ...)
{
    char config[300];
    const char *argv[32] = {LAB_SSLAUTO};
    size_t count = 1;
    va_list more;
    va_start(more, out);
    for (const char *arg = va_arg(more, const char *); arg; arg = va_arg(more, const char *)) {
        assert_true(count < COUNT_OF(argv) - 3);
        argv[count++] = arg;
    }
    va_end(more);
    (void)snprintf(config, sizeof(config), "%s/sslauto.conf", lab->dir);
    argv[count++] = "--config";
    argv[count++] = config;
    return lab_run(lab, out, argv);
}

void lab_show_errors(const struct lab *lab)
{
    char path[300];
    struct buf text;
    buf_init(&text, LAB_OUTPUT);
    (void)snprintf(path, sizeof(path), "%s/stderr.log", lab->dir);
    if (access(path, R_OK) == 0) {
        read_whole(&text, path);
        print_message("%s", buf_str(&text));
    }
    buf_done(&text);
}

// -- making ----------------------------------------------------------------------------------

void lab_write(const struct lab *lab, const char *name, const char *text)
{
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/%s", lab->dir, name);
    FILE *out = fopen(path, "we");
    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
}

static bool can_bind(int family, uint16_t port)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 v6 = {
        .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool bound = fd >= 0 && (family == AF_INET ? bind(fd, (struct sockaddr *)&v4, sizeof(v4)) == 0
                                               : bind(fd, (struct sockaddr *)&v6, sizeof(v6)) == 0);
    if (fd >= 0) {
        close(fd);
    }
    return bound;
}

// Below the kernel's ephemeral range, so that no outgoing connection takes it meanwhile.
static uint16_t free_port(void)
{
    for (int i = 0; i < 1000; i++) {
        uint16_t port = 0;
        assert_int_equal(getrandom(&port, sizeof(port), 0), sizeof(port));
        port = (uint16_t)(15000 + port % 17000);
        if (can_bind(AF_INET, port)) {
            return port;
        }
    }
    fail_msg("no free port");
    return 0;
}

static void lab_script(const struct lab *lab, const char *script, const char *folder,
                       const char *const *names, size_t name_count)
{
    char path[512];
    char where[300];
    const char *argv[ARGS_MAX] = {"sh", path, where};
    (void)snprintf(path, sizeof(path), "%s/%s", LAB_SUPPORT, script);
    (void)snprintf(where, sizeof(where), "%s/%s", lab->dir, folder);
    assert_true(name_count < ARGS_MAX - 4);
    for (size_t i = 0; i < name_count; i++) {
        argv[3 + i] = names[i];
    }
    if (lab_run(lab, NULL, argv) != 0) {
        lab_show_errors(lab);
        fail_msg("%s failed", script);
    }
}

void lab_open(struct lab *lab, const char *const *names, size_t name_count)
{
    const char *tmp = getenv("TMPDIR");
    *lab = (struct lab){0};
    (void)snprintf(lab->dir, sizeof(lab->dir), "%s/sslauto-lab-XXXXXX", tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(lab->dir));
    // Servers that give up root must be able to enter.
    assert_int_equal(chmod(lab->dir, 0755), 0);
    lab->http_port = free_port();
    do {
        lab->https_port = free_port();
    } while (lab->https_port == lab->http_port);
    lab->ipv6 = can_bind(AF_INET6, lab->http_port);
    buf_init(&lab->nginx, CONFIG_BYTES);
    buf_init(&lab->apache, CONFIG_BYTES);
    buf_init(&lab->hostile, CONFIG_BYTES);
    buf_init(&lab->hosts, CONFIG_BYTES);
    lab_script(lab, "pki.sh", "pki", names, name_count);
    lab_script(lab, "sites.sh", "sites", NULL, 0);
}

// -- describing ------------------------------------------------------------------------------

static void add_nginx(struct lab *lab, const char *where, uint16_t port, const char *host,
                      const struct server *server, const char *cert)
{
    char tls[512] = "";
    const char *name = "_";
    if (cert) {
        (void)snprintf(tls, sizeof(tls),
                       " ssl_certificate pki/%s.pem; ssl_certificate_key pki/%s.key;", cert, cert);
    }
    if (server->kind == SERVER_NGINX_SNI) {
        name = host;
        assert_ok(buf_printf(&lab->nginx,
                             "server { listen %s:%u ssl default_server; server_name _; "
                             "ssl_reject_handshake on; }\n",
                             where, port),
                  NULL);
    }
    assert_ok(buf_printf(&lab->nginx, "server { listen %s:%u%s; server_name %s;%s ", where, port,
                         cert ? " ssl" : "", name, tls),
              NULL);
    if (server->site) {
        assert_ok(buf_printf(&lab->nginx, "root sites/%s; ", server->site), NULL);
    }
    assert_ok(buf_printf(&lab->nginx, "%s }\n", server->extra), NULL);
}

static void add_apache(struct lab *lab, const char *where, uint16_t port,
                       const struct server *server, const char *cert)
{
    assert_ok(buf_printf(&lab->apache,
                         "Listen %s:%u http\n<VirtualHost %s:%u>\nServerName default\n"
                         "DocumentRoot \"%s/sites/%s\"\n%s\n",
                         where, port, where, port, lab->dir, server->site, server->extra),
              NULL);
    if (cert) {
        assert_ok(buf_printf(&lab->apache,
                             "SSLEngine on\nSSLCertificateFile pki/%s.pem\n"
                             "SSLCertificateKeyFile pki/%s.key\n",
                             cert, cert),
                  NULL);
    }
    assert_ok(buf_add_str(&lab->apache, "</VirtualHost>\n"), NULL);
}

static void add_s_server(struct lab *lab, const char *where, uint16_t port,
                         const struct server *server, const char *cert)
{
    char accept[80];
    char chain[300];
    char key[300];
    char options[200];
    const char *argv[ARGS_MAX] = {"openssl", "s_server",    "-quiet", "-accept", accept, "-cert",
                                  chain,     "-cert_chain", chain,    "-key",    key};
    size_t count = 11;
    char *rest = NULL;
    (void)snprintf(accept, sizeof(accept), "%s:%u", where, port);
    (void)snprintf(chain, sizeof(chain), "%s/pki/%s.pem", lab->dir, cert);
    (void)snprintf(key, sizeof(key), "%s/pki/%s.key", lab->dir, cert);
    (void)snprintf(options, sizeof(options), "%s", server->extra);
    for (char *at = strtok_r(options, " ", &rest); at; at = strtok_r(NULL, " ", &rest)) {
        argv[count++] = at;
    }
    assert_true(lab->child_count < LAB_CHILDREN);
    lab->children[lab->child_count++] = lab_spawn(lab, argv);
}

static void add_server(struct lab *lab, const char *address, uint16_t port, const char *host,
                       const struct server *server, const char *cert)
{
    char where[80];
    (void)snprintf(where, sizeof(where), strchr(address, ':') ? "[%s]" : "%s", address);
    switch (server->kind) {
    case SERVER_NONE:
        break;
    case SERVER_NGINX:
    case SERVER_NGINX_SNI:
        add_nginx(lab, where, port, host, server, cert);
        break;
    case SERVER_APACHE:
        add_apache(lab, where, port, server, cert);
        break;
    case SERVER_S_SERVER:
        add_s_server(lab, where, port, server, cert);
        break;
    case SERVER_HOSTILE:
        assert_ok(buf_printf(&lab->hostile, "%s %u %s %s\n", address, port, cert ? "tls" : "tcp",
                             server->extra),
                  NULL);
        break;
    }
}

void lab_add(struct lab *lab, const char *address, const char *host, const struct server *http,
             const struct server *https, const char *cert)
{
    add_server(lab, address, lab->http_port, host, http, NULL);
    add_server(lab, address, lab->https_port, host, https, cert);
}

void lab_resolve(struct lab *lab, const char *name, const char *address)
{
    assert_ok(buf_printf(&lab->hosts, "%s %s\n", address, name), NULL);
}

// -- starting and stopping -------------------------------------------------------------------

static pid_t start_nginx(struct lab *lab)
{
    struct buf conf;
    char file[300];
    buf_init(&conf, CONFIG_BYTES);
    assert_ok(buf_printf(&conf,
                         "%sworker_processes 1;\npid nginx.pid;\nerror_log nginx.log;\n"
                         "events { worker_connections 4000; }\nhttp {\naccess_log off;\n"
                         "default_type text/html;\ncharset utf-8;\nindex index.html;\n"
                         "port_in_redirect off;\n"
                         "types { text/html html; application/json json; image/png png; }\n"
                         "client_body_temp_path tmp;\nproxy_temp_path tmp;\n"
                         "fastcgi_temp_path tmp;\nuwsgi_temp_path tmp;\nscgi_temp_path tmp;\n"
                         "server_names_hash_bucket_size 128;\nssl_protocols TLSv1.2 TLSv1.3;\n"
                         "%s}\n",
                         geteuid() == 0 ? "user root;\n" : "", buf_str(&lab->nginx)),
              NULL);
    lab_write(lab, "nginx.conf", buf_str(&conf));
    buf_done(&conf);
    (void)snprintf(file, sizeof(file), "%s/nginx.conf", lab->dir);
    char log[300];
    char prefix[300];
    (void)snprintf(log, sizeof(log), "%s/nginx.log", lab->dir);
    (void)snprintf(prefix, sizeof(prefix), "%s/", lab->dir);
    return lab_spawn(lab, (const char *const[]){"/usr/sbin/nginx", "-p", prefix, "-c", file, "-e",
                                                log, "-g", "daemon off;", NULL});
}

static pid_t start_apache(struct lab *lab)
{
    static const char *const modules[] = {"mpm_event", "authz_core", "alias", "dir", "ssl", "mime"};
    struct buf conf;
    buf_init(&conf, CONFIG_BYTES);
    for (size_t i = 0; i < COUNT_OF(modules); i++) {
        assert_ok(buf_printf(&conf, "LoadModule %s_module /usr/lib/apache2/modules/mod_%s.so\n",
                             modules[i], modules[i]),
                  NULL);
    }
    assert_ok(buf_printf(&conf,
                         "%sServerName localhost\nPidFile apache.pid\nErrorLog apache.log\n"
                         "DefaultRuntimeDir \"%s\"\nTypesConfig /dev/null\n"
                         "AddType text/html html\nAddDefaultCharset utf-8\n"
                         "DirectoryIndex index.html\nStartServers 1\nThreadsPerChild 8\n"
                         "MaxRequestWorkers 8\nMutex \"file:%s\" default\n%s",
                         geteuid() == 0 ? "User www-data\nGroup www-data\n" : "", lab->dir,
                         lab->dir, buf_str(&lab->apache)),
              NULL);
    lab_write(lab, "apache.conf", buf_str(&conf));
    buf_done(&conf);
    return lab_spawn(lab, (const char *const[]){"/usr/sbin/apache2", "-d", lab->dir, "-f",
                                                "apache.conf", "-DFOREGROUND", NULL});
}

static pid_t start_hostile(struct lab *lab)
{
    char table[300];
    char out[300];
    char chain[300];
    char key[300];
    char site[300];
    lab_write(lab, "hostile.table", buf_str(&lab->hostile));
    (void)snprintf(table, sizeof(table), "%s/hostile.table", lab->dir);
    (void)snprintf(out, sizeof(out), "%s/hostile.out", lab->dir);
    (void)snprintf(chain, sizeof(chain), "%s/pki/good.pem", lab->dir);
    (void)snprintf(key, sizeof(key), "%s/pki/good.key", lab->dir);
    (void)snprintf(site, sizeof(site), "%s/sites/boatyard", lab->dir);
    lab->hostile_pid =
        lab_fork(lab, table, out, (const char *const[]){LAB_HOSTILE, chain, key, site, NULL});
    return lab->hostile_pid;
}

// Whether a file has got its first line.
static bool has_line(const struct lab *lab, const char *name)
{
    char path[512];
    struct stat st;
    (void)snprintf(path, sizeof(path), "%s/%s", lab->dir, name);
    return stat(path, &st) == 0 && st.st_size > 0;
}

static void wait_ready(struct lab *lab, pid_t pid, const char *sign)
{
    for (int waited = 0; waited < READY_MS; waited += 20) {
        if (has_line(lab, sign)) {
            return;
        }
        if (waitpid(pid, NULL, WNOHANG) == pid) {
            break;
        }
        lab_sleep_ms(20);
    }
    lab_show_errors(lab);
    fail_msg("a server did not come up: no %s in %s", sign, lab->dir);
}

void lab_start(struct lab *lab)
{
    char tmp[300];
    (void)snprintf(tmp, sizeof(tmp), "%s/tmp", lab->dir);
    assert_int_equal(mkdir(tmp, 0755), 0);
    lab_write(lab, "hosts", buf_str(&lab->hosts));
    forget_errors(lab);
    const struct {
        const struct buf *wanted;
        pid_t (*start)(struct lab *);
        const char *sign; // the file that shows that it listens
    } servers[] = {
        {&lab->nginx, start_nginx, "nginx.pid"},
        {&lab->apache, start_apache, "apache.pid"},
        {&lab->hostile, start_hostile, "hostile.out"},
    };
    for (size_t i = 0; i < COUNT_OF(servers); i++) {
        if (servers[i].wanted->len > 0) {
            assert_true(lab->child_count < LAB_CHILDREN);
            pid_t pid = servers[i].start(lab);
            lab->children[lab->child_count++] = pid;
            wait_ready(lab, pid, servers[i].sign);
        }
    }
}

static void stop_child(struct lab *lab, pid_t pid)
{
    (void)kill(pid, SIGTERM);
    (void)lab_wait(pid);
    for (size_t i = 0; i < lab->child_count; i++) {
        if (lab->children[i] == pid) {
            lab->children[i] = lab->children[--lab->child_count];
        }
    }
}

unsigned lab_connections(struct lab *lab, const char *address)
{
    char path[300];
    char line[256];
    unsigned sum = 0;
    if (lab->hostile_pid > 0) {
        stop_child(lab, lab->hostile_pid);
        lab->hostile_pid = 0;
    }
    (void)snprintf(path, sizeof(path), "%s/hostile.out", lab->dir);
    FILE *in = fopen(path, "re");
    assert_non_null(in);
    while (fgets(line, sizeof(line), in)) {
        char where[64];
        unsigned port = 0;
        unsigned count = 0;
        if (sscanf(line, "COUNT %63s %u %u", where, &port, &count) == 3 &&
            strcmp(where, address) == 0) {
            sum += count;
        }
    }
    (void)fclose(in);
    return sum;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

void lab_close(struct lab *lab)
{
    while (lab->child_count > 0) {
        stop_child(lab, lab->children[lab->child_count - 1]);
    }
    buf_done(&lab->nginx);
    buf_done(&lab->apache);
    buf_done(&lab->hostile);
    buf_done(&lab->hosts);
    if (lab->dir[0] && !getenv("SSLAUTO_KEEP_LAB")) {
        (void)nftw(lab->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    }
}
