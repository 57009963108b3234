// SPDX-License-Identifier: EUPL-1.2
// An IP network in CIDR notation, to which an access key may be narrowed. IPv4 is kept as IPv4-mapped IPv6,
// so that an IPv4 client seen through a dual-stack socket (::ffff:192.0.2.1) matches 192.0.2.0/24.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace beffroi::storage {

using Address = std::array<std::uint8_t, 16>;

struct Network {
  Address address{};
  std::uint8_t prefix_bits = 0;  // of the 128; an IPv4 /n is 96 + n
  bool contains(const Address&) const;
  bool operator==(const Network&) const = default;
};

// "192.0.2.1", "2001:db8::1"; no zone, no port.
std::optional<Address> parse_address(std::string_view);
// "192.0.2.0/24", "2001:db8::/32", or an address alone. Bits set behind the prefix are refused: a typing
// error.
std::optional<Network> parse_network(std::string_view);
std::string to_text(const Network&);  // parse_network(to_text(n)) == n

}  // namespace beffroi::storage
