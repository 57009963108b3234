// SPDX-License-Identifier: EUPL-1.2
// A reference model of the engine: what buckets, versions, uploads and usage must be after each operation, computed with maps and sums.
// engine_driver.h compares it with the engine.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "crypto/md5.h"
#include "tests/fakes/engine_fixture.h"

namespace beffroi::storage::testing {

// What a body is made of; the bytes are content(size, seed).
struct Body {
  std::size_t size = 0;
  std::uint64_t seed = 0;
  Bytes bytes() const { return content(size, seed); }
  Bytes md5() const { return crypto::md5(bytes()); }
  friend bool operator==(const Body&, const Body&) = default;
};

enum class Verb { Put, Remove, Copy, CreateUpload, PutPart, Complete, Abort, CreateBucket, DeleteBucket, SetVersioning, Retain, Hold };

// Which version of a key an operation names: none, `null`, or the n-th that there is (as often as it takes).
struct Named {
  enum class Kind { No, Null, Nth } kind = Kind::No;
  std::size_t n = 0;
  std::string text() const { return kind == Kind::No ? "" : kind == Kind::Null ? "@null" : "@" + std::to_string(n); }
};

struct Operation {
  Verb verb = Verb::Put;
  std::string bucket;
  Bytes key;
  std::string from_bucket;  // Copy
  Bytes from_key;
  Named version, from_version;
  std::size_t upload = 0;   // PutPart, Complete, Abort: by order of creation
  std::uint16_t part = 0;
  std::vector<std::uint16_t> parts;  // Complete
  Body body;
  bool only_if_absent = false;
  bool only_if_match = false;  // Put, Remove: the current object's ETag as it was seen
  bool on = false;             // SetVersioning: enabled or suspended; Hold
  Retention retention;         // Retain: until_ms counts from now
  bool bypass = false;         // Remove, Retain

  std::string text() const {
    static constexpr const char* kNames[] = {"put", "remove", "copy", "create-upload", "put-part", "complete", "abort", "create-bucket", "delete-bucket", "set-versioning", "retain", "hold"};
    std::string out = std::string(kNames[static_cast<int>(verb)]) + " " + bucket + "/" + key + version.text();
    if (verb == Verb::Put || verb == Verb::PutPart) out += " " + std::to_string(body.size) + " bytes";
    if (verb == Verb::Put && only_if_absent) out += " if absent";
    if (only_if_match) out += " if match";
    if (verb == Verb::SetVersioning || verb == Verb::Hold) out += on ? " on" : " off";
    if (verb == Verb::Retain) out += " mode " + std::to_string(static_cast<int>(retention.mode)) + " for " + std::to_string(retention.until_ms) + " ms";
    if (bypass) out += " bypass";
    if (verb == Verb::Copy) out += " from " + from_bucket + "/" + from_key + from_version.text();
    if (verb == Verb::PutPart || verb == Verb::Complete || verb == Verb::Abort) out += " upload " + std::to_string(upload);
    if (verb == Verb::PutPart) out += " part " + std::to_string(part);
    for (const auto n : parts) out += " +" + std::to_string(n);
    return out;
  }
};

class Model {
 public:
  struct Object {
    std::vector<Body> bodies;  // more than one: a multipart object
    std::string etag;
    bool is_inline = false;
    std::uint64_t write = 0;  // which of the model's writes made it
    std::string id;           // as the engine answered
    bool null_version = true;
    bool marker = false;
    Retention retention;
    bool hold = false;
    bool is_named(const std::string& version) const { return version == "null" ? null_version : id == version; }
    std::size_t size() const {
      std::size_t total = 0;
      for (const Body& b : bodies) total += b.size;
      return total;
    }
    Bytes bytes() const {
      Bytes out;
      for (const Body& b : bodies) out += b.bytes();
      return out;
    }
  };
  struct Upload {
    std::string bucket;
    Bytes key;
    Bytes id;
    std::map<std::uint16_t, Body> parts;
    std::uint64_t moves = 0;  // how often its parts changed
    bool ended = false;       // aborted
    std::int64_t started_ms = 0;
    std::int64_t completed_ms = -1;
    std::vector<std::pair<std::uint16_t, std::string>> outcome_list;
    std::string outcome_etag;
    bool is_open() const { return !ended && completed_ms < 0; }
  };
  struct Bucket {
    BucketId id{0};
    Versioning versioning = Versioning::Off;
    std::map<Bytes, std::vector<Object>> versions;  // of each key, the latest last

    const Object* latest(const Bytes& key) const {
      const auto at = versions.find(key);
      return at == versions.end() ? nullptr : &at->second.back();
    }
    const Object* current(const Bytes& key) const {
      const Object* object = latest(key);
      return object && !object->marker ? object : nullptr;
    }
    Object* named(const Bytes& key, const std::string& version) {
      const auto at = versions.find(key);
      if (at == versions.end()) return nullptr;
      if (version.empty()) return &at->second.back();
      for (Object& object : at->second) {
        if (object.is_named(version)) return &object;
      }
      return nullptr;
    }
    void place(const Bytes& key, Object object) {
      auto& of_key = versions[key];
      object.null_version = versioning != Versioning::Enabled;
      if (object.null_version) std::erase_if(of_key, [](const Object& o) { return o.null_version; });
      of_key.push_back(std::move(object));
    }
    void erase(const Bytes& key, const Object* object) {
      auto& of_key = versions.at(key);
      std::erase_if(of_key, [&](const Object& o) { return &o == object; });
      if (of_key.empty()) versions.erase(key);
    }
  };
  // What an operation saw when it was prepared.
  struct Seen {
    BucketId bucket{0}, from_bucket{0};
    std::uint64_t from_write = 0;  // Copy
    std::string version, from_version;
    std::string etag = "absent";   // of the current object
    bool versioned = false;
    Retention retention;           // Retain: absolute
    std::uint64_t moves = 0;   // Complete, Abort
    std::vector<std::pair<std::uint16_t, std::string>> list;  // Complete
    bool is_repeat = false;  // Complete: the outcome was there already, nothing of the list was checked
  };
  struct Answer {
    error_code error;
    std::string etag;  // where the verb gives one
    std::uint64_t write = 0;  // that the verb made
  };

  std::map<std::string, Bucket> buckets;
  std::vector<Upload> uploads;
  std::uint64_t writes = 0;

  std::uint64_t bytes() const {
    std::uint64_t total = 0;
    for (const auto& [name, bucket] : buckets)
      for (const auto& [key, versions] : bucket.versions)
        for (const Object& object : versions) total += object.size();
    for (const Upload& u : uploads)
      if (u.is_open())
        for (const auto& [n, body] : u.parts) total += body.size;
    return total;
  }
  std::uint64_t objects() const {
    std::uint64_t total = 0;
    for (const auto& [name, bucket] : buckets)
      for (const auto& [key, versions] : bucket.versions) total += versions.size();
    for (const Upload& u : uploads)
      if (u.is_open()) total += u.parts.size();
    return total;
  }

  static std::string etag_of(const Body& body) { return to_hex(body.md5()); }

  const Object* find(const std::string& bucket, const Bytes& key) const {
    const auto b = buckets.find(bucket);
    return b == buckets.end() ? nullptr : b->second.current(key);
  }
  // As open_object() finds it.
  Answer open(const std::string& bucket, const Bytes& key, const std::string& version, const Object*& found) {
    const auto b = buckets.find(bucket);
    found = b == buckets.end() ? nullptr : b->second.named(key, version);
    if (!found) return {version.empty() ? EngineErrc::NoSuchKey : EngineErrc::NoSuchVersion, ""};
    if (found->marker) return {EngineErrc::DeleteMarker, ""};
    return {};
  }
  static error_code if_match(const Operation& op, const Seen& seen, const Object* current) {
    if (!op.only_if_match) return {};
    if (!current) return EngineErrc::NoSuchKey;
    return current->etag == seen.etag ? error_code() : make_error_code(EngineErrc::PreconditionFailed);
  }
  void name(std::uint64_t write, const std::string& id) {
    for (auto& [name, bucket] : buckets)
      for (auto& [key, versions] : bucket.versions)
        for (Object& object : versions)
          if (object.write == write) object.id = id;
  }

  Answer apply(const Operation& op, const Seen& seen, std::int64_t now_ms, std::uint32_t inline_max) {
    const auto bucket = buckets.find(op.bucket);
    const bool bucket_stands = bucket != buckets.end() && bucket->second.id == seen.bucket;
    switch (op.verb) {
      case Verb::Put: {
        if (!bucket_stands) return {EngineErrc::NoSuchBucket, ""};
        const Object* current = bucket->second.current(op.key);
        if (const error_code e = if_match(op, seen, current)) return {e, ""};
        if (op.only_if_absent && current) return {EngineErrc::PreconditionFailed, ""};
        Object object{{op.body}, etag_of(op.body), op.body.size <= inline_max, ++writes};
        bucket->second.place(op.key, object);
        return {{}, object.etag, object.write};
      }
      case Verb::Remove: {
        if (!bucket_stands) return {EngineErrc::NoSuchBucket, ""};
        const bool versioned = bucket->second.versioning != Versioning::Off;
        Object* const named = bucket->second.named(op.key, seen.version);
        if (const error_code e = if_match(op, seen, seen.version.empty() ? bucket->second.current(op.key) : named)) return {e, ""};
        if (versioned && seen.version.empty()) {
          if (!seen.versioned) return {EngineErrc::Changed, ""};
          bucket->second.place(op.key, {.write = ++writes, .marker = true});
          return {{}, "", writes};
        }
        if (!named) return {};
        if (named->hold || (named->retention.holds(now_ms) && !(op.bypass && named->retention.mode == LockMode::Governance))) return {EngineErrc::Locked, ""};
        bucket->second.erase(op.key, named);
        return {};
      }
      case Verb::Copy: {
        if (!bucket_stands) return {EngineErrc::NoSuchBucket, ""};
        const auto from = buckets.find(op.from_bucket);
        const bool from_stands = from != buckets.end() && from->second.id == seen.from_bucket;
        const Object* source = from_stands ? from->second.named(op.from_key, seen.from_version) : nullptr;
        if (!source || source->marker) return {seen.from_version.empty() ? EngineErrc::NoSuchKey : EngineErrc::NoSuchVersion, ""};
        if (source->is_inline || source->write != seen.from_write) return {EngineErrc::Changed, ""};
        Object copy = *source;
        copy.write = ++writes;
        copy.retention = {};
        copy.hold = false;
        bucket->second.place(op.key, copy);
        return {{}, copy.etag, copy.write};
      }
      case Verb::CreateUpload:
        if (!bucket_stands) return {EngineErrc::NoSuchBucket, ""};
        return {};
      case Verb::PutPart: {
        Upload& u = uploads[op.upload];
        if (!u.is_open()) return {EngineErrc::NoSuchUpload, ""};
        u.parts[op.part] = op.body;
        ++u.moves;
        return {{}, etag_of(op.body)};
      }
      case Verb::Complete: {
        Upload& u = uploads[op.upload];
        if (u.ended) return {EngineErrc::NoSuchUpload, ""};
        if (u.completed_ms >= 0) {
          if (u.outcome_list != seen.list) return {EngineErrc::NoSuchUpload, ""};
          return {{}, u.outcome_etag};
        }
        if (u.moves != seen.moves) return {EngineErrc::Changed, ""};
        Object object{.write = ++writes};
        Bytes md5s;
        for (const auto n : op.parts) {
          object.bodies.push_back(u.parts.at(n));
          md5s += u.parts.at(n).md5();
        }
        object.etag = to_hex(crypto::md5(md5s)) + "-" + std::to_string(op.parts.size());
        u.completed_ms = now_ms;
        u.outcome_list = seen.list;
        u.outcome_etag = object.etag;
        buckets.at(u.bucket).place(u.key, object);
        return {{}, object.etag, object.write};
      }
      case Verb::Abort: {
        Upload& u = uploads[op.upload];
        if (!u.is_open()) return {EngineErrc::NoSuchUpload, ""};
        if (u.moves != seen.moves) return {EngineErrc::Changed, ""};
        u.ended = true;
        return {};
      }
      case Verb::CreateBucket:
        if (bucket != buckets.end()) return {EngineErrc::BucketExists, ""};
        buckets[op.bucket];
        return {};
      case Verb::DeleteBucket: {
        if (!bucket_stands) return {EngineErrc::NoSuchBucket, ""};
        if (!bucket->second.versions.empty()) return {EngineErrc::BucketNotEmpty, ""};
        for (const Upload& u : uploads)
          if (u.is_open() && u.bucket == op.bucket) return {EngineErrc::BucketNotEmpty, ""};
        buckets.erase(bucket);
        return {};
      }
      case Verb::SetVersioning:
        if (!bucket_stands) return {EngineErrc::NoSuchBucket, ""};
        bucket->second.versioning = op.on ? Versioning::Enabled : Versioning::Suspended;
        return {};
      case Verb::Retain:
      case Verb::Hold: {
        if (!bucket_stands) return {EngineErrc::NoSuchBucket, ""};
        Object* const named = bucket->second.named(op.key, seen.version);
        if (!named) return {seen.version.empty() ? EngineErrc::NoSuchKey : EngineErrc::NoSuchVersion, ""};
        if (named->marker) return {EngineErrc::DeleteMarker, ""};
        if (op.verb == Verb::Hold) {
          named->hold = op.on;
          return {};
        }
        const bool loosens = seen.retention.mode != named->retention.mode || seen.retention.until_ms < named->retention.until_ms;
        if (named->retention.holds(now_ms) && loosens && !(op.bypass && named->retention.mode == LockMode::Governance)) return {EngineErrc::Locked, ""};
        named->retention = seen.retention;
        return {};
      }
    }
    return {};
  }
};

}  // namespace beffroi::storage::testing
