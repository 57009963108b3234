// SPDX-License-Identifier: EUPL-1.2
#include "storage/engine/blob.h"

#include "storage/index/record.h"

namespace beffroi::storage {
namespace {

using crypto::Errc;

constexpr std::size_t kRunBytes = 4 + 8 + 8;

void append_run(Bytes& out, const Run& run) {
  append_le(out, raw(run.extent));
  append_le(out, run.offset);
  append_le(out, run.length);
}

Run take_run(ByteReader& r) {
  Run run;
  run.extent = ExtentId{r.le<std::uint32_t>()};
  run.offset = r.le<std::uint64_t>();
  run.length = r.le<std::uint64_t>();
  return run;
}

// Fields shared by a plain header and a part row.
enum Tag : std::uint8_t {
  kKey = 1,
  kSize,
  kRun,
  kChosen,
  kMd5,
  kChecksumAlgorithm,
  kChecksum,
  kModified,
};

void write_bytes(RecordWriter& w, const PartBytes& b) {
  w.field(kKey, b.key.reveal());
  w.field(kSize, b.size);
  Bytes run;
  append_run(run, b.run);
  w.field(kRun, run);
}

// One of kKey, kSize, kRun.
void read_bytes(RecordReader& r, PartBytes& b) {
  if (r.tag() == kKey) {
    if (r.bytes().size() != crypto::kKeyBytes) return r.fail(Errc::BadFormat);
    b.key = crypto::ObjectKey(r.bytes());
  } else if (r.tag() == kSize) {
    b.size = r.integer<std::uint64_t>();
    if (b.size == 0) r.fail(Errc::BadFormat);
  } else {
    if (r.bytes().size() != kRunBytes) return r.fail(Errc::BadFormat);
    ByteReader in(r.bytes());
    b.run = take_run(in);
    if (b.run.length == 0) r.fail(Errc::BadFormat);
  }
}

// No field given, or each of them; the last part of an upload may be empty, and then its size is left out.
bool none(const PartBytes& b) { return b.key.empty() && b.size == 0 && b.run.length == 0; }
bool whole(const PartBytes& b) { return !b.key.empty() && b.run.length != 0; }

constexpr std::size_t kChosenBytes = 2 + 6;  // part u16, end u48

bool read_chosen(BytesView in, std::vector<ChosenPart>& out) {
  if (in.empty() || in.size() % kChosenBytes != 0) return false;
  ByteReader r(in);
  while (!r.at_end()) {
    ChosenPart part;
    part.number = r.le<std::uint16_t>();
    const std::uint64_t low = r.le<std::uint32_t>();
    part.end = low | std::uint64_t{r.le<std::uint16_t>()} << 32;
    if (part.number == 0 || (!out.empty() && (part.number <= out.back().number || part.end < out.back().end))) return false;
    out.push_back(part);
  }
  return true;
}

}  // namespace

Bytes encode(const BlobHeader& h) {
  RecordWriter w;
  if (const auto* plain = std::get_if<PartBytes>(&h.body)) {
    write_bytes(w, *plain);
    return w.take();
  }
  Bytes chosen;
  for (const ChosenPart& part : std::get<std::vector<ChosenPart>>(h.body)) {
    append_le(chosen, part.number);
    append_le(chosen, static_cast<std::uint32_t>(part.end));
    append_le(chosen, static_cast<std::uint16_t>(part.end >> 32));
  }
  w.field(kChosen, chosen);
  return w.take();
}

Result<BlobHeader> decode_blob_header(BytesView in) {
  PartBytes plain;
  std::vector<ChosenPart> chosen;
  RecordReader r(in);
  while (r.next()) {
    switch (r.tag()) {
      case kKey:
      case kSize:
      case kRun: read_bytes(r, plain); break;
      case kChosen:
        if (!read_chosen(r.bytes(), chosen)) r.fail(Errc::BadFormat);
        break;
      default: r.unknown();
    }
  }
  if (auto s = r.status(); !s) return s.error();
  BlobHeader h;
  if (chosen.empty() && whole(plain)) h.body = std::move(plain);
  else if (!chosen.empty() && none(plain)) h.body = std::move(chosen);
  else return Errc::BadFormat;
  return h;
}

Bytes encode(const Part& p) {
  RecordWriter w;
  write_bytes(w, p.bytes);
  w.field(kMd5, p.md5);
  w.field(kChecksumAlgorithm, static_cast<std::uint8_t>(p.checksum.algorithm));
  if (!p.checksum.value.empty()) w.field(kChecksum, p.checksum.value);
  w.field(kModified, p.modified_ms);
  return w.take();
}

Result<Part> decode_part(BytesView in) {
  Part p;
  RecordReader r(in);
  while (r.next()) {
    switch (r.tag()) {
      case kKey:
      case kSize:
      case kRun: read_bytes(r, p.bytes); break;
      case kMd5: p.md5 = r.bytes(); break;
      case kChecksumAlgorithm: p.checksum.algorithm = ChecksumAlgorithm{r.integer<std::uint8_t>()}; break;
      case kChecksum: p.checksum.value = r.bytes(); break;
      case kModified: p.modified_ms = r.integer<std::int64_t>(); break;
      default: r.unknown();
    }
  }
  if (auto s = r.status(); !s) return s.error();
  if (!whole(p.bytes) || p.md5.size() != 16 || p.checksum.algorithm > kLastChecksumAlgorithm) return Errc::BadFormat;
  return p;
}

Bytes encode(const RunOwner& o) {
  Bytes out(1, static_cast<char>(kRecordVersion));
  append_le(out, raw(o.collectivity));
  append_le(out, raw(o.blob));
  append_le(out, o.part);
  append_le(out, o.length);
  return out;
}

Result<RunOwner> decode_run_owner(BytesView in) {
  ByteReader r(in);
  if (r.le<std::uint8_t>() != kRecordVersion) return Errc::NewerFormat;
  RunOwner o;
  o.collectivity = CollectivityId{r.le<std::uint32_t>()};
  o.blob = BlobId{r.le<std::uint64_t>()};
  o.part = r.le<std::uint16_t>();
  o.length = r.le<std::uint64_t>();
  if (!r.at_end()) return Errc::BadFormat;
  return o;
}

Bytes encode(const ExtentRow& e) {
  Bytes out(1, static_cast<char>(kRecordVersion));
  out.push_back(static_cast<char>(e.state));
  out.push_back(static_cast<char>(e.kind));
  for (const std::uint64_t v : {e.end, e.live, e.freed, e.abandoned}) append_le(out, v);
  return out;
}

Result<ExtentRow> decode_extent_row(BytesView in) {
  ByteReader r(in);
  if (r.le<std::uint8_t>() != kRecordVersion) return Errc::NewerFormat;
  const auto state = r.le<std::uint8_t>();
  const auto kind = r.le<std::uint8_t>();
  ExtentRow e;
  for (std::uint64_t* v : {&e.end, &e.live, &e.freed, &e.abandoned}) *v = r.le<std::uint64_t>();
  if (!r.at_end() || state < 1 || state > 4 || kind < 1 || kind > 3) return Errc::BadFormat;
  e.state = ExtentState{state};
  e.kind = ExtentKind{kind};
  return e;
}

Bytes encode(const GcRow& row) {
  Bytes out(1, static_cast<char>(kRecordVersion));
  out.push_back(static_cast<char>(row.index() + 1));
  if (const auto* blob = std::get_if<GcBlob>(&row)) {
    append_le(out, raw(blob->collectivity));
    append_le(out, raw(blob->blob));
  } else if (const auto* unchosen = std::get_if<GcUnchosen>(&row)) {
    append_le(out, raw(unchosen->collectivity));
    append_le(out, raw(unchosen->blob));
  } else if (const auto* run = std::get_if<GcRun>(&row)) {
    append_run(out, run->run);
  } else {
    append_le(out, raw(std::get<GcExtent>(row).extent));
  }
  return out;
}

Result<GcRow> decode_gc_row(BytesView in) {
  ByteReader r(in);
  if (r.le<std::uint8_t>() != kRecordVersion) return Errc::NewerFormat;
  const auto kind = r.le<std::uint8_t>();
  GcRow row;
  if (kind == 1 || kind == 2) {
    const CollectivityId t{r.le<std::uint32_t>()};
    const BlobId blob{r.le<std::uint64_t>()};
    if (kind == 1) row = GcBlob{t, blob};
    else row = GcUnchosen{t, blob};
  } else if (kind == 3) {
    row = GcRun{take_run(r)};
  } else if (kind == 4) {
    row = GcExtent{ExtentId{r.le<std::uint32_t>()}};
  } else {
    return Errc::NewerFormat;
  }
  if (!r.at_end()) return Errc::BadFormat;
  return row;
}

Bytes encode_count(std::uint32_t count) {
  Bytes out;
  append_le(out, count);
  return out;
}

Result<std::uint32_t> decode_count(BytesView in) {
  if (in.size() != 4) return Errc::BadFormat;
  return load_le<std::uint32_t>(in.data());
}

}  // namespace beffroi::storage
