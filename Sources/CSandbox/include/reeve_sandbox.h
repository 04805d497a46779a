/* What the kernel offers for taking a plugin's bytes into custody, in a form that Swift can call.
 *
 * Each function returns -errno when it fails; none prints, none keeps state. */
#pragma once
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What is to be known of an open file before it is trusted. */
typedef struct reeve_file_status {
  uint32_t mode; /* as st_mode */
  uint32_t owner;
  uint64_t size;
} reeve_file_status;

/* Opens a directory (its own last component may be a link: the caller judges the resolved path). */
int reeve_open_directory(const char *_Nonnull path);

/* Opens a regular file in it for reading. A symbolic link fails with ELOOP; a FIFO does not block. */
int reeve_open_file(int directory, const char *_Nonnull name);

int reeve_status_of_descriptor(int descriptor, reeve_file_status *_Nonnull status);
int reeve_status_of_path(const char *_Nonnull path, reeve_file_status *_Nonnull status);

/* An anonymous file in memory that takes seals. */
int reeve_memory_file(const char *_Nonnull name);

/* From here on nobody can write, grow, shrink or unseal it, whoever holds a descriptor of it. */
int reeve_seal(int descriptor);

/* Copies all of one file to another, from both beginnings. Returns the number of bytes. */
int64_t reeve_copy(int from, int to);

/* Reads up to `length` bytes at `offset`. Returns how many; fewer only at the end. */
int64_t reeve_read(int descriptor, void *_Nonnull buffer, uint64_t length, uint64_t offset);

void reeve_close(int descriptor);

/* Loads the library behind a descriptor, for good. NULL: `reeve_load_error` says why. */
void *_Nullable reeve_load(int descriptor);
void *_Nullable reeve_symbol(void *_Nonnull library, const char *_Nonnull name);
const char *_Nullable reeve_load_error(void);

/* No core dump, no ptrace and no /proc/<pid>/environ for other processes of the same user. */
int reeve_forbid_dumps(void);
/* 1 or 0. */
int reeve_allows_dumps(void);

#ifdef __cplusplus
}
#endif
