#define _GNU_SOURCE
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "reeve_confinement.h"

/* Which system calls a plugin's process has, as a program for the kernel: an allow-list. What is not in the table is
 * refused. Each line: the call, its number on x86-64 and on arm64 (-1: it has none), what becomes of it while the
 * library is loaded, and what once the plugin runs.
 *
 * ALLOW: it happens. REFUSE: it fails, as it might on any machine. END: only one who means to leave the sandbox, or does
 * not know the contract, asks for it; the process ends and the plugin is blamed for this call. */
#define TABLE(X) \
  /* What an innocent runtime needs at any time: memory, its own signals, the channel, its end. */                     \
  X(read, 0, 63, ALLOW, ALLOW)                                                                                         \
  X(readv, 19, 65, ALLOW, ALLOW)                                                                                       \
  X(write, 1, 64, ALLOW, ALLOW)                                                                                        \
  X(writev, 20, 66, ALLOW, ALLOW)                                                                                      \
  X(close, 3, 57, ALLOW, ALLOW)                                                                                        \
  X(lseek, 8, 62, ALLOW, ALLOW)                                                                                        \
  X(fstat, 5, 80, ALLOW, ALLOW)                                                                                        \
  X(munmap, 11, 215, ALLOW, ALLOW)                                                                                     \
  X(mremap, 25, 216, ALLOW, ALLOW)                                                                                     \
  X(madvise, 28, 233, ALLOW, ALLOW)                                                                                    \
  X(brk, 12, 214, ALLOW, ALLOW)                                                                                        \
  X(futex, 202, 98, ALLOW, ALLOW)                                                                                      \
  X(futex_waitv, 449, 449, ALLOW, ALLOW)                                                                               \
  X(getrandom, 318, 278, ALLOW, ALLOW)                                                                                 \
  X(rt_sigprocmask, 14, 135, ALLOW, ALLOW)                                                                             \
  X(rt_sigreturn, 15, 139, ALLOW, ALLOW)                                                                               \
  X(sigaltstack, 131, 132, ALLOW, ALLOW)                                                                               \
  X(exit, 60, 93, ALLOW, ALLOW)                                                                                        \
  X(exit_group, 231, 94, ALLOW, ALLOW)                                                                                 \
  X(getpid, 39, 172, ALLOW, ALLOW)                                                                                     \
  X(gettid, 186, 178, ALLOW, ALLOW)                                                                                    \
  X(getuid, 102, 174, ALLOW, ALLOW)                                                                                    \
  X(geteuid, 107, 175, ALLOW, ALLOW)                                                                                   \
  X(getgid, 104, 176, ALLOW, ALLOW)                                                                                    \
  X(getegid, 108, 177, ALLOW, ALLOW)                                                                                   \
  X(sched_yield, 24, 124, ALLOW, ALLOW)                                                                                \
  X(sched_getaffinity, 204, 123, ALLOW, ALLOW)                                                                         \
  X(clock_gettime, 228, 113, ALLOW, ALLOW)                                                                             \
  X(clock_getres, 229, 114, ALLOW, ALLOW)                                                                              \
  X(gettimeofday, 96, 169, ALLOW, ALLOW)                                                                               \
  X(time, 201, -1, ALLOW, ALLOW)                                                                                       \
  X(uname, 63, 160, ALLOW, ALLOW)                                                                                      \
  X(sysinfo, 99, 179, ALLOW, ALLOW)                                                                                    \
  X(getcpu, 309, 168, ALLOW, ALLOW)                                                                                    \
  X(getrusage, 98, 165, ALLOW, ALLOW)                                                                                  \
  X(times, 100, 153, ALLOW, ALLOW)                                                                                     \
  X(restart_syscall, 219, 128, ALLOW, ALLOW)                                                                           \
  X(membarrier, 324, 283, ALLOW, ALLOW)                                                                                \
  X(set_robust_list, 273, 99, ALLOW, ALLOW)                                                                            \
  X(set_tid_address, 218, 96, ALLOW, ALLOW)                                                                            \
  X(rseq, 334, 293, ALLOW, ALLOW)                                                                                      \
  X(arch_prctl, 158, -1, ALLOW, ALLOW)                                                                                 \
  /* What the loader needs beside that, and setting up the second stage. */                                            \
  X(open, 2, -1, ALLOW, REFUSE)                                                                                        \
  X(openat, 257, 56, ALLOW, REFUSE)                                                                                    \
  X(access, 21, -1, ALLOW, REFUSE)                                                                                     \
  X(faccessat, 269, 48, ALLOW, REFUSE)                                                                                 \
  X(faccessat2, 439, 439, ALLOW, REFUSE)                                                                               \
  X(stat, 4, -1, ALLOW, REFUSE)                                                                                        \
  X(lstat, 6, -1, ALLOW, REFUSE)                                                                                       \
  X(newfstatat, 262, 79, ALLOW, REFUSE)                                                                                \
  X(statx, 332, 291, ALLOW, REFUSE)                                                                                    \
  X(readlink, 89, -1, ALLOW, REFUSE)                                                                                   \
  X(readlinkat, 267, 78, ALLOW, REFUSE)                                                                                \
  X(pread64, 17, 67, ALLOW, REFUSE)                                                                                    \
  X(getcwd, 79, 17, ALLOW, REFUSE)                                                                                     \
  X(fadvise64, 221, 223, ALLOW, REFUSE)                                                                                \
  X(rt_sigaction, 13, 134, ALLOW, REFUSE)                                                                              \
  X(prctl, 157, 167, ALLOW, REFUSE)                                                                                    \
  X(seccomp, 317, 277, ALLOW, REFUSE)                                                                                  \
  X(landlock_create_ruleset, 444, 444, ALLOW, REFUSE)                                                                  \
  X(landlock_add_rule, 445, 445, ALLOW, REFUSE)                                                                        \
  X(landlock_restrict_self, 446, 446, ALLOW, REFUSE)                                                                   \
  X(fcntl, 72, 25, ALLOW, REFUSE)                                                                                      \
  /* Starting a thread or a process. */                                                                                \
  X(clone, 56, 220, END, END)                                                                                          \
  X(clone3, 435, 435, END, END)                                                                                        \
  X(fork, 57, -1, END, END)                                                                                            \
  X(vfork, 58, -1, END, END)                                                                                           \
  X(execve, 59, 221, END, END)                                                                                         \
  X(execveat, 322, 281, END, END)                                                                                      \
  /* The network. */                                                                                                   \
  X(socket, 41, 198, END, END)                                                                                         \
  X(socketpair, 53, 199, END, END)                                                                                     \
  X(connect, 42, 203, END, END)                                                                                        \
  X(bind, 49, 200, END, END)                                                                                           \
  X(listen, 50, 201, END, END)                                                                                         \
  X(accept, 43, 202, END, END)                                                                                         \
  X(accept4, 288, 242, END, END)                                                                                       \
  X(sendto, 44, 206, END, END)                                                                                         \
  X(recvfrom, 45, 207, END, END)                                                                                       \
  X(sendmsg, 46, 211, END, END)                                                                                        \
  X(recvmsg, 47, 212, END, END)                                                                                        \
  X(sendmmsg, 307, 269, END, END)                                                                                      \
  X(recvmmsg, 299, 243, END, END)                                                                                      \
  /* Other processes. */                                                                                               \
  X(ptrace, 101, 117, END, END)                                                                                        \
  X(process_vm_readv, 310, 270, END, END)                                                                              \
  X(process_vm_writev, 311, 271, END, END)                                                                             \
  X(process_madvise, 440, 440, END, END)                                                                               \
  X(pidfd_open, 434, 434, END, END)                                                                                    \
  X(pidfd_getfd, 438, 438, END, END)                                                                                   \
  X(kcmp, 312, 272, END, END)                                                                                          \
  X(setns, 308, 268, END, END)                                                                                         \
  X(unshare, 272, 97, END, END)                                                                                        \
  X(setsid, 112, 157, END, END)                                                                                        \
  X(setpgid, 109, 154, END, END)                                                                                       \
  X(wait4, 61, 260, END, END)                                                                                          \
  X(waitid, 247, 95, END, END)                                                                                         \
  /* Signals to others. */                                                                                             \
  X(kill, 62, 129, END, END)                                                                                           \
  X(tkill, 200, 130, END, END)                                                                                         \
  X(rt_sigqueueinfo, 129, 138, END, END)                                                                               \
  X(rt_tgsigqueueinfo, 297, 240, END, END)                                                                             \
  X(pidfd_send_signal, 424, 424, END, END)                                                                             \
  /* The machine. */                                                                                                   \
  X(bpf, 321, 280, END, END)                                                                                           \
  X(perf_event_open, 298, 241, END, END)                                                                               \
  X(io_uring_setup, 425, 425, END, END)                                                                                \
  X(io_uring_enter, 426, 426, END, END)                                                                                \
  X(io_uring_register, 427, 427, END, END)                                                                             \
  X(keyctl, 250, 219, END, END)                                                                                        \
  X(add_key, 248, 217, END, END)                                                                                       \
  X(request_key, 249, 218, END, END)                                                                                   \
  X(userfaultfd, 323, 282, END, END)                                                                                   \
  X(mount, 165, 40, END, END)                                                                                          \
  X(umount2, 166, 39, END, END)                                                                                        \
  X(pivot_root, 155, 41, END, END)                                                                                     \
  X(chroot, 161, 51, END, END)                                                                                         \
  X(init_module, 175, 105, END, END)                                                                                   \
  X(finit_module, 313, 273, END, END)                                                                                  \
  X(delete_module, 176, 106, END, END)                                                                                 \
  X(kexec_load, 246, 104, END, END)                                                                                    \
  X(kexec_file_load, 320, 294, END, END)                                                                               \
  X(reboot, 169, 142, END, END)                                                                                        \
  X(swapon, 167, 224, END, END)                                                                                        \
  X(swapoff, 168, 225, END, END)                                                                                       \
  X(settimeofday, 164, 170, END, END)                                                                                  \
  X(clock_settime, 227, 112, END, END)                                                                                 \
  X(adjtimex, 159, 171, END, END)                                                                                      \
  X(sethostname, 170, 161, END, END)                                                                                   \
  X(setdomainname, 171, 162, END, END)                                                                                 \
  X(syslog, 103, 116, END, END)                                                                                        \
  X(acct, 163, 89, END, END)                                                                                           \
  X(quotactl, 179, 60, END, END)                                                                                       \
  X(personality, 135, 92, END, END)                                                                                    \
  X(iopl, 172, -1, END, END)                                                                                           \
  X(ioperm, 173, -1, END, END)                                                                                         \
  X(modify_ldt, 154, -1, END, END)                                                                                     \
  X(setuid, 105, 146, END, END)                                                                                        \
  X(setgid, 106, 144, END, END)                                                                                        \
  X(setreuid, 113, 145, END, END)                                                                                      \
  X(setregid, 114, 143, END, END)                                                                                      \
  X(setresuid, 117, 147, END, END)                                                                                     \
  X(setresgid, 119, 149, END, END)                                                                                     \
  X(setgroups, 116, 159, END, END)                                                                                     \
  X(setfsuid, 122, 151, END, END)                                                                                      \
  X(setfsgid, 123, 152, END, END)                                                                                      \
  X(capset, 126, 91, END, END)                                                                                         \
  X(fsopen, 430, 430, END, END)                                                                                        \
  X(fsconfig, 431, 431, END, END)                                                                                      \
  X(fsmount, 432, 432, END, END)                                                                                       \
  X(fspick, 433, 433, END, END)                                                                                        \
  X(move_mount, 429, 429, END, END)                                                                                    \
  X(open_tree, 428, 428, END, END)                                                                                     \
  X(mount_setattr, 442, 442, END, END)                                                                                 \
  X(name_to_handle_at, 303, 264, END, END)                                                                             \
  X(open_by_handle_at, 304, 265, END, END)                                                                             \
  X(fanotify_init, 300, 262, END, END)                                                                                 \
  /* Making files and changing them. Refused, not ended: runtimes try some of them. */                                 \
  X(creat, 85, -1, REFUSE, REFUSE)                                                                                     \
  X(mkdir, 83, -1, REFUSE, REFUSE)                                                                                     \
  X(mkdirat, 258, 34, REFUSE, REFUSE)                                                                                  \
  X(mknod, 133, -1, REFUSE, REFUSE)                                                                                    \
  X(mknodat, 259, 33, REFUSE, REFUSE)                                                                                  \
  X(unlink, 87, -1, REFUSE, REFUSE)                                                                                    \
  X(unlinkat, 263, 35, REFUSE, REFUSE)                                                                                 \
  X(rename, 82, -1, REFUSE, REFUSE)                                                                                    \
  X(renameat, 264, 38, REFUSE, REFUSE)                                                                                 \
  X(renameat2, 316, 276, REFUSE, REFUSE)                                                                               \
  X(link, 86, -1, REFUSE, REFUSE)                                                                                      \
  X(linkat, 265, 37, REFUSE, REFUSE)                                                                                   \
  X(symlink, 88, -1, REFUSE, REFUSE)                                                                                   \
  X(symlinkat, 266, 36, REFUSE, REFUSE)                                                                                \
  X(truncate, 76, 45, REFUSE, REFUSE)                                                                                  \
  X(ftruncate, 77, 46, REFUSE, REFUSE)                                                                                 \
  X(fallocate, 285, 47, REFUSE, REFUSE)                                                                                \
  X(chmod, 90, -1, REFUSE, REFUSE)                                                                                     \
  X(fchmod, 91, 52, REFUSE, REFUSE)                                                                                    \
  X(fchmodat, 268, 53, REFUSE, REFUSE)                                                                                 \
  X(chown, 92, -1, REFUSE, REFUSE)                                                                                     \
  X(fchown, 93, 55, REFUSE, REFUSE)                                                                                    \
  X(fchownat, 260, 54, REFUSE, REFUSE)                                                                                 \
  X(lchown, 94, -1, REFUSE, REFUSE)                                                                                    \
  X(utimensat, 280, 88, REFUSE, REFUSE)                                                                                \
  X(memfd_create, 319, 279, REFUSE, REFUSE)                                                                            \
  X(memfd_secret, 447, 447, REFUSE, REFUSE)                                                                            \
  X(openat2, 437, 437, REFUSE, REFUSE)                                                                                 \
  X(chdir, 80, 49, REFUSE, REFUSE)                                                                                     \
  X(fchdir, 81, 50, REFUSE, REFUSE)                                                                                    \
  X(getdents64, 217, 61, REFUSE, REFUSE)                                                                               \
  X(inotify_init1, 294, 26, REFUSE, REFUSE)                                                                            \
  X(eventfd2, 290, 19, REFUSE, REFUSE)                                                                                 \
  X(timerfd_create, 283, 85, REFUSE, REFUSE)                                                                           \
  X(signalfd4, 289, 74, REFUSE, REFUSE)                                                                                \
  X(epoll_create1, 291, 20, REFUSE, REFUSE)                                                                            \
  X(pipe2, 293, 59, REFUSE, REFUSE)                                                                                    \
  X(dup, 32, 23, REFUSE, REFUSE)                                                                                       \
  X(dup2, 33, -1, REFUSE, REFUSE)                                                                                      \
  X(dup3, 292, 24, REFUSE, REFUSE)                                                                                     \
  X(ioctl, 16, 29, REFUSE, REFUSE)                                                                                     \
  X(mlock, 149, 228, REFUSE, REFUSE)                                                                                   \
  X(mlockall, 151, 230, REFUSE, REFUSE)                                                                                \
  X(nanosleep, 35, 101, REFUSE, REFUSE)                                                                                \
  X(clock_nanosleep, 230, 115, REFUSE, REFUSE)                                                                         \
  X(pause, 34, -1, REFUSE, REFUSE)                                                                                     \
  X(poll, 7, -1, REFUSE, REFUSE)                                                                                       \
  X(ppoll, 271, 73, REFUSE, REFUSE)                                                                                    \
  X(shmget, 29, 194, REFUSE, REFUSE)                                                                                   \
  X(shmat, 30, 196, REFUSE, REFUSE)                                                                                    \
  X(msgget, 68, 186, REFUSE, REFUSE)                                                                                   \
  X(semget, 64, 190, REFUSE, REFUSE)                                                                                   \
  X(mq_open, 240, 180, REFUSE, REFUSE)

#define ALLOW REEVE_DECISION_ALLOW
#define REFUSE REEVE_DECISION_REFUSE
#define END REEVE_DECISION_END

static const reeve_system_call table[] = {
#define X(name, x86_64, arm64, loading, running) {#name, x86_64, arm64, loading, running},
    TABLE(X)
#undef X
};
enum { table_count = sizeof table / sizeof table[0] };

reeve_system_call reeve_system_call_at(uint32_t index) {
  return index < table_count ? table[index] : (reeve_system_call){0};
}

#if defined(__aarch64__)
#define THIS_MACHINE REEVE_MACHINE_ARM64
#elif defined(__x86_64__)
#define THIS_MACHINE REEVE_MACHINE_X86_64
#else
#error "there is a table of system calls for x86-64 and for arm64 only"
#endif

static int32_t number_on(uint32_t machine, const reeve_system_call *call) {
  return machine == REEVE_MACHINE_ARM64 ? call->arm64 : call->x86_64;
}

const char *reeve_system_call_name(uint32_t number) {
  if (number == (uint32_t)SYS_mmap) return "mmap";
  if (number == (uint32_t)SYS_mprotect) return "mprotect";
  if (number == (uint32_t)SYS_tgkill) return "tgkill";
  for (uint32_t i = 0; i < table_count; i++)
    if (number_on(THIS_MACHINE, &table[i]) == (int32_t)number) return table[i].name;
  return NULL;
}

/* ---- The program --------------------------------------------------------------------------------------------- */

enum { program_limit = 1024, execute = 4 /* PROT_EXEC */ };

typedef struct program {
  struct sock_filter code[program_limit];
  uint32_t count;
} program;

/* Numbers of the calls whose arguments count. */
typedef struct judged {
  uint32_t mmap, mprotect, pkey_mprotect, tgkill, prlimit64, getrlimit;
} judged;
static const judged judged_on[] = {{9, 10, 329, 234, 302, 97}, {222, 226, 288, 131, 261, 163}};
#if defined(__x86_64__)
_Static_assert(SYS_mmap == 9 && SYS_mprotect == 10 && SYS_pkey_mprotect == 329, "x86-64");
_Static_assert(SYS_tgkill == 234 && SYS_prlimit64 == 302 && SYS_getrlimit == 97, "x86-64");
#else
_Static_assert(SYS_mmap == 222 && SYS_mprotect == 226 && SYS_pkey_mprotect == 288, "arm64");
_Static_assert(SYS_tgkill == 131 && SYS_prlimit64 == 261 && SYS_getrlimit == 163, "arm64");
#endif

static void add(program *p, uint16_t code, uint32_t k, uint8_t yes, uint8_t no) {
  if (p->count < program_limit) p->code[p->count++] = (struct sock_filter){code, yes, no, k};
}
static void load(program *p, uint32_t offset) { add(p, BPF_LD | BPF_W | BPF_ABS, offset, 0, 0); }
static void decide(program *p, uint32_t value) { add(p, BPF_RET | BPF_K, value, 0, 0); }
/* Of a 64-bit argument. */
static uint32_t low(int argument) { return (uint32_t)offsetof(struct seccomp_data, args) + (uint32_t)argument * 8; }
static uint32_t high(int argument) { return low(argument) + 4; }

static uint32_t value_of(uint8_t decision) {
  switch (decision) {
    case ALLOW: return SECCOMP_RET_ALLOW;
    case END: return SECCOMP_RET_TRAP;
    default: return SECCOMP_RET_ERRNO | EACCES;
  }
}

/* Allowed unless the memory is to be executable. */
static void add_memory(program *p, uint32_t number, int always) {
  add(p, BPF_JMP | BPF_JEQ | BPF_K, number, 0, always ? 1 : 4);
  if (always) {
    decide(p, SECCOMP_RET_ALLOW);
    return;
  }
  load(p, low(2));
  add(p, BPF_JMP | BPF_JSET | BPF_K, execute, 1, 0);
  decide(p, SECCOMP_RET_ALLOW);
  decide(p, SECCOMP_RET_ERRNO | EPERM);
}

static void build(program *p, uint32_t machine, uint32_t stage, int32_t self) {
  const judged *numbers = &judged_on[machine];
  p->count = 0;
  load(p, offsetof(struct seccomp_data, arch));
  add(p, BPF_JMP | BPF_JEQ | BPF_K, machine == REEVE_MACHINE_ARM64 ? AUDIT_ARCH_AARCH64 : AUDIT_ARCH_X86_64, 1, 0);
  decide(p, SECCOMP_RET_KILL_PROCESS);
  load(p, offsetof(struct seccomp_data, nr));
  /* The x32 calls of an x86-64 kernel. */
  add(p, BPF_JMP | BPF_JGE | BPF_K, 0x40000000u, 0, 1);
  decide(p, SECCOMP_RET_KILL_PROCESS);
  for (uint32_t i = 0; i < table_count; i++) {
    int32_t number = number_on(machine, &table[i]);
    if (number < 0) continue;
    uint8_t decision = stage == REEVE_STAGE_LOADING ? table[i].loading : table[i].running;
    add(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, 1);
    decide(p, value_of(decision));
  }
  /* The accumulator is the number no more after each of these has looked at an argument: each decides then. */
  add_memory(p, numbers->mmap, stage == REEVE_STAGE_LOADING);
  add_memory(p, numbers->mprotect, 0);
  add_memory(p, numbers->pkey_mprotect, 0);
  /* abort() and raise(): a signal to itself. */
  add(p, BPF_JMP | BPF_JEQ | BPF_K, numbers->tgkill, 0, 4);
  load(p, low(0));
  add(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)self, 0, 1);
  decide(p, SECCOMP_RET_ALLOW);
  decide(p, SECCOMP_RET_TRAP);
  add(p, BPF_JMP | BPF_JEQ | BPF_K, numbers->getrlimit, 0, 1);
  decide(p, SECCOMP_RET_ALLOW);
  /* Its own limits, to read. */
  add(p, BPF_JMP | BPF_JEQ | BPF_K, numbers->prlimit64, 0, 9);
  load(p, low(0));
  add(p, BPF_JMP | BPF_JEQ | BPF_K, 0, 2, 0);
  add(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)self, 1, 0);
  decide(p, SECCOMP_RET_ERRNO | EPERM);
  load(p, low(2));
  add(p, BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 3);
  load(p, high(2));
  add(p, BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1);
  decide(p, SECCOMP_RET_ALLOW);
  /* What is not in the table. */
  decide(p, SECCOMP_RET_ERRNO | EPERM);
}

int reeve_install_filter(uint32_t stage) {
  program p;
  build(&p, THIS_MACHINE, stage, (int32_t)getpid());
  struct sock_fprog filter = {(unsigned short)p.count, p.code};
  if (p.count >= program_limit) return -E2BIG;
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter) == 0 ? 0 : -errno;
}

int reeve_filter_is_offered(void) {
  uint32_t action = SECCOMP_RET_TRAP;
  return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

/* ---- For tests: the program, run here ------------------------------------------------------------------------- */

uint32_t reeve_filter_length(uint32_t machine, uint32_t stage) {
  program p;
  build(&p, machine, stage, 1);
  return p.count;
}

static uint32_t decision_of(uint32_t value) {
  switch (value & SECCOMP_RET_ACTION_FULL) {
    case SECCOMP_RET_ALLOW: return ALLOW;
    case SECCOMP_RET_TRAP: return END;
    case SECCOMP_RET_ERRNO: return REFUSE;
    default: return REEVE_DECISION_KILL;
  }
}

uint32_t reeve_filter_decide(uint32_t machine, uint32_t stage, int32_t self, uint32_t audit_machine, uint32_t number,
                             const uint64_t *arguments) {
  program p;
  build(&p, machine, stage, self);
  struct seccomp_data call = {.nr = (int)number, .arch = audit_machine};
  for (int i = 0; i < 6; i++) call.args[i] = arguments[i];
  uint32_t accumulator = 0;
  for (uint32_t at = 0; at < p.count; at++) {
    const struct sock_filter *step = &p.code[at];
    switch (step->code) {
      case BPF_LD | BPF_W | BPF_ABS: accumulator = *(const uint32_t *)((const char *)&call + step->k); break;
      case BPF_JMP | BPF_JEQ | BPF_K: at += accumulator == step->k ? step->jt : step->jf; break;
      case BPF_JMP | BPF_JGE | BPF_K: at += accumulator >= step->k ? step->jt : step->jf; break;
      case BPF_JMP | BPF_JSET | BPF_K: at += accumulator & step->k ? step->jt : step->jf; break;
      case BPF_RET | BPF_K: return decision_of(step->k);
      default: return REEVE_DECISION_KILL;
    }
  }
  return REEVE_DECISION_KILL;
}
