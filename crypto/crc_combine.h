// SPDX-License-Identifier: EUPL-1.2
// The CRC of two pieces joined, from the CRC of each and the length of the second: what a multipart object's FULL_OBJECT checksum
// is made of. Source: Mark Adler's method (multiplication by x^(8n) modulo the polynomial).
#pragma once

#include <cstdint>

namespace beffroi::crypto {

std::uint32_t crc32_combine(std::uint32_t first, std::uint32_t second, std::uint64_t second_bytes);
std::uint32_t crc32c_combine(std::uint32_t first, std::uint32_t second, std::uint64_t second_bytes);
std::uint64_t crc64nvme_combine(std::uint64_t first, std::uint64_t second, std::uint64_t second_bytes);

}  // namespace beffroi::crypto
