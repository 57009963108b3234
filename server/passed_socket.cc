// SPDX-License-Identifier: EUPL-1.2
#include "server/passed_socket.h"

#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "server/log.h"

namespace beffroi {

std::optional<int> passed_socket(std::string_view name) {
  char** names = nullptr;
  const int count = ::sd_listen_fds_with_names(0, &names);
  std::optional<int> found;
  for (int i = 0; i < count; ++i) {
    const int descriptor = SD_LISTEN_FDS_START + i;
    if (!found && names[i] == name && ::sd_is_socket(descriptor, AF_UNSPEC, SOCK_STREAM, 1) > 0) {
      found = descriptor;
    } else {
      log_warning("a descriptor that nothing uses was passed",
                  {{"name", names[i]}, {"remedy", "one stream socket, FileDescriptorName=" + std::string(name)}});
      ::close(descriptor);
    }
    std::free(names[i]);
  }
  std::free(names);
  return found;
}

}  // namespace beffroi
