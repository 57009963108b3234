// SPDX-License-Identifier: EUPL-1.2
// Rows of the engine: what is encoded decodes to the same; every shorter form, every unknown field and every second spelling of
// a value is refused, never misread.
#include <gtest/gtest.h>

#include <set>

#include "crypto/customer_cipher.h"
#include "crypto/errors.h"
#include "storage/engine/blob.h"
#include "storage/engine/bucket.h"
#include "storage/engine/check_job.h"
#include "storage/engine/conditions.h"
#include "storage/engine/errors.h"
#include "storage/engine/object.h"
#include "storage/engine/part_checksums.h"
#include "storage/engine/state.h"
#include "storage/engine/upload.h"

namespace beffroi::storage {
namespace {

crypto::ObjectKey key(char c) { return crypto::ObjectKey(Bytes(32, c)); }

// Every prefix either decodes to something that encodes to itself, or is refused; so does every single changed byte.
template <class Decode>
void expect_canonical(const Bytes& row, Decode decode) {
  const auto again = decode(row);
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(encode(*again), row);
  const auto check = [&](const Bytes& other) {
    if (const auto value = decode(other)) {
      EXPECT_EQ(encode(*value), other);
    }
  };
  for (std::size_t n = 0; n < row.size(); ++n) check(row.substr(0, n));
  for (std::size_t n = 0; n < row.size(); ++n) {
    for (const char flip : {'\x01', '\x80', '\xFF'}) {
      Bytes other = row;
      other[n] ^= flip;
      check(other);
    }
  }
  check(row + '\0');
  check(row + row);
  Bytes newer = row;
  newer[0] = 2;
  ASSERT_FALSE(decode(newer));
  EXPECT_EQ(decode(newer).error(), make_error_code(crypto::Errc::NewerFormat));
}

Object full_object() {
  Object o;
  o.version_id = "ABCDEF";
  o.sequence = Sequence{0x0102030405060708};
  o.null_version = false;
  o.size = 5ull << 30;
  o.etag = "d41d8cd98f00b204e9800998ecf8427e-3";
  o.checksum = {ChecksumAlgorithm::Sha256, ChecksumType::Composite, Bytes(32, 's')};
  o.modified_ms = 1'795'000'000'123;
  o.owner = Bytes(32, 'f');
  o.headers = {"text/plain", "gzip", "inline", "fr", "no-store", "0", "/ailleurs", {{"a", "b"}, {"vide", ""}}};
  o.tags = {{"service", "etat-civil"}, {"vide", ""}};
  o.acl = Acl{{Grantee::User, Bytes(32, 'a'), Permission::FullControl}, {Grantee::AllUsers, "", Permission::Read}};
  o.retention = {LockMode::Compliance, 1'900'000'000'000};
  o.legal_hold = LegalHold::Off;
  o.customer_check = Bytes(crypto::kCustomerCheckBytes, 'c');
  o.null_sequence = Sequence{41};
  o.blob = BlobId{77};
  return o;
}

TEST(Codecs, Object) {
  Object o = full_object();
  expect_canonical(encode(o), decode_object);
  const auto back = decode_object(encode(o));
  EXPECT_EQ(back->version_id, o.version_id);
  EXPECT_EQ(back->sequence, o.sequence);
  EXPECT_FALSE(back->null_version);
  EXPECT_EQ(back->size, o.size);
  EXPECT_EQ(back->checksum, o.checksum);
  EXPECT_EQ(back->headers, o.headers);
  EXPECT_EQ(back->blob, o.blob);
  EXPECT_FALSE(back->is_inline());
  EXPECT_EQ(back->tags, o.tags);
  EXPECT_EQ(back->acl, o.acl);
  EXPECT_EQ(back->retention, o.retention);
  EXPECT_EQ(back->legal_hold, LegalHold::Off);
  EXPECT_EQ(back->customer_check, Bytes(crypto::kCustomerCheckBytes, 'c'));
  EXPECT_EQ(back->null_sequence, o.null_sequence);
  o.inline_key = key('k');
  static_cast<ObjectFields&>(o) = {};
  expect_canonical(encode(o), decode_object);
  EXPECT_EQ(decode_object(encode(o))->inline_key->reveal(), Bytes(32, 'k'));
  expect_canonical(encode(Object{}), decode_object);
  EXPECT_TRUE(decode_object(encode(Object{}))->null_version);
}

TEST(Codecs, Headers) {
  expect_canonical(encode(full_object().headers), decode_object_headers);
  expect_canonical(encode(ObjectHeaders{}), decode_object_headers);
  expect_canonical(encode(static_cast<const ObjectFields&>(full_object())), decode_object_fields);
  expect_canonical(encode(ObjectFields{.acl = Acl{}}), decode_object_fields);
  Object marker;
  marker.delete_marker = true;
  expect_canonical(encode(marker), decode_object);
}

TEST(Codecs, BlobRows) {
  expect_canonical(encode(BlobHeader{PartBytes{key('a'), 1'234'567, {ExtentId{3}, 8'192, 1'235'000}}}), decode_blob_header);
  const BlobHeader parts{std::vector<ChosenPart>{{1, 5u << 20}, {2, 10u << 20}, {10'000, (10u << 20) + 1}}};
  expect_canonical(encode(parts), decode_blob_header);
  EXPECT_EQ(std::get<std::vector<ChosenPart>>(decode_blob_header(encode(parts))->body), std::get<std::vector<ChosenPart>>(parts.body));
  Part part;
  part.bytes = {key('b'), 99, {ExtentId{1}, 4'096, 115}};
  part.md5 = Bytes(16, 'm');
  part.checksum = {ChecksumAlgorithm::Crc32, ChecksumType::FullObject, "abcd"};
  part.modified_ms = 12;
  expect_canonical(encode(part), decode_part);
  expect_canonical(encode(RunOwner{CollectivityId{16}, BlobId{5}, 10'000, 1u << 31}), decode_run_owner);
  expect_canonical(encode(ExtentRow{ExtentState::Sealed, ExtentKind::Large, 1u << 30, 4'096, 8'192, 12'288}), decode_extent_row);
}

// Found by fuzzing: half a plain header beside a list of parts decoded, and lost its half.
TEST(Codecs, BlobHeaderIsOneOfTwo) {
  const Bytes plain = encode(BlobHeader{PartBytes{key('a'), 99, {ExtentId{3}, 8'192, 115}}});
  const Bytes parts = encode(BlobHeader{std::vector<ChosenPart>{{1, 5u << 20}}});
  const Bytes list = parts.substr(1);
  const std::size_t key_end = 1 + 2 + 32;
  const std::size_t size_end = key_end + 2 + 8;
  for (const std::size_t end : {key_end, size_end}) {
    EXPECT_FALSE(decode_blob_header(plain.substr(0, end))) << end;
    EXPECT_FALSE(decode_blob_header(plain.substr(0, end) + list)) << end;
  }
  EXPECT_FALSE(decode_blob_header(plain + list));
  EXPECT_FALSE(decode_blob_header(plain.substr(0, 1)));
}

TEST(Codecs, CheckJobs) {
  CheckJob job{.started_ms = 1, .bytes_per_second = 2, .findings = {"one", ""}};
  expect_canonical(encode(job), decode_check_job);
  // Found by fuzzing: less than a length at the end was read for ever.
  EXPECT_FALSE(decode_check_job(encode(job) + '\0'));
  const Bytes short_length("\x01\x05\x01;", 4);
  EXPECT_FALSE(decode_check_job(short_length));
}

TEST(Codecs, GcRows) {
  for (const GcRow& row : {GcRow{GcBlob{CollectivityId{16}, BlobId{1}}}, GcRow{GcUnchosen{CollectivityId{17}, BlobId{2}}},
                           GcRow{GcRun{{ExtentId{1}, 4'096, 100}}}, GcRow{GcExtent{ExtentId{9}}}}) {
    expect_canonical(encode(row), decode_gc_row);
    EXPECT_EQ(decode_gc_row(encode(row))->index(), row.index());
  }
}

TEST(Codecs, Counts) {
  for (const std::uint32_t n : {0u, 2u, 77u, ~0u}) EXPECT_EQ(*decode_count(encode_count(n)), n);
  EXPECT_FALSE(decode_count(""));
  EXPECT_FALSE(decode_count(encode_count(5) + '\0'));
}

TEST(Codecs, Uploads) {
  Upload u{.blob = BlobId{8}, .started_ms = 99, .fields = full_object(),
           .checksum_algorithm = ChecksumAlgorithm::Sha1, .checksum_type = ChecksumType::Composite};
  expect_canonical(encode(u), decode_upload);
  u.outcome = UploadOutcome{Bytes(32, 'd'), "V", "etag-2", {ChecksumAlgorithm::Crc64Nvme, ChecksumType::FullObject, Bytes(8, 'c')}, 100, true, true};
  u.fields = {};
  expect_canonical(encode(u), decode_upload);
  const auto back = decode_upload(encode(u));
  ASSERT_TRUE(back->outcome);
  EXPECT_EQ(back->outcome->etag, "etag-2");
  EXPECT_EQ(back->outcome->checksum, u.outcome->checksum);
  EXPECT_EQ(back->outcome->parts_digest, u.outcome->parts_digest);
}

TEST(Codecs, Buckets) {
  const Bucket b{.collectivity = CollectivityId{16}, .id = BucketId{2}, .name = "actes", .owner = Bytes(32, 'a'), .location = "eu-west-3", .created_ms = 7};
  const auto decode = [](BytesView in) { return decode_bucket(in, CollectivityId{16}, BucketId{2}); };
  expect_canonical(encode(b), decode);
  EXPECT_EQ(decode(encode(b))->name, "actes");
  EXPECT_EQ(decode(encode(b))->location, "eu-west-3");
}

TEST(Codecs, BucketSettings) {
  Bucket b{.name = "actes", .owner = Bytes(32, 'a')};
  BucketSettings& s = b.settings;
  s.versioning = Versioning::Suspended;
  s.object_lock = true;
  s.default_retention = {LockMode::Governance, 30, 0};
  s.ownership = ObjectOwnership::ObjectWriter;
  s.acl = Acl{{Grantee::AuthenticatedUsers, "", Permission::ReadAcp}};
  s.public_access_block = PublicAccessBlock{};
  s.policy = "{}";
  s.cors = "<CORSConfiguration/>";
  s.website = "<WebsiteConfiguration/>";
  LifecycleRule rule{.id = "vieux", .enabled = true, .expire_days = 30, .noncurrent_days = 7, .noncurrent_kept = 3, .abort_days = 2};
  rule.filter = {.prefix = "tmp/", .tags = {{"a", "b"}}, .size_above = 0, .size_below = 1u << 20, .at_rule = false};
  s.lifecycle = {rule, {.id = "date", .filter = {.at_rule = true}, .expire_date_ms = 1'800'000'000'000, .expire_delete_marker = true}};
  s.tags = {{"commune", "Beauvais"}};
  const auto decode = [](BytesView in) { return decode_bucket(in, CollectivityId{0}, BucketId{0}); };
  expect_canonical(encode(b), decode);
  const BucketSettings back = decode(encode(b))->settings;
  EXPECT_EQ(back.versioning, s.versioning);
  EXPECT_TRUE(back.object_lock);
  EXPECT_EQ(back.default_retention, s.default_retention);
  EXPECT_EQ(back.ownership, s.ownership);
  EXPECT_EQ(back.acl, s.acl);
  EXPECT_EQ(back.public_access_block, s.public_access_block);
  EXPECT_EQ(back.policy, s.policy);
  EXPECT_EQ(back.cors, s.cors);
  EXPECT_EQ(back.website, s.website);
  EXPECT_EQ(back.lifecycle, s.lifecycle);
  EXPECT_EQ(back.tags, s.tags);
}

TEST(Codecs, StoreRows) {
  StoreState s{.applied = Sequence{1}, .time_ms = 2, .next_collectivity = CollectivityId{18}, .next_bucket = BucketId{4}, .next_user = UserId{5},
               .next_extent = ExtentId{6}, .next_job = 7, .blob_lease = 8, .epoch = 9};
  expect_canonical(encode(s), decode_state);
  EXPECT_EQ(*decode_state(encode(s)), s);
  StoreFormat f{.uuid = Bytes(16, 'u'), .min_reader = 1, .high_water = true};
  expect_canonical(encode(f), decode_format);
  EXPECT_EQ(*decode_format(encode(f)), f);
  EXPECT_EQ(*decode_flushed(encode_flushed(Sequence{12})), Sequence{12});
  EXPECT_FALSE(decode_flushed(encode_flushed(Sequence{12}).substr(1)));
}

TEST(Errors, EachHasItsOwnName) {
  std::set<std::string> names;
  for (int value = 1; value <= static_cast<int>(EngineErrc::Closed); ++value) names.insert(make_error_code(EngineErrc{value}).message());
  EXPECT_EQ(names.size(), static_cast<std::size_t>(EngineErrc::Closed));
}

// RFC 9110 §13.2.2's order: If-Match before If-Unmodified-Since, If-None-Match before If-Modified-Since.
TEST(ConditionsTest, ReadsFollowTheRfc) {
  Object o;
  o.etag = "tag";
  o.modified_ms = 10'500;
  const EtagList same{.any = false, .tags = {"x", "tag"}}, other{.any = false, .tags = {"x"}}, any{.any = true, .tags = {}};
  EXPECT_TRUE(check_read({}, o));
  EXPECT_TRUE(check_read({.if_match = same, .if_unmodified_since_s = 9}, o));
  EXPECT_EQ(check_read({.if_match = other}, o).error(), make_error_code(EngineErrc::PreconditionFailed));
  EXPECT_TRUE(check_read({.if_match = any}, o));
  EXPECT_EQ(check_read({.if_unmodified_since_s = 9}, o).error(), make_error_code(EngineErrc::PreconditionFailed));
  EXPECT_TRUE(check_read({.if_unmodified_since_s = 10}, o));
  EXPECT_EQ(check_read({.if_none_match = same}, o).error(), make_error_code(EngineErrc::NotModified));
  EXPECT_EQ(check_read({.if_none_match = any}, o).error(), make_error_code(EngineErrc::NotModified));
  EXPECT_TRUE(check_read({.if_none_match = other, .if_modified_since_s = 10}, o));
  EXPECT_EQ(check_read({.if_modified_since_s = 10}, o).error(), make_error_code(EngineErrc::NotModified));
  EXPECT_TRUE(check_read({.if_modified_since_s = 9}, o));
  EXPECT_EQ(check_copy_source({.if_none_match = same}, o).error(), make_error_code(EngineErrc::PreconditionFailed));
}

TEST(PartChecksums, OneAlgorithmForAll) {
  Part crc;
  crc.bytes.size = 9;
  crc.checksum = {ChecksumAlgorithm::Crc64Nvme, ChecksumType::FullObject, *from_hex("ae8b14860a799888")};  // of "123456789"
  EXPECT_EQ(combine_checksums({&crc}, ChecksumAlgorithm::None, ChecksumType::FullObject)->value, crc.checksum.value);
  EXPECT_EQ(combine_checksums({&crc}, ChecksumAlgorithm::Crc32, ChecksumType::FullObject).error(), make_error_code(EngineErrc::InvalidPart));
  Part sha;
  sha.checksum = {ChecksumAlgorithm::Sha256, ChecksumType::FullObject, Bytes(32, 's')};
  EXPECT_EQ(combine_checksums({&sha}, ChecksumAlgorithm::Sha256, ChecksumType::FullObject).error(), make_error_code(EngineErrc::InvalidArgument));
  EXPECT_EQ(combine_checksums({&sha}, ChecksumAlgorithm::Sha256, ChecksumType::Composite)->type, ChecksumType::Composite);
  for (auto newer : {ChecksumAlgorithm::Sha512, ChecksumAlgorithm::Md5, ChecksumAlgorithm::XxHash64, ChecksumAlgorithm::XxHash3,
                     ChecksumAlgorithm::XxHash128}) {
    sha.checksum = {newer, ChecksumType::FullObject, "abc"};
    EXPECT_EQ(combine_checksums({&sha}, newer, ChecksumType::FullObject).error(), make_error_code(EngineErrc::InvalidArgument));
  }
  // xxHash's own value for "abc".
  EXPECT_EQ(to_hex(combine_checksums({&sha}, ChecksumAlgorithm::XxHash128, ChecksumType::Composite)->value), "06b05ab6733a618578af5f94892f3950");
}

}  // namespace
}  // namespace beffroi::storage
