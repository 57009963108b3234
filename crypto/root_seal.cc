// SPDX-License-Identifier: EUPL-1.2
#include "crypto/root_seal.h"

#include "crypto/check.h"
#include "crypto/errors.h"
#include "crypto/random.h"
#include "crypto/row_seal.h"

namespace beffroi::crypto {

Result<RootKey> parse_root_key(BytesView content, unsigned mode) {
  constexpr unsigned kPermissionBits = 07777;
  constexpr unsigned kOwnerReads = 0400;
  if ((mode & kPermissionBits & ~kOwnerReads) != 0) return Errc::TooOpen;
  if (content.size() == kKeyBytes) return RootKey(content);
  if (content.ends_with('\n')) content.remove_suffix(1);
  if (content.size() != 2 * kKeyBytes) return Errc::BadRootKey;
  auto bytes = from_hex(content);
  if (!bytes) return Errc::BadRootKey;
  RootKey key(*bytes);
  wipe(*bytes);
  return key;
}

Bytes seal_keyring(const RootKey& root, BytesView store_uuid16, std::uint64_t counter, BytesView body) {
  CHECK(store_uuid16.size() == kStoreUuidBytes);
  Bytes out(kKeyringMagic);
  append_le(out, kKeyringVersion);
  out += store_uuid16;
  append_le(out, counter);
  const Bytes nonce = random_bytes(kXaesNonceBytes);
  out += nonce;
  CHECK(out.size() == kKeyringHeaderBytes);
  out += xaes_seal(root.reveal(), nonce, body, out);
  return out;
}

Result<OpenedKeyring> open_keyring(const RootKey& root, BytesView file) {
  ByteReader in(file);
  if (in.take(kKeyringMagic.size()) != kKeyringMagic) return Errc::BadFormat;
  const auto version = in.le<std::uint8_t>();
  if (version > kKeyringVersion) return Errc::NewerFormat;
  const BytesView uuid = in.take(kStoreUuidBytes);
  const auto counter = in.le<std::uint64_t>();
  const BytesView nonce = in.take(kXaesNonceBytes);
  if (!in.ok() || version == 0 || in.rest().size() < kTagBytes) return Errc::BadFormat;
  auto body = xaes_open(root.reveal(), nonce, in.rest(), file.substr(0, kKeyringHeaderBytes));
  if (!body) return body.error();
  OpenedKeyring opened{Bytes(uuid), counter, SecretBytes(*body)};
  wipe(*body);
  return opened;
}

}  // namespace beffroi::crypto
