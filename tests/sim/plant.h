// SPDX-License-Identifier: Apache-2.0
// Bugs that are planted to see that the laws find them. The linker puts them between the real
// functions (--wrap) in this program alone; the product has no trace of them.
#ifndef SSLAUTO_TESTS_SIM_PLANT_H
#define SSLAUTO_TESTS_SIM_PLANT_H

#include <stddef.h>

enum plant {
    PLANT_NONE,
    PLANT_BELOW,        // what is put back at the edge is weaker than the starting mode
    PLANT_STORE_BELOW,  // the zone's mode is stored weaker
    PLANT_EARLY,        // the edge is raised before the record
    PLANT_ENDLESS,      // leases that do not end
    PLANT_BLIND,        // a failing mode is taken for a good one
    PLANT_RECORD_FIRST, // gone back in the store, the edge comes later
    PLANT_LOST,         // a rollout that is never looked at again
    PLANT_TWICE,        // a step is jumped over
    PLANT_FORCED,       // a row is written over whatever version is there
    PLANT_MUTE,         // a transition without its event
    PLANT_TALK,         // an event without a transition
    PLANT_UNFINISHED,   // done, but the edge was not told
    PLANT_OTHER_MODE,   // what is restored is not what was recorded
    PLANT_DOUBLE,       // requests are counted twice
    PLANT_STUCK,        // preflight that never ends
    PLANT_CROWD,        // caps are not looked at
    PLANT_DEAF,         // nor is the stop
    PLANT_HASTY,        // time without 100 % counts towards its dwell
    PLANT_LEFT,         // what a slow writer put after a rollout had gone back is left there
    PLANT_LEAP,         // a write is two versions
    PLANT_SECOND,       // an attempt begins beside one at work
    PLANT_NEGATIVE,     // a row that cannot be
    PLANT_COUNT
};

const char *plant_name(enum plant plant);
const char *plant_law(enum plant plant); // that must be found broken
// The world that the wrapped functions are in.
struct sim;
void plant_enter(struct sim *sim);

#endif
