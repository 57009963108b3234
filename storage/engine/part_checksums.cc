// SPDX-License-Identifier: EUPL-1.2
#include "storage/engine/part_checksums.h"

#include "crypto/crc.h"
#include "crypto/crc_combine.h"
#include "crypto/digest.h"
#include "crypto/md5.h"
#include "crypto/xxhash.h"
#include "storage/engine/errors.h"

namespace beffroi::storage {
namespace {

template <class Word>
Bytes combine(const std::vector<const Part*>& parts, Word (*join)(Word, Word, std::uint64_t)) {
  Word whole = 0;
  for (const Part* part : parts) whole = join(whole, load_be<Word>(part->checksum.value.data()), part->bytes.size);
  Bytes out;
  append_be(out, whole);
  return out;
}

Bytes xxhash(crypto::XxHashAlgorithm algorithm, BytesView bytes) {
  crypto::XxHash hash(algorithm);
  hash.update(bytes);
  return hash.finish();
}

Bytes checksum_of(ChecksumAlgorithm algorithm, BytesView bytes) {
  Bytes out;
  switch (algorithm) {
    case ChecksumAlgorithm::None: break;
    case ChecksumAlgorithm::Crc32: append_be(out, crypto::crc32(0, bytes)); break;
    case ChecksumAlgorithm::Crc32c: append_be(out, crypto::crc32c(0, bytes)); break;
    case ChecksumAlgorithm::Crc64Nvme: append_be(out, crypto::crc64nvme(0, bytes)); break;
    case ChecksumAlgorithm::Sha1: return crypto::digest(crypto::DigestAlgorithm::Sha1, {bytes});
    case ChecksumAlgorithm::Sha256: return crypto::sha256(bytes);
    case ChecksumAlgorithm::Sha512: return crypto::digest(crypto::DigestAlgorithm::Sha512, {bytes});
    case ChecksumAlgorithm::Md5: return crypto::md5(bytes);
    case ChecksumAlgorithm::XxHash64: return xxhash(crypto::XxHashAlgorithm::XxHash64, bytes);
    case ChecksumAlgorithm::XxHash3: return xxhash(crypto::XxHashAlgorithm::XxHash3, bytes);
    case ChecksumAlgorithm::XxHash128: return xxhash(crypto::XxHashAlgorithm::XxHash128, bytes);
  }
  return out;
}

}  // namespace

Result<Checksum> combine_checksums(const std::vector<const Part*>& parts, ChecksumAlgorithm algorithm, ChecksumType type) {
  if (algorithm == ChecksumAlgorithm::None) {
    algorithm = ChecksumAlgorithm::Crc64Nvme;
    type = ChecksumType::FullObject;
  }
  for (const Part* part : parts) {
    if (part->checksum.algorithm != algorithm) return EngineErrc::InvalidPart;
  }
  if (type == ChecksumType::Composite) {
    Bytes joined;
    for (const Part* part : parts) joined += part->checksum.value;
    return Checksum{algorithm, type, checksum_of(algorithm, joined)};
  }
  switch (algorithm) {
    case ChecksumAlgorithm::Crc32: return Checksum{algorithm, type, combine(parts, &crypto::crc32_combine)};
    case ChecksumAlgorithm::Crc32c: return Checksum{algorithm, type, combine(parts, &crypto::crc32c_combine)};
    case ChecksumAlgorithm::Crc64Nvme: return Checksum{algorithm, type, combine(parts, &crypto::crc64nvme_combine)};
    case ChecksumAlgorithm::None:
    case ChecksumAlgorithm::Sha1:
    case ChecksumAlgorithm::Sha256:
    case ChecksumAlgorithm::Sha512:
    case ChecksumAlgorithm::Md5:
    case ChecksumAlgorithm::XxHash64:
    case ChecksumAlgorithm::XxHash3:
    case ChecksumAlgorithm::XxHash128: break;
  }
  return EngineErrc::InvalidArgument;  // a digest of the whole cannot be made from digests of parts
}

}  // namespace beffroi::storage
