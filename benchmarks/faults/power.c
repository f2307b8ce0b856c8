/* Writes down, in order, what a process writes and syncs below the folder POWER_FOLDER, into the file POWER_LOG.
   A record: kind (w write, s sync, t truncate), number of the file, offset, length, and the bytes of a write. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILES 4096
static char name[FILES][256];
static int log_fd = -1;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *real(const char *what) { return dlsym(RTLD_NEXT, what); }

static void record(char kind, int fd, int64_t offset, const void *data, int64_t length) {
    static ssize_t (*write_)(int, const void *, size_t);
    if (fd < 0 || fd >= FILES || !name[fd][0]) return;
    if (!write_) write_ = real("write");
    char head[512];
    int size = snprintf(head, sizeof head, "%c %s %lld %lld\n", kind, name[fd], (long long)offset, (long long)length);
    pthread_mutex_lock(&lock);
    if (log_fd < 0) {
        int (*open_)(const char *, int, ...) = real("open64");
        log_fd = open_(getenv("POWER_LOG"), O_WRONLY | O_CREAT | O_APPEND, 0600);
    }
    if (write_(log_fd, head, size) != size || (data && write_(log_fd, data, length) != length)) abort();
    pthread_mutex_unlock(&lock);
}

static int opened(const char *path, int fd) {
    const char *folder = getenv("POWER_FOLDER");
    if (fd >= 0 && fd < FILES) {
        size_t length = folder ? strlen(folder) : 0;
        name[fd][0] = 0;
        if (folder && strncmp(path, folder, length) == 0 && path[length] == '/' && !strstr(path, "-shm"))
            snprintf(name[fd], sizeof name[fd], "%s", path + length + 1);
    }
    return fd;
}

int open64(const char *path, int flags, ...) {
    static int (*next)(const char *, int, ...);
    va_list rest;
    va_start(rest, flags);
    mode_t mode = va_arg(rest, mode_t);
    va_end(rest);
    if (!next) next = real("open64");
    return opened(path, next(path, flags, mode));
}

int close(int fd) {
    static int (*next)(int);
    if (!next) next = real("close");
    if (fd >= 0 && fd < FILES) name[fd][0] = 0;
    return next(fd);
}

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset) {
    static ssize_t (*next)(int, const void *, size_t, off64_t);
    if (!next) next = real("pwrite64");
    ssize_t wrote = next(fd, data, length, offset);
    if (wrote > 0) record('w', fd, offset, data, wrote);
    return wrote;
}

ssize_t write(int fd, const void *data, size_t length) {
    static ssize_t (*next)(int, const void *, size_t);
    if (!next) next = real("write");
    ssize_t wrote = next(fd, data, length);
    if (wrote > 0) record('w', fd, -1, data, wrote);
    return wrote;
}

int fdatasync(int fd) {
    static int (*next)(int);
    if (!next) next = real("fdatasync");
    int answer = next(fd);
    if (answer == 0) record('s', fd, 0, NULL, 0);
    return answer;
}

int fsync(int fd) {
    static int (*next)(int);
    if (!next) next = real("fsync");
    int answer = next(fd);
    if (answer == 0) record('s', fd, 0, NULL, 0);
    return answer;
}

int ftruncate64(int fd, off64_t length) {
    static int (*next)(int, off64_t);
    if (!next) next = real("ftruncate64");
    int answer = next(fd, length);
    if (answer == 0) record('t', fd, length, NULL, 0);
    return answer;
}
