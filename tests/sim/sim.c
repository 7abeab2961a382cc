// SPDX-License-Identifier: Apache-2.0
// sim --seeds N --from S [--trace] [--twice] [--plant NAME] | --plants
// Plays worlds until a law is broken. Exit codes: 0 all laws held, 1 one was broken, 2 usage.
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/num.h"
#include "core/time.h"
#include "tests/sim/sim.h"

struct options {
    int64_t seeds;
    int64_t from;
    bool trace;
    bool twice;
    bool plants; // every planted bug must be found
    enum plant plant;
};

// -- options -------------------------------------------------------------------------------------

static bool read_number(int64_t *out, const char *text)
{
    return text != NULL && num_parse(out, span_of(text), 0, INT64_MAX) == ERR_OK;
}

static bool read_plant(enum plant *out, const char *text)
{
    for (int i = 1; text != NULL && i < PLANT_COUNT; i++) {
        if (strcmp(text, plant_name((enum plant)i)) == 0) {
            *out = (enum plant)i;
            return true;
        }
    }
    return false;
}

static bool read_options(struct options *out, int count, char **words)
{
    *out = (struct options){.seeds = 100, .from = 1};
    for (int i = 1; i < count; i++) {
        const char *word = words[i];
        const char *value = i + 1 < count ? words[i + 1] : NULL;
        bool ok = true;
        if (strcmp(word, "--trace") == 0) {
            out->trace = true;
            continue;
        }
        if (strcmp(word, "--twice") == 0) {
            out->twice = true;
            continue;
        }
        if (strcmp(word, "--plants") == 0) {
            out->plants = true;
            continue;
        }
        if (strcmp(word, "--seeds") == 0) {
            ok = read_number(&out->seeds, value);
        } else if (strcmp(word, "--from") == 0) {
            ok = read_number(&out->from, value);
        } else {
            ok = strcmp(word, "--plant") == 0 && read_plant(&out->plant, value);
        }
        if (!ok) {
            return false;
        }
        i++;
    }
    return true;
}

// -- an assertion of the product that fails is a finding too -------------------------------------

static char last_words[64]; // told when the product aborts; made before each world

static void on_abort(int signal_number)
{
    (void)!write(STDERR_FILENO, last_words, sizeof last_words);
    (void)signal(signal_number, SIG_DFL);
    (void)raise(signal_number);
}

static void make_last_words(uint64_t seed)
{
    (void)snprintf(last_words, sizeof last_words, "%-*s", (int)sizeof last_words - 1, "");
    int len = snprintf(last_words, sizeof last_words, "sim: seed %" PRIu64 " aborted", seed);
    last_words[len] = ' ';
    last_words[sizeof last_words - 1] = '\n';
}

// -- playing -------------------------------------------------------------------------------------

static void tell_broken(const struct sim *sim)
{
    printf("seed %" PRIu64 " broke a law at %" PRId64 " s: %s: %s\n", sim->seed,
           sim->now - SIM_EPOCH, sim->law, sim->words);
    printf("again, with its trace (hash %016" PRIx64 ", %" PRId64
           " lines): ./run sim --from %" PRIu64 " --seeds 1 --trace%s%s\n",
           sim->trace.hash, sim->trace.lines, sim->seed,
           sim->plant == PLANT_NONE ? "" : " --plant ",
           sim->plant == PLANT_NONE ? "" : plant_name(sim->plant));
}

// The trace of a world, as text. Owned; NULL without memory.
static char *play_to_text(struct sim *sim, uint64_t seed, enum plant plant)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL) {
        return NULL;
    }
    (void)sim_play(sim, seed, plant, out);
    (void)fclose(out);
    return text;
}

static bool same_again(struct sim *sim, uint64_t seed, enum plant plant)
{
    char *first = play_to_text(sim, seed, plant);
    char *second = play_to_text(sim, seed, plant);
    bool same = first != NULL && second != NULL && strcmp(first, second) == 0;
    free(first);
    free(second);
    if (!same) {
        printf("seed %" PRIu64 " has two traces\n", seed);
    }
    return same;
}

static bool play_all(struct sim *sim, const struct options *options, enum plant plant, bool tell)
{
    for (int64_t i = 0; i < options->seeds; i++) {
        uint64_t seed = (uint64_t)(options->from + i);
        make_last_words(seed);
        if (options->twice && !same_again(sim, seed, plant)) {
            return false;
        }
        if (!options->twice || sim->failed) {
            bool held =
                !options->twice && sim_play(sim, seed, plant, options->trace ? stdout : NULL);
            if (!held) {
                if (tell) {
                    tell_broken(sim);
                }
                return false;
            }
        }
        if (options->trace) {
            printf("seed %" PRIu64 ": hash %016" PRIx64 "\n", seed, sim->trace.hash);
        }
    }
    return true;
}

// Each planted bug must break its own law; which other law finds it first is told.
static bool find_plants(struct sim *sim, const struct options *options)
{
    bool all = true;
    for (int i = 1; i < PLANT_COUNT; i++) {
        struct options one = *options;
        bool found = false;
        int64_t others = 0;
        for (int64_t k = 0; k < options->seeds && !found; k++) {
            one.from = options->from + k;
            one.seeds = 1;
            found = !play_all(sim, &one, (enum plant)i, false) &&
                    strcmp(sim->law, plant_law((enum plant)i)) == 0;
            others += !found && sim->failed;
        }
        printf("%-13s %s seed %" PRId64 ": %s (%s); by other laws before: %" PRId64 "\n",
               plant_name((enum plant)i), found ? "found," : "NOT FOUND,", one.from, sim->law,
               sim->words, others);
        all = all && found;
    }
    return all;
}

int main(int count, char **words)
{
    struct options options;
    if (!read_options(&options, count, words)) {
        (void)fprintf(stderr, "usage: sim [--seeds N] [--from S] [--trace] [--twice] "
                              "[--plant NAME] [--plants]\n");
        return 2;
    }
    struct sim *sim = calloc(1, sizeof *sim);
    if (sim == NULL) {
        return 1;
    }
    (void)signal(SIGABRT, on_abort);
    int64_t began = time_monotonic_ms();
    bool held =
        options.plants ? find_plants(sim, &options) : play_all(sim, &options, options.plant, true);
    int64_t took = time_monotonic_ms() - began;
    if (held && !options.plants) {
        printf("%" PRId64 " seeds from %" PRId64 ": every law held; %.1f s, %.0f seeds/s\n",
               options.seeds, options.from, (double)took / 1000,
               (double)options.seeds * 1000 / (double)(took > 0 ? took : 1));
    }
    for (size_t i = 0; i < ACTORS_MAX; i++) {
        fiber_done(&sim->actors[i].fiber);
    }
    free(sim);
    return held ? 0 : 1;
}
