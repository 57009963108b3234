// SPDX-License-Identifier: EUPL-1.2
#include "storage/tenant/access_key.h"

#include <algorithm>

#include "crypto/random.h"
#include "storage/index/record.h"
#include "storage/tenant/text_list.h"

namespace beffroi::storage {
namespace {

constexpr std::string_view kIdPrefix = "BF";
constexpr std::size_t kIdRandomBytes = 12;  // 96 bits; the first 18 characters of their base 32 are used
constexpr std::size_t kNetworkBytes = 16 + 1;

Bytes encode_networks(const std::vector<Network>& networks) {
  Bytes out;
  for (const Network& network : networks) {
    out.append(reinterpret_cast<const char*>(network.address.data()), network.address.size());
    out += static_cast<char>(network.prefix_bits);
  }
  return out;
}

bool decode_networks(BytesView in, std::vector<Network>& out) {
  if (in.size() % kNetworkBytes != 0) return false;
  for (; !in.empty(); in.remove_prefix(kNetworkBytes)) {
    Network network;
    std::memcpy(network.address.data(), in.data(), network.address.size());
    network.prefix_bits = static_cast<std::uint8_t>(in[kNetworkBytes - 1]);
    if (network.prefix_bits > 128 || !network.contains(network.address)) return false;
    out.push_back(network);
  }
  return true;
}

}  // namespace

AccessKey AccessKey::clone() const {
  return {id, collectivity, user, secret.clone(), generation, revoked, narrowing, created_ms};
}

bool valid_access_key_id(std::string_view id) {
  const auto is_base32 = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '2' && c <= '7'); };
  return id.size() == kAccessKeyIdCharacters && id.starts_with(kIdPrefix) &&
         std::ranges::all_of(id, is_base32);
}

std::string new_access_key_id() {
  const std::string random = to_base32(crypto::random_bytes(kIdRandomBytes));
  return std::string(kIdPrefix) + random.substr(0, kAccessKeyIdCharacters - kIdPrefix.size());
}

crypto::SecretBytes new_secret() {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  constexpr unsigned kFair =
      256 / kAlphabet.size() * kAlphabet.size();  // bytes from here on would favour the first letters
  char secret[kSecretCharacters];
  for (char& c : secret) {
    char random = 0;
    do {
      crypto::random_fill({&random, 1});
    } while (static_cast<unsigned char>(random) >= kFair);
    c = kAlphabet[static_cast<unsigned char>(random) % kAlphabet.size()];
    crypto::wipe(MutableBytes(&random, 1));
  }
  crypto::SecretBytes out(BytesView(secret, sizeof secret));
  crypto::wipe(MutableBytes(secret, sizeof secret));
  return out;
}

Bytes encode(const AccessKey& key) {
  RecordWriter w;
  w.field(1, raw(key.user));
  w.field(2, key.secret.reveal());
  w.field(3, key.generation);
  w.field(4, std::uint8_t{key.revoked});
  const Narrowing& n = key.narrowing;
  if (!n.buckets.empty()) w.field(5, BytesView(encode_texts(n.buckets)));
  if (!n.prefix.empty()) w.field(6, BytesView(n.prefix));
  w.field(7, std::uint8_t{n.read_only});
  if (!n.networks.empty()) w.field(8, BytesView(encode_networks(n.networks)));
  w.field(9, n.expires_ms);
  w.field(10, key.created_ms);
  return w.take();
}

Result<AccessKey> decode_access_key(BytesView record, std::string_view id, CollectivityId collectivity) {
  AccessKey key;
  key.id = id;
  key.collectivity = collectivity;
  key.generation = 0;  // absent means zero here; 1 is where a new key starts
  RecordReader r(record);
  while (r.next()) {
    switch (r.tag()) {
      case 1:
        key.user = UserId{r.integer<std::uint32_t>()};
        break;
      case 2:
        key.secret = crypto::SecretBytes(r.bytes());
        break;
      case 3:
        key.generation = r.integer<std::uint32_t>();
        break;
      case 4:
        key.revoked = r.integer<std::uint8_t>() != 0;
        break;
      case 5:
        if (!decode_texts(r.bytes(), key.narrowing.buckets)) r.fail(crypto::Errc::BadFormat);
        break;
      case 6:
        key.narrowing.prefix = r.bytes();
        break;
      case 7:
        key.narrowing.read_only = r.integer<std::uint8_t>() != 0;
        break;
      case 8:
        if (!decode_networks(r.bytes(), key.narrowing.networks)) r.fail(crypto::Errc::BadFormat);
        break;
      case 9:
        key.narrowing.expires_ms = r.integer<std::int64_t>();
        break;
      case 10:
        key.created_ms = r.integer<std::int64_t>();
        break;
      default:
        r.unknown();
    }
  }
  if (auto status = r.status(); !status) return status.error();
  if (key.secret.reveal().size() != kSecretCharacters) return crypto::Errc::BadFormat;
  // One value, one encoding: an explicit default or an empty list is not what encode() writes.
  Bytes again = encode(key);
  const bool canonical = again == record;
  crypto::wipe(again);
  if (!canonical) return crypto::Errc::BadFormat;
  return key;
}

Bytes join_access_key_row(CollectivityId collectivity, BytesView sealed) {
  Bytes row;
  append_le(row, raw(collectivity));
  row += sealed;
  return row;
}

Result<AccessKeyRow> split_access_key_row(BytesView row) {
  ByteReader reader(row);
  const CollectivityId collectivity{reader.le<std::uint32_t>()};
  if (!reader.ok()) return crypto::Errc::BadFormat;
  return AccessKeyRow{collectivity, reader.rest()};
}

}  // namespace beffroi::storage
