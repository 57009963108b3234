// SPDX-License-Identifier: EUPL-1.2
// Where an object's bytes are: rows of `blobs`, `runs`, `gc` and `meta` extents (docs/formats.md "Tables", "Groups").
#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "crypto/bytes.h"
#include "crypto/key_hierarchy.h"
#include "crypto/result.h"
#include "storage/engine/object.h"
#include "storage/extent/extent_format.h"
#include "storage/ids.h"

namespace beffroi::storage {

// The sealed bytes of one part (part 0: the whole of a plain PUT).
struct PartBytes {
  crypto::ObjectKey key;
  std::uint64_t size = 0;  // plaintext
  Run run;
};

// A part that multipart chose: its number and where its plaintext ends in the object.
struct ChosenPart {
  std::uint16_t number = 0;
  std::uint64_t end = 0;

  friend bool operator==(const ChosenPart&, const ChosenPart&) = default;
};

// Row `T I 0000`: either the one run of a plain PUT, or the parts of a completed upload, ascending.
struct BlobHeader {
  std::variant<PartBytes, std::vector<ChosenPart>> body;
};
Bytes encode(const BlobHeader&);
Result<BlobHeader> decode_blob_header(BytesView);

// Row `T I part`: one part of an upload.
struct Part {
  PartBytes bytes;
  Bytes md5;  // 16 raw bytes
  Checksum checksum;
  std::int64_t modified_ms = 0;
};
Bytes encode(const Part&);
Result<Part> decode_part(BytesView);

// Row `runs`: the way back from bytes to what they are.
struct RunOwner {
  CollectivityId collectivity{0};
  BlobId blob{0};
  std::uint16_t part = 0;
  std::uint64_t length = 0;  // sealed bytes

  friend bool operator==(const RunOwner&, const RunOwner&) = default;
};
Bytes encode(const RunOwner&);
Result<RunOwner> decode_run_owner(BytesView);

// Row `meta` 0A: absolute in each frame that changes it. end: bytes of the file given out, its header page included.
struct ExtentRow {
  ExtentState state = ExtentState::Open;
  ExtentKind kind = ExtentKind::Small;
  std::uint64_t end = 0;
  std::uint64_t live = 0;       // footprints of runs that rows name
  std::uint64_t freed = 0;      // footprints of runs whose rows the gc lane deleted
  std::uint64_t abandoned = 0;  // given out, never named (known once sealed)

  friend bool operator==(const ExtentRow&, const ExtentRow&) = default;
};
Bytes encode(const ExtentRow&);
Result<ExtentRow> decode_extent_row(BytesView);

// Row `gc`: names what may be freed.
struct GcBlob { CollectivityId collectivity; BlobId blob; };
struct GcUnchosen { CollectivityId collectivity; BlobId blob; };
struct GcRun { Run run; };  // of a replaced part; its `runs` row says whose
struct GcExtent { ExtentId extent; };
using GcRow = std::variant<GcBlob, GcUnchosen, GcRun, GcExtent>;
Bytes encode(const GcRow&);
Result<GcRow> decode_gc_row(BytesView);

// Count row `T I FFFF`: references of a blob. Absent = 1, 0 = being freed; 1 is never stored.
Bytes encode_count(std::uint32_t count);
Result<std::uint32_t> decode_count(BytesView);

// Row `inline`: ver u8, then one last chunk in the body format with part 0.
inline constexpr std::uint8_t kInlineVersion = 1;

}  // namespace beffroi::storage
