// SPDX-License-Identifier: Apache-2.0
// docs/state-machine.md, printed from the machine.
#ifndef SSLAUTO_TESTS_UNIT_ROLLOUT_MACHINE_TEXT_H
#define SSLAUTO_TESTS_UNIT_ROLLOUT_MACHINE_TEXT_H

#include "core/buf.h"

enum err machine_text(struct buf *out);

#endif
