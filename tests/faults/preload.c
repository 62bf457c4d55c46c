/* Notes how long each file was when it was synced (NOTES), and moves the calendar by what a file says (SHIFT). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static void note(int file) {
    char link[64], path[4096], *notes = getenv("NOTES");
    struct stat found;
    if (notes == NULL || fstat(file, &found) != 0) return;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t size = readlink(link, path, sizeof path - 1);
    if (size < 0) return;
    path[size] = 0;
    FILE *to = fopen(notes, "a");
    if (to == NULL) return;
    fprintf(to, "%lld %s\n", (long long)found.st_size, path);
    fclose(to);
}

/* The length is taken before: what is written meanwhile may not be on the disk. */
int fdatasync(int file) {
    static int (*real)(int);
    if (real == NULL) real = dlsym(RTLD_NEXT, "fdatasync");
    note(file);
    return real(file);
}

int fsync(int file) {
    static int (*real)(int);
    if (real == NULL) real = dlsym(RTLD_NEXT, "fsync");
    note(file);
    return real(file);
}

static long long shift(void) {
    char *path = getenv("SHIFT");
    long long seconds = 0;
    FILE *from = path == NULL ? NULL : fopen(path, "r");
    if (from == NULL) return 0;
    if (fscanf(from, "%lld", &seconds) != 1) seconds = 0;
    fclose(from);
    return seconds;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    static int (*real)(struct timeval *, void *);
    if (real == NULL) real = dlsym(RTLD_NEXT, "gettimeofday");
    int done = real(now, zone);
    now->tv_sec += shift();
    return done;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    if (real == NULL) real = dlsym(RTLD_NEXT, "clock_gettime");
    int done = real(clock, now);
    if (clock == CLOCK_REALTIME) now->tv_sec += shift();
    return done;
}
