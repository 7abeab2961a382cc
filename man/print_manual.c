// SPDX-License-Identifier: Apache-2.0
// print_manual WHAT: one of the files that are made from the tables of commands and keys. The
// build installs them; packaging/sslauto.conf.example is kept in the tree too.
#include <string.h>

#include "man/manual.h"

static const struct {
    const char *name;
    void (*print)(FILE *out);
} parts[] = {
    {"sslauto.1", man_program},
    {"sslauto.conf.5", man_conf},
    {"sslauto.conf.example", conf_example},
    {"sslauto.bash", completion_bash},
    {"_sslauto", completion_zsh},
    {"sslauto.fish", completion_fish},
};

int main(int argc, char **argv)
{
    for (size_t i = 0; argc == 2 && i < sizeof parts / sizeof *parts; i++) {
        if (strcmp(parts[i].name, argv[1]) == 0) {
            parts[i].print(stdout);
            return fflush(stdout) == 0 && ferror(stdout) == 0 ? 0 : 1;
        }
    }
    (void)fputs("usage: print_manual WHAT, one of:", stderr);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        (void)fprintf(stderr, " %s", parts[i].name);
    }
    (void)fputc('\n', stderr);
    return 2;
}
