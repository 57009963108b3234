// SPDX-License-Identifier: EUPL-1.2
#include "storage/io/files.h"

namespace beffroi::storage {
namespace {

class IoCategory final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "io"; }
  std::string message(int value) const override {
    switch (static_cast<IoErrc>(value)) {
      case IoErrc::NoSpace:
        return "the file system is full: free some space";
      case IoErrc::Io:
        return "input/output error";
      case IoErrc::NotFound:
        return "no such file or directory";
      case IoErrc::Exists:
        return "the file exists";
      case IoErrc::Locked:
        return "another process holds the data directory";
      case IoErrc::Fenced:
        return "this process may no longer touch the files";
      case IoErrc::WouldBlock:
        return "not in memory";
    }
    return "unknown";
  }
};

}  // namespace

const boost::system::error_category& io_category() {
  static const IoCategory category;
  return category;
}

}  // namespace beffroi::storage
