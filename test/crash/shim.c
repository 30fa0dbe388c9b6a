/*
 * Loaded in front of libc (LD_PRELOAD): writes down, in their order, everything a process does to the files of one folder, with the
 * bytes. What a power cut leaves can then be worked out for any moment. ZUOXI_SHIM_DIR names the folder, ZUOXI_SHIM_LOG the record.
 * ZUOXI_SHIM_KILL_AT=N kills the process at its N-th change, half of a write done. While the file ZUOXI_SHIM_REFUSE exists, changes
 * fail with the errno it holds: 28 a full disk, 30 a read-only one; with `sync` after the number, flushes of files fail instead.
 *
 * Record: `W path offset length\n` and the bytes; `T path length\n`; `S path\n` after fsync or fdatasync; `U path\n`; `R path path\n`.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define FDS 4096
#define NAME 512

static char names[FDS][NAME];
static const char *folder, *refuse;
static long kill_at, changes;
static int record = -1;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off64_t);
static int (*real_open)(const char *, int, ...);
static int (*real_ftruncate)(int, off64_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_close)(int);
static int (*real_unlink)(const char *);
static int (*real_rename)(const char *, const char *);

__attribute__((constructor)) static void begin(void) {
  real_write = dlsym(RTLD_NEXT, "write");
  real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
  real_open = dlsym(RTLD_NEXT, "open64");
  real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
  real_fsync = dlsym(RTLD_NEXT, "fsync");
  real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
  real_close = dlsym(RTLD_NEXT, "close");
  real_unlink = dlsym(RTLD_NEXT, "unlink");
  real_rename = dlsym(RTLD_NEXT, "rename");
  folder = getenv("ZUOXI_SHIM_DIR");
  refuse = getenv("ZUOXI_SHIM_REFUSE");
  if (getenv("ZUOXI_SHIM_KILL_AT")) kill_at = atol(getenv("ZUOXI_SHIM_KILL_AT"));
  const char *to = getenv("ZUOXI_SHIM_LOG");
  if (folder && to) record = real_open(to, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int watched(const char *path) {
  return folder && path && strncmp(path, folder, strlen(folder)) == 0;
}
static const char *name_of(int fd) {
  return fd >= 0 && fd < FDS && names[fd][0] ? names[fd] : NULL;
}
static const char *shortened(const char *path) {
  const char *rest = path + strlen(folder);
  while (*rest == '/') rest++;
  return *rest ? rest : ".";
}
static void put(const char *line, const void *bytes, size_t length) {
  if (record < 0) return;
  real_write(record, line, strlen(line));
  if (length) real_write(record, bytes, length);
}

/* The errno changes, or flushes, fail with now; 0: they do not. */
static int refused(int of_sync) {
  int fd = refuse ? real_open(refuse, O_RDONLY | O_CLOEXEC) : -1;
  if (fd < 0) return 0;
  char text[16] = {0};
  ssize_t got = read(fd, text, sizeof text - 1);
  real_close(fd);
  return got > 0 && of_sync == (strstr(text, "sync") != NULL) ? atoi(text) : 0;
}
/* Before each change. Returns 1 when this is the one to die in, -1 when the disk refuses it. */
static int next_change(void) {
  changes++;
  if (kill_at && changes == kill_at) return 1;
  int why = refused(0);
  if (why) errno = why;
  return why ? -1 : 0;
}
static void die(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

static int opened(int fd, const char *path) {
  if (fd >= 0 && fd < FDS) {
    if (watched(path)) snprintf(names[fd], NAME, "%s", path);
    else names[fd][0] = 0;
  }
  return fd;
}
static int open_any(const char *path, int flags, mode_t mode) {
  return opened(real_open(path, flags, mode), path);
}
#define MODE                                   \
  mode_t mode = 0;                             \
  if (flags & (O_CREAT | O_TMPFILE)) {         \
    va_list rest;                              \
    va_start(rest, flags);                     \
    mode = va_arg(rest, mode_t);               \
    va_end(rest);                              \
  }
int open(const char *path, int flags, ...) {
  MODE return open_any(path, flags, mode);
}
int open64(const char *path, int flags, ...) {
  MODE return open_any(path, flags, mode);
}
int close(int fd) {
  if (fd >= 0 && fd < FDS) names[fd][0] = 0;
  return real_close(fd);
}

static ssize_t write_at(int fd, const void *bytes, size_t length, off64_t offset, int at_end) {
  const char *name = name_of(fd);
  if (!name) return at_end ? real_write(fd, bytes, length) : real_pwrite(fd, bytes, length, offset);
  pthread_mutex_lock(&lock);
  int what = next_change();
  if (at_end) offset = lseek(fd, 0, SEEK_CUR);
  if (what < 0) {
    pthread_mutex_unlock(&lock);
    return -1;
  }
  if (what) length = length / 2;
  ssize_t done = real_pwrite(fd, bytes, length, offset);
  if (done > 0) {
    if (at_end) lseek(fd, offset + done, SEEK_SET);
    char line[NAME + 64];
    snprintf(line, sizeof line, "W %s %lld %zd\n", shortened(name), (long long)offset, done);
    put(line, bytes, (size_t)done);
  }
  if (what) die();
  pthread_mutex_unlock(&lock);
  return done;
}
ssize_t write(int fd, const void *bytes, size_t length) { return write_at(fd, bytes, length, 0, 1); }
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) { return write_at(fd, bytes, length, at, 0); }
ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) { return write_at(fd, bytes, length, at, 0); }

static int truncate_to(int fd, off64_t length) {
  const char *name = name_of(fd);
  if (!name) return real_ftruncate(fd, length);
  pthread_mutex_lock(&lock);
  int what = next_change();
  if (what > 0) die();
  int result = what < 0 ? -1 : real_ftruncate(fd, length);
  if (result == 0) {
    char line[NAME + 64];
    snprintf(line, sizeof line, "T %s %lld\n", shortened(name), (long long)length);
    put(line, NULL, 0);
  }
  pthread_mutex_unlock(&lock);
  return result;
}
int ftruncate(int fd, off_t length) { return truncate_to(fd, length); }
int ftruncate64(int fd, off64_t length) { return truncate_to(fd, length); }

static int synced(int fd, int (*real)(int)) {
  const char *name = name_of(fd);
  int why = name ? refused(1) : 0;
  if (why) {
    errno = why;
    return -1;
  }
  int result = real(fd);
  if (name && result == 0) {
    char line[NAME + 8];
    snprintf(line, sizeof line, "S %s\n", shortened(name));
    pthread_mutex_lock(&lock);
    put(line, NULL, 0);
    pthread_mutex_unlock(&lock);
  }
  return result;
}
int fsync(int fd) { return synced(fd, real_fsync); }
int fdatasync(int fd) { return synced(fd, real_fdatasync); }

int unlink(const char *path) {
  if (!watched(path)) return real_unlink(path);
  pthread_mutex_lock(&lock);
  int what = next_change();
  if (what > 0) die();
  int result = what < 0 ? -1 : real_unlink(path);
  if (result == 0) {
    char line[NAME + 8];
    snprintf(line, sizeof line, "U %s\n", shortened(path));
    put(line, NULL, 0);
  }
  pthread_mutex_unlock(&lock);
  return result;
}
int rename(const char *from, const char *to) {
  if (!watched(from)) return real_rename(from, to);
  pthread_mutex_lock(&lock);
  int what = next_change();
  if (what > 0) die();
  int result = what < 0 ? -1 : real_rename(from, to);
  if (result == 0) {
    char line[2 * NAME + 8];
    snprintf(line, sizeof line, "R %s %s\n", shortened(from), shortened(to));
    put(line, NULL, 0);
  }
  pthread_mutex_unlock(&lock);
  return result;
}
