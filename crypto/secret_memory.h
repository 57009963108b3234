// SPDX-License-Identifier: EUPL-1.2
// Where secrets live: pages that are locked in memory, left out of core dumps and stand between two pages that cannot be
// touched (libsodium's allocator). Keys share such pages, 64 bytes each: a page of its own for each key costs 20 us and five
// pages of address space, and with thousands of collectivities the limits on locked memory and on mappings. Thread-safe.
#pragma once

#include <cstddef>

namespace beffroi::crypto {

inline constexpr std::size_t kSecretSlotBytes = 64;  // the longest of our keys: Ed25519's seed and public key
inline constexpr std::size_t kSecretSlabBytes = 16 * 1024;  // locked at once: 256 keys

// Aborts when there is no memory. `size` > 0.
char* take_secret_memory(std::size_t size);
// Wipes. `size` as it was taken.
void give_secret_memory(char*, std::size_t size);

}  // namespace beffroi::crypto
