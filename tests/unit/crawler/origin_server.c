// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/crawler/origin_server.h"

#include <arpa/inet.h>
#include <assert.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/time.h"

#define MOST 512

struct connection {
    struct origin_server *server;
    pthread_t thread;
    int fd;
    bool open;
};

struct origin_server {
    int fd;
    uint16_t port;
    SSL_CTX *tls;
    origin_script *script;
    void *ctx;
    pthread_t thread;
    pthread_mutex_t lock;
    struct connection connections[MOST];
    size_t count, at_once, most;
    bool stopping;
    struct asked *asked;
    size_t asked_count;
};

struct stream {
    int fd;
    SSL *ssl;
};

static int stream_read(struct stream *s, char *at, int len)
{
    return s->ssl != NULL ? SSL_read(s->ssl, at, len) : (int)recv(s->fd, at, (size_t)len, 0);
}

// Endless answers are written until the client has enough.
static bool stream_write(struct stream *s, const char *at, size_t len)
{
    while (len > 0) {
        int n = s->ssl != NULL ? SSL_write(s->ssl, at, (int)len)
                               : (int)send(s->fd, at, len, MSG_NOSIGNAL);
        if (n <= 0) {
            return false;
        }
        at += n;
        len -= (size_t)n;
    }
    return true;
}

static bool read_request(struct stream *s, struct buf *in)
{
    char chunk[4096];
    buf_clear(in);
    while (strstr(buf_str(in), "\r\n\r\n") == NULL) {
        int n = stream_read(s, chunk, sizeof chunk);
        if (n <= 0 || buf_add(in, chunk, (size_t)n) != ERR_OK) {
            return false;
        }
        if (in->at[0] == 0x16) { // a ClientHello on a plain port gets an answer, as from nginx
            return true;
        }
    }
    return true;
}

static void copy_word(char *out, size_t size, const char *at, const char *ends)
{
    (void)snprintf(out, size, "%.*s", (int)strcspn(at, ends), at);
}

static void parse(struct asked *asked, const char *text)
{
    const char *path = strchr(text, ' ');
    const char *host = strstr(text, "\r\nHost: ");
    const char *agent = strstr(text, "\r\nUser-Agent: ");
    const char *forwarded = strstr(text, "\r\nX-Forwarded-Proto: ");
    if (path != NULL) {
        copy_word(asked->path, sizeof asked->path, path + 1, " ");
    }
    if (host != NULL) {
        copy_word(asked->host, sizeof asked->host, host + 8, "\r");
    }
    if (agent != NULL) {
        copy_word(asked->agent, sizeof asked->agent, agent + 14, "\r");
    }
    const char *from = strstr(text, "\r\nFrom: ");
    if (from != NULL) {
        copy_word(asked->from, sizeof asked->from, from + 8, "\r");
    }
    if (forwarded != NULL) {
        copy_word(asked->forwarded_proto, sizeof asked->forwarded_proto, forwarded + 21, "\r");
    }
    asked->at_ms = time_monotonic_ms();
}

static bool answer(struct connection *c, const struct asked *asked, struct buf *out)
{
    struct origin_server *server = c->server;
    (void)pthread_mutex_lock(&server->lock);
    struct asked *all = reallocarray(server->asked, server->asked_count + 1, sizeof *server->asked);
    assert(all != NULL);
    server->asked = all;
    all[server->asked_count++] = *asked;
    buf_clear(out);
    bool stays = server->script(server->ctx, asked, out);
    (void)pthread_mutex_unlock(&server->lock);
    return stays;
}

static void serve(struct connection *c, struct stream *s)
{
    struct buf in;
    struct buf out;
    buf_init(&in, 65536);
    buf_init(&out, (size_t)16 << 20);
    bool stays = true;
    while (stays && read_request(s, &in)) {
        struct asked asked = {.tls = s->ssl != NULL};
        parse(&asked, buf_str(&in));
        stays = answer(c, &asked, &out) && stream_write(s, buf_str(&out), out.len);
        if (!stays) {
            (void)stream_write(s, buf_str(&out), out.len);
        }
    }
    buf_done(&in);
    buf_done(&out);
}

static void *run_connection(void *data)
{
    struct connection *c = data;
    struct stream s = {.fd = c->fd};
    if (c->server->tls != NULL) {
        s.ssl = SSL_new(c->server->tls);
        assert(s.ssl != NULL);
        (void)SSL_set_fd(s.ssl, c->fd);
    }
    if (s.ssl == NULL || SSL_accept(s.ssl) == 1) {
        serve(c, &s);
    }
    if (s.ssl != NULL) {
        (void)SSL_shutdown(s.ssl);
        SSL_free(s.ssl);
    }
    (void)pthread_mutex_lock(&c->server->lock);
    c->open = false;
    c->server->at_once--;
    (void)close(c->fd);
    (void)pthread_mutex_unlock(&c->server->lock);
    return NULL;
}

static void *run_server(void *data)
{
    // OpenSSL writes without MSG_NOSIGNAL; the threads of connections inherit the mask.
    sigset_t pipe_signal;
    (void)sigemptyset(&pipe_signal);
    (void)sigaddset(&pipe_signal, SIGPIPE);
    (void)pthread_sigmask(SIG_BLOCK, &pipe_signal, NULL);
    struct origin_server *server = data;
    for (;;) {
        int fd = accept(server->fd, NULL, NULL);
        if (fd < 0) {
            return NULL;
        }
        (void)pthread_mutex_lock(&server->lock);
        assert(server->count < MOST);
        struct connection *c = &server->connections[server->count++];
        *c = (struct connection){.server = server, .fd = fd, .open = true};
        server->at_once++;
        server->most = server->at_once > server->most ? server->at_once : server->most;
        int failed = pthread_create(&c->thread, NULL, run_connection, c);
        assert(failed == 0);
        (void)pthread_mutex_unlock(&server->lock);
    }
}

static int listen_on(const char *ip, uint16_t *port)
{
    bool six = strchr(ip, ':') != NULL;
    struct sockaddr_storage at = {.ss_family = six ? AF_INET6 : AF_INET};
    void *raw = six ? (void *)&((struct sockaddr_in6 *)&at)->sin6_addr
                    : (void *)&((struct sockaddr_in *)&at)->sin_addr;
    socklen_t len = six ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    int parsed = inet_pton(at.ss_family, ip, raw);
    assert(parsed == 1);
    int fd = socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert(fd >= 0);
    if (bind(fd, (struct sockaddr *)&at, len) != 0 || listen(fd, 256) != 0) {
        (void)close(fd);
        return -1;
    }
    int got = getsockname(fd, (struct sockaddr *)&at, &len);
    assert(got == 0);
    *port = ntohs(six ? ((struct sockaddr_in6 *)&at)->sin6_port
                      : ((struct sockaddr_in *)&at)->sin_port);
    return fd;
}

struct origin_server *origin_server_start(const char *ip, SSL_CTX *tls, origin_script *script,
                                          void *ctx)
{
    struct origin_server *server = calloc(1, sizeof *server);
    assert(server != NULL);
    server->tls = tls;
    server->script = script;
    server->ctx = ctx;
    server->fd = listen_on(ip, &server->port);
    assert(server->fd >= 0);
    (void)pthread_mutex_init(&server->lock, NULL);
    int failed = pthread_create(&server->thread, NULL, run_server, server);
    assert(failed == 0);
    return server;
}

void origin_server_stop(struct origin_server *server)
{
    if (server == NULL) {
        return;
    }
    (void)shutdown(server->fd, SHUT_RDWR);
    (void)pthread_join(server->thread, NULL);
    (void)pthread_mutex_lock(&server->lock);
    for (size_t i = 0; i < server->count; i++) {
        if (server->connections[i].open) {
            (void)shutdown(server->connections[i].fd, SHUT_RDWR);
        }
    }
    (void)pthread_mutex_unlock(&server->lock);
    for (size_t i = 0; i < server->count; i++) {
        (void)pthread_join(server->connections[i].thread, NULL);
    }
    (void)close(server->fd);
    (void)pthread_mutex_destroy(&server->lock);
    SSL_CTX_free(server->tls);
    free(server->asked);
    free(server);
}

uint16_t origin_server_port(const struct origin_server *server)
{
    return server->port;
}

size_t origin_server_connections(struct origin_server *server)
{
    (void)pthread_mutex_lock(&server->lock);
    size_t count = server->count;
    (void)pthread_mutex_unlock(&server->lock);
    return count;
}

size_t origin_server_most_at_once(struct origin_server *server)
{
    (void)pthread_mutex_lock(&server->lock);
    size_t most = server->most;
    (void)pthread_mutex_unlock(&server->lock);
    return most;
}

size_t origin_server_asked(struct origin_server *server, struct asked **out)
{
    (void)pthread_mutex_lock(&server->lock);
    size_t count = server->asked_count;
    *out = calloc(count + 1, sizeof **out);
    assert(*out != NULL);
    if (count > 0) {
        memcpy(*out, server->asked, count * sizeof **out);
    }
    (void)pthread_mutex_unlock(&server->lock);
    return count;
}

static void add_extension(X509 *cert, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, cert, cert, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    assert(extension != NULL);
    (void)X509_add_ext(cert, extension, -1);
    X509_EXTENSION_free(extension);
}

SSL_CTX *origin_tls(const char *name, const char *pem_file)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = X509_new();
    assert(key != NULL && cert != NULL);
    (void)X509_set_version(cert, X509_VERSION_3);
    (void)ASN1_INTEGER_set(X509_get_serialNumber(cert), (long)time_now_s());
    (void)X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
    (void)X509_gmtime_adj(X509_getm_notAfter(cert), 90L * 86400);
    X509_NAME *subject = X509_get_subject_name(cert);
    (void)X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1,
                                     -1, 0);
    (void)X509_set_issuer_name(cert, subject);
    (void)X509_set_pubkey(cert, key);
    char san[300];
    (void)snprintf(san, sizeof san, "DNS:%s", name);
    add_extension(cert, NID_subject_alt_name, san);
    add_extension(cert, NID_basic_constraints, "critical,CA:TRUE");
    int signed_bytes = X509_sign(cert, key, EVP_sha256());
    assert(signed_bytes > 0);
    if (pem_file != NULL) {
        FILE *out = fopen(pem_file, "w");
        assert(out != NULL);
        (void)PEM_write_X509(out, cert);
        (void)fclose(out);
    }
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    assert(ctx != NULL);
    (void)SSL_CTX_use_certificate(ctx, cert);
    (void)SSL_CTX_use_PrivateKey(ctx, key);
    X509_free(cert);
    EVP_PKEY_free(key);
    return ctx;
}

uint16_t origin_closed_port(const char *ip)
{
    uint16_t port = 0;
    int fd = listen_on(ip, &port);
    assert(fd >= 0);
    (void)close(fd);
    return port;
}

bool origin_answer(struct buf *out, int status, const char *headers, const char *body)
{
    enum err e = buf_printf(out, "HTTP/1.1 %d X\r\nContent-Length: %zu\r\n%s\r\n%s", status,
                            strlen(body), headers, body);
    assert(e == ERR_OK);
    return true;
}
