// SPDX-License-Identifier: EUPL-1.2
#include "storage/engine/reader.h"

#include "crypto/check.h"
#include "crypto/errors.h"
#include "storage/engine/sealed_row.h"
#include "storage/engine/engine.h"
#include "storage/engine/key_versions.h"
#include "storage/index/keys.h"

namespace beffroi::storage {
namespace {

constexpr std::uint64_t kChunksRead = 4;  // 256 KiB of ciphertext at a time

bool is_absent(const error_code& e) { return e == make_error_code(IndexErrc::NotFound); }

// The row of a version. The latest version of an object costs one look-up; every other one is found in a snapshot, on a thread that may
// wait. NoSuchKey, NoSuchVersion.
Result<ObjectRow> locate(const Store& store, CollectivityId t, BucketId b, BytesView key, std::string_view version, Tier tier) {
  if (version.empty()) {
    Bytes row_key = keys::current(t, b, key);
    auto sealed = store.index->get(Table::Current, row_key, tier);
    if (sealed) {
      const auto plain = open_row(store, t, Table::Current, row_key, *sealed);
      if (!plain) return plain.error();
      auto object = decode_object(*plain);
      if (!object) return EngineErrc::Damaged;
      return ObjectRow{Table::Current, std::move(row_key), std::move(*sealed), std::move(*object)};
    }
    if (!is_absent(sealed.error())) return sealed.error();
  }
  const auto bucket = store.buckets.find(t, b);
  const bool versioned = bucket && bucket->settings.versioning != Versioning::Off;
  if (!versioned && version.empty()) return EngineErrc::NoSuchKey;
  if (tier == Tier::CacheOnly) return IndexErrc::WouldBlock;
  auto row = find_version(store, *store.index->snapshot(), t, b, key, versioned, version);
  if (!row) return row.error().category() == crypto::category() ? make_error_code(EngineErrc::Damaged) : row.error();
  if (!*row) return version.empty() ? EngineErrc::NoSuchKey : EngineErrc::NoSuchVersion;
  return std::move(**row);
}

// What a reader may see of an extent: WouldBlock goes up, anything else means that these bytes are not there.
error_code body_error(const error_code& e) {
  return e == make_error_code(IoErrc::WouldBlock) ? e : make_error_code(EngineErrc::Damaged);
}

}  // namespace

Result<ObjectReader> Engine::open_object(CollectivityId t, BucketId b, BytesView key, Tier tier, bool want_body, std::string_view version,
                                         Object* marker) {
  while (true) {
    auto row = locate(*store_, t, b, key, version, tier);
    if (!row) return row.error();
    if (row->object.delete_marker) {
      if (marker) *marker = std::move(row->object);
      return EngineErrc::DeleteMarker;
    }
    ObjectReader reader(*store_, t, std::move(row->object));
    if (!want_body) return reader;
    const BlobId blob = reader.object_.blob;
    if (reader.object_.is_inline()) {
      auto payload = store_->index->get(Table::Inline, keys::inline_payload(t, blob), tier);
      if (payload) {
        reader.inline_payload_ = std::move(*payload);
        return reader;
      }
      if (!is_absent(payload.error())) return payload.error();
    } else {
      // Row, pin, row again: see pins.h.
      reader.pin_ = store_->pins.pin(t, blob);
    }
    const auto again = store_->index->get(row->table, row->key, tier);
    if (again && *again == row->sealed) {
      if (reader.object_.is_inline()) return EngineErrc::Damaged;  // the row stands and its payload does not
      return reader;
    }
    if (!again && !is_absent(again.error())) return again.error();
  }
}

Result<void> ObjectReader::unlock(const crypto::CustomerKey& key) {
  CHECK(!loaded_);
  if (!crypto::is_customer_key_of(key, object_.customer_check)) return EngineErrc::WrongCustomerKey;
  customer_key_ = key.clone();
  return {};
}

Result<void> ObjectReader::start(std::uint64_t begin, std::uint64_t end, Tier tier) {
  CHECK(begin <= end && end <= object_.size);
  if (!object_.customer_check.empty() && !customer_key_) return EngineErrc::WrongCustomerKey;
  position_ = begin;
  end_ = end;
  if (object_.is_inline()) return {};
  if (auto loaded = load_parts(tier); !loaded) return loaded;
  std::size_t last = segments_.size() - 1;
  while (last > 0 && segments_[last].begin == segments_[last].end) --last;
  return enter(last, tier);
}

Result<std::vector<ObjectReader::PartPlace>> ObjectReader::parts(Tier tier) {
  std::vector<PartPlace> places;
  if (object_.is_inline()) return places;
  if (auto loaded = load_parts(tier); !loaded) return loaded.error();
  if (segments_.front().part == 0) return places;
  for (const Segment& segment : segments_) places.push_back({segment.begin, segment.end});
  return places;
}

Result<Checksum> ObjectReader::part_checksum(std::size_t at, Tier tier) {
  CHECK(loaded_ && at < segments_.size());
  const Bytes key = keys::blob(collectivity_, object_.blob, segments_[at].part);
  const auto plain = read_row(*store_, collectivity_, Table::Blobs, key, tier);
  if (!plain) return is_absent(plain.error()) ? make_error_code(EngineErrc::Damaged) : plain.error();
  auto part = decode_part(*plain);
  if (!part) return EngineErrc::Damaged;
  return std::move(part->checksum);
}

Result<void> ObjectReader::load_parts(Tier tier) {
  if (loaded_) return {};
  const auto plain = read_row(*store_, collectivity_, Table::Blobs, keys::blob(collectivity_, object_.blob, keys::kHeaderPart), tier);
  if (!plain) return is_absent(plain.error()) ? make_error_code(EngineErrc::Damaged) : plain.error();
  auto header = decode_blob_header(*plain);
  if (!header) return EngineErrc::Damaged;
  segments_.clear();
  if (auto* whole = std::get_if<PartBytes>(&header->body)) {
    segments_.push_back({0, 0, whole->size});
    take(0, std::move(*whole));
  } else {
    std::uint64_t begin = 0;
    for (const ChosenPart& part : std::get<std::vector<ChosenPart>>(header->body)) {
      segments_.push_back({part.number, begin, part.end});
      begin = part.end;
    }
  }
  if (segments_.back().end != object_.size) return EngineErrc::Damaged;
  loaded_ = true;
  return {};
}

// Makes bytes_ and opener_ those of a segment, whose size is authentic when this returns.
Result<void> ObjectReader::enter(std::size_t segment, Tier tier) {
  if (current_ != segment) {
    const Segment& s = segments_[segment];
    const auto plain = read_row(*store_, collectivity_, Table::Blobs, keys::blob(collectivity_, object_.blob, s.part), tier);
    if (!plain) return is_absent(plain.error()) ? make_error_code(EngineErrc::Damaged) : plain.error();
    auto part = decode_part(*plain);
    if (!part || part->bytes.size != s.end - s.begin) return EngineErrc::Damaged;
    take(segment, std::move(part->bytes));
  }
  if (authentic_) return {};
  const std::uint64_t chunks = crypto::chunk_count(bytes_.size);
  // A short part is read whole at once: its last chunk comes along.
  const std::uint64_t first = chunks <= kChunksRead ? 0 : chunks - 1;
  if (auto filled = fill(first, chunks - first, tier); !filled) return filled;
  authentic_ = true;
  return {};
}

void ObjectReader::take(std::size_t segment, PartBytes bytes) {
  bytes_ = std::move(bytes);
  opener_ = std::make_unique<crypto::ChunkOpener>(
      bytes_.key, crypto::ChunkPlace{raw(collectivity_), raw(object_.blob), segments_[segment].part}, bytes_.size);
  if (customer_key_) customer_.emplace(*customer_key_, bytes_.key);
  current_ = segment;
  buffer_count_ = 0;
  authentic_ = false;
}

Result<void> ObjectReader::read(std::uint64_t offset, MutableBytes out, Tier tier) {
  const auto done = tier == Tier::CacheOnly ? store_->extents->read_cached(bytes_.run, offset, out)
                                            : store_->extents->read(bytes_.run, offset, out);
  if (!done) return body_error(done.error());
  return {};
}

// Reads and opens chunks [first, first + count) of the current segment; all of them authenticate, or none is given.
Result<void> ObjectReader::fill(std::uint64_t first, std::uint64_t count, Tier tier) {
  const std::uint64_t total = crypto::chunk_count(bytes_.size);
  CHECK(first + count <= total);
  const std::uint64_t offset = first * crypto::kSealedChunkBytes;
  const std::uint64_t end = first + count == total ? bytes_.run.length : (first + count) * crypto::kSealedChunkBytes;
  if (end <= offset || crypto::sealed_bytes(bytes_.size) != bytes_.run.length) return EngineErrc::Damaged;
  buffer_count_ = 0;
  buffer_.resize(end - offset);
  if (auto done = read(offset, MutableBytes(buffer_.data(), buffer_.size()), tier); !done) return done;
  for (std::uint64_t i = count; i-- > 0;) {  // from the end: the last chunk of a part opens first
    const std::uint64_t at = i * crypto::kSealedChunkBytes;
    const std::uint64_t length = std::min<std::uint64_t>(crypto::kSealedChunkBytes, buffer_.size() - at);
    const auto opened = opener_->open(first + i, MutableBytes(buffer_.data() + at, length));
    if (!opened) return EngineErrc::Damaged;
    if (customer_) customer_->apply((first + i) * crypto::kChunkBytes, *opened);
  }
  buffer_first_ = first;
  buffer_count_ = count;
  return {};
}

Result<BytesView> ObjectReader::next_inline() {
  if (!authentic_) {
    const std::size_t sealed = crypto::sealed_bytes(object_.size);
    if (inline_payload_.size() != 1 + sealed || inline_payload_[0] != static_cast<char>(kInlineVersion)) return EngineErrc::Damaged;
    crypto::ChunkOpener opener(*object_.inline_key, {raw(collectivity_), raw(object_.blob), 0}, object_.size);
    const auto opened = opener.open(0, MutableBytes(inline_payload_.data() + 1, sealed));
    if (!opened) return EngineErrc::Damaged;
    if (customer_key_) crypto::CustomerCipher(*customer_key_, *object_.inline_key).apply(0, *opened);
    authentic_ = true;
  }
  const BytesView given = BytesView(inline_payload_).substr(1 + position_, end_ - position_);
  position_ = end_;
  return given;
}

Result<BytesView> ObjectReader::next(Tier tier) {
  if (object_.is_inline()) return next_inline();
  if (position_ == end_) return BytesView{};
  std::size_t segment = current_;
  if (segment >= segments_.size() || position_ < segments_[segment].begin || position_ >= segments_[segment].end) {
    segment = 0;
    while (position_ >= segments_[segment].end) ++segment;
  }
  if (auto entered = enter(segment, tier); !entered) return entered.error();
  const Segment& s = segments_[segment];
  const std::uint64_t inside = position_ - s.begin;
  const std::uint64_t chunk = inside / crypto::kChunkBytes;
  if (chunk < buffer_first_ || chunk >= buffer_first_ + buffer_count_) {
    const std::uint64_t wanted_end = std::min(end_, s.end) - s.begin;
    const std::uint64_t chunks = (wanted_end + crypto::kChunkBytes - 1) / crypto::kChunkBytes - chunk;
    if (auto filled = fill(chunk, std::min(chunks, kChunksRead), tier); !filled) return filled.error();
  }
  const std::uint64_t skip = inside % crypto::kChunkBytes;
  const std::uint64_t chunk_end = std::min((chunk + 1) * crypto::kChunkBytes, s.end - s.begin);
  const std::uint64_t length = std::min(chunk_end - inside, end_ - position_);
  position_ += length;
  return BytesView(buffer_).substr((chunk - buffer_first_) * crypto::kSealedChunkBytes + skip, length);
}

}  // namespace beffroi::storage
