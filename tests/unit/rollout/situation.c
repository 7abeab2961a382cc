// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/rollout/situation.h"

#include "tests/support/check.h"

void situation_modes(struct situation *s, enum mode from, enum mode to)
{
    rollout_begin(&s->rollout, "0123456789abcdef0123456789abcdef", from, to, NULL, false,
                  &s->policy, s->now);
    s->world.mode = from;
    s->world.recommended = to;
}

void situation_begin(struct situation *s)
{
    *s = (struct situation){
        .policy = rollout_policy_default(),
        .world =
            {
                .automatic = true,
                .confirmed = true,
                .recommended_at = NOW - 60,
                .telemetry = true,
                .edge_agrees = true,
                .probes_possible = true,
                .fallback = true,
            },
        .now = NOW,
    };
    situation_modes(s, MODE_FULL, MODE_STRICT);
}

static enum rollout_reason reason_in(enum rollout_state state)
{
    if (state == ROLLOUT_ROLLED_BACK || state == ROLLOUT_COOLDOWN) {
        return ROLLOUT_REASON_TLS;
    }
    return state == ROLLOUT_RAMPING ? ROLLOUT_REASON_DWELL : ROLLOUT_REASON_NONE;
}

void situation_at(struct situation *s, enum rollout_state state, size_t step)
{
    struct rollout *r = &s->rollout;
    bool moves = state >= ROLLOUT_RAMPING && state <= ROLLOUT_FINALISING;
    r->state = state;
    r->reason = reason_in(state);
    r->step = step;
    r->share_bp = moves ? r->steps_bp[step] : state == ROLLOUT_DONE ? SHARE_ALL_BP : 0;
    r->applied_bp = r->share_bp;
    r->paused = false;
    r->started_at = r->state_at = r->step_at = r->seen_at = s->now;
    r->cooldown_until = state == ROLLOUT_COOLDOWN ? s->now + 100 : 0;
    r->tests = (struct rollout_tests){0};
    r->counts = r->step_counts = (struct rollout_counts){0};
    assert_null(rollout_broken(r));
}

struct cohort_counts requests(uint64_t count)
{
    return (struct cohort_counts){.requests = count};
}

struct cohort_counts refused(uint64_t count, uint64_t failures)
{
    return (struct cohort_counts){.requests = count, .connect_failures = failures};
}

struct cohort_counts handshakes(uint64_t count, uint64_t failures)
{
    return (struct cohort_counts){.requests = count, .tls_failures = failures};
}

struct cohort_counts fell_back(uint64_t count, uint64_t failures)
{
    return (struct cohort_counts){.requests = count, .fallbacks = failures};
}

struct cohort_counts errors(uint64_t count, uint64_t failures)
{
    return (struct cohort_counts){.requests = count, .server_errors = failures};
}

struct cohort_counts redirected(uint64_t count, uint64_t failures)
{
    return (struct cohort_counts){.requests = count, .redirects = failures};
}

void decide(struct situation *s)
{
    s->verdict = rollout_judge(&s->rollout, &s->world, &s->policy, s->now);
    s->action = rollout_next(&s->rollout, &s->verdict, &s->world, &s->policy, s->now);
}

void tick(struct situation *s, const struct rollout_counts *fresh)
{
    rollout_counts_add(&s->rollout.step_counts, fresh);
    rollout_counts_add(&s->rollout.counts, fresh);
    rollout_test(&s->rollout, fresh, &s->policy);
    rollout_held(&s->rollout, fresh, s->policy.lease_s, s->now);
    rollout_heard(&s->rollout, s->world.telemetry, s->now);
    decide(s);
}

void tick_visitors(struct situation *s, struct cohort_counts old_mode,
                   struct cohort_counts new_mode)
{
    tick(s, &(struct rollout_counts){.of = {[COHORT_OLD] = old_mode, [COHORT_NEW] = new_mode}});
}

void tick_probes(struct situation *s, struct cohort_counts old_mode, struct cohort_counts new_mode)
{
    tick(s, &(struct rollout_counts){
                .of = {[COHORT_PROBE_OLD] = old_mode, [COHORT_PROBE_NEW] = new_mode}});
}

void enter(struct situation *s)
{
    rollout_enter(&s->rollout, &s->action, &s->policy, s->now);
    rollout_applied(&s->rollout, s->rollout.share_bp, s->now);
}
