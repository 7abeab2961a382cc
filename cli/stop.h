// SPDX-License-Identifier: Apache-2.0
// Ctrl-C, SIGTERM and SIGHUP: the first asks for a clean end, the second ends at once.
#ifndef SSLAUTO_CLI_STOP_H
#define SSLAUTO_CLI_STOP_H

#include <signal.h>

// Installs the handlers; becomes the signal's number.
const volatile sig_atomic_t *stop_on_signals(void);
// For a resident program: SIGHUP no longer ends it, but makes this non-zero; whoever has seen that
// sets it back.
volatile sig_atomic_t *reload_on_hangup(void);

#endif
