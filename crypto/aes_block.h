// SPDX-License-Identifier: EUPL-1.2
// The bare block cipher AES-256 (FIPS 197), for constructions that are specified on blocks: XAES's key
// derivation and version ids. Nothing is authenticated here. Thread-safe: each thread re-keys a context of
// its own.
#pragma once

#include "crypto/bytes.h"

namespace beffroi::crypto {

inline constexpr std::size_t kAesBlockBytes = 16;

// Each block of `in` by itself; `in` is a multiple of 16 bytes, `out` as long, and may start where `in` does.
void aes256_encrypt_blocks(BytesView key32, BytesView in, MutableBytes out);
void aes256_decrypt_blocks(BytesView key32, BytesView in, MutableBytes out);

}  // namespace beffroi::crypto
