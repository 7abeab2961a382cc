// SPDX-License-Identifier: Apache-2.0
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/contract/contract.h"

static void ignore(void *ctx, const char *complaint)
{
    (void)ctx;
    (void)complaint;
}

static int64_t count_zones(struct db *db)
{
    int64_t count = -1;
    assert_ok(db_zone_count(db, NULL, &count, NULL), NULL);
    return count;
}

// A thread with a handle of its own that adds pairs of zones until it is told to stop.
struct writer {
    const char *where;
    atomic_bool stop;
    atomic_int pairs;
    _Atomic(enum err) e;
};

static enum err write_pair(struct db *db, int n)
{
    enum err e = db_begin(db, NULL);
    for (int half = 0; e == ERR_OK && half < 2; half++) {
        char name[40];
        (void)snprintf(name, sizeof name, "pair%06d-%d.example", n, half);
        OWN(zone_own) struct zone *zone = zone_of(name, "writer");
        e = db_zone_insert(db, zone, NULL);
    }
    return e == ERR_OK ? db_commit(db, NULL) : e;
}

static void *write_on(void *ctx)
{
    struct writer *writer = ctx;
    OWN(db_own) struct db *db = NULL;
    enum err e = db_open(&db, writer->where, DB_WRITE, NULL);
    for (int n = 0; e == ERR_OK && !atomic_load(&writer->stop); n++) {
        e = write_pair(db, n);
        (void)atomic_fetch_add(&writer->pairs, 1);
    }
    atomic_store(&writer->e, (int)e);
    return NULL;
}

static void a_copy_of_one_moment_while_others_write(void **state)
{
    struct store *store = *state;
    insert_zones(store, 3000);
    // Not on this stack: a failed assertion leaves the thread behind.
    struct writer *writer = calloc(1, sizeof *writer);
    assert_non_null(writer);
    writer->where = store->where;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, write_on, writer), 0);
    for (int i = 0; i < 5; i++) {
        int before = atomic_load(&writer->pairs);
        while (atomic_load(&writer->pairs) < before + 5 &&
               (enum err)atomic_load(&writer->e) == ERR_OK) {
            (void)usleep(1000);
        }
        char path[128];
        (void)snprintf(path, sizeof path, "%s/copy%d.db", store->dir, i);
        int64_t least = count_zones(store->db);
        assert_ok(db_backup(store->db, path, &store->why), &store->why);
        OWN(db_own) struct db *copy = NULL;
        assert_ok(db_open(&copy, path, DB_READ, &store->why), &store->why);
        assert_ok(db_check(copy, ignore, NULL, &store->why), &store->why);
        int64_t count = count_zones(copy);
        assert_true(count >= least);
        assert_int_equal(count % 2, 0); // never half a transaction
    }
    atomic_store(&writer->stop, true);
    assert_int_equal(pthread_join(thread, NULL), 0);
    enum err e = (enum err)atomic_load(&writer->e);
    free(writer);
    assert_ok(e, NULL);
}

static void a_copy_can_be_used_as_the_store(void **state)
{
    struct store *store = *state;
    insert_zones(store, 10);
    char path[128];
    (void)snprintf(path, sizeof path, "%s/copy.db", store->dir);
    assert_ok(db_backup(store->db, path, &store->why), &store->why);
    OWN(db_own) struct db *copy = NULL;
    assert_ok(db_open(&copy, path, DB_WRITE, &store->why), &store->why);
    OWN(zone_own) struct zone *zone = zone_of("later.example", "default");
    assert_ok(db_zone_insert(copy, zone, &store->why), &store->why);
    assert_int_equal(count_zones(copy), 11);
    assert_int_equal(count_zones(store->db), 10);
}

static void nothing_is_overwritten(void **state)
{
    struct store *store = *state;
    char path[128];
    (void)snprintf(path, sizeof path, "%s/precious", store->dir);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs("precious", file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_err(db_backup(store->db, path, &store->why), ERR_EXISTS);
    assert_non_null(strstr(store->why.text, path));
    char text[16] = "";
    file = fopen(path, "re");
    assert_non_null(file);
    assert_non_null(fgets(text, sizeof text, file));
    assert_int_equal(fclose(file), 0);
    assert_string_equal(text, "precious");
}

static void a_place_that_is_not_there(void **state)
{
    struct store *store = *state;
    char path[128];
    (void)snprintf(path, sizeof path, "%s/none/copy.db", store->dir);
    assert_err(db_backup(store->db, path, &store->why), ERR_NOT_FOUND);
    assert_non_null(strstr(store->why.text, path));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_of_one_moment_while_others_write),
        cmocka_unit_test(a_copy_can_be_used_as_the_store),
        cmocka_unit_test(nothing_is_overwritten),
        cmocka_unit_test(a_place_that_is_not_there),
    };
    return contract_run("backup", tests, COUNT_OF(tests));
}
