// SPDX-License-Identifier: EUPL-1.2
// links: crypto PkgConfig::ZSTD
// sources: storage/audit/audit_codec.cc storage/audit/audit_format.cc storage/audit/audit_record.cc
// The rows of the audit log and what they hold: the first byte says which. Whatever decodes encodes back to exactly the bytes that
// were read; any texts make a record that is UTF-8 without control characters.
#include "crypto/check.h"
#include "crypto/utf8.h"
#include "storage/audit/audit_codec.h"
#include "storage/audit/audit_format.h"
#include "storage/audit/audit_record.h"

using namespace beffroi;
using namespace beffroi::storage;

namespace {

void fuzz_block(BytesView input) {
  const auto block = decode_audit_block(input);
  if (!block) return;
  for (std::uint32_t i = 0; i < block->count; ++i)
    audit_leaf_hash(CollectivityId{16}, i, block->ms(i), block->mac(i));
  CHECK(encode_audit_block_head(block->codec, block->count, block->kept) + Bytes(block->sealed) == input);
}

void fuzz_payload(BytesView input, std::uint32_t count) {
  const auto entries = split_audit_payload(input, count);
  if (!entries) return;
  Bytes again;
  for (const auto& [salt, body] : *entries) append_audit_payload(again, salt, body);
  CHECK(entries->size() == count && again == input);
}

void fuzz_record(BytesView input) {
  AuditRecord record;
  std::string* const texts[] = {&record.user,    &record.user_id,   &record.access_key, &record.operator_name,
                                &record.source,  &record.operation, &record.bucket,     &record.key,
                                &record.version, &record.error,     &record.request_id, &record.reason,
                                &record.before,  &record.after};
  for (std::size_t i = 0; i < input.size(); ++i) *texts[i * std::size(texts) / input.size()] += input[i];
  const Bytes json = encode(record);
  CHECK(valid_utf8(json) && json.front() == '{' && json.back() == '}');
  for (const char c : json) CHECK(static_cast<unsigned char>(c) >= 0x20);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const BytesView input(reinterpret_cast<const char*>(data) + 1, size - 1);
  static AuditDecompressor decompressor;
  static AuditCompressor compressor;
  switch (data[0] % 6) {
    case 0:
      fuzz_block(input);
      break;
    case 1:
      fuzz_payload(input, data[0] / 6);
      break;
    case 2:
      if (const auto leaves = decode_state_leaves(input)) {
        Bytes again;
        for (const StateLeaf& leaf : *leaves) again += encode(leaf);
        CHECK(again == input);
      }
      break;
    case 3:
      if (const auto frontier = decode_audit_frontier(input)) CHECK(encode(*frontier) == input);
      break;
    case 4:
      if (const auto plain = decompressor.decompress(input)) {
        CHECK(*decompressor.decompress(compressor.compress(*plain)) == *plain);
      }
      break;
    case 5:
      fuzz_record(input);
      break;
  }
  return 0;
}
