// SPDX-License-Identifier: Apache-2.0
#include "crawler/family.h"

#include "crawler/plan.h"

struct family {
    atomic_size_t out; // jobs that did not come back
    size_t count;
    struct visit *visits[LIMIT_ADDRESSES]; // owned; each written by its own job
};

static void drop(struct job *jobs[], size_t count)
{
    for (size_t i = 1; i < count; i++) {
        visit_free(jobs[i]->visit);
        free(jobs[i]);
    }
}

static struct job *sibling_of(const struct job *job, size_t candidate)
{
    struct job *sibling = calloc(1, sizeof *sibling);
    struct visit *visit = plan_new_visit();
    if (sibling == NULL || visit == NULL) {
        free(sibling);
        visit_free(visit);
        return NULL;
    }
    visit->more_addresses = job->visit->more_addresses;
    *sibling = (struct job){.target = job->target,
                            .visit = visit,
                            .sets = job->sets,
                            .resolved = true,
                            .lookup = job->lookup,
                            .candidate = candidate};
    return sibling;
}

size_t family_split(struct job *jobs[LIMIT_ADDRESSES], struct job *job)
{
    jobs[0] = job;
    size_t wanted = job->lookup.count;
    if (wanted < 2) {
        return 1;
    }
    struct family *family = calloc(1, sizeof *family);
    size_t count = 1;
    while (family != NULL && count < wanted) {
        jobs[count] = sibling_of(job, count);
        if (jobs[count] == NULL) {
            break;
        }
        count++;
    }
    if (count < wanted) {
        drop(jobs, count);
        free(family);
        job->visit->overload = true;
        return 1;
    }
    family->count = count;
    atomic_init(&family->out, count);
    for (size_t i = 0; i < count; i++) {
        jobs[i]->family = family;
    }
    return count;
}

static bool answered(const struct fetch *fetch)
{
    return fetch != NULL && outcome_is_answer(fetch->outcome);
}

static bool someone_is_there(const struct visit *visit)
{
    return answered(visit->robots_fetch) || answered(visit->pages[0].http) ||
           answered(visit->pages[0].https);
}

static bool no_route(const struct visit *visit)
{
    const struct page_fetches *home = &visit->pages[0];
    return home->http != NULL && home->http->outcome == OUTCOME_UNREACHABLE &&
           home->https != NULL && home->https->outcome == OUTCOME_UNREACHABLE;
}

struct visit *family_chain(struct visit *visits[], size_t count)
{
    bool someone = false;
    for (size_t i = 0; i < count; i++) {
        someone = someone || someone_is_there(visits[i]);
    }
    struct visit *first = NULL;
    struct visit **end = &first;
    for (size_t i = 0; i < count; i++) {
        if (someone && no_route(visits[i])) {
            visit_free(visits[i]);
        } else {
            *end = visits[i];
            end = &visits[i]->next;
        }
    }
    return first;
}

struct visit *family_bring(struct job *job)
{
    struct family *family = job->family;
    struct visit *visit = job->visit;
    job->visit = NULL;
    job->family = NULL;
    if (family == NULL) {
        return visit;
    }
    family->visits[job->candidate] = visit;
    if (atomic_fetch_sub(&family->out, 1) != 1) {
        return NULL;
    }
    visit = family_chain(family->visits, family->count);
    free(family);
    return visit;
}
