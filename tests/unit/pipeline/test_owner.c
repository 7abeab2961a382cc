// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pipeline/owner.h"
#include "tests/support/check.h"

static void we_are_alive(void **state)
{
    (void)state;
    char name[OWNER_SIZE];
    assert_ok(owner_name(name, NULL), NULL);
    assert_false(owner_is_dead(name));
}

static void two_scans_of_a_process_differ(void **state)
{
    (void)state;
    char a[OWNER_SIZE];
    char b[OWNER_SIZE];
    assert_ok(owner_name(a, NULL), NULL);
    assert_ok(owner_name(b, NULL), NULL);
    assert_string_not_equal(a, b);
}

static void a_child_that_ended_is_dead(void **state)
{
    (void)state;
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    if (child == 0) {
        char name[OWNER_SIZE] = "";
        (void)owner_name(name, NULL);
        _exit(write(pipes[1], name, sizeof name) == (ssize_t)sizeof name ? 0 : 1);
    }
    char name[OWNER_SIZE];
    assert_int_equal(read(pipes[0], name, sizeof name), sizeof name);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_true(owner_is_dead(name));
    (void)close(pipes[0]);
    (void)close(pipes[1]);
}

static void a_reused_pid_is_another_owner(void **state)
{
    (void)state;
    char name[OWNER_SIZE];
    assert_ok(owner_name(name, NULL), NULL);
    char *serial = strrchr(name, '/');
    *serial = '\0';
    char *ticks = strrchr(name, '/');
    (void)snprintf(ticks, 16, "/1/0"); // the same pid, started at another time
    assert_true(owner_is_dead(name));
}

static void strangers_are_left_alone(void **state)
{
    (void)state;
    assert_false(owner_is_dead("elsewhere/0123/1/1/0"));
    assert_false(owner_is_dead(""));
    assert_false(owner_is_dead("garbage"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(we_are_alive),
        cmocka_unit_test(two_scans_of_a_process_differ),
        cmocka_unit_test(a_child_that_ended_is_dead),
        cmocka_unit_test(a_reused_pid_is_another_owner),
        cmocka_unit_test(strangers_are_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
