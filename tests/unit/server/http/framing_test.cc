// SPDX-License-Identifier: EUPL-1.2
// The parsers over every vector of tests/vectors/framing.txt, whole and cut at every byte.
#include <gtest/gtest.h>

#include <algorithm>

#include "server/http/chunked_body.h"
#include "server/http/request_head.h"
#include "tests/unit/server/http/framing_vectors.h"

namespace beffroi::http {
namespace {

// Reads `bytes` as a connection does, `step` more bytes at a time. "accept N", "reject", "body", or "more".
std::string read_request(const std::string& bytes, std::size_t step) {
  RequestHead head;
  std::size_t head_size = 0;
  std::size_t seen = 0;
  while (head_size == 0) {
    if (seen == bytes.size()) return "more";
    seen = std::min(seen + step, bytes.size());
    const Result<std::size_t> parsed = head.parse(BytesView(bytes).substr(0, seen));
    if (!parsed) return "reject";
    head_size = *parsed;
  }
  if (!head.chunked()) {
    const std::size_t size = head.content_length().value_or(0);
    if (bytes.size() - head_size < size) return "more";
    return bytes.size() - head_size == size ? "accept " + std::to_string(size) : "trailing bytes";
  }
  ChunkedBody body;
  std::size_t size = 0;
  for (std::size_t at = head_size; at < bytes.size();) {
    const Result<ChunkedBody::Step> read = body.next(BytesView(bytes).substr(at, step));
    if (!read) return "body";
    if (read->consumed == 0) return "trailing bytes";
    at += read->consumed;
    size += read->data.size();
  }
  return body.done() ? "accept " + std::to_string(size) : "more";
}

std::string expected(const FramingVector& vector) {
  return vector.verdict == "accept" ? "accept " + std::to_string(vector.body_size) : vector.verdict;
}

TEST(Framing, every_vector_has_its_verdict_whole_and_byte_by_byte) {
  const std::vector<FramingVector> vectors = framing_vectors();
  ASSERT_GE(vectors.size(), 300u);
  for (const FramingVector& vector : vectors) {
    EXPECT_EQ(read_request(vector.bytes, vector.bytes.size()), expected(vector)) << vector.name;
    // The long ones are read in steps, which keeps their quadratic cost down.
    const std::size_t step = vector.bytes.size() > 4096 ? 97 : 1;
    EXPECT_EQ(read_request(vector.bytes, step), expected(vector)) << vector.name;
  }
}

TEST(Framing, a_good_head_is_good_at_every_cut_and_an_error_is_final) {
  for (const FramingVector& vector : framing_vectors()) {
    if (vector.bytes.size() > 1024) continue;
    RequestHead head;
    bool failed = false;
    for (std::size_t cut = 1; cut <= vector.bytes.size(); ++cut) {
      const Result<std::size_t> parsed = head.parse(BytesView(vector.bytes).substr(0, cut));
      if (vector.verdict != "reject") {
        ASSERT_TRUE(parsed) << vector.name << " cut at " << cut;
        if (*parsed > 0) break;
      }
      ASSERT_FALSE(failed && parsed) << vector.name << " cut at " << cut;
      failed = failed || !parsed;
    }
  }
}

}  // namespace
}  // namespace beffroi::http
