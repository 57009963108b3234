// SPDX-License-Identifier: EUPL-1.2
// Bodies under a customer's key: they come back with it and with no other, can be checked without it, and stand under it in truth.
#include "crypto/customer_cipher.h"
#include "crypto/random.h"
#include "tests/fakes/engine_fixture.h"

namespace beffroi::storage {
namespace {

using namespace testing;
using crypto::CustomerKey;

class Customers : public ::testing::Test {
 protected:
  void SetUp() override { w.make(); }
  void TearDown() override {
    if (w.engine) w.expect_whole_after_upkeep();
  }

  Result<Committed> put(const Bytes& key, BytesView body) {
    auto session = w.engine->begin_put(w.t, w.b, body.size(), true);
    if (!session) return session.error();
    session->encrypt_for(customer);
    for (BytesView rest = body; !rest.empty();) {
      const BytesView piece = rest.substr(0, 70'001);  // no multiple of a block of the cipher
      if (auto done = session->write(piece); !done) return done.error();
      rest.remove_prefix(piece.size());
    }
    return w.commit(session->finish(key, digests_of(body), {.owner = w.owner}, {}, w.actor, w.record("PutObject", key)));
  }

  Result<Bytes> get(const Bytes& key, const CustomerKey& with, std::uint64_t begin = 0, std::uint64_t end = UINT64_MAX) {
    auto reader = w.engine->open_object(w.t, w.b, key, Tier::Disk, true);
    if (!reader) return reader.error();
    if (auto unlocked = reader->unlock(with); !unlocked) return unlocked.error();
    return World::read(*reader, begin, end);
  }

  World w;
  const CustomerKey customer{crypto::random_bytes(32)};
};

TEST_F(Customers, EverySizeAndRangeComesBackWithTheKeyOnly) {
  const CustomerKey other(crypto::random_bytes(32));
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{8'192}, std::size_t{8'193}, std::size_t{65'536}, std::size_t{200'003}, std::size_t{1'500'000}}) {
    const Bytes body = content(size, size);
    const auto done = put("k", body);
    ASSERT_TRUE(done) << size << " " << done.error().message();
    EXPECT_EQ(done->etag, to_hex(crypto::md5(body)));
    for (const std::size_t begin : {std::size_t{0}, std::size_t{1}, size / 2, size}) {
      if (begin > size) continue;
      const auto got = get("k", customer, begin);
      ASSERT_TRUE(got) << size << " " << got.error().message();
      EXPECT_TRUE(*got == BytesView(body).substr(begin)) << size << " from " << begin;
    }
    EXPECT_EQ(get("k", other).error(), make_error_code(EngineErrc::WrongCustomerKey)) << size;
    EXPECT_EQ(w.get("k").error(), make_error_code(EngineErrc::WrongCustomerKey)) << size;
    w.expect_whole();  // which opens every chunk, without the key
  }
}

TEST_F(Customers, WhatIsSealedIsNotTheBody) {
  for (const std::size_t size : {std::size_t{5'000}, std::size_t{200'000}}) {
    const Bytes body = content(size, size);
    ASSERT_TRUE(put("k", body));
    // A row that forgot the key gives what was sealed.
    auto forget = [](ObjectFields& fields, std::int64_t) -> Result<void> {
      fields.customer_check.clear();
      return {};
    };
    ASSERT_TRUE(w.engine->commit(w.engine->change_object(w.t, w.b, "k", "", forget, w.actor, w.record("PutObjectAcl", "k"))));
    const auto sealed = w.get("k");
    ASSERT_TRUE(sealed);
    EXPECT_EQ(sealed->size(), size);
    EXPECT_EQ(sealed->find(body.substr(0, 16)), Bytes::npos) << size;
  }
}

TEST_F(Customers, PartsOfAnUpload) {
  const Bytes first = content(5u << 20, 1), second = content(100'001, 2);
  const auto created = w.engine->commit(w.engine->create_upload(
      w.t, w.b, "k", {.fields = {.owner = w.owner, .customer_check = crypto::customer_check(customer)}}, w.actor, w.record("CreateMultipartUpload", "k")));
  ASSERT_TRUE(created);
  const Bytes upload = created->upload_id;
  const auto found = w.engine->find_upload(w.t, w.b, "k", upload, Tier::Disk);
  ASSERT_TRUE(found);
  EXPECT_TRUE(crypto::is_customer_key_of(customer, found->fields.customer_check));
  for (const auto& [number, body] : {std::pair<std::uint16_t, const Bytes&>{1, first}, {2, second}}) {
    auto session = w.engine->begin_part(w.t, found->blob, number, body.size(), true);
    ASSERT_TRUE(session);
    session->encrypt_for(customer);
    ASSERT_TRUE(session->write(body));
    ASSERT_TRUE(w.commit(session->finish_part(w.b, "k", upload, digests_of(body), w.actor, w.record("UploadPart", "k"))));
  }
  ASSERT_TRUE(w.complete("k", upload, {World::named(1, first), World::named(2, second)}));
  const auto got = get("k", customer);
  ASSERT_TRUE(got);
  EXPECT_TRUE(*got == first + second);
  const auto across = get("k", customer, first.size() - 7, first.size() + 9);
  ASSERT_TRUE(across);
  EXPECT_EQ(*across, first.substr(first.size() - 7) + second.substr(0, 9));
  EXPECT_EQ(w.get("k").error(), make_error_code(EngineErrc::WrongCustomerKey));
}

TEST_F(Customers, ACopyByReferenceIsRefused) {
  const Bytes body = content(200'000, 1);
  ASSERT_TRUE(put("k", body));
  EXPECT_EQ(w.copy("k", "l").error(), make_error_code(EngineErrc::Changed));
}

}  // namespace
}  // namespace beffroi::storage
