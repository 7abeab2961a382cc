// SPDX-License-Identifier: Apache-2.0
// Private to the controller: one pass, and one rollout in it. docs/controller.md walks through a
// tick line by line.
#ifndef SSLAUTO_PIPELINE_CONTROLLER_H
#define SSLAUTO_PIPELINE_CONTROLLER_H

#include "pipeline/hand.h"
#include "pipeline/owner.h"
#include "pipeline/pipeline.h"

#define CONTROLLER_ACTOR "controller"
#define DETAIL_SIZE      256

struct pass {
    struct db *db;
    const struct controller_policy *policy;
    struct rollout_policy dry; // where visitors do not come: by dwell alone
    const struct controller_watch *watch;
    struct controller_sums *sums;
    struct fleet *fleets; // owned
    size_t fleet_count;
    char owner[OWNER_SIZE];
    int64_t began_at;
    int64_t claimed_at; // of the batch in work
    int64_t hung_s;     // of the time since then, what fleets that did not answer took
    int64_t probing_at; // when the probes of a batch began; time that such fleets took is left out
    bool frozen;        // a freeze window
    bool stopped;       // stop-all
};

enum todo {
    TODO_LEAVE,  // nothing: the claim runs out by itself
    TODO_KEEP,   // counters and times
    TODO_MOVE,   // a transition; the edge has what it shall have already, or needs nothing
    TODO_RAISE,  // a transition that the edge is told after it was recorded
    TODO_FINISH, // the edge has the new mode for good; so does the zone then
    TODO_AGAIN,  // a new generation
};

struct work {
    struct rollout rollout;
    struct zone *zone;   // owned
    struct fleet *fleet; // lent by the pass; NULL = the zone's fleet is not configured
    struct hand_view view;
    int lost_before; // the row's lost_ticks before this look
    struct rollout_world world;
    struct rollout_verdict verdict;
    struct rollout_action action;
    enum todo todo;
    bool recorded;
    bool capped_matters; // leaves ELIGIBLE: the caps are looked at again where it is recorded
    enum err failed;     // why it is not recorded
    const char *actor;   // lent
    char detail[DETAIL_SIZE];
};

enum err pass_begin(struct pass *pass, struct edge *const *edges, struct why *why);
void pass_end(struct pass *pass);
void pass_trouble(struct pass *pass, const struct work *work, const struct why *why, enum err e);
const struct rollout_policy *pass_rules(const struct pass *pass, const struct work *work);
// A claim that ran out may be somebody else's by now: nothing is raised any more.
bool pass_claim_holds(const struct pass *pass);

// controller_attend.c: looks at one claimed rollout, decides, and does what goes before the record:
// going back, repairing, renewing, finishing at the edge. Only the store's errors are returned.
enum err controller_attend(struct pass *pass, struct work *work, struct why *why);
// The same with an action that somebody else decided on; .action is set, .zone too.
void controller_carry(struct pass *pass, struct work *work, int64_t now);
// What goes after the record: raises are put and verified. True: the rollout is then to be kept.
bool controller_raise(struct pass *pass, struct work *work);
// Sends pairs of probes; what the edge does not count itself is counted into the rollout.
void controller_probe(struct pass *pass, struct work *work);

// controller_mend.c. Something was put; is the row still the same? A controller that stood still
// between its last look and its write has put what others replaced meanwhile. Nobody looks again at
// a rollout that is over, so the late one puts what the row says by now, and wakes it. A share of 0
// (not raised) stays where visitors move: that is the safe side, and the next tick asks why.
void controller_mend(struct pass *pass, const struct work *work, bool raised);

// controller_record.c: each work's record, those that can share a transaction in one. What could
// not be recorded is told and left to the next pass.
void controller_record(struct pass *pass, struct work *works, size_t count);
// The first attempt of a zone, or the next one.
enum err controller_begin(struct db *db, const struct zone *zone, enum mode to,
                          const struct rollout *before, const char *actor, const char *detail,
                          const struct controller_policy *policy, int64_t now, struct why *why);

// controller_words.c: a sentence with the numbers that decided.
void controller_words(char out[DETAIL_SIZE], const struct work *work);

#endif
