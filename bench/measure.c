// SPDX-License-Identifier: Apache-2.0
// measure FILE COMMAND...: runs it and appends "CPU-s WALL-s RSS-MiB STATUS" to FILE: user and
// system time of the command and its children, its wall time, its largest resident set.
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: measure FILE COMMAND...\n");
        return 2;
    }
    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    pid_t child = fork();
    if (child == 0) {
        execvp(argv[2], argv + 2);
        _exit(127);
    }
    int status;
    struct rusage usage;
    if (child < 0 || wait4(child, &status, 0, &usage) != child) {
        fprintf(stderr, "measure: cannot run %s\n", argv[2]);
        return 1;
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    FILE *out = fopen(argv[1], "ae");
    if (!out) {
        fprintf(stderr, "measure: cannot write %s\n", argv[1]);
        return 1;
    }
    fprintf(out, "%.3f %.3f %.1f %d\n", seconds(usage.ru_utime) + seconds(usage.ru_stime),
            (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9,
            (double)usage.ru_maxrss / 1024, code);
    return fclose(out) == 0 ? code : 1;
}
