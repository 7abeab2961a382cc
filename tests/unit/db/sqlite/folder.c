// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/db/sqlite/folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

int folder_set_up(void **state)
{
    struct folder *folder = calloc(1, sizeof *folder);
    assert_non_null(folder);
    (void)snprintf(folder->path, sizeof folder->path, "/tmp/sslauto-unit-XXXXXX");
    assert_non_null(mkdtemp(folder->path));
    (void)snprintf(folder->store, sizeof folder->store, "%s/store.db", folder->path);
    *state = folder;
    return 0;
}

static void empty(int fd)
{
    DIR *dir = fdopendir(fd);
    assert_non_null(dir);
    const struct dirent *entry = NULL;
    while ((entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
            unlinkat(dirfd(dir), entry->d_name, 0) == 0) {
            continue;
        }
        int below = openat(dirfd(dir), entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_true(below >= 0);
        empty(below);
        assert_int_equal(unlinkat(dirfd(dir), entry->d_name, AT_REMOVEDIR), 0);
    }
    (void)closedir(dir);
}

int folder_tear_down(void **state)
{
    struct folder *folder = *state;
    (void)chmod(folder->path, 0700);
    int fd = open(folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(fd >= 0);
    empty(fd);
    assert_int_equal(rmdir(folder->path), 0);
    free(folder);
    return 0;
}

struct zone *folder_zone(size_t number)
{
    char name[48];
    (void)snprintf(name, sizeof name, "site%zu.example", number);
    struct zone *zone = zone_new();
    assert_non_null(zone);
    zone->name = strdup(name);
    struct host *host = NULL;
    assert_ok(zone_add_host(&host, zone, span_of(name), NULL), NULL);
    assert_ok(host_add_origin(host, span_of("192.0.2.1"), 80, 443, NULL), NULL);
    return zone;
}

void folder_fill(struct folder *folder, size_t count)
{
    OWN(db_own) struct db *db = NULL;
    assert_ok(db_open(&db, folder->store, DB_CREATE, &folder->why), &folder->why);
    assert_ok(db_begin(db, NULL), NULL);
    for (size_t i = 0; i < count; i++) {
        OWN(zone_own) struct zone *zone = folder_zone(i);
        assert_ok(db_zone_insert(db, zone, &folder->why), &folder->why);
    }
    assert_ok(db_commit(db, NULL), NULL);
}

void folder_sql(struct folder *folder, const char *sql)
{
    sqlite3 *handle = NULL;
    char *words = NULL;
    assert_int_equal(sqlite3_open(folder->store, &handle), SQLITE_OK);
    if (sqlite3_exec(handle, sql, NULL, NULL, &words) != SQLITE_OK) {
        fail_msg("%s: %s", sql, words);
    }
    assert_int_equal(sqlite3_close(handle), SQLITE_OK);
}

void folder_write(struct folder *folder, const char *text)
{
    FILE *file = fopen(folder->store, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

void folder_as_nobody(struct folder *folder, int (*body)(struct folder *folder))
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        // As somebody who is not root already, this user is nobody enough.
        if (geteuid() == 0 &&
            (setgroups(0, NULL) != 0 || setgid(65534) != 0 || setuid(65534) != 0)) {
            _exit(99);
        }
        int rc = body(folder);
        if (rc != 0) {
            (void)fprintf(stderr, "%s\n", folder->why.text);
        }
        _exit(rc);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}
