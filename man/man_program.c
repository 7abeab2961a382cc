// SPDX-License-Identifier: Apache-2.0
// sslauto(1): one page with every command and every option.
#include <string.h>

#include "man/manual.h"
#include "man/roff.h"

static void put_option(FILE *out, const struct option_row *row)
{
    (void)fputs(".TP\n", out);
    if (row->letter != 0) {
        (void)fprintf(out, "\\fB\\-%c\\fR, ", row->letter);
    }
    (void)fputs("\\fB\\-\\-", out);
    roff_inline(out, row->name);
    (void)fputs("\\fR", out);
    if (row->value != NULL) {
        (void)fputs(" \\fI", out);
        roff_inline(out, row->value);
        (void)fputs("\\fR", out);
    }
    (void)fputc('\n', out);
    roff_words(out, row->help, strlen(row->help));
    if (row->words != NULL) {
        (void)fputs(".br\n\\fI", out);
        roff_inline(out, row->value);
        (void)fputs("\\fR is one of ", out);
        for (const char *at = row->words; *at != '\0'; at++) {
            (void)fputs(*at == '|' ? ", " : "", out);
            const char letter[2] = {*at, '\0'};
            roff_inline(out, *at == '|' ? "" : letter);
        }
        (void)fputs(".\n", out);
    }
    if (row->repeat) {
        (void)fputs(".br\nMay be given several times.\n", out);
    }
}

static void put_command(FILE *out, const struct command *command)
{
    (void)fputs(".SS \"sslauto ", out);
    roff_inline(out, command->words);
    (void)fputs(command->option_count > 0 ? " [OPTION...]" : "", out);
    (void)fputs(command->operands[0] == '\0' ? "" : " ", out);
    roff_inline(out, command->operands);
    (void)fputs("\"\n", out);
    // As a sentence: a capital in front, a full stop behind.
    char help[256];
    size_t len = strlen(command->help);
    const char *stop = strchr(".?!", command->help[len - 1]) == NULL ? "." : "";
    (void)snprintf(help, sizeof help, "%s%s", command->help, stop);
    if (help[0] >= 'a' && help[0] <= 'z') {
        help[0] = (char)(help[0] - 'a' + 'A');
    }
    roff_words(out, help, strlen(help));
    roff_paragraphs(out, command->more);
    for (size_t i = 0; i < command->option_count; i++) {
        put_option(out, &command->options[i]);
    }
}

static void put_text(FILE *out, const char *text)
{
    roff_words(out, text, strlen(text));
}

static void put_item(FILE *out, const char *term, const char *text)
{
    (void)fputs(".TP\n\\fB", out);
    roff_inline(out, term);
    (void)fputs("\\fR\n", out);
    put_text(out, text);
}

static void put_ends(FILE *out)
{
    roff_heading(out, "EXIT STATUS");
    put_item(out, "0", "Done.");
    put_item(out, "1", "Failed: the message names the place and the remedy.");
    put_item(out, "2", "The command line is wrong.");
    put_item(out, "3", "Looked, and something needs you.");
    roff_heading(out, "ENVIRONMENT");
    put_item(out, "SSLAUTO_CONFIG", "The configuration, where `--config` is not given.");
    put_item(out, "NO_COLOR", "When set, no colours, unless `--color always` is given.");
    put_item(out, "XDG_STATE_HOME",
             "Where the store is made for users who cannot write in /var/lib/sslauto; else "
             "~/.local/state.");
    roff_heading(out, "FILES");
    put_item(out, "/etc/sslauto/sslauto.conf", "The configuration, see sslauto.conf(5).");
    put_item(out, "/var/lib/sslauto/sslauto.db", "The store.");
    roff_heading(out, "STANDARDS");
    put_text(out, "robots.txt is read by RFC 9309, HTTP by RFC 9110 and RFC 9112. "
                  "Names of hosts are matched with certificates by RFC 6125 and RFC 9525.");
    roff_heading(out, "SEE ALSO");
    put_text(out, "sslauto.conf(5), haproxy(1), systemd.timer(5), crontab(5)");
}

void man_program(FILE *out)
{
    size_t count = 0;
    (void)fprintf(out,
                  ".\\\" SPDX-License-Identifier: Apache-2.0\n"
                  ".\\\" Printed by print_manual from the tables of the program.\n"
                  ".TH SSLAUTO 1 %s \"sslauto %s\" \"System Administration\"\n",
                  SSLAUTO_DATE, SSLAUTO_VERSION);
    roff_heading(out, "NAME");
    (void)fputs("sslauto \\- recommend and roll out encryption modes between an edge and its "
                "origins\n",
                out);
    roff_heading(out, "SYNOPSIS");
    (void)fputs("\\fBsslauto\\fR \\fICOMMAND\\fR [\\fIOPTION\\fR...] [\\fIOPERAND\\fR...]\n", out);
    roff_heading(out, "DESCRIPTION");
    put_text(out, "sslauto finds, for every site behind a reverse proxy (an edge), the most secure "
                  "way to talk to its origin server without breaking the site, explains why, and "
                  "moves live traffic there step by step, going back by itself when something "
                  "fails.");
    roff_paragraphs(out, "The modes are, from weak to strong: " MANUAL_MODES ".\n"
                         "An argument that begins with a dash is an option until `--` stands "
                         "before it.");
    roff_heading(out, "OPTIONS OF EVERY COMMAND");
    const struct option_row *globals = cli_global_options(&count);
    for (size_t i = 0; i < count; i++) {
        put_option(out, &globals[i]);
    }
    roff_heading(out, "COMMANDS");
    const struct command *commands = cli_commands(&count);
    for (size_t i = 0; i < count; i++) {
        put_command(out, &commands[i]);
    }
    put_ends(out);
}
