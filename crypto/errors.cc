// SPDX-License-Identifier: EUPL-1.2
#include "crypto/errors.h"

#include <string>

namespace beffroi::crypto {
namespace {

class Category final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "beffroi.crypto"; }
  std::string message(int value) const override {
    switch (static_cast<Errc>(value)) {
      case Errc::Unauthentic:
        return "the seal does not open: another key, another place, or changed bytes";
      case Errc::BadFormat:
        return "the bytes do not follow their format";
      case Errc::NewerFormat:
        return "written by a later version";
      case Errc::UnknownKey:
        return "no key of that generation";
      case Errc::BadRootKey:
        return "the root key is neither 32 raw bytes nor 64 hex digits";
      case Errc::TooOpen:
        return "the root key file can be read by others";
      case Errc::Truncated:
        return "the chunk stream ends before its last chunk";
    }
    return "unknown error";
  }
};

}  // namespace

const boost::system::error_category& category() {
  static const Category instance;
  return instance;
}

}  // namespace beffroi::crypto
