// SPDX-License-Identifier: Apache-2.0
// JSON as the store keeps it. The same bytes as json_dumps(json, JSON_COMPACT), for a quarter of
// its work: that one guards every object against holding itself, which nothing of ours can.
#ifndef SSLAUTO_PIPELINE_COMPACT_H
#define SSLAUTO_PIPELINE_COMPACT_H

#include <jansson.h>

#include "core/err.h"

// *out is owned. ERR_NOMEM for NULL too, which is what jansson gives without memory; ERR_LIMIT when
// the text would be longer than LIMIT_EVIDENCE.
enum err compact_print(char **out, const json_t *json);

#endif
