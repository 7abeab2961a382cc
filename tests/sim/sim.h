// SPDX-License-Identifier: Apache-2.0
// One world from one seed: zones with their origins and visitors, fleets of edge processes, a store
// (SQLite in memory), and those who act in it: controllers, an operator, a scanner. Everything runs
// on one thread under a clock that stands still until the next one acts. docs/simulation.md tells
// what is simulated and which laws are watched.
#ifndef SSLAUTO_TESTS_SIM_SIM_H
#define SSLAUTO_TESTS_SIM_SIM_H

#include "db/backend.h"
#include "edge/driver.h"
#include "pipeline/pipeline.h"
#include "tests/sim/dice.h"
#include "tests/sim/fiber.h"
#include "tests/sim/plant.h"
#include "tests/sim/trace.h"

#define SIM_EPOCH 1800000000 // when every world begins

enum {
    ZONES_MAX = 8,
    FLEETS_MAX = 3,
    PROCESSES_MAX = 3,
    CONTROLLERS_MAX = 2,
    ACTORS_MAX = CONTROLLERS_MAX + 2,
    COUNTED_MAX = 3, // generations an edge process remembers
};

// -- origins -------------------------------------------------------------------------------------

enum ill {
    ILL_NONE,
    ILL_TLS,      // handshakes fail
    ILL_CONNECT,  // the port of HTTPS does not answer
    ILL_ERRORS,   // 5xx over HTTPS
    ILL_REDIRECT, // HTTPS redirects
    ILL_EXPIRED,  // the certificate ends: only a checking mode fails
    ILL_COLD,     // nothing fails, but no cache knows the new scheme yet
    ILL_COUNT
};

struct origin_life {
    enum ill ill;
    double part;          // of the requests that are ill
    int64_t ill_from;     // time
    int share_from;       // basis points of visitors at a process that it cannot bear; 0 = none
    int64_t out_from[2];  // the origin answers nobody, in either scheme
    int64_t out_until[2]; //
    bool out_by_errors;   // it answers 5xx then
    double noise;         // share of 5xx that is usual
    double hits;          // share that the edge's cache answers
    int64_t expires_at;   // of the certificate
};

// What becomes of a request to the origin.
struct origin_odds {
    double connect, tls, errors, redirects, hits;
};

// -- the edge ------------------------------------------------------------------------------------

struct ramp {
    bool there;
    enum mode old_mode, new_mode;
    int share_bp;
    int64_t generation;
    int64_t until;     // by the process's clock; 0 = no lease
    int64_t landed_at; // when it was written
};

struct counted {
    int64_t generation; // 0 = free
    struct rollout_counts counts;
};

// What a process has of a zone.
struct slot {
    bool known;
    enum mode steady;
    bool foreign; // somebody else's value stands there
    struct ramp ramp;
    struct counted counted[COUNTED_MAX];
    struct ramp twin; // a write that will land once more, unless another one comes before it
    int64_t twin_at;  // 0 = none
};

struct process {
    int64_t epoch;
    int64_t skew_s;
    int64_t away_until;
    struct slot slots[ZONES_MAX];
};

struct fake_edge {
    struct edge edge; // first
    struct sim *sim;
    struct process processes[PROCESSES_MAX];
    size_t count;
    int64_t away_until;
    double p_lost, p_late, p_twice, p_part, p_refused; // of each write, while failures are on
    uint64_t disturbed;                                // sim->moment of the last failure here
};

// -- what the laws remember ----------------------------------------------------------------------

struct shadow {
    bool there;
    struct rollout row;            // as committed
    int64_t lowered_at;            // when its share was last lowered; 0 = never
    uint64_t lowered;              // sim->moment of that
    int top_bp;                    // highest share that was ever committed in this generation
    int64_t events;                // transitions seen in this generation
    int strikes;                   // commits that left a failing mode on visitors
    enum mode mode;                // of the zone, in the store
    int64_t lacking_at;            // since when some process has less than 100 %; 0 = none has
    int64_t unheld_at;             // when the time at 100 % was last interrupted
    uint64_t unheld;               // sim->moment of that
    bool by_hand;                  // an operator changed the mode, or wanted the zone to be custom
    enum mode floor;               // visitors never get less
    uint64_t actual[COHORT_COUNT]; // requests that edges really counted in this generation
};

struct sim_zone {
    char id[33];
    char name[48];
    size_t fleet;
    double rate; // visitors' requests per second
    enum mode start;
    enum mode best; // what a scan recommends when it finds nothing wrong
    struct origin_life origin;
    struct shadow shadow;
    bool dirty, zone_dirty;    // written in the open transaction
    bool hand;                 // the zone's write in the open transaction is the operator's
    uint64_t landed;           // sim->moment of the last write at the edge
    const struct actor *whose; // who made it
};

// -- those who act -------------------------------------------------------------------------------

enum role {
    ROLE_CONTROLLER,
    ROLE_OPERATOR,
    ROLE_SCANNER,
};

struct actor {
    enum role role;
    char name[16];
    struct sim *sim;
    struct fiber fiber;
    struct db *db; // owned
    int64_t wake_at;
    int64_t kill_in; // calls until it is killed; -1 = it is not
    bool killed;     // does nothing any more until it is started again
    bool busy;       // in the middle of a pass or a wish
    uint64_t began;  // sim->moment when that began
    int nested;      // calls that walk through rows
};

struct sim {
    uint64_t seed;
    enum plant plant;
    struct dice dice;
    struct trace trace;
    int64_t now;
    int64_t quiet_at;  // failures and operators end here
    int64_t end_at;    // by then everything has converged
    uint64_t moment;   // counts calls: an order finer than time
    int64_t calm_from; // until then something was, or will be, out of order
    bool meddles;      // the operator has wishes
    bool foreigners;   // other programs wrote into the edge; an operator repairs it in the end
    bool stopped;      // by an operator, as stored
    bool over;         // everybody goes home
    bool failed;
    char law[64];
    char words[256];

    struct controller_policy policy;
    struct sim_zone zones[ZONES_MAX];
    size_t zone_count;
    struct fake_edge fleets[FLEETS_MAX];
    struct edge *edges[FLEETS_MAX];
    size_t fleet_count;
    struct actor actors[ACTORS_MAX];
    size_t actor_count;
    struct actor *acting; // NULL = nobody: the world itself
    struct db *observer;  // sees what is committed
    char store[32];
    bool spanning; // a transaction is open

    double p_yield, p_pause, p_store; // of each call, while failures are on
    double p_kill;                    // of each pass
    double p_accident;                // per second
    int64_t watched_at;               // when the slow laws were last watched
};

// play.c: runs a world. false when a law was broken; sim->law and sim->words tell.
bool sim_play(struct sim *sim, uint64_t seed, enum plant plant, FILE *trace);
bool sim_troubled(const struct sim *sim);         // failures are on
void sim_disturb(struct sim *sim, int64_t until); // notes that something is out of order
struct sim_zone *sim_zone_of(struct sim *sim, const char *zone_id);
// Called before every call of a store or an edge: others may act here, the caller may be killed
// here. ERR_UNAVAILABLE when it was.
enum err sim_point(struct sim *sim, bool may_yield);
// Waits; others act.
void sim_sleep(struct sim *sim, int64_t seconds);

// cast.c
bool cast_world(struct sim *sim);
// actors.c
void actor_run(void *ctx);
void actor_accident(struct sim *sim);
// origin.c
void origin_odds(struct origin_odds *out, const struct sim_zone *zone, enum mode mode,
                 enum mode before, int share_bp, uint64_t seen, int64_t now);
bool origin_scan_fails(const struct sim_zone *zone, int64_t now);
// fake_edge.c
extern const struct edge_driver fake_driver;
int fake_share(const struct fake_edge *fake, const struct process *process,
               const struct slot *slot); // basis points of visitors in the new mode, now
void fake_restart(struct fake_edge *fake, size_t at);
// visitors.c: they come from `from` until sim->now.
void visitors_come(struct sim *sim, int64_t from);
// door.c: the store as actors see it.
enum err door_open(struct db **out, struct sim *sim, struct why *why);

#endif
