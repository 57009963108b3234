// SPDX-License-Identifier: EUPL-1.2
// The keyed digest D of a collectivity's live rows (docs/formats.md "Sealed row"): the sum modulo 2^256 of
// one HMAC-SHA-256 a row. Rows are added and subtracted in any order; equal sets have equal digests, and
// without the key no two sets can be made to collide (Clarke et al., "Incremental multiset hash functions",
// MSet-Add-Hash).
//
//   row mac = HMAC-SHA-256(digest mac key, table u8 | full row key | nonce 24 | tag 16)
#pragma once

#include <array>
#include <cstdint>

#include "crypto/bytes.h"
#include "crypto/hmac.h"
#include "crypto/merkle.h"
#include "crypto/result.h"

namespace beffroi::crypto {

// `nonce_and_tag` is seal_fingerprint(sealed row): of fixed size, so the row key needs no length before it.
Hash row_mac(const HmacSha256& digest_mac, std::uint8_t table, BytesView key, BytesView nonce_and_tag);

class DigestSum {
 public:
  DigestSum() = default;  // of no row
  // BadFormat unless 32 bytes.
  static Result<DigestSum> from_bytes(BytesView);
  Bytes bytes() const;  // 32, little-endian
  void add(const Hash& row_mac);
  void subtract(const Hash& row_mac);
  friend bool operator==(const DigestSum&, const DigestSum&) = default;

 private:
  std::array<std::uint64_t, 4> limbs_{};  // least significant first
};

}  // namespace beffroi::crypto
