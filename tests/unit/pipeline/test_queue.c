// SPDX-License-Identifier: Apache-2.0
#include "pipeline/queue.h"
#include "tests/support/check.h"

enum {
    ITEMS = 2000,
    WORKERS = 4
};

struct numbered {
    struct queue_item item;
    int number;
};

static void keeps_order(void **state)
{
    (void)state;
    struct queue queue;
    struct numbered items[3] = {{.number = 0}, {.number = 1}, {.number = 2}};
    queue_init(&queue);
    for (size_t i = 0; i < 3; i++) {
        queue_push(&queue, &items[i].item);
    }
    for (size_t i = 0; i < 3; i++) {
        assert_ptr_equal(queue_pop(&queue, 0), &items[i].item);
    }
    assert_null(queue_pop(&queue, 0));
    assert_null(queue_pop(&queue, 5));
    queue_done(&queue);
}

struct relay {
    struct queue *in, *out;
};

static void *pass_on(void *ctx)
{
    const struct relay *relay = ctx;
    struct queue_item *item = NULL;
    while ((item = queue_pop(relay->in, -1)) != NULL) {
        queue_push(relay->out, item);
    }
    return NULL;
}

static void loses_nothing_between_threads(void **state)
{
    (void)state;
    static struct numbered items[ITEMS];
    static int seen[ITEMS];
    struct queue in;
    struct queue out;
    queue_init(&in);
    queue_init(&out);
    struct relay relay = {&in, &out};
    pthread_t workers[WORKERS];
    for (size_t i = 0; i < WORKERS; i++) {
        assert_int_equal(pthread_create(&workers[i], NULL, pass_on, &relay), 0);
    }
    for (int i = 0; i < ITEMS; i++) {
        items[i].number = i;
        queue_push(&in, &items[i].item);
    }
    queue_close(&in); // what is in it still comes out
    for (int i = 0; i < ITEMS; i++) {
        struct queue_item *item = queue_pop(&out, 10000);
        assert_non_null(item);
        seen[((struct numbered *)item)->number]++;
    }
    for (size_t i = 0; i < WORKERS; i++) {
        assert_int_equal(pthread_join(workers[i], NULL), 0);
    }
    for (int i = 0; i < ITEMS; i++) {
        assert_int_equal(seen[i], 1);
    }
    queue_done(&in);
    queue_done(&out);
}

static void *push_three(void *data)
{
    static struct numbered items[3];
    for (size_t i = 0; i < 3; i++) {
        queue_push(data, &items[i].item);
    }
    return NULL;
}

static void gathers_without_waking_up_for_each(void **state)
{
    (void)state;
    struct queue queue;
    struct numbered late = {.number = 4};
    queue_init(&queue);
    pthread_t pusher;
    assert_int_equal(pthread_create(&pusher, NULL, push_three, &queue), 0);
    queue_gather(&queue, 3, 60000); // returns long before that, and with all of them
    assert_int_equal(queue.count, 3);
    assert_int_equal(pthread_join(pusher, NULL), 0);
    queue_gather(&queue, 4, 5); // no more come
    for (size_t i = 0; i < 3; i++) {
        assert_non_null(queue_pop(&queue, 0));
    }
    assert_null(queue_pop(&queue, 0));
    assert_int_equal(queue.count, 0);
    queue_push(&queue, &late.item); // wakes for one again
    assert_ptr_equal(queue_pop(&queue, 60000), &late.item);
    queue_close(&queue);
    queue_gather(&queue, 1, 60000); // nothing will come any more
    queue_done(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_order),
        cmocka_unit_test(loses_nothing_between_threads),
        cmocka_unit_test(gathers_without_waking_up_for_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
