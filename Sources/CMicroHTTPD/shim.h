#pragma once
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <microhttpd.h>

// MHD_start_daemon is variadic: the options travel as an array that ends with MHD_OPTION_END.
static inline struct MHD_Daemon *_Nullable reeve_mhd_start(unsigned flags, uint16_t port,
                                                           MHD_AccessHandlerCallback _Nonnull handler,
                                                           void *_Nullable context,
                                                           const struct MHD_OptionItem *_Nonnull options) {
  return MHD_start_daemon(flags, port, NULL, NULL, handler, context, MHD_OPTION_ARRAY, options, MHD_OPTION_END);
}
static inline uint16_t reeve_mhd_port(struct MHD_Daemon *_Nonnull daemon) {
  const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
  return info ? info->port : 0;
}

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

// What a server of ours needs of MHD_start_daemon, which is variadic: epoll on `threads` threads of its own, the raw
// request line (a signature covers it as it was sent), strict parsing, bounds on memory, connections and idle time.
typedef void *_Nullable (*reeve_mhd_line)(void *_Nullable context, const char *_Nonnull uri,
                                          struct MHD_Connection *_Nonnull connection);
struct reeve_mhd_settings {
  uint16_t port;
  unsigned threads;
  unsigned connections;
  unsigned idle_seconds;
  size_t memory;
};
static inline struct MHD_Daemon *_Nullable reeve_mhd_serve(struct reeve_mhd_settings settings,
                                                           const char *_Nonnull listen,
                                                           reeve_mhd_line _Nonnull line,
                                                           MHD_AccessHandlerCallback _Nonnull handler,
                                                           MHD_RequestCompletedCallback _Nonnull completed,
                                                           void *_Nonnull context) {
  struct sockaddr_in address;
  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_port = htons(settings.port);
  if (inet_pton(AF_INET, listen, &address.sin_addr) != 1) { errno = EINVAL; return NULL; }
  // MHD_OPTION_LISTENING_ADDRESS_REUSE is left out: it would let two servers have one port. A port that was just given
  // back can be had again without it. MHD_USE_ERROR_LOG is left out: it would write to standard error.
  return MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, settings.port, NULL, NULL, handler, context,
                          MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address, MHD_OPTION_URI_LOG_CALLBACK, line, context,
                          MHD_OPTION_NOTIFY_COMPLETED, completed, context, MHD_OPTION_THREAD_POOL_SIZE,
                          settings.threads, MHD_OPTION_CONNECTION_LIMIT, settings.connections,
                          MHD_OPTION_CONNECTION_TIMEOUT, settings.idle_seconds, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                          settings.memory, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
}
