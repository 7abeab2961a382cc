// SPDX-License-Identifier: Apache-2.0
// Runs a fuzz target over every file of its corpus folder, for builds without libFuzzer.
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *folder, const char *name)
{
    char path[4096];
    int len = snprintf(path, sizeof path, "%s/%s", folder, name);
    if (len < 0 || (size_t)len >= sizeof path) {
        return -1;
    }
    FILE *in = fopen(path, "rbe");
    if (in == NULL) {
        perror(path);
        return -1;
    }
    size_t cap = (size_t)16 << 20;
    uint8_t *data = malloc(cap);
    size_t size = data == NULL ? 0 : fread(data, 1, cap, in);
    (void)fclose(in);
    int rc = data == NULL ? -1 : LLVMFuzzerTestOneInput(data, size);
    free(data);
    return rc;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        (void)fprintf(stderr, "usage: %s CORPUS\n", argv[0]);
        return 2;
    }
    DIR *dir = opendir(argv[1]);
    if (dir == NULL) {
        perror(argv[1]);
        return 1;
    }
    size_t files = 0;
    const struct dirent *entry = NULL;
    while ((entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] == '.') {
            continue;
        }
        if (replay_file(argv[1], entry->d_name) < 0) {
            (void)closedir(dir);
            return 1;
        }
        files++;
    }
    (void)closedir(dir);
    (void)printf("%zu inputs replayed\n", files);
    return files == 0; // an empty corpus proves nothing
}
