// SPDX-License-Identifier: Apache-2.0
#include "cli/notify.h"

#ifdef SSLAUTO_SYSTEMD
#include <systemd/sd-daemon.h>
#include <time.h>

void notify_ready(const char *status)
{
    (void)sd_notifyf(0, "READY=1\nSTATUS=%s", status);
}

void notify_reloading(void)
{
    // Type=notify-reload wants to know when the reload began (sd_notify(3), MONOTONIC_USEC=).
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    (void)sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld",
                     (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
}

void notify_stopping(void)
{
    (void)sd_notify(0, "STOPPING=1");
}

void notify_alive(void)
{
    (void)sd_notify(0, "WATCHDOG=1");
}

int64_t notify_alive_ms(void)
{
    uint64_t every_us = 0;
    return sd_watchdog_enabled(0, &every_us) > 0 ? (int64_t)(every_us / 2000) : 0;
}
#else
void notify_ready(const char *status)
{
    (void)status;
}

void notify_reloading(void)
{
}

void notify_stopping(void)
{
}

void notify_alive(void)
{
}

int64_t notify_alive_ms(void)
{
    return 0;
}
#endif
