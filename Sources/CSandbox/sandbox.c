#define _GNU_SOURCE
#include "reeve_sandbox.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

int reeve_open_directory(const char *path) {
  int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return descriptor < 0 ? -errno : descriptor;
}

int reeve_open_file(int directory, const char *name) {
  int descriptor = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  return descriptor < 0 ? -errno : descriptor;
}

static void fill(reeve_file_status *status, const struct stat *from) {
  status->mode = from->st_mode;
  status->owner = from->st_uid;
  status->size = (uint64_t)from->st_size;
}

int reeve_status_of_descriptor(int descriptor, reeve_file_status *status) {
  struct stat found;
  if (fstat(descriptor, &found) != 0) return -errno;
  fill(status, &found);
  return 0;
}

int reeve_status_of_path(const char *path, reeve_file_status *status) {
  struct stat found;
  if (lstat(path, &found) != 0) return -errno;
  fill(status, &found);
  return 0;
}

int reeve_memory_file(const char *name) {
  /* Kernels before 6.3 know no MFD_EXEC and refuse it; later ones may be set to make memory files not executable
   * unless it is asked for. */
  int descriptor = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
  if (descriptor < 0 && errno == EINVAL) descriptor = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
  return descriptor < 0 ? -errno : descriptor;
}

int reeve_seal(int descriptor) {
  int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
  return fcntl(descriptor, F_ADD_SEALS, seals) != 0 ? -errno : 0;
}

int64_t reeve_copy(int from, int to) {
  char buffer[1 << 16];
  int64_t total = 0;
  for (;;) {
    ssize_t got = pread(from, buffer, sizeof buffer, total);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -errno;
    if (got == 0) return total;
    for (ssize_t done = 0; done < got;) {
      ssize_t put = pwrite(to, buffer + done, (size_t)(got - done), total + done);
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) return -errno;
      done += put;
    }
    total += got;
  }
}

int64_t reeve_read(int descriptor, void *buffer, uint64_t length, uint64_t offset) {
  uint64_t done = 0;
  while (done < length) {
    ssize_t got = pread(descriptor, (char *)buffer + done, length - done, (off_t)(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -errno;
    if (got == 0) break;
    done += (uint64_t)got;
  }
  return (int64_t)done;
}

void reeve_close(int descriptor) { close(descriptor); }

void *reeve_load(int descriptor) {
  char path[40];
  snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
  return dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
}

void *reeve_symbol(void *library, const char *name) { return dlsym(library, name); }

const char *reeve_load_error(void) { return dlerror(); }

int reeve_forbid_dumps(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 ? -errno : 0; }

int reeve_allows_dumps(void) { return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 1; }
