// SPDX-License-Identifier: Apache-2.0
// A folder of its own for each test, and stores in it.
#ifndef SSLAUTO_TESTS_UNIT_DB_SQLITE_FOLDER_H
#define SSLAUTO_TESTS_UNIT_DB_SQLITE_FOLDER_H

#include "db/db.h"
#include "tests/support/check.h"

struct folder {
    char path[64];  // of the folder
    char store[96]; // a file in it that is not there yet
    struct why why;
};

int folder_set_up(void **state);
int folder_tear_down(void **state); // with all files and one level of folders in it

#define folder_test(f) cmocka_unit_test_setup_teardown(f, folder_set_up, folder_tear_down)

// Makes the store with `count` zones and closes it.
void folder_fill(struct folder *folder, size_t count);
struct zone *folder_zone(size_t number);
// Runs SQL past the interface.
void folder_sql(struct folder *folder, const char *sql);
void folder_write(struct folder *folder, const char *text);
// Runs body(folder) in a child that is user and group 65534; its result must be 0.
void folder_as_nobody(struct folder *folder, int (*body)(struct folder *folder));

#endif
