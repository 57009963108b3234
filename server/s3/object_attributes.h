// SPDX-License-Identifier: EUPL-1.2
// GetObjectAttributes: which attributes are asked for, and the document that tells them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "server/s3/checksum.h"
#include "server/s3/request.h"

namespace beffroi::s3 {

// What x-amz-object-attributes, x-amz-max-parts and x-amz-part-number-marker ask for.
struct AttributesAsk {
  bool etag = false, checksum = false, parts = false, storage_class = false, size = false;
  std::uint64_t max_parts = 1000;        // as capped
  std::uint64_t part_number_marker = 0;
};
// 400 InvalidArgument: no attribute, an unknown one, a number that is none.
S3Result<AttributesAsk> read_attributes_ask(HeaderSpan);

// A page of the parts of a completed upload. They are numbered from 1 without gaps, as GET's partNumber counts them.
struct AttributesParts {
  struct Entry {
    std::uint64_t number = 0;
    std::uint64_t size = 0;
    storage::Checksum checksum;
  };
  std::uint64_t count = 0;  // of all
  std::vector<Entry> page;
};

// `parts` is nothing for an object that was put whole: it has no ObjectParts.
std::string object_attributes_xml(const AttributesAsk&, const storage::Object&, const std::optional<AttributesParts>& parts);

}  // namespace beffroi::s3
