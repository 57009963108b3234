// SPDX-License-Identifier: EUPL-1.2
// Cyclic redundancy checks of S3's checksums: CRC-32 (ISO-HDLC, zlib's), CRC-32C (Castagnoli), CRC-64/NVME. Each takes and
// returns the public value: start with 0, feed in order. Sources: RFC 3720 (CRC32C), NVM Express base specification (CRC64NVME,
// check value of "123456789" = AE8B14860A799888), Intel "Fast CRC Computation Using PCLMULQDQ" for the folding.
#pragma once

#include <cstdint>

#include "crypto/bytes.h"

namespace beffroi::crypto {

std::uint32_t crc32(std::uint32_t crc, BytesView);
std::uint32_t crc32c(std::uint32_t crc, BytesView);
std::uint64_t crc64nvme(std::uint64_t crc, BytesView);           // PCLMUL folding where the processor has it
std::uint64_t crc64nvme_portable(std::uint64_t crc, BytesView);  // its twin, for other processors and the tests

}  // namespace beffroi::crypto
