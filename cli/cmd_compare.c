// SPDX-License-Identifier: Apache-2.0
// The similarity scorer on files: do both bodies show the same page?
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/answer.h"
#include "cli/command.h"
#include "cli/lines.h"
#include "similarity/similarity.h"

// The fields of a line of --pairs, in order.
enum pair_field {
    PAIR_HTTP,
    PAIR_HTTPS,
    PAIR_HTTP_AGAIN,
    PAIR_HTTPS_AGAIN,
    PAIR_URL,
    PAIR_HTTP_TYPE,
    PAIR_HTTPS_TYPE,
    PAIR_FIELDS
};

struct body {
    struct sim_page page;
    char *bytes; // owned
};

static enum err file_error(const char *path, int errnum, struct why *why)
{
    char words[128];
    return why_set(why, err_from_errno(errnum), "%s: cannot be read: %s; %s", path,
                   strerror_r(errnum, words, sizeof words), err_file_remedy(errnum));
}

static enum err read_all(struct body *body, int fd, const char *path, struct why *why)
{
    struct stat st = {0};
    if (fstat(fd, &st) != 0) {
        return file_error(path, errno, why);
    }
    size_t want = st.st_size > 0 && (uint64_t)st.st_size < LIMIT_BODY ? (size_t)st.st_size + 1
                                                                      : LIMIT_BODY + 1;
    size_t len = 0;
    body->bytes = malloc(want);
    if (body->bytes == NULL) {
        return ERR_NOMEM;
    }
    for (;;) {
        ssize_t got = len < want ? read(fd, body->bytes + len, want - len) : 0;
        if (got < 0) {
            return file_error(path, errno, why);
        }
        len += (size_t)got;
        if (got == 0) {
            break;
        }
    }
    body->page.truncated = len > LIMIT_BODY;
    body->page.body = (struct span){body->bytes, len > LIMIT_BODY ? LIMIT_BODY : len};
    return ERR_OK;
}

static enum err read_body(struct body *body, const char *path, struct why *why)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return file_error(path, errno, why);
    }
    enum err e = read_all(body, fd, path, why);
    (void)close(fd);
    return e;
}

// fields: PAIR_FIELDS texts, NULL or "" = none.
static enum err compare(struct sim_result *out, const char *const *fields, struct why *why)
{
    struct body bodies[4] = {0};
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < COUNT_OF(bodies); i++) {
        const char *type = fields[i % 2 == 0 ? PAIR_HTTP_TYPE : PAIR_HTTPS_TYPE];
        const char *url = fields[PAIR_URL];
        bodies[i].page.content_type = type == NULL || type[0] == '\0' ? NULL : type;
        bodies[i].page.url = url == NULL || url[0] == '\0' ? NULL : url;
        if (fields[i] != NULL && fields[i][0] != '\0') {
            e = read_body(&bodies[i], fields[i], why);
        }
    }
    if (e == ERR_OK) {
        struct sim_input input = {
            .http = &bodies[PAIR_HTTP].page,
            .https = &bodies[PAIR_HTTPS].page,
            .http_again =
                bodies[PAIR_HTTP_AGAIN].bytes == NULL ? NULL : &bodies[PAIR_HTTP_AGAIN].page,
            .https_again =
                bodies[PAIR_HTTPS_AGAIN].bytes == NULL ? NULL : &bodies[PAIR_HTTPS_AGAIN].page,
        };
        e = similarity_compare(out, &input);
    }
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        free(bodies[i].bytes);
    }
    return e;
}

static json_t *result_json(const struct sim_result *result)
{
    return json_pack("{s:f, s:s, s:s, s:s, s:b, s:b, s:b}", "score", result->score, "verdict",
                     sameness_str(result->verdict), "rule", result->rule, "detail", result->detail,
                     "informative", (int)result->informative, "challenge", (int)result->challenge,
                     "login", (int)result->login);
}

static enum err tell(const struct cli *cli, const struct sim_result *result, bool one)
{
    if (args_flag(&cli->args, "json")) {
        OWN(json_own) json_t *json = result_json(result);
        return one ? output_json_pretty(json) : output_json_line(json);
    }
    if (!one) {
        output_print("%.6f\t%s\n", result->score, sameness_str(result->verdict));
        return output_check();
    }
    enum style style = result->verdict == SAMENESS_SAME        ? STYLE_GOOD
                       : result->verdict == SAMENESS_DIFFERENT ? STYLE_BAD
                                                               : STYLE_WARN;
    output_text(&cli->out, style, sameness_str(result->verdict));
    output_print(" %.4f  %s\n", result->score, result->rule);
    output_wrap(2, result->detail);
    return output_check();
}

static enum err split_pair(const char **fields, char *line, struct why *why)
{
    size_t count = 0;
    char *at = line;
    for (size_t i = 0; i < PAIR_FIELDS; i++) {
        fields[i] = NULL;
    }
    while (at != NULL && count < PAIR_FIELDS + 1) {
        char *tab = strchr(at, '\t');
        if (tab != NULL) {
            *tab = '\0';
        }
        if (count < PAIR_FIELDS) {
            fields[count] = at;
        }
        count++;
        at = tab == NULL ? NULL : tab + 1;
    }
    if (count != 2 && count != 3 && count != 4 && count != PAIR_FIELDS) {
        return why_set(why, ERR_INVALID, "%zu fields; allowed are 2, 3, 4 or 7, between tabs",
                       count);
    }
    return fields[PAIR_HTTP][0] == '\0' || fields[PAIR_HTTPS][0] == '\0'
               ? why_set(why, ERR_INVALID, "the first two fields must name files")
               : ERR_OK;
}

static enum err compare_pairs(struct cli *cli, const char *path, struct why *why)
{
    struct lines lines = {0};
    enum err e = lines_open(&lines, path, LIMIT_IMPORT_LINE, why);
    if (e != ERR_OK) {
        return e;
    }
    struct span line;
    while ((e = lines_read(&lines, &line, why)) == ERR_OK) {
        const char *fields[PAIR_FIELDS];
        struct sim_result result = {0};
        e = line.len > 0 ? split_pair(fields, lines.line.at, why)
                         : why_set(why, ERR_INVALID,
                                   "the line is empty; one line is printed for each line read");
        e = e == ERR_OK ? compare(&result, fields, why) : e;
        e = e == ERR_OK ? tell(cli, &result, false) : e;
        if (e != ERR_OK) {
            break;
        }
    }
    bool done = e == ERR_NOT_FOUND && feof(lines.stream) && (why == NULL || why->text[0] == '\0');
    if (!done && e != ERR_OK) {
        why_prefix(why, "%s:%zu", lines.name, lines.number);
    }
    lines_close(&lines);
    return done ? ERR_OK : e;
}

static enum err compare_two(struct cli *cli, struct why *why)
{
    const char *fields[PAIR_FIELDS] = {
        [PAIR_HTTP] = cli->args.operands[0],
        [PAIR_HTTPS] = cli->args.operands[1],
        [PAIR_HTTP_AGAIN] = args_text(&cli->args, "control"),
        [PAIR_HTTPS_AGAIN] = args_text(&cli->args, "control-https"),
        [PAIR_URL] = args_text(&cli->args, "url"),
        [PAIR_HTTP_TYPE] = args_text(&cli->args, "type-http"),
        [PAIR_HTTPS_TYPE] = args_text(&cli->args, "type-https"),
    };
    struct sim_result result = {0};
    enum err e = compare(&result, fields, why);
    return e == ERR_OK ? tell(cli, &result, true) : e;
}

enum leave cmd_compare(struct cli *cli)
{
    struct why why = {""};
    const char *pairs = args_text(&cli->args, "pairs");
    if (pairs == NULL && cli->args.operand_count != 2) {
        return cli_usage_error(cli, "two files are needed, or --pairs FILE");
    }
    if (pairs != NULL && cli->args.operand_count != 0) {
        return cli_usage_error(cli, "files and --pairs do not go together");
    }
    enum err e = pairs != NULL ? compare_pairs(cli, pairs, &why) : compare_two(cli, &why);
    if (e == ERR_OK) {
        return LEAVE_DONE;
    }
    return output_check() != ERR_OK ? LEAVE_FAILED : cli_fail(cli, e, &why);
}
