#define _GNU_SOURCE
#include "reeve_confinement.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int reeve_install_filter(uint32_t stage);
int reeve_filter_is_offered(void);

/* ---- Landlock (Documentation/userspace-api/landlock.rst). Its numbers, as older headers lack the newer ones. -------- */

enum { create_ruleset = 444, add_rule = 445, restrict_self = 446, version_flag = 1, path_beneath = 1 };
#define READ_FILE (1ull << 2)

struct ruleset {
  uint64_t files, network, scopes;
};
struct path_rule {
  uint64_t allowed;
  int32_t folder;
} __attribute__((packed));

static int landlock_version(void) { return (int)syscall(create_ruleset, NULL, 0, version_flag); }

uint32_t reeve_sandbox_layers(void) {
  return (landlock_version() >= 1 ? REEVE_LAYER_LANDLOCK : 0) | (reeve_filter_is_offered() ? REEVE_LAYER_SECCOMP : 0);
}

/* Everything that this kernel can forbid. */
static int ruleset(void) {
  int version = landlock_version();
  if (version < 1) return -ENOSYS;
  struct ruleset all = {.files = (1ull << 13) - 1};
  if (version >= 2) all.files |= 1ull << 13; /* moving between folders */
  if (version >= 3) all.files |= 1ull << 14; /* truncating */
  if (version >= 5) all.files |= 1ull << 15; /* devices */
  if (version >= 4) all.network = 3;         /* TCP: bind and connect */
  if (version >= 6) all.scopes = 3;          /* abstract sockets and signals of others */
  size_t size = version < 4 ? 8 : version < 6 ? 16 : 24;
  int rules = (int)syscall(create_ruleset, &all, size, 0);
  return rules < 0 ? -errno : rules;
}

/* A folder or file that is not there needs no rule. */
static void allow_reading(int rules, const char *path) {
  int folder = open(path, O_PATH | O_CLOEXEC);
  if (folder < 0) return;
  struct path_rule rule = {READ_FILE, folder};
  syscall(add_rule, rules, path_beneath, &rule, 0);
  close(folder);
}

static int restrict_with(int rules) {
  int result = syscall(restrict_self, rules, 0) == 0 ? 0 : -errno;
  close(rules);
  return result;
}

/* Where the C library lies: one pair of folders of the distribution's, or the old places. */
static const char *const library_folders[] = {
#if defined(__aarch64__)
    "/lib/aarch64-linux-gnu", "/usr/lib/aarch64-linux-gnu",
#else
    "/lib/x86_64-linux-gnu",  "/usr/lib/x86_64-linux-gnu",
#endif
    "/lib64",                 "/usr/lib64",
};

static int confine_files(const char *libraries) {
  int rules = ruleset();
  if (rules < 0) return rules;
  int found = 0;
  for (size_t i = 0; i < sizeof library_folders / sizeof library_folders[0]; i++) {
    char path[PATH_MAX];
    size_t length = strlen(library_folders[i]);
    memcpy(path, library_folders[i], length);
    memcpy(path + length, "/libc.so.6", sizeof "/libc.so.6");
    found |= access(path, F_OK) == 0;
    allow_reading(rules, library_folders[i]);
  }
  if (!found) {
    allow_reading(rules, "/lib");
    allow_reading(rules, "/usr/lib");
  }
  allow_reading(rules, "/etc/ld.so.cache");
  for (const char *at = libraries; at && *at;) {
    const char *end = strchr(at, ':');
    size_t length = end ? (size_t)(end - at) : strlen(at);
    char path[PATH_MAX];
    if (length > 0 && length < sizeof path) {
      memcpy(path, at, length);
      path[length] = 0;
      allow_reading(rules, path);
    }
    at = end ? end + 1 : NULL;
  }
  return restrict_with(rules);
}

int reeve_confine_loading(uint32_t layers, const char *libraries) {
  int result = layers & REEVE_LAYER_LANDLOCK ? confine_files(libraries) : 0;
  if (result == 0 && layers & REEVE_LAYER_SECCOMP) result = reeve_install_filter(REEVE_STAGE_LOADING);
  return result;
}

int reeve_confine_running(uint32_t layers) {
  int result = 0;
  if (layers & REEVE_LAYER_LANDLOCK) {
    int rules = ruleset();
    result = rules < 0 ? rules : restrict_with(rules);
  }
  if (result == 0 && layers & REEVE_LAYER_SECCOMP) result = reeve_install_filter(REEVE_STAGE_RUNNING);
  return result;
}

/* ---- The process --------------------------------------------------------------------------------------------- */

static int limit(int resource, rlim_t value) {
  struct rlimit both = {value, value};
  return setrlimit(resource, &both) == 0 ? 0 : -errno;
}

int reeve_confine_process(int32_t parent, uint64_t memory) {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) return -errno;
  /* It may have died before the line above. */
  if (getppid() != parent) return -ESRCH;
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return -errno;
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -errno;
  int result = limit(RLIMIT_CORE, 0);
  if (result == 0) result = limit(RLIMIT_FSIZE, 0);
  if (result == 0) result = limit(RLIMIT_NPROC, 0);
  if (result == 0) result = limit(RLIMIT_MEMLOCK, 0);
  if (result == 0) result = limit(RLIMIT_MSGQUEUE, 0);
  /* The six it has, and those that the loader has open meanwhile. */
  if (result == 0) result = limit(RLIMIT_NOFILE, 16);
  if (result == 0) result = limit(RLIMIT_AS, memory);
  return result;
}

/* ---- Its end ------------------------------------------------------------------------------------------------- */

static reeve_breadcrumb *marked;

/* A fault runs again when the handler returns, and then ends the process as it would have. */
static void mark(int number, siginfo_t *information, void *context) {
  (void)context;
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  marked->at = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
  marked->signal = (uint32_t)number;
  if (number == SIGSYS) {
    marked->system_call = (uint32_t)information->si_syscall + 1;
    _exit(128 + SIGSYS);
  }
  marked->address = (uint64_t)(uintptr_t)information->si_addr;
  void *probe = mmap(NULL, 64u << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  marked->memory_gone = probe == MAP_FAILED;
  if (probe != MAP_FAILED) munmap(probe, 64u << 20);
}

int reeve_confine_signals(reeve_breadcrumb *page) {
  static char stack[64 << 10];
  static const int numbers[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGSYS};
  marked = page;
  stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
  if (sigaltstack(&alternate, NULL) != 0) return -errno;
  struct sigaction action = {.sa_sigaction = mark, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESETHAND};
  sigemptyset(&action.sa_mask);
  for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
    if (sigaction(numbers[i], &action, NULL) != 0) return -errno;
  return 0;
}
