#define _GNU_SOURCE
#include "reeve_process.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { page_size = 4096 };

/* ---- Starting ------------------------------------------------------------------------------------------------ */

/* The descriptors that a host is given, kept above those that they are given as. */
enum { given_null, given_log, given_channel, given_library, given_page, given_count };
typedef struct gifts {
  int own[given_count]; /* -1: none */
  int channel, log;     /* our ends */
} gifts;

static void drop(int *descriptor) {
  if (*descriptor >= 0) close(*descriptor);
  *descriptor = -1;
}

static void drop_gifts(gifts *g) {
  for (int i = 0; i < given_count; i++) drop(&g->own[i]);
}

/* Takes a descriptor over to above the ones that it is given as. */
static int above(int descriptor) {
  if (descriptor < 0) return -1;
  int moved = fcntl(descriptor, F_DUPFD_CLOEXEC, 10);
  int error = errno;
  close(descriptor);
  errno = error;
  return moved;
}

static int open_page(void) {
  int page = memfd_create("reeve-breadcrumb", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (page < 0) return -1;
  if (ftruncate(page, page_size) != 0 || fcntl(page, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW) != 0) {
    close(page);
    return -1;
  }
  return page;
}

static int open_gifts(gifts *g, int library) {
  int pair[2], pipes[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return -errno;
  g->channel = pair[0];
  g->own[given_channel] = above(pair[1]);
  if (pipe2(pipes, O_CLOEXEC) != 0) return -errno;
  g->log = pipes[0];
  g->own[given_log] = above(pipes[1]);
  g->own[given_null] = above(open("/dev/null", O_RDWR | O_CLOEXEC));
  g->own[given_library] = fcntl(library, F_DUPFD_CLOEXEC, 10);
  g->own[given_page] = above(open_page());
  for (int i = 0; i < given_count; i++)
    if (g->own[i] < 0) return -errno;
  int size = 1 << 20;
  setsockopt(g->channel, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  setsockopt(g->own[given_channel], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  if (fcntl(g->channel, F_SETFL, O_NONBLOCK) != 0 || fcntl(g->log, F_SETFL, O_NONBLOCK) != 0) return -errno;
  return 0;
}

static int spawn(const reeve_host_options *options, const gifts *g, pid_t *process) {
  char parent[16], layers[16], memory[32], folder[4200];
  snprintf(parent, sizeof parent, "%d", (int)getpid());
  snprintf(layers, sizeof layers, "%u", options->layers);
  snprintf(memory, sizeof memory, "%llu", (unsigned long long)options->memory);
  snprintf(folder, sizeof folder, "LD_LIBRARY_PATH=%s", options->library_path ? options->library_path : "");
  char *const arguments[] = {"reeve-plugin-host", parent, layers, memory, NULL};
  char *const environment[] = {"SWIFT_BACKTRACE=enable=no", options->library_path ? folder : NULL, NULL};
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  int error = posix_spawn_file_actions_init(&actions);
  if (error != 0) return -error;
  error = posix_spawnattr_init(&attributes);
  if (error == 0) {
    error = posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    if (error == 0) error = posix_spawnattr_setpgroup(&attributes, 0);
    if (error == 0) error = posix_spawnattr_setsigmask(&attributes, &none);
    if (error == 0) error = posix_spawnattr_setsigdefault(&attributes, &all);
    const int places[][2] = {{g->own[given_null], 0}, {g->own[given_log], 1}, {g->own[given_log], 2},
                             {g->own[given_channel], REEVE_HOST_CHANNEL}, {g->own[given_library], REEVE_HOST_LIBRARY},
                             {g->own[given_page], REEVE_HOST_PAGE}};
    for (size_t i = 0; error == 0 && i < sizeof places / sizeof places[0]; i++)
      error = posix_spawn_file_actions_adddup2(&actions, places[i][0], places[i][1]);
    if (error == 0) error = posix_spawn_file_actions_addclosefrom_np(&actions, REEVE_HOST_PAGE + 1);
    if (error == 0) error = posix_spawn(process, options->executable, &actions, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
  }
  posix_spawn_file_actions_destroy(&actions);
  return -error;
}

int reeve_host_start(const reeve_host_options *options, reeve_host_process *host) {
  gifts g = {{-1, -1, -1, -1, -1}, -1, -1};
  void *page = MAP_FAILED;
  pid_t process = -1;
  int result = open_gifts(&g, options->library);
  if (result == 0) {
    page = mmap(NULL, page_size, PROT_READ | PROT_WRITE, MAP_SHARED, g.own[given_page], 0);
    result = page == MAP_FAILED ? -errno : spawn(options, &g, &process);
  }
  drop_gifts(&g);
  if (result != 0) {
    if (page != MAP_FAILED) munmap(page, page_size);
    drop(&g.channel);
    drop(&g.log);
    return result;
  }
  *host = (reeve_host_process){.process = process, .channel = g.channel, .log = g.log, .page = page};
  return 0;
}

int reeve_host_end(reeve_host_process *host) {
  int status = 0;
  /* One that is ending already keeps the status that it ends with. */
  kill(host->process, SIGKILL);
  while (waitpid(host->process, &status, 0) < 0)
    if (errno != EINTR) {
      status = -errno;
      break;
    }
  return status;
}

void reeve_host_release(reeve_host_process *host) {
  close(host->channel);
  close(host->log);
  if (host->page) munmap(host->page, page_size);
  host->page = NULL;
}

/* ---- Talking ------------------------------------------------------------------------------------------------- */

int64_t reeve_monotonic(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Waits for one of the descriptors. 0, or -ETIMEDOUT. */
static int wait_for(struct pollfd *descriptors, nfds_t count, int64_t deadline) {
  for (;;) {
    int64_t left = deadline - reeve_monotonic();
    if (left <= 0) return -ETIMEDOUT;
    struct timespec time = {left / 1000000000, left % 1000000000};
    int ready = ppoll(descriptors, count, &time, NULL);
    if (ready > 0) return 0;
    if (ready < 0 && errno != EINTR) return -errno;
  }
}

int reeve_channel_send(int channel, const void *bytes, uint64_t length, int64_t deadline) {
  for (uint64_t done = 0; done < length;) {
    ssize_t put = send(channel, (const char *)bytes + done, length - done, MSG_NOSIGNAL);
    if (put >= 0) {
      done += (uint64_t)put;
    } else if (errno == EAGAIN) {
      struct pollfd descriptor = {channel, POLLOUT, 0};
      int result = wait_for(&descriptor, 1, deadline);
      if (result != 0) return result;
    } else if (errno != EINTR) {
      return errno == ECONNRESET ? -EPIPE : -errno;
    }
  }
  return 0;
}

void reeve_log_drain(int log, char *text, uint64_t room, uint64_t *used) {
  char rest[4096];
  for (;;) {
    /* What there is no room for is read all the same: who writes must not have to wait. */
    int fits = *used < room;
    ssize_t got = fits ? read(log, text + *used, room - *used) : read(log, rest, sizeof rest);
    if (got <= 0) return;
    if (fits) *used += (uint64_t)got;
  }
}

int64_t reeve_channel_receive(int channel, void *bytes, uint64_t least, uint64_t room, int64_t deadline, int log,
                              char *text, uint64_t text_room, uint64_t *used) {
  /* The answer to a request that was sent just now is not there yet: to ask for it would be in vain. */
  int is_there = 0;
  for (uint64_t done = 0;;) {
    ssize_t got = is_there ? recv(channel, (char *)bytes + done, room - done, 0) : (errno = EAGAIN, -1);
    if (got > 0) {
      done += (uint64_t)got;
      if (done >= least) return (int64_t)done;
    } else if (got == 0 || errno == ECONNRESET) {
      return -EPIPE;
    } else if (errno == EAGAIN) {
      /* A log that was closed would be ready for ever. */
      struct pollfd descriptors[] = {{channel, POLLIN, 0}, {log, POLLIN, 0}};
      int result = wait_for(descriptors, 2, deadline);
      if (result != 0) return result;
      if (descriptors[1].revents & POLLIN) reeve_log_drain(log, text, text_room, used);
      else if (descriptors[1].revents != 0 && descriptors[0].revents == 0) {
        result = wait_for(descriptors, 1, deadline);
        if (result != 0) return result;
      }
      is_there = 1;
    } else if (errno != EINTR) {
      return -errno;
    }
  }
}

/* ---- In the host process --------------------------------------------------------------------------------------- */

int reeve_host_send(const void *bytes, uint64_t length) {
  for (uint64_t done = 0; done < length;) {
    ssize_t put = write(REEVE_HOST_CHANNEL, (const char *)bytes + done, length - done);
    if (put >= 0) done += (uint64_t)put;
    else if (errno != EINTR) return -errno;
  }
  return 0;
}

int64_t reeve_host_receive(void *bytes, uint64_t least, uint64_t room) {
  for (uint64_t done = 0;;) {
    ssize_t got = read(REEVE_HOST_CHANNEL, (char *)bytes + done, room - done);
    if (got > 0) done += (uint64_t)got;
    else if (got == 0) return -EPIPE;
    else if (errno != EINTR) return -errno;
    if (done >= least) return (int64_t)done;
  }
}

reeve_breadcrumb *reeve_host_map_page(void) {
  void *page = mmap(NULL, page_size, PROT_READ | PROT_WRITE, MAP_SHARED, REEVE_HOST_PAGE, 0);
  return page == MAP_FAILED ? NULL : page;
}

void *reeve_host_map_memory(uint64_t length) {
  void *memory = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return memory == MAP_FAILED ? NULL : memory;
}

void *reeve_host_map_window(uint64_t length) {
  void *memory = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return memory == MAP_FAILED ? NULL : memory;
}

int reeve_host_protect(void *memory, uint64_t length, int readable) {
  return mprotect(memory, length, readable ? PROT_READ | PROT_WRITE : PROT_NONE) == 0 ? 0 : -errno;
}

uint64_t reeve_library_folder(const char *symbol, char *buffer, uint64_t room) {
  Dl_info library;
  void *function = dlsym(RTLD_DEFAULT, symbol);
  char path[4096];
  if (function == NULL || dladdr(function, &library) == 0 || realpath(library.dli_fname, path) == NULL) return 0;
  const char *slash = strrchr(path, '/');
  uint64_t length = slash ? (uint64_t)(slash - path) : 0;
  if (length == 0 || length >= room) return 0;
  memcpy(buffer, path, length);
  buffer[length] = 0;
  return length;
}
