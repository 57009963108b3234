// SPDX-License-Identifier: EUPL-1.2
// The bare block cipher AES-256 (FIPS 197), for constructions that are specified on blocks: XAES's key
// derivation, version ids and the layer of a customer's key. Nothing is authenticated here. Thread-safe: each thread re-keys a context of
// its own.
#pragma once

#include "crypto/bytes.h"

namespace beffroi::crypto {

inline constexpr std::size_t kAesBlockBytes = 16;

// Each block of `in` by itself; `in` is a multiple of 16 bytes, `out` as long, and may start where `in` does.
void aes256_encrypt_blocks(BytesView key32, BytesView in, MutableBytes out);
void aes256_decrypt_blocks(BytesView key32, BytesView in, MutableBytes out);
// Counter mode (NIST SP 800-38A 6.5), in place: encrypts or decrypts any count of bytes, the first with the block `counter16`, which
// counts up as one big-endian number.
void aes256_ctr(BytesView key32, BytesView counter16, MutableBytes bytes);

}  // namespace beffroi::crypto
