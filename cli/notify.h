// SPDX-License-Identifier: Apache-2.0
// What the service manager wants to know (sd_notify(3)); nothing is said where none asked, or where
// libsystemd was not there when sslauto was built.
#ifndef SSLAUTO_CLI_NOTIFY_H
#define SSLAUTO_CLI_NOTIFY_H

#include <stdint.h>

void notify_ready(const char *status);
void notify_reloading(void);
void notify_stopping(void);
void notify_alive(void);
// How often notify_alive is due: half of $WATCHDOG_USEC; 0 = nobody watches.
int64_t notify_alive_ms(void);

#endif
