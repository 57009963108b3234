// SPDX-License-Identifier: EUPL-1.2
// A user: a named agent or a named robot of one collectivity. Plain value; its row is sealed under the
// collectivity's key (table `meta`, key 07 T user).
//
//   record: 1 name | 2 role u8 | 3 canonical id, 16 raw bytes | 4 disabled u8 | 5 created ms i64      (T and
//   user are in the key)
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/bytes.h"
#include "crypto/result.h"
#include "storage/ids.h"

namespace beffroi::storage {

// Numbers are on disk.
enum class Role : std::uint8_t {
  Admin = 1,  // all of the collectivity
  Member,     // creates buckets and owns them; reaches others by policy, ACL or grant
  Reader,     // lists and reads every bucket of the collectivity
};

struct User {
  UserId id{};
  CollectivityId collectivity{};
  std::string name;
  Role role = Role::Member;
  std::string canonical_id;  // S3's Owner/ID: 32 lower-case hex digits, random, says nothing of the person
  bool disabled = false;
  std::int64_t created_ms = 0;
  bool operator==(const User&) const = default;
};

inline constexpr std::size_t kUserNameCharactersMax = 64;

// IAM's form, so that a policy can name a user: 1 to 64 of A-Z a-z 0-9 + = , . @ _ -
bool valid_user_name(std::string_view);
bool valid_canonical_id(std::string_view);
std::string new_canonical_id();

std::string_view role_name(Role);  // "admin", "member", "reader"
std::optional<Role> role_from_name(std::string_view);

Bytes encode(const User&);                                           // CHECKs valid_canonical_id
Result<User> decode_user(CollectivityId, UserId, BytesView record);  // BadFormat, NewerFormat

}  // namespace beffroi::storage
