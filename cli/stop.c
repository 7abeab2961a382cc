// SPDX-License-Identifier: Apache-2.0
#include "cli/stop.h"

#include <string.h>
#include <unistd.h>

// A handler reaches nothing but static storage (C17 section 7.14.1.1).
static volatile sig_atomic_t asked;

static void on_signal(int number)
{
    if (asked != 0) {
        _exit(128 + number); // as a shell tells a death by signal
    }
    asked = number;
}

const volatile sig_atomic_t *stop_on_signals(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    return &asked;
}
