/* Faults that a test cannot make in another way without being root: loaded into the daemon by LD_PRELOAD, steered by control
 * files that the test writes while it runs. Without its variable, or while the control file is missing, each does nothing.
 *
 * FAULTS_DISK   control file: an errno's name and what fails with it, as "ENOSPC write sync truncate open". Concerns files
 *               whose path contains FAULTS_DISK_PATH.
 * FAULTS_CLOCK  control file: seconds that are added to the calendar's clock. The monotonic clock is left alone, as it is
 *               when a clock is set, or a laptop sleeps.
 * FAULTS_DNS    control file: a name that the resolver does not answer as long as it stands there. Every other name that
 *               ends with ".test" is 127.0.0.1. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* The control file's text; 0 when there is none. By system calls, for the functions of the library are ours. */
static int read_control(const char* variable, char* text, size_t size) {
  const char* file = getenv(variable);
  if (!file) return 0;
  const int kept = errno;
  const int fd = (int)syscall(SYS_openat, AT_FDCWD, file, O_RDONLY | O_CLOEXEC, 0);
  if (fd < 0) {
    errno = kept;
    return 0;
  }
  const long count = syscall(SYS_read, fd, text, size - 1);
  syscall(SYS_close, fd);
  errno = kept;
  if (count <= 0) return 0;
  text[count] = '\0';
  return 1;
}

/* ---- the disk ------------------------------------------------------------------------------------------------------ */

static int failure_of(const char* path, const char* operation) {
  char rule[128];
  const char* concerned = getenv("FAULTS_DISK_PATH");
  if (!concerned || !strstr(path, concerned) || !read_control("FAULTS_DISK", rule, sizeof rule)) return 0;
  if (!strstr(rule, operation)) return 0;
  if (!strncmp(rule, "ENOSPC", 6)) return ENOSPC;
  if (!strncmp(rule, "EROFS", 5)) return EROFS;
  if (!strncmp(rule, "EACCES", 6)) return EACCES;
  return EIO;
}

static int fails(int fd, const char* operation) {
  if (!getenv("FAULTS_DISK")) return 0;
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const int kept = errno;
  const ssize_t size = readlink(link, path, sizeof path - 1);
  errno = kept;
  if (size <= 0) return 0;
  path[size] = '\0';
  const int failure = failure_of(path, operation);
  if (failure) errno = failure;
  return failure != 0;
}

ssize_t write(int fd, const void* data, size_t size) {
  return fails(fd, "write") ? -1 : REAL(write)(fd, data, size);
}
ssize_t pwrite(int fd, const void* data, size_t size, off_t at) {
  return fails(fd, "write") ? -1 : REAL(pwrite)(fd, data, size, at);
}
ssize_t pwrite64(int fd, const void* data, size_t size, off64_t at) {
  return fails(fd, "write") ? -1 : REAL(pwrite64)(fd, data, size, at);
}
ssize_t writev(int fd, const struct iovec* parts, int count) {
  return fails(fd, "write") ? -1 : REAL(writev)(fd, parts, count);
}
int fsync(int fd) { return fails(fd, "sync") ? -1 : REAL(fsync)(fd); }
int fdatasync(int fd) { return fails(fd, "sync") ? -1 : REAL(fdatasync)(fd); }
int ftruncate(int fd, off_t size) { return fails(fd, "truncate") ? -1 : REAL(ftruncate)(fd, size); }
int ftruncate64(int fd, off64_t size) { return fails(fd, "truncate") ? -1 : REAL(ftruncate64)(fd, size); }
int posix_fallocate(int fd, off_t at, off_t size) {
  return fails(fd, "write") ? errno : REAL(posix_fallocate)(fd, at, size);
}

/* Opening for writing, as a read-only file system refuses it. */
static int open_any(const char* name, const char* path, int flags, va_list more) {
  const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(more, mode_t) : 0;
  if (getenv("FAULTS_DISK") && (flags & O_ACCMODE) != O_RDONLY) {
    const int failure = failure_of(path, "open");
    if (failure) {
      errno = failure;
      return -1;
    }
  }
  return ((int (*)(const char*, int, ...))dlsym(RTLD_NEXT, name))(path, flags, mode);
}
int open(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const int fd = open_any("open", path, flags, more);
  va_end(more);
  return fd;
}
int open64(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const int fd = open_any("open64", path, flags, more);
  va_end(more);
  return fd;
}

/* ---- the calendar -------------------------------------------------------------------------------------------------- */

static long long offset(void) {
  char text[32];
  return read_control("FAULTS_CLOCK", text, sizeof text) ? atoll(text) : 0;
}

int clock_gettime(clockid_t clock, struct timespec* now) {
  const int result = (int)syscall(SYS_clock_gettime, clock, now);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += offset();
  return result;
}
int gettimeofday(struct timeval* now, void* zone) {
  (void)zone;
  struct timespec precise;
  clock_gettime(CLOCK_REALTIME, &precise);
  now->tv_sec = precise.tv_sec;
  now->tv_usec = precise.tv_nsec / 1000;
  return 0;
}
time_t time(time_t* now) {
  struct timespec precise;
  clock_gettime(CLOCK_REALTIME, &precise);
  if (now) *now = precise.tv_sec;
  return precise.tv_sec;
}

/* ---- names --------------------------------------------------------------------------------------------------------- */

int getaddrinfo(const char* host, const char* service, const struct addrinfo* hints, struct addrinfo** found) {
  char text[256];
  const size_t size = host ? strlen(host) : 0;
  if (!getenv("FAULTS_DNS") || size < 5 || strcmp(host + size - 5, ".test"))
    return REAL(getaddrinfo)(host, service, hints, found);
  const struct timespec a_little = {0, 20 * 1000 * 1000};
  while (read_control("FAULTS_DNS", text, sizeof text) && !strncmp(text, host, size)) nanosleep(&a_little, NULL);
  return REAL(getaddrinfo)("127.0.0.1", service, hints, found);
}
