// SPDX-License-Identifier: EUPL-1.2
// links: crypto
// sources: storage/index/record.cc storage/engine/blob.cc storage/engine/bucket.cc storage/engine/check_job.cc storage/engine/object.cc storage/engine/state.cc storage/engine/upload.cc
// sources: storage/engine/acl.cc storage/engine/lifecycle.cc
// The engine's rows: the first byte says which. Whatever decodes encodes back to exactly the bytes that were read.
#include "crypto/check.h"
#include "storage/engine/blob.h"
#include "storage/engine/bucket.h"
#include "storage/engine/check_job.h"
#include "storage/engine/object.h"
#include "storage/engine/state.h"
#include "storage/engine/upload.h"

using namespace beffroi;
using namespace beffroi::storage;

namespace {

template <class Value>
void same(const Result<Value>& value, BytesView input) {
  if (value) CHECK(encode(*value) == input);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const BytesView input(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 15) {
    case 0: same(decode_object(input), input); break;
    case 1: same(decode_object_headers(input), input); break;
    case 2: same(decode_blob_header(input), input); break;
    case 3: same(decode_part(input), input); break;
    case 4: same(decode_run_owner(input), input); break;
    case 5: same(decode_extent_row(input), input); break;
    case 6: same(decode_gc_row(input), input); break;
    case 7: same(decode_upload(input), input); break;
    case 8: same(decode_state(input), input); break;
    case 9: same(decode_format(input), input); break;
    case 10:
      if (const auto count = decode_count(input)) CHECK(encode_count(*count) == input);
      if (const auto flushed = decode_flushed(input)) CHECK(encode_flushed(*flushed) == input);
      break;
    case 11: same(decode_bucket(input, CollectivityId{16}, BucketId{1}), input); break;
    case 12: same(decode_check_job(input), input); break;
    case 13: same(decode_object_fields(input), input); break;
    case 14: same(decode_lifecycle(input), input); break;
  }
  return 0;
}
