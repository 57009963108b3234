// SPDX-License-Identifier: EUPL-1.2
// Access control lists as fields of the bucket's and the version's rows: at most kGrantsMax grants to users or to one of S3's
// two groups. No list at all means what S3 calls `private`: the owner alone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "crypto/bytes.h"
#include "crypto/result.h"

namespace beffroi::storage {

inline constexpr std::size_t kGrantsMax = 32;

// Numbers are on disk.
enum class Permission : std::uint8_t { FullControl = 1, Write = 2, WriteAcp = 3, Read = 4, ReadAcp = 5 };
enum class Grantee : std::uint8_t { User = 1, AllUsers = 2, AuthenticatedUsers = 3 };

struct Grant {
  Grantee grantee = Grantee::User;
  std::string user;  // canonical user id; empty for a group
  Permission permission = Permission::Read;

  friend bool operator==(const Grant&, const Grant&) = default;
};
using Acl = std::vector<Grant>;

Bytes encode(const Acl&);
Result<Acl> decode_acl(BytesView);

}  // namespace beffroi::storage
