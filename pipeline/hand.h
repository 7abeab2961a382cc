// SPDX-License-Identifier: Apache-2.0
// The controller's hand at the edges: what they have for a rollout, compared with what is
// committed, and how that is put there.
#ifndef SSLAUTO_PIPELINE_HAND_H
#define SSLAUTO_PIPELINE_HAND_H

#include "pipeline/pipeline.h"

// A fleet in one pass.
struct fleet {
    struct edge *edge; // lent
    unsigned can;      // of enum edge_capability
    bool away;         // it did not answer in this pass, and is not asked again
    int64_t waited_s;  // for calls that came to nothing in this pass
};

struct hand_view {
    bool answered; // the edge was read; nothing below is known otherwise
    bool agrees;   // every process has what is committed
    bool foreign;  // some process has a value that sslauto did not write, or a stronger mode than
                   // the store knows of
    bool over;     // some process has more visitors in a new mode than committed
    bool below;    // some process has fewer
    bool zeroed;   // some process, not started anew, was put to share 0 after it had more
    bool settled;  // every process has the new mode for good
    int share_bp;  // that every process has, of this generation
    int64_t lease_left_s; // least of those that have a share; INT64_MAX = none
};

// What the edge shall have while the rollout's row is as it is.
struct edge_want hand_want(const struct rollout *rollout, const struct zone *zone, int64_t lease_s);
// Reads and compares. A fleet that does not answer is away after it.
enum err hand_look(struct hand_view *out, struct fleet *fleet, const struct zone *zone,
                   const struct rollout *rollout, struct why *why);
// Puts a state; *took_ms is raised to the time it took.
enum err hand_put(struct fleet *fleet, const struct edge_want *want, struct latencies *took,
                  struct why *why);
// Adds what the processes counted since the last look; on an error, of those that were understood.
enum err hand_count(struct rollout *rollout, struct fleet *fleet, const struct zone *zone,
                    struct rollout_counts *fresh, struct why *why);
// One pair of probes. For an edge that does not count them they are counted here, into the rollout.
// ERR_UNAVAILABLE also when the probe in the old mode went wrong; it is counted all the same.
enum err hand_probe(struct rollout *rollout, struct fleet *fleet, const struct zone *zone,
                    struct rollout_counts *fresh, struct why *why);

#endif
