// SPDX-License-Identifier: EUPL-1.2
#pragma once

#include "crypto/result.h"

namespace beffroi::crypto {

enum class Errc {
  Unauthentic = 1,  // the seal does not open: other key, other place, or changed bytes
  BadFormat,        // the bytes do not follow their format
  NewerFormat,      // written by a later version
  UnknownKey,       // no key of that generation
  BadRootKey,       // the root key file is neither 32 raw bytes nor 64 hex digits
  TooOpen,          // the root key file can be read by others (mode above 0400)
  Truncated,        // a chunk stream ended before its last chunk
};
const boost::system::error_category& category();
inline error_code make_error_code(Errc e) { return {static_cast<int>(e), category()}; }

}  // namespace beffroi::crypto

template <>
struct boost::system::is_error_code_enum<beffroi::crypto::Errc> : std::true_type {};
