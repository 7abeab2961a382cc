// SPDX-License-Identifier: Apache-2.0
// docs/reasons.md, printed from the table of reasons.
#ifndef SSLAUTO_TESTS_UNIT_RECOMMEND_REASONS_TEXT_H
#define SSLAUTO_TESTS_UNIT_RECOMMEND_REASONS_TEXT_H

#include "core/buf.h"

enum err reasons_text(struct buf *out);

#endif
