// SPDX-License-Identifier: EUPL-1.2
// A list of texts inside a record's field: n x { length varint, bytes }.
#pragma once

#include <string>
#include <vector>

#include "crypto/bytes.h"

namespace beffroi::storage {

inline Bytes encode_texts(const std::vector<std::string>& texts) {
  Bytes out;
  for (const std::string& text : texts) {
    append_varint(out, text.size());
    out += text;
  }
  return out;
}

// False when `in` is not such a list; `texts` is then unspecified.
inline bool decode_texts(BytesView in, std::vector<std::string>& texts) {
  ByteReader reader(in);
  while (reader.ok() && !reader.at_end()) {
    const std::uint64_t length = reader.varint();
    const BytesView text = reader.take(length);
    if (reader.ok()) texts.emplace_back(text);
  }
  return reader.ok();
}

}  // namespace beffroi::storage
