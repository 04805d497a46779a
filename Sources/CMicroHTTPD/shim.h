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
