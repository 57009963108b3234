// SPDX-License-Identifier: EUPL-1.2
// Version ids: base32 of one AES-256 block over (commit sequence u64 be, 8 random bytes) under the id key, 26
// characters. The id carries the key of its row, and shows an outsider neither the order nor the rate of
// commits. It is not authenticated: any id of the right form gives some sequence, and the caller compares the
// id with the one in the row that it finds there.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/key_hierarchy.h"

namespace beffroi::crypto {

inline constexpr std::size_t kVersionIdChars = 26;

std::string make_version_id(const IdKey&, std::uint64_t commit_sequence);
// None unless 26 canonical base32 characters.
std::optional<std::uint64_t> sequence_of(const IdKey&, std::string_view version_id);

}  // namespace beffroi::crypto
