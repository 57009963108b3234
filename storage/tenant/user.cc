// SPDX-License-Identifier: EUPL-1.2
#include "storage/tenant/user.h"

#include <algorithm>
#include <utility>

#include "crypto/check.h"
#include "crypto/random.h"
#include "storage/index/record.h"

namespace beffroi::storage {
namespace {

constexpr std::size_t kCanonicalIdBytes = 16;

constexpr std::pair<Role, std::string_view> kRoleNames[] = {
    {Role::Admin, "admin"}, {Role::Member, "member"}, {Role::Reader, "reader"}};

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("+=,.@_-").find(c) != std::string_view::npos;
}

}  // namespace

bool valid_user_name(std::string_view name) {
  return !name.empty() && name.size() <= kUserNameCharactersMax &&
         std::ranges::all_of(name, is_name_character);
}

bool valid_canonical_id(std::string_view id) {
  const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return id.size() == 2 * kCanonicalIdBytes && std::ranges::all_of(id, is_hex);
}

std::string new_canonical_id() {
  return to_hex(crypto::random_bytes(kCanonicalIdBytes));
}

std::string_view role_name(Role role) {
  for (const auto& [value, name] : kRoleNames) {
    if (value == role) return name;
  }
  return {};
}

std::optional<Role> role_from_name(std::string_view text) {
  for (const auto& [value, name] : kRoleNames) {
    if (name == text) return value;
  }
  return std::nullopt;
}

Bytes encode(const User& user) {
  CHECK(valid_canonical_id(user.canonical_id));
  RecordWriter w;
  w.field(1, BytesView(user.name));
  w.field(2, static_cast<std::uint8_t>(user.role));
  w.field(3, BytesView(*from_hex(user.canonical_id)));
  w.field(4, std::uint8_t{user.disabled});
  w.field(5, user.created_ms);
  return w.take();
}

Result<User> decode_user(CollectivityId collectivity, UserId id, BytesView record) {
  User user;
  user.id = id;
  user.collectivity = collectivity;
  RecordReader r(record);
  while (r.next()) {
    switch (r.tag()) {
      case 1:
        user.name = r.bytes();
        break;
      case 2:
        user.role = Role{r.integer<std::uint8_t>()};
        break;
      case 3:
        user.canonical_id = to_hex(r.bytes());
        break;
      case 4:
        user.disabled = r.integer<std::uint8_t>() != 0;
        break;
      case 5:
        user.created_ms = r.integer<std::int64_t>();
        break;
      default:
        r.unknown();
    }
  }
  if (auto status = r.status(); !status) return status.error();
  if (role_name(user.role).empty()) return crypto::Errc::NewerFormat;
  if (!valid_canonical_id(user.canonical_id)) return crypto::Errc::BadFormat;
  // One value, one encoding: an explicit default is not what encode() writes.
  if (encode(user) != record) return crypto::Errc::BadFormat;
  return user;
}

}  // namespace beffroi::storage
