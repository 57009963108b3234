// SPDX-License-Identifier: EUPL-1.2
// Fail-stop: an error that cannot be interpreted (a failed fsync, an unknown outcome, a page that does not authenticate) ends
// the process; recovery decides. The daemon's prints one line and exits with status 70 without unwinding. A test's records the
// reason and returns: the engine then refuses everything with Stopped and its threads end.
#pragma once

#include <string_view>

namespace beffroi::storage {

class FailStop {
 public:
  virtual ~FailStop() = default;
  virtual void fail(std::string_view reason) = 0;
};

}  // namespace beffroi::storage
