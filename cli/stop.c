// SPDX-License-Identifier: Apache-2.0
#include "cli/stop.h"

#include <string.h>
#include <unistd.h>

// A handler reaches nothing but static storage (C17 section 7.14.1.1).
static volatile sig_atomic_t asked;
static volatile sig_atomic_t hung_up;

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
    struct sigaction before;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART; // no line of output is torn; who waits asks for the flag
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    // Under nohup(1) a closed terminal is no reason to stop.
    if (sigaction(SIGHUP, NULL, &before) != 0 || before.sa_handler != SIG_IGN) {
        (void)sigaction(SIGHUP, &action, NULL);
    }
    return &asked;
}

static void on_hangup(int number)
{
    hung_up = number;
}

volatile sig_atomic_t *reload_on_hangup(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_hangup;
    action.sa_flags = SA_RESTART;
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGHUP, &action, NULL);
    return &hung_up;
}
