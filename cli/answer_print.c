// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>

#include "cli/answer.h"
#include "core/limits.h"

static void print_headline(const struct output *out, const json_t *answer)
{
    const char *verdict = json_text_at(answer, "verdict");
    const char *current = json_text_at(answer, "mode_current");
    const char *recommended = json_text_at(answer, "mode_recommended");
    output_text(out, STYLE_BOLD, json_text_at(answer, "host"));
    output_print(": ");
    enum style style = verdict_style(verdict);
    if (strcmp(verdict, "upgrade") == 0) {
        output_text(out, style, "upgrade");
        output_print(" from %s to ", mode_word_title(current));
        output_text(out, STYLE_BOLD, mode_word_title(recommended));
        output_print("\n");
    } else if (strcmp(verdict, "keep") == 0) {
        output_text(out, style, "keep");
        output_print(" %s\n", mode_word_title(current));
    } else if (strcmp(verdict, "at_risk") == 0) {
        output_text(out, style, "at risk");
        output_print(": the origin no longer supports %s; it is not lowered by itself\n",
                     mode_word_title(current));
    } else {
        output_text(out, style, "unknown");
        output_print(": nothing can be said now; %s stays\n", mode_word_title(current));
    }
}

// "www.example.com 192.0.2.1: ", where a finding names them.
static void print_finding(const struct output *out, const json_t *finding, const char *mark,
                          enum style style)
{
    char words[LIMIT_OUTPUT_FIELD];
    const char *host = json_text_at(finding, "host");
    const char *origin = json_text_at(finding, "origin");
    output_print("  ");
    output_text(out, style, mark);
    output_print(" ");
    output_text(out, STYLE_FAINT, json_text_at(finding, "code"));
    output_print("\n");
    (void)snprintf(words, sizeof words, "%s%s%s%s%s", host,
                   host[0] != '\0' && origin[0] != '\0' ? " at " : "", origin,
                   host[0] != '\0' || origin[0] != '\0' ? ": " : "", json_text_at(finding, "text"));
    output_wrap(4, words);
    if (json_text_at(finding, "remedy")[0] != '\0') {
        (void)snprintf(words, sizeof words, "What to do: %s", json_text_at(finding, "remedy"));
        output_wrap(4, words);
    }
    (void)snprintf(words, sizeof words, "Source: %s", json_text_at(finding, "source"));
    output_wrap(4, words);
}

static void print_findings(const struct output *out, const json_t *list, const char *title,
                           const char *mark, enum style style)
{
    size_t i = 0;
    const json_t *finding = NULL;
    if (json_array_size(list) == 0) {
        return;
    }
    output_print("\n");
    output_text(out, STYLE_BOLD, title);
    output_print("\n");
    json_array_foreach(list, i, finding)
    {
        print_finding(out, finding, mark, style);
    }
}

static void print_scheme(const struct output *out, const json_t *scheme, const char *name)
{
    long long status = json_integer_value(json_object_get(scheme, "status"));
    const char *outcome = json_text_at(scheme, "outcome");
    const char *redirect = json_text_at(scheme, "redirect");
    output_print("    %-12s ", name);
    if (!json_is_true(json_object_get(scheme, "asked"))) {
        output_print("not asked");
    } else if (status > 0) {
        output_print("%lld", status);
        output_print("%s%s", strcmp(outcome, "ok") == 0 ? "" : " ",
                     strcmp(outcome, "ok") == 0 ? "" : outcome);
    } else {
        output_text(out, STYLE_BAD, outcome);
    }
    if (redirect[0] != '\0' && strcmp(redirect, "none") != 0) {
        output_print(", redirect %s to ", redirect);
        output_text(out, STYLE_NONE, json_text_at(scheme, "final_url"));
    }
    if (json_text_at(scheme, "words")[0] != '\0') {
        output_print(" (");
        output_text(out, STYLE_NONE, json_text_at(scheme, "words"));
        output_print(")");
    }
    if (json_text_at(scheme, "tls_version")[0] != '\0') {
        output_print(", %s %s", json_text_at(scheme, "tls_version"),
                     json_text_at(scheme, "tls_cipher"));
    }
    output_print("\n");
}

static void print_certificate(const struct output *out, const json_t *certificate)
{
    if (!json_is_object(certificate)) {
        return;
    }
    bool good = json_is_true(json_object_get(certificate, "strict_ok"));
    output_print("    certificate  ");
    output_text(out, good ? STYLE_GOOD : STYLE_BAD,
                good ? "accepted by strict" : "refused by strict");
    output_print(", until %.10s, issued by ", json_text_at(certificate, "not_after"));
    output_text(out, STYLE_NONE, json_text_at(certificate, "issuer"));
    output_print("\n");
    const json_t *errors = json_object_get(certificate, "errors");
    size_t i = 0;
    const json_t *error = NULL;
    json_array_foreach(errors, i, error)
    {
        output_print("                 depth %lld: ",
                     (long long)json_integer_value(json_object_get(error, "depth")));
        output_text(out, STYLE_NONE, json_text_at(error, "text"));
        output_print("\n");
    }
    if (!json_is_true(json_object_get(certificate, "name_ok"))) {
        output_print("                 does not cover the host's name\n");
    }
}

static void print_pages(const struct output *out, const json_t *similarity)
{
    const json_t *pages = json_object_get(similarity, "pages");
    size_t i = 0;
    const json_t *page = NULL;
    json_array_foreach(pages, i, page)
    {
        const char *verdict = json_text_at(page, "verdict");
        if (strcmp(verdict, "none") == 0) {
            continue;
        }
        output_print("    %-12s ", i == 0 ? "pages" : "");
        output_text(out, strcmp(verdict, "different") == 0 ? STYLE_BAD : STYLE_NONE, verdict);
        output_print(" %.4f ", json_number_value(json_object_get(page, "score")));
        output_text(out, STYLE_NONE, json_text_at(page, "path"));
        output_print("  ");
        output_text(out, STYLE_FAINT, json_text_at(page, "detail"));
        output_print("\n");
    }
}

static void print_origins(const struct output *out, const json_t *answer)
{
    size_t i = 0;
    const json_t *origin = NULL;
    const json_t *origins = json_object_get(answer, "origins");
    output_print("\n");
    output_text(out, STYLE_BOLD, "Evidence");
    output_print(json_is_true(json_object_get(answer, "shortened"))
                     ? ", shortened: there was more than is kept\n"
                     : "\n");
    json_array_foreach(origins, i, origin)
    {
        const char *robots = json_text_at(origin, "robots");
        output_print("  ");
        output_text(out, STYLE_NONE, json_text_at(origin, "host"));
        output_print(" at ");
        output_text(out, STYLE_NONE, json_text_at(origin, "address"));
        output_print(" (ports %lld and %lld)\n",
                     (long long)json_integer_value(json_object_get(origin, "http_port")),
                     (long long)json_integer_value(json_object_get(origin, "https_port")));
        print_scheme(out, json_object_get(origin, "http"), "HTTP");
        print_scheme(out, json_object_get(origin, "https"), "HTTPS");
        print_certificate(out, json_object_get(origin, "certificate"));
        print_pages(out, json_object_get(origin, "similarity"));
        if (robots[0] != '\0' && strcmp(robots, "none") != 0) {
            output_print("    robots.txt   %s ", robots);
            output_text(out, STYLE_NONE, json_text_at(origin, "robots_words"));
            output_print("\n");
        }
        if (json_text_at(origin, "first_look")[0] != '\0') {
            output_print("    first look   ");
            output_text(out, STYLE_NONE, json_text_at(origin, "first_look"));
            output_print("\n");
        }
    }
}

static void print_hosts(const struct output *out, const json_t *hosts)
{
    size_t i = 0;
    const json_t *host = NULL;
    if (json_array_size(hosts) < 2) {
        return;
    }
    output_print("\n");
    output_text(out, STYLE_BOLD, "Host by host");
    output_print("\n");
    json_array_foreach(hosts, i, host)
    {
        output_print("  ");
        output_text(out, STYLE_NONE, json_text_at(host, "name"));
        const char *mode = json_text_at(host, "mode");
        output_print(": %s (weight %g)\n", mode[0] == '\0' ? "unknown" : mode_word_title(mode),
                     json_number_value(json_object_get(host, "weight")));
    }
}

void answer_print(const struct output *out, const json_t *answer)
{
    print_headline(out, answer);
    print_findings(out, json_object_get(answer, "reasons"), "Why", "+", STYLE_GOOD);
    print_findings(out, json_object_get(answer, "blockers"), "What stands in the way", "!",
                   STYLE_WARN);
    print_hosts(out, json_object_get(answer, "hosts"));
    print_origins(out, answer);
}
