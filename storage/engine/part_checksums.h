// SPDX-License-Identifier: EUPL-1.2
// The checksum of a multipart object from its parts' checksums, as S3 defines it: FULL_OBJECT combines CRCs, COMPOSITE is the
// checksum of the parts' raw checksums (shown with "-N").
#pragma once

#include <vector>

#include "storage/engine/blob.h"

namespace beffroi::storage {

// `algorithm` None: the default, CRC-64/NVME of the whole object. InvalidPart when a part carries another algorithm's checksum.
Result<Checksum> combine_checksums(const std::vector<const Part*>& parts, ChecksumAlgorithm algorithm, ChecksumType type);

}  // namespace beffroi::storage
