// SPDX-License-Identifier: Apache-2.0
// What is printed from the tables of commands, options and keys. Private to man/.
#ifndef SSLAUTO_MAN_MANUAL_H
#define SSLAUTO_MAN_MANUAL_H

#include <stdio.h>

#include "cli/cli.h"

#define MANUAL_MODES "off, flexible, full, strict, origin_pull"

void man_program(FILE *out);     // sslauto(1)
void man_conf(FILE *out);        // sslauto.conf(5)
void conf_example(FILE *out);    // sslauto.conf with every key and its default
void completion_bash(FILE *out); // completions/sslauto
void completion_zsh(FILE *out);  // site-functions/_sslauto
void completion_fish(FILE *out); // vendor_completions.d/sslauto.fish

#endif
