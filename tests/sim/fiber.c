// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/fiber.h"

#include <stdint.h>
#include <stdlib.h>

#define STACK_SIZE ((size_t)1 << 20)

// The address sanitizer wants to be told of every switch between stacks.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) && !defined(__SANITIZE_ADDRESS__)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/common_interface_defs.h>
static void leaving(void **keep, const void *to, size_t size)
{
    __sanitizer_start_switch_fiber(keep, to, size);
}
static void arrived(void *kept, const void **from, size_t *size)
{
    __sanitizer_finish_switch_fiber(kept, from, size);
}
#else
static void leaving(void **keep, const void *to, size_t size)
{
    (void)keep;
    (void)to;
    (void)size;
}
// NOLINTNEXTLINE(readability-non-const-parameter)
static void arrived(void *kept, const void **from, size_t *size)
{
    (void)kept;
    (void)from;
    (void)size;
}
#endif

// makecontext passes ints alone.
static void begin(unsigned high, unsigned low)
{
    struct fiber *fiber = (struct fiber *)(((uintptr_t)high << 32) | (uintptr_t)low);
    arrived(NULL, &fiber->outer_stack, &fiber->outer_size);
    fiber->run(fiber->ctx);
    fiber->over = true;
    leaving(NULL, fiber->outer_stack, fiber->outer_size);
    (void)setcontext(&fiber->outside);
}

bool fiber_start(struct fiber *fiber, void (*run)(void *ctx), void *ctx)
{
    if (fiber->stack == NULL) {
        fiber->stack = malloc(STACK_SIZE);
    }
    if (fiber->stack == NULL || getcontext(&fiber->inside) != 0) {
        return false;
    }
    fiber->inside.uc_stack.ss_sp = fiber->stack;
    fiber->inside.uc_stack.ss_size = STACK_SIZE;
    fiber->inside.uc_link = NULL;
    fiber->run = run;
    fiber->ctx = ctx;
    fiber->over = false;
    uintptr_t self = (uintptr_t)fiber;
    makecontext(&fiber->inside, (void (*)(void))(void *)begin, 2, (unsigned)(self >> 32),
                (unsigned)(self & UINT32_MAX));
    return true;
}

void fiber_resume(struct fiber *fiber)
{
    void *kept = NULL;
    leaving(&kept, fiber->stack, STACK_SIZE);
    (void)swapcontext(&fiber->outside, &fiber->inside);
    arrived(kept, NULL, NULL);
}

void fiber_yield(struct fiber *fiber)
{
    void *kept = NULL;
    leaving(&kept, fiber->outer_stack, fiber->outer_size);
    (void)swapcontext(&fiber->inside, &fiber->outside);
    arrived(kept, &fiber->outer_stack, &fiber->outer_size);
}

void fiber_done(struct fiber *fiber)
{
    free(fiber->stack);
    fiber->stack = NULL;
}
