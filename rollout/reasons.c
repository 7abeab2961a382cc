// SPDX-License-Identifier: Apache-2.0
// Why a rollout is where it is, for people.
#include <assert.h>

#include "core/attr.h"
#include "rollout/rollout.h"

static const struct rollout_reason_row rows[] = {
    {ROLLOUT_REASON_NONE, "Nothing stands in its way.", ""},
    {ROLLOUT_REASON_UNCONFIRMED, "A second scan must confirm the recommendation.",
     "Wait for the next scan, or run sslauto scan for the zone."},
    {ROLLOUT_REASON_STALE, "The recommendation is too old to act on.",
     "Run sslauto scan for the zone."},
    {ROLLOUT_REASON_CAPPED,
     "Enough rollouts are under way: in all, of the account, or of the origin's network.",
     "Wait, or raise the caps in [rollout]."},
    {ROLLOUT_REASON_FROZEN, "A freeze window, or the stop for all rollouts, holds it.",
     "Wait for its end, or lift the stop."},
    {ROLLOUT_REASON_PAUSED, "The operator paused it.", "sslauto rollout resume"},
    {ROLLOUT_REASON_FEW_REQUESTS,
     "Too few requests reached the origin in the new mode to say how it does.",
     "Wait; where the edge takes probes, they are sent. Or sslauto rollout promote."},
    {ROLLOUT_REASON_COLD_CACHE,
     "The cache of the new scheme answers far fewer requests than that of the old one.",
     "Wait: it fills by itself."},
    {ROLLOUT_REASON_NO_TELEMETRY,
     "The edge's counters could not be read; visitors stay where they are for now.",
     "Look at the edge: sslauto edge show."},
    {ROLLOUT_REASON_BOTH_FAIL,
     "The origin fails in the old mode too: this says nothing about the new one.",
     "Bring the origin up; the step begins anew then."},
    {ROLLOUT_REASON_EDGE_BUSY, "The edge has not taken the last step in all its processes yet.",
     "Look at the edge when this lasts: sslauto edge show."},
    {ROLLOUT_REASON_DWELL, "The step is young; it goes on when its least time is over.", ""},
    {ROLLOUT_REASON_TLS, "Handshakes or certificates failed in the new mode.",
     "Look at the origin's certificate and TLS settings; sslauto explain tells what the scan saw."},
    {ROLLOUT_REASON_CONNECT,
     "Connections to the origin failed in the new mode, and not in the old one.",
     "Let the edge reach the origin's HTTPS port; look at its firewall and its limits."},
    {ROLLOUT_REASON_FALLBACK,
     "Visitors had to be served by the old mode, because the new one failed.",
     "Look at the origin's HTTPS port, certificate and TLS settings."},
    {ROLLOUT_REASON_SERVER_ERRORS,
     "The origin answered more server errors in the new mode than in the old one at the same time.",
     "Look at the origin's error log for requests over HTTPS."},
    {ROLLOUT_REASON_REDIRECTS,
     "The origin redirected more in the new mode than in the old one at the same time.",
     "Look for redirects from HTTPS to HTTP, or to another name, at the origin."},
    {ROLLOUT_REASON_PREFLIGHT, "Probes failed in the new mode before any visitor was moved.",
     "Look at the origin's HTTPS as the edge reaches it; the scanner may take another way."},
    {ROLLOUT_REASON_TELEMETRY_LOST,
     "For too long nothing was known of the edge, or it took no change, so visitors went back to "
     "the old mode.",
     "Look at the edge and the way to it; the next attempt follows by itself."},
    {ROLLOUT_REASON_TOO_LONG, "The rollout, or one of its steps, took longer than allowed.",
     "Look at what held it: sslauto rollout history."},
    {ROLLOUT_REASON_MODE_CHANGED, "Somebody else changed the zone's mode.", ""},
    {ROLLOUT_REASON_CUSTOM,
     "The zone was set to custom, or is within its opt-out time: nothing is changed by itself.",
     "Set automatic to auto to let sslauto change the mode."},
    {ROLLOUT_REASON_WITHDRAWN, "A new scan no longer recommends the mode.",
     "sslauto explain tells what changed."},
    {ROLLOUT_REASON_CERTIFICATE, "The certificate ends too soon.",
     "Renew the certificate (lego or certbot do it by themselves) and scan again."},
    {ROLLOUT_REASON_OPERATOR, "The operator asked for it.",
     "sslauto rollout retry begins a new attempt."},
    {ROLLOUT_REASON_STOP_ALL, "Every rollout was stopped.",
     "Lift the stop; sslauto rollout retry begins a new attempt."},
    {ROLLOUT_REASON_EDGE_FOREIGN, "The edge has a value for the zone that sslauto did not write.",
     "Find out who else changes the edge's maps, and remove the value."},
};
static_assert(COUNT_OF(rows) == ROLLOUT_REASON_COUNT, "one row per reason, in order");

const struct rollout_reason_row *rollout_reason_row(enum rollout_reason reason)
{
    assert(rows[reason].reason == reason);
    return &rows[reason];
}
