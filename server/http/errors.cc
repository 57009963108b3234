// SPDX-License-Identifier: EUPL-1.2
#include "server/http/errors.h"

#include <string>

namespace beffroi::http {
namespace {

class Category final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "http"; }
  std::string message(int code) const override {
    switch (static_cast<Errc>(code)) {
      case Errc::BadRequest:
        return "malformed request head";
      case Errc::HeadTooLarge:
        return "request head too large";
      case Errc::TargetTooLong:
        return "request target too long";
      case Errc::VersionUnsupported:
        return "HTTP version not supported";
      case Errc::BadFraming:
        return "malformed chunked body";
      case Errc::Truncated:
        return "connection closed inside a message";
      case Errc::Timeout:
        return "deadline passed";
      case Errc::TooLarge:
        return "body too large";
      case Errc::Closed:
        return "connection closed";
      case Errc::Tls:
        return "TLS failure";
    }
    return "unknown";
  }
};

}  // namespace

const boost::system::error_category& category() {
  static const Category instance;
  return instance;
}

}  // namespace beffroi::http
