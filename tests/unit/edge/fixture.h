// SPDX-License-Identifier: Apache-2.0
// A zone, and programs that are written for one test and removed after it.
#ifndef SSLAUTO_TESTS_UNIT_EDGE_FIXTURE_H
#define SSLAUTO_TESTS_UNIT_EDGE_FIXTURE_H

#include "edge/edge.h"

// Two hosts, one of them with two origins. The id ends in `number`.
struct zone *fixture_zone(unsigned number);

struct fixture {
    char dir[64];
    char program[96];
    const char *places[2]; // the program, one argument
    struct edge_settings settings;
};

// A program of this text (with its own first line), mode 0755, and settings of an exec edge for it.
void fixture_program(struct fixture *fixture, const char *text);
void fixture_done(struct fixture *fixture);
// What is in a file of the fixture's directory. Owned; "" when there is none.
char *fixture_file(const struct fixture *fixture, const char *name);

#endif
