/* What a plugin may try to do to the machine, to its host or to its neighbours. Each is committed on a resource whose id
 * begins with "ami-bad". What a crime brings home stands in the verdict's message: nothing, and why. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static const char *kept_pointer;
static volatile uint64_t crime_sink;

static void *do_nothing(void *argument) { return argument; }

static int endless_recursion(volatile int depth) {
  volatile char room[4096];
  room[depth % 4096] = (char)depth;
  return endless_recursion(depth + 1) + room[0];
}

/* Opens a file and says what came of it. */
static const char *loot(const char *path, char *haul, size_t room) {
  int file = open(path, O_RDONLY);
  if (file < 0) return strerror(errno);
  ssize_t got = read(file, haul, room - 1);
  if (got <= 0) return "opened, and nothing in it";
  haul[got] = 0;
  return haul;
}

/* 1: it is a crime that says what it got. What ends the process does not come back. */
static int commit_crime(const char *crime, const reeve_resource *resource, char *haul, size_t room) {
  char path[64];
#define CRIME(name) strcmp(crime, name) == 0
  if (CRIME("crash")) *(volatile int *)8 = 1;
  else if (CRIME("trap")) __builtin_trap();
  else if (CRIME("abort")) abort();
  else if (CRIME("exit")) exit(0);
  else if (CRIME("quick-exit")) _exit(7);
  else if (CRIME("loop")) for (;;) crime_sink++;
  else if (CRIME("overflow-stack")) crime_sink += (uint64_t)endless_recursion(0);
  else if (CRIME("fill-memory")) {
    for (;;) {
      char *more = malloc(16 << 20);
      memset(more, 1, 16 << 20); /* a fault when there is none left */
      crime_sink += (uint64_t)more[0];
    }
  } else if (CRIME("huge-memory-blindly")) {
    char *all = malloc((size_t)64 << 30);
    memset(all, 1, 1 << 20); /* of nothing */
    crime_sink += (uint64_t)all[0];
  } else if (CRIME("complain")) {
    static const char words[] = "Fatal error: Index out of range\n";
    crime_sink += (uint64_t)write(2, words, sizeof words - 1);
    __builtin_trap();
  }
  else if (CRIME("thread")) { pthread_t thread; pthread_create(&thread, NULL, do_nothing, NULL); }
  else if (CRIME("fork")) crime_sink += (uint64_t)fork();
  else if (CRIME("vfork")) crime_sink += (uint64_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
  else if (CRIME("exec")) execl("/bin/true", "true", NULL);
  else if (CRIME("socket")) crime_sink += (uint64_t)socket(AF_INET, SOCK_STREAM, 0);
  else if (CRIME("ptrace")) crime_sink += (uint64_t)ptrace(PTRACE_ATTACH, getppid(), NULL, NULL);
  else if (CRIME("signal")) crime_sink += (uint64_t)kill(getppid(), SIGTERM);
  else if (CRIME("signal-thread")) crime_sink += (uint64_t)syscall(SYS_tgkill, 1, 1, SIGTERM);
  else if (CRIME("read-process")) crime_sink += (uint64_t)syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0);
  else if (CRIME("bend-signals")) {
    signal(SIGSYS, SIG_IGN); /* refused, or of no use */
    crime_sink += (uint64_t)socket(AF_INET, SOCK_STREAM, 0);
  }
  else if (CRIME("keep-pointer")) {
    if (kept_pointer) crime_sink += (uint64_t)kept_pointer[0];
    kept_pointer = resource->id.bytes;
  }
  else if (CRIME("babble")) crime_sink += (uint64_t)write(3, "no frame at all, and longer than a header of one has to be: "
      "0123456789012345678901234567890123456789012345678901234567890123456789", 128);
  else if (CRIME("claim")) {
    /* A header that promises 300 MB. */
    static const uint32_t words[32] = {0x52465652u, 100, 300u << 20};
    crime_sink += (uint64_t)write(3, words, 112);
    for (;;) crime_sink++;
  }
  else if (CRIME("hang-up")) { close(3); for (;;) crime_sink++; }
  else {
    /* These go on, with what they got. */
    haul[0] = 0;
    const char *got = haul;
    if (CRIME("parent-environment")) { snprintf(path, sizeof path, "/proc/%d/environ", (int)getppid()); got = loot(path, haul, room); }
    else if (CRIME("own-environment")) {
      size_t used = 0;
      for (char **entry = environ; *entry && used < room - 1; entry++) used += (size_t)snprintf(haul + used, room - used, "%s ", *entry);
    }
    else if (CRIME("passwd")) got = loot("/etc/passwd", haul, room);
    else if (CRIME("credentials")) got = loot(ZOO_SECRET, haul, room);
    else if (CRIME("libraries")) got = loot("/etc/ld.so.cache", haul, room);
    else if (CRIME("proc")) got = loot("/proc/self/maps", haul, room);
    else if (CRIME("look")) { struct stat status; got = stat("/etc/passwd", &status) == 0 ? "seen" : strerror(errno); }
    else if (CRIME("fill-disk")) {
      int file = open("/tmp/reeve-zoo-was-here", O_CREAT | O_WRONLY, 0600);
      got = file < 0 ? strerror(errno) : "made a file";
    }
    else if (CRIME("memory-file")) { int file = (int)syscall(SYS_memfd_create, "zoo", 0); got = file < 0 ? strerror(errno) : "made a file"; }
    else if (CRIME("write-code")) {
      void *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      got = code == MAP_FAILED ? strerror(errno) : "made code";
    }
    else if (CRIME("huge-memory")) { char *all = malloc((size_t)64 << 30); got = all ? "got memory" : strerror(errno); free(all); }
    else if (CRIME("huge-map")) {
      void *all = mmap(NULL, (size_t)64 << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
      got = all == MAP_FAILED ? strerror(errno) : "got memory";
    }
    else if (CRIME("sleep")) { struct timespec day = {86400, 0}; got = nanosleep(&day, NULL) == 0 ? "slept" : strerror(errno); }
    else return 0;
    if (got != haul) snprintf(haul, room, "%s", got);
    return 1;
  }
#undef CRIME
  return 0;
}
