// SPDX-License-Identifier: Apache-2.0
// What the program answered: its form is told in edge/exec/README.md. All of it is a stranger's
// text; ERR_CORRUPT names the place and what belongs there, and nothing of it is taken then.
#ifndef SSLAUTO_EDGE_EXEC_ANSWER_H
#define SSLAUTO_EDGE_EXEC_ANSWER_H

#include "edge/edge.h"

enum err answer_capabilities(unsigned *out, struct span text, struct why *why);
// `out` has place for LIMIT_EDGE_PROCESSES.
enum err answer_seen(struct edge_seen *out, size_t *count, struct span text, struct why *why);
enum err answer_counted(struct edge_counted *out, size_t *count, struct span text, struct why *why);
enum err answer_probe(struct edge_probe *out, struct span text, struct why *why);
enum err answer_stopped(size_t *out, struct span text, struct why *why);
// ERR_INVALID with the words where the program says that it left zones as they were.
enum err answer_resynced(const char *edge, struct span text, struct why *why);

#endif
