// SPDX-License-Identifier: Apache-2.0
// Zones in, decided zones out: the crawler's threads look, analysts' threads compare, and the
// caller's thread gets each zone back when all its origins are done, second looks included.
//
//   submit -> [crawler] -> visits -> [analysts] -> looks -> next -> scanned
//                ^                                   |
//                +------- second look, later <-------+
#ifndef SSLAUTO_PIPELINE_SCANNER_H
#define SSLAUTO_PIPELINE_SCANNER_H

#include "pipeline/pipeline.h"

struct scanner;

// A zone that was looked at. Owned by whoever got it from scanner_next.
struct scanned {
    struct zone *zone;         // owned
    int64_t epoch;             // as submitted
    struct evidence *evidence; // owned; scanned_at is 0: the caller's clock decides
    enum err failed;           // of ours (memory) while working on this zone: evidence is NULL then
    int64_t begun_ms;          // monotonic: when it was submitted
};

void scanned_free(struct scanned *scanned);
DEFINE_OWN(scanned_own, struct scanned, scanned_free)

enum err scanner_start(struct scanner **out, const struct pipeline_policy *policy, struct why *why);
// Takes the zone, also on failure.
enum err scanner_submit(struct scanner *scanner, struct zone *zone, int64_t epoch);
// The next zone that is done, NULL in *out when none was within timeout_ms.
enum err scanner_next(struct scanner *scanner, int64_t timeout_ms, struct scanned **out);
// Waits up to timeout_ms until that many looks are done, without waking up for each.
void scanner_gather(struct scanner *scanner, size_t looks, int64_t timeout_ms);
size_t scanner_in_flight(const struct scanner *scanner); // zones submitted and not given back
size_t scanner_looks(const struct scanner *scanner);     // their origins that are not done
size_t scanner_waiting(const struct scanner *scanner);   // of these, those until a second look
size_t scanner_in_line(const struct scanner *scanner);   // those until their name or turn has come
bool scanner_has_slots(const struct scanner *scanner);   // a quarter of the slots has nothing to do
// Ends at once; zones still in work are forgotten. NULL is fine.
void scanner_free(struct scanner *scanner);

#endif
