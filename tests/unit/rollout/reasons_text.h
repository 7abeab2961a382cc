// SPDX-License-Identifier: Apache-2.0
// docs/rollout-reasons.md, from the table in rollout/reasons.c.
#ifndef SSLAUTO_TESTS_ROLLOUT_REASONS_TEXT_H
#define SSLAUTO_TESTS_ROLLOUT_REASONS_TEXT_H

#include "core/buf.h"

enum err rollout_reasons_text(struct buf *out);

#endif
