// SPDX-License-Identifier: Apache-2.0
#include "crawler/politeness.h"

#include "crawler/timers.h"
#include "tests/support/check.h"

static struct addr at(const char *text)
{
    struct addr addr = {0};
    assert_int_equal(addr_parse(&addr, span_of(text)), ERR_OK);
    return addr;
}

static struct politeness *polite(struct politeness_limits limits)
{
    struct politeness *p = NULL;
    assert_int_equal(politeness_new(&p, &limits), ERR_OK);
    return p;
}

static void queue(struct politeness *p, struct turn *turn, const char *text)
{
    struct addr addr = at(text);
    assert_int_equal(politeness_queue(p, turn, &addr), ERR_OK);
}

static void counts_per_address_and_network(void **state)
{
    (void)state;
    struct politeness *p =
        polite((struct politeness_limits){.per_address = 2, .per_network = 3, .idle_max = 10});
    struct turn turns[8];
    for (int i = 0; i < 4; i++) {
        queue(p, &turns[i], "192.0.2.1");
    }
    queue(p, &turns[4], "192.0.2.2");
    queue(p, &turns[5], "192.0.2.2");
    queue(p, &turns[6], "198.51.100.1");
    // Networks and addresses take turns; within one address the first comes first.
    assert_ptr_equal(politeness_next(p), &turns[0]);
    assert_ptr_equal(politeness_next(p), &turns[6]);
    assert_ptr_equal(politeness_next(p), &turns[4]);
    assert_ptr_equal(politeness_next(p), &turns[1]);
    assert_null(politeness_next(p)); // three in 192.0.2.0/24
    politeness_release(p, &turns[4], 0);
    assert_ptr_equal(politeness_next(p), &turns[5]); // 192.0.2.1 has two
    politeness_release(p, &turns[0], 0);
    assert_ptr_equal(politeness_next(p), &turns[2]);
    politeness_release(p, &turns[1], 0);
    politeness_release(p, &turns[5], 0);
    politeness_release(p, &turns[6], 0);
    assert_ptr_equal(politeness_next(p), &turns[3]);
    assert_null(politeness_next(p));
    politeness_release(p, &turns[2], 0);
    politeness_release(p, &turns[3], 0);
    politeness_free(p);
}

static void networks_of_ipv6_are_48_bits(void **state)
{
    (void)state;
    struct addr a = at("2001:db8:1:1::1");
    struct addr b = at("2001:db8:1:ffff::1");
    struct addr c = at("2001:db8:2::1");
    struct addr d = at("192.0.2.1");
    struct addr e = at("192.0.2.255");
    struct addr f = at("192.0.3.1");
    assert_true(politeness_network(&a) == politeness_network(&b));
    assert_true(politeness_network(&a) != politeness_network(&c));
    assert_true(politeness_network(&d) == politeness_network(&e));
    assert_true(politeness_network(&d) != politeness_network(&f));
}

static void spaces_requests_to_one_address(void **state)
{
    (void)state;
    struct politeness *p = polite((struct politeness_limits){
        .per_address = 4, .per_network = 4, .gap_ms = 250, .idle_max = 10});
    struct turn a;
    struct turn b;
    struct turn c;
    queue(p, &a, "192.0.2.1");
    queue(p, &b, "192.0.2.1");
    queue(p, &c, "192.0.2.2");
    for (int i = 0; i < 3; i++) {
        assert_non_null(politeness_next(p));
    }
    assert_int_equal(politeness_reserve(p, &a, 1000), 1000);
    assert_int_equal(politeness_reserve(p, &b, 1000), 1250);
    assert_int_equal(politeness_reserve(p, &a, 1100), 1500);
    assert_int_equal(politeness_reserve(p, &c, 1100), 1100);
    assert_int_equal(politeness_reserve(p, &b, 5000), 5000);
    // The gap outlives the turns.
    politeness_release(p, &a, 5000);
    politeness_release(p, &b, 5000);
    queue(p, &a, "192.0.2.1");
    assert_ptr_equal(politeness_next(p), &a);
    assert_int_equal(politeness_reserve(p, &a, 5100), 5250);
    politeness_release(p, &a, 6000);
    politeness_release(p, &c, 6000);
    politeness_free(p);
}

static void limits_the_rate_of_all(void **state)
{
    (void)state;
    struct politeness *p = polite(
        (struct politeness_limits){.per_address = 9, .per_network = 9, .rate = 8, .idle_max = 10});
    struct turn turns[4];
    static const char *const ips[] = {"192.0.2.1", "192.0.2.2", "198.51.100.1", "203.0.113.1"};
    int64_t expected = 1000;
    for (int i = 0; i < 4; i++) {
        queue(p, &turns[i], ips[i]);
        assert_ptr_equal(politeness_next(p), &turns[i]);
        assert_int_equal(politeness_reserve(p, &turns[i], 1000), expected);
        expected += 125;
    }
    assert_int_equal(politeness_reserve(p, &turns[0], 9000), 9000); // unused rate is not saved up
    assert_int_equal(politeness_reserve(p, &turns[1], 9000), 9125);
    for (int i = 0; i < 4; i++) {
        politeness_release(p, &turns[i], 9000);
    }
    politeness_free(p);
}

static void rests_an_address_after_failures_in_a_row(void **state)
{
    (void)state;
    struct politeness *p = polite((struct politeness_limits){.per_address = 1,
                                                             .per_network = 1,
                                                             .breaker_failures = 3,
                                                             .breaker_ms = 600000,
                                                             .idle_max = 10});
    struct turn turn;
    queue(p, &turn, "192.0.2.1");
    assert_ptr_equal(politeness_next(p), &turn);
    politeness_failed(p, &turn, 1000);
    politeness_failed(p, &turn, 1000);
    politeness_connected(&turn); // not in a row
    politeness_failed(p, &turn, 1000);
    politeness_failed(p, &turn, 1000);
    assert_int_equal(politeness_rests(&turn, 1000), 0);
    politeness_failed(p, &turn, 1000);
    assert_int_equal(politeness_rests(&turn, 1001), 3);
    politeness_release(p, &turn, 2000);
    queue(p, &turn, "192.0.2.1"); // remembered
    assert_ptr_equal(politeness_next(p), &turn);
    assert_int_equal(politeness_rests(&turn, 600999), 3);
    assert_int_equal(politeness_rests(&turn, 601000), 0);
    politeness_failed(p, &turn, 601000); // one try, and it rests again
    assert_int_equal(politeness_rests(&turn, 601001), 4);
    politeness_release(p, &turn, 601001);
    politeness_free(p);
}

static void forgets_what_is_stale_and_the_oldest(void **state)
{
    (void)state;
    struct politeness *p = polite((struct politeness_limits){.per_address = 1,
                                                             .per_network = 1,
                                                             .gap_ms = 100,
                                                             .breaker_failures = 1,
                                                             .breaker_ms = 1000,
                                                             .idle_max = 5});
    for (unsigned i = 0; i < 50; i++) {
        char ip[32];
        struct turn turn;
        (void)snprintf(ip, sizeof ip, "192.0.%u.1", i);
        queue(p, &turn, ip);
        assert_ptr_equal(politeness_next(p), &turn);
        (void)politeness_reserve(p, &turn, 0);
        politeness_failed(p, &turn, 0);
        politeness_release(p, &turn, 0);
        assert_true(politeness_places(p) <= 5);
    }
    assert_int_equal(politeness_places(p), 5);
    struct turn turn;
    queue(p, &turn, "192.0.2.1");
    assert_ptr_equal(politeness_next(p), &turn);
    politeness_release(p, &turn, 5000);
    assert_int_equal(politeness_places(p), 0);
    politeness_free(p);
}

static void drains_whatever_waits(void **state)
{
    (void)state;
    struct politeness *p =
        polite((struct politeness_limits){.per_address = 1, .per_network = 1, .idle_max = 10});
    struct turn turns[6];
    for (int i = 0; i < 6; i++) {
        queue(p, &turns[i], i % 2 == 0 ? "192.0.2.1" : "192.0.2.2");
    }
    struct turn *taken = politeness_next(p);
    int drained = 0;
    while (politeness_drain(p) != NULL) {
        drained++;
    }
    assert_int_equal(drained, 5);
    politeness_release(p, taken, 0);
    politeness_free(p);
}

static void timers_come_in_order(void **state)
{
    (void)state;
    struct timers timers;
    struct timer all[100] = {0};
    assert_int_equal(timers_init(&timers, COUNT_OF(all)), ERR_OK);
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        timers_set(&timers, &all[i], (int64_t)(i * 37 % 101));
    }
    timers_set(&timers, &all[3], 1000); // set again
    for (size_t i = 10; i < 20; i++) {
        timers_clear(&timers, &all[i]);
        timers_clear(&timers, &all[i]); // twice is fine
    }
    int64_t last = -1;
    size_t count = 0;
    for (struct timer *t = timers_first(&timers); t != NULL; t = timers_first(&timers)) {
        assert_true(t->at_ms >= last);
        last = t->at_ms;
        timers_clear(&timers, t);
        count++;
    }
    assert_int_equal(count, 90);
    assert_int_equal(last, 1000);
    timers_done(&timers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_per_address_and_network),
        cmocka_unit_test(networks_of_ipv6_are_48_bits),
        cmocka_unit_test(spaces_requests_to_one_address),
        cmocka_unit_test(limits_the_rate_of_all),
        cmocka_unit_test(rests_an_address_after_failures_in_a_row),
        cmocka_unit_test(forgets_what_is_stale_and_the_oldest),
        cmocka_unit_test(drains_whatever_waits),
        cmocka_unit_test(timers_come_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
