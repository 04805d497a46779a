/* Starting, talking to and ending the host process of a plugin, in a form that Swift can call.
 *
 * Each function returns -errno when it fails; none prints, none keeps state. */
#pragma once
#include <stdint.h>

#include "reeve_confinement.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Descriptors of the host process. */
#define REEVE_HOST_CHANNEL 3
#define REEVE_HOST_LIBRARY 4
#define REEVE_HOST_PAGE 5

typedef struct reeve_host_options {
  const char *_Nonnull executable;
  const char *_Nullable library_path; /* the runtime's folders: all that the environment says */
  int32_t library;                    /* the sealed memory file */
  uint32_t layers;                    /* REEVE_LAYER_... to apply */
  uint64_t memory;                    /* bytes of address space */
} reeve_host_options;

typedef struct reeve_host_process {
  int32_t process;
  int32_t channel; /* does not block */
  int32_t log;     /* does not block; what it writes to 1 and 2 */
  int32_t reserved;
  reeve_breadcrumb *_Nullable page;
} reeve_host_process;

/* Starts one. To be called from a thread that lives as long as the process: the host dies with it. */
int reeve_host_start(const reeve_host_options *_Nonnull options, reeve_host_process *_Nonnull host);

/* Ends it, whatever it does, and waits for its end. Returns the status of wait(2). Log and page can still be read. */
int reeve_host_end(reeve_host_process *_Nonnull host);
void reeve_host_release(reeve_host_process *_Nonnull host);

/* The time that deadlines are told in: nanoseconds of the monotonic clock. */
int64_t reeve_monotonic(void);

/* Sends all bytes before the deadline: 0, -ETIMEDOUT, or -EPIPE when the other side is gone. */
int reeve_channel_send(int channel, const void *_Nonnull bytes, uint64_t length, int64_t deadline);

/* Receives at least `least` bytes and at most `room`; meanwhile what comes from `log` is put into `text`, as far as there
 * is room. Returns how many there are; -ETIMEDOUT; -EPIPE when the other side ended before. `least` is not 0. */
int64_t reeve_channel_receive(int channel, void *_Nonnull bytes, uint64_t least, uint64_t room, int64_t deadline, int log,
                              char *_Nonnull text, uint64_t text_room, uint64_t *_Nonnull used);

/* What stands in the log now, without waiting. */
void reeve_log_drain(int log, char *_Nonnull text, uint64_t room, uint64_t *_Nonnull used);

/* In the host process: blocking. 0 or -errno; -EPIPE at the end. What is received is at least `least` bytes, which is not
 * 0, and at most `room`; returns how many there are. */
int reeve_host_send(const void *_Nonnull bytes, uint64_t length);
int64_t reeve_host_receive(void *_Nonnull bytes, uint64_t least, uint64_t room);

/* In the host process: the shared page, and memory for what is received. */
reeve_breadcrumb *_Nullable reeve_host_map_page(void);
void *_Nullable reeve_host_map_memory(uint64_t length);
/* The same for the many small requests: of a kind that the kernel never joins with what lies beside it, so that to protect
 * all of it and to lend it again splits and joins nothing, which costs more than the rest of a call. */
void *_Nullable reeve_host_map_window(uint64_t length);
/* What was lent is out of reach until it is lent again. */
int reeve_host_protect(void *_Nonnull memory, uint64_t length, int readable);

/* The folder of the library that a function lies in, for LD_LIBRARY_PATH. Returns its length; 0: not found. */
uint64_t reeve_library_folder(const char *_Nonnull symbol, char *_Nonnull buffer, uint64_t room);

#ifdef __cplusplus
}
#endif
