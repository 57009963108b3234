// SPDX-License-Identifier: EUPL-1.2
#include "storage/tenant/network.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace beffroi::storage {
namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
constexpr std::uint8_t kMappedPrefixBits = 96;
constexpr std::size_t kAddressTextMax = 45;  // an IPv6 address that ends in an IPv4 one

bool is_mapped(const Address& a) {
  return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), a.begin());
}

// The bits of byte `i` that belong to a prefix of `bits` bits.
std::uint8_t mask(unsigned bits, unsigned i) {
  if (bits >= 8 * (i + 1)) return 0xFF;
  if (bits <= 8 * i) return 0;
  return static_cast<std::uint8_t>(0xFF << (8 - (bits - 8 * i)));
}

// Decimal, without sign or leading zero.
std::optional<unsigned> parse_bits(std::string_view text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || (text.size() > 1 && text[0] == '0'))
    return std::nullopt;
  return value;
}

}  // namespace

bool Network::contains(const Address& a) const {
  for (unsigned i = 0; i < a.size(); ++i) {
    if ((a[i] & mask(prefix_bits, i)) != address[i]) return false;
  }
  return true;
}

std::optional<Address> parse_address(std::string_view text) {
  if (text.empty() || text.size() > kAddressTextMax || text.find('\0') != text.npos) return std::nullopt;
  char terminated[kAddressTextMax + 1] = {};
  std::memcpy(terminated, text.data(), text.size());
  Address out{};
  if (inet_pton(AF_INET6, terminated, out.data()) == 1) return out;
  std::ranges::copy(kMappedPrefix, out.begin());
  if (inet_pton(AF_INET, terminated, out.data() + kMappedPrefix.size()) == 1) return out;
  return std::nullopt;
}

std::optional<Network> parse_network(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
  if (!address) return std::nullopt;
  const bool is_v4 = text.substr(0, slash).find(':') == text.npos;
  const unsigned start = is_v4 ? kMappedPrefixBits : 0;
  unsigned bits = 128 - start;
  if (slash != text.npos) {
    const auto given = parse_bits(text.substr(slash + 1));
    if (!given || *given > bits) return std::nullopt;
    bits = *given;
  }
  const Network network{*address, static_cast<std::uint8_t>(start + bits)};
  if (!network.contains(*address)) return std::nullopt;
  return network;
}

std::string to_text(const Network& network) {
  char text[INET6_ADDRSTRLEN] = {};
  const bool is_v4 = is_mapped(network.address) && network.prefix_bits >= kMappedPrefixBits;
  const std::uint8_t* from = network.address.data() + (is_v4 ? kMappedPrefix.size() : 0);
  inet_ntop(is_v4 ? AF_INET : AF_INET6, from, text, sizeof text);
  return std::string(text) + "/" + std::to_string(network.prefix_bits - (is_v4 ? kMappedPrefixBits : 0));
}

}  // namespace beffroi::storage
