// SPDX-License-Identifier: Apache-2.0
// A thread of execution that runs only when it is told to, and stops only where it says so: several
// controllers at once, in an order that a seed decides.
#ifndef SSLAUTO_TESTS_SIM_FIBER_H
#define SSLAUTO_TESTS_SIM_FIBER_H

#include <stdbool.h>
#include <stddef.h>
#include <ucontext.h>

struct fiber {
    ucontext_t inside;
    ucontext_t outside;
    void *stack; // owned; kept from one start to the next
    void (*run)(void *ctx);
    void *ctx;
    bool over; // run() has returned
    const void *outer_stack;
    size_t outer_size;
};

// Nothing of run() is executed yet. false without memory.
bool fiber_start(struct fiber *fiber, void (*run)(void *ctx), void *ctx);
void fiber_resume(struct fiber *fiber); // until it yields, or is over
void fiber_yield(struct fiber *fiber);  // from inside
void fiber_done(struct fiber *fiber);

#endif
