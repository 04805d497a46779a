/* What takes away from a process all that a plugin must not have, in a form that Swift can call.
 *
 * Each function returns -errno when it fails; none prints. Only the host process of a plugin confines itself. */
#pragma once
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- What the kernel offers ---------------------------------------------------------------------------------- */

#define REEVE_LAYER_LANDLOCK 1u
#define REEVE_LAYER_SECCOMP 2u
#define REEVE_LAYERS_ALL 3u

/* The layers that this kernel offers to this process. */
uint32_t reeve_sandbox_layers(void);

/* ---- The page that host process and orchestrator share ------------------------------------------------------- */

/* Where a plugin is, written before each step, and how it ended. Whatever stands here was written by the plugin's
 * process: it says whom to blame, never what to do. */
typedef struct reeve_breadcrumb {
  uint32_t cancelled;     /* written by the orchestrator: the call is to end early */
  uint32_t phase;         /* REEVE_PHASE_... */
  uint32_t resource;      /* index in the batch that the plugin said it works on; REEVE_NOWHERE: it has not said */
  uint32_t check;         /* index in the descriptor, as it said */
  uint32_t last_emitted;  /* index of the resource of the last verdict; REEVE_NOWHERE: none */
  uint32_t system_call;   /* number + 1 of the forbidden call that ended it; 0: none did */
  uint32_t signal;        /* the signal that ends it; 0: none yet */
  uint32_t memory_gone;   /* 1: no memory was left when the signal came */
  uint64_t address;       /* of the fault */
  int64_t at;             /* when the signal came: nanoseconds of the monotonic clock */
} reeve_breadcrumb;

#define REEVE_NOWHERE 0xFFFFFFFFu

#define REEVE_PHASE_STARTING 0u
#define REEVE_PHASE_CONFINING 1u
#define REEVE_PHASE_LOADING 2u
#define REEVE_PHASE_ENTRY 3u
#define REEVE_PHASE_IDLE 4u
#define REEVE_PHASE_CREATE 5u
#define REEVE_PHASE_DESTROY 6u
#define REEVE_PHASE_BEGIN 7u
#define REEVE_PHASE_RESUME 8u
#define REEVE_PHASE_END 9u
#define REEVE_PHASE_EVALUATE 10u
#define REEVE_PHASE_PROPOSE 11u
#define REEVE_PHASE_PLAN 12u

static inline void reeve_breadcrumb_step(reeve_breadcrumb *_Nonnull page, uint32_t phase) {
  __atomic_store_n(&page->resource, REEVE_NOWHERE, __ATOMIC_RELAXED);
  __atomic_store_n(&page->check, REEVE_NOWHERE, __ATOMIC_RELAXED);
  __atomic_store_n(&page->last_emitted, REEVE_NOWHERE, __ATOMIC_RELAXED);
  __atomic_store_n(&page->phase, phase, __ATOMIC_RELEASE);
}
static inline void reeve_breadcrumb_at(reeve_breadcrumb *_Nonnull page, uint32_t resource, uint32_t check) {
  __atomic_store_n(&page->resource, resource, __ATOMIC_RELAXED);
  __atomic_store_n(&page->check, check, __ATOMIC_RELAXED);
}
static inline void reeve_breadcrumb_emitted(reeve_breadcrumb *_Nonnull page, uint32_t resource) {
  __atomic_store_n(&page->last_emitted, resource, __ATOMIC_RELAXED);
}
static inline void reeve_breadcrumb_cancel(reeve_breadcrumb *_Nonnull page, uint32_t cancelled) {
  __atomic_store_n(&page->cancelled, cancelled, __ATOMIC_RELAXED);
}
static inline uint32_t reeve_breadcrumb_is_cancelled(const reeve_breadcrumb *_Nonnull page) {
  return __atomic_load_n(&page->cancelled, __ATOMIC_RELAXED);
}
/* A copy: what stands in the page can change while it is read. */
static inline uint32_t reeve_breadcrumb_phase(const reeve_breadcrumb *_Nonnull page) {
  return __atomic_load_n(&page->phase, __ATOMIC_ACQUIRE);
}
static inline reeve_breadcrumb reeve_breadcrumb_read(const volatile reeve_breadcrumb *_Nonnull page) { return *page; }

/* ---- In the host process ------------------------------------------------------------------------------------- */

/* Dies with its parent, leaves no core, can gain no privilege, has its own limits. Fails when `parent` is not the
 * parent any more. `memory`: bytes of address space. */
int reeve_confine_process(int32_t parent, uint64_t memory);

/* Signals that end the process leave their mark in the page first. */
int reeve_confine_signals(reeve_breadcrumb *_Nonnull page);

/* From here on only what the loader needs can be opened, and the calls that start, reach or watch anything else end
 * the process. `libraries`: folders, separated by colons, beside the system's. */
int reeve_confine_loading(uint32_t layers, const char *_Nullable libraries);

/* From here on nothing can be opened at all, and no memory becomes executable. After the library is loaded. */
int reeve_confine_running(uint32_t layers);

/* ---- The filter, for tests ------------------------------------------------------------------------------------- */

#define REEVE_MACHINE_X86_64 0u
#define REEVE_MACHINE_ARM64 1u
#define REEVE_STAGE_LOADING 0u
#define REEVE_STAGE_RUNNING 1u

/* What a filter decides. */
#define REEVE_DECISION_ALLOW 0u
#define REEVE_DECISION_REFUSE 1u /* the call fails with EPERM, of files with EACCES */
#define REEVE_DECISION_END 2u    /* the process ends, blamed for this call */
#define REEVE_DECISION_KILL 3u   /* another machine's call: killed at once */

/* Runs the filter's program, as the kernel would, on one call of the process `self`. `arguments`: six of them. */
uint32_t reeve_filter_decide(uint32_t machine, uint32_t stage, int32_t self, uint32_t audit_machine, uint32_t number,
                             const uint64_t *_Nonnull arguments);
/* Instructions of the filter. */
uint32_t reeve_filter_length(uint32_t machine, uint32_t stage);

/* The table of calls, by index until NULL. Numbers are -1 where a machine has no such call. */
typedef struct reeve_system_call {
  const char *_Nullable name;
  int32_t x86_64;
  int32_t arm64;
  uint8_t loading; /* REEVE_DECISION_... */
  uint8_t running;
} reeve_system_call;
reeve_system_call reeve_system_call_at(uint32_t index);
/* The name of a call of this machine; NULL when the table does not have it. */
const char *_Nullable reeve_system_call_name(uint32_t number);

#ifdef __cplusplus
}
#endif
