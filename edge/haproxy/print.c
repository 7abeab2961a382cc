// SPDX-License-Identifier: Apache-2.0
// `sslauto edge show`: the configuration that this driver counts on, for the operator's settings.
#include "core/url.h"
#include "edge/haproxy/config.h"
#include "edge/haproxy/haproxy.h"

#define CERTS      "/etc/haproxy/certs/"
#define SYSTEM_CAS "/etc/ssl/certs/ca-certificates.crt"

struct printing {
    const struct edge_settings *settings;
    const char *place; // of the line in work
    uint16_t visit_http;
    uint16_t visit_https;
    FILE *out;
};

// The probe URL says where the edge listens; nothing said, the usual ports.
static void find_ports(struct printing *p)
{
    struct url url = {0};
    p->visit_http = 80;
    p->visit_https = 443;
    if (p->settings->probe_url != NULL &&
        url_parse(&url, span_of(p->settings->probe_url)) == ERR_OK) {
        *(url.https ? &p->visit_https : &p->visit_http) = url.port;
        url_done(&url);
    }
}

static void print_socket(const struct printing *p)
{
    const char *where = strchr(p->place, ':') + 1;
    if (strncmp(p->place, "unix:", 5) == 0) {
        (void)fprintf(p->out, "%s group haproxy mode 660 level admin expose-fd listeners", where);
    } else {
        (void)fprintf(p->out, "%s@%s level admin expose-fd listeners",
                      where[0] == '[' ? "ipv6" : "ipv4", where);
    }
}

static void print_word(const struct printing *p, struct span word)
{
    const struct edge_settings *s = p->settings;
    const struct {
        const char *word;
        const char *text;
        unsigned number;
    } words[] = {
        {"name", s->name, 0},
        {"maps", s->maps_dir, 0},
        {"certs", CERTS, 0},
        {"secret", s->probe_secret, 0},
        {"place", p->place, 0},
        {"ca_file", s->ca_file != NULL ? s->ca_file : SYSTEM_CAS, 0},
        {"http_port", NULL, s->http_port},
        {"https_port", NULL, s->https_port},
        {"visit_http", NULL, p->visit_http},
        {"visit_https", NULL, p->visit_https},
    };
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (span_equal(word, span_of(words[i].word))) {
            if (words[i].text != NULL) {
                (void)fputs(words[i].text, p->out);
            } else {
                (void)fprintf(p->out, "%u", words[i].number);
            }
            return;
        }
    }
    print_socket(p);
}

static void print_line(const struct printing *p, const char *line)
{
    struct span rest = span_of(line);
    bool word = false;
    while (rest.at != NULL) {
        struct span part = span_cut(&rest, '@');
        if (word) {
            print_word(p, part);
        } else {
            (void)fwrite(part.at, 1, part.len, p->out);
        }
        word = !word;
    }
    (void)fputc('\n', p->out);
}

enum err haproxy_print(const struct edge_settings *settings, FILE *out, struct why *why)
{
    enum err e = haproxy_check(settings, why);
    if (e != ERR_OK) {
        return e;
    }
    struct printing p = {.settings = settings, .out = out};
    bool probes = settings->probe_secret != NULL;
    find_ports(&p);
    for (size_t i = 0; config_lines[i] != NULL; i++) {
        const char *line = config_lines[i];
        bool further = line[0] == '*';
        bool wanted = further || (line[0] == '?' ? probes : line[0] == '!' ? !probes : true);
        bool marked = further || line[0] == '?' || line[0] == '!';
        for (size_t n = further ? 1 : 0; wanted && n < (further ? settings->place_count : 1); n++) {
            p.place = settings->places[n];
            print_line(&p, line + marked);
        }
    }
    return ferror(out) == 0 ? ERR_OK : why_set(why, ERR_IO, "the output cannot be written");
}
