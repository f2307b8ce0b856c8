/* A disk below the folder DISK_FOLDER that takes nothing while the file DISK_FAULT is there: every write and sync fails
   with the error number that this file holds. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILES 4096
static char ours[FILES];

static void *real(const char *what) { return dlsym(RTLD_NEXT, what); }

static int faulty(int fd) {
    const char *fault = getenv("DISK_FAULT");
    if (fd < 0 || fd >= FILES || !ours[fd] || !fault || access(fault, F_OK) != 0) return 0;
    FILE *file = fopen(fault, "r");
    int number = 0;
    if (file) {
        if (fscanf(file, "%d", &number) != 1) number = 0;
        fclose(file);
    }
    errno = number;
    return number != 0;
}

int open64(const char *path, int flags, ...) {
    static int (*next)(const char *, int, ...);
    va_list rest;
    va_start(rest, flags);
    mode_t mode = va_arg(rest, mode_t);
    va_end(rest);
    if (!next) next = real("open64");
    int fd = next(path, flags, mode);
    if (fd >= 0 && fd < FILES) {
        const char *folder = getenv("DISK_FOLDER");
        size_t length = folder ? strlen(folder) : 0;
        ours[fd] = folder && strncmp(path, folder, length) == 0 && path[length] == '/' && !strstr(path, "-shm");
    }
    return fd;
}

int close(int fd) {
    static int (*next)(int);
    if (!next) next = real("close");
    if (fd >= 0 && fd < FILES) ours[fd] = 0;
    return next(fd);
}

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset) {
    static ssize_t (*next)(int, const void *, size_t, off64_t);
    if (!next) next = real("pwrite64");
    return faulty(fd) ? -1 : next(fd, data, length, offset);
}

ssize_t write(int fd, const void *data, size_t length) {
    static ssize_t (*next)(int, const void *, size_t);
    if (!next) next = real("write");
    return faulty(fd) ? -1 : next(fd, data, length);
}

int fdatasync(int fd) {
    static int (*next)(int);
    if (!next) next = real("fdatasync");
    return faulty(fd) ? -1 : next(fd);
}

int fsync(int fd) {
    static int (*next)(int);
    if (!next) next = real("fsync");
    return faulty(fd) ? -1 : next(fd);
}

int ftruncate64(int fd, off64_t length) {
    static int (*next)(int, off64_t);
    if (!next) next = real("ftruncate64");
    return faulty(fd) ? -1 : next(fd, length);
}
