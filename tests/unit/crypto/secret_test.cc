// SPDX-License-Identifier: EUPL-1.2
#include "crypto/secret.h"

#include <gtest/gtest.h>

#include <array>
#include <sstream>
#include <thread>
#include <vector>

#include "crypto/key_hierarchy.h"
#include "crypto/secret_memory.h"

namespace beffroi::crypto {
namespace {

template <class T>
concept Printable = requires(std::ostream& out, const T& value) {
  out << value;
};

static_assert(!std::is_copy_constructible_v<SecretBytes> && !std::is_copy_assignable_v<SecretBytes>);
static_assert(!std::is_copy_constructible_v<RootKey> && std::is_nothrow_move_constructible_v<RootKey>);
static_assert(!std::is_constructible_v<RowKey, const ObjectKey&> &&
              !std::is_assignable_v<RowKey&, ObjectKey>);
static_assert(!std::is_convertible_v<BytesView, RootKey> && !std::is_convertible_v<RootKey, Bytes>);
static_assert(!Printable<SecretBytes> && !Printable<RootKey>);

TEST(SecretBytes, KeepsBytesOfAnySize) {
  for (std::size_t n : {0, 1, 32, 63, 64, 65, 5000}) {
    const Bytes bytes(n, 's');
    const SecretBytes secret(bytes);
    EXPECT_EQ(secret.reveal(), bytes);
    EXPECT_EQ(secret.empty(), n == 0);
    EXPECT_EQ(secret.clone().reveal(), bytes);
  }
}

TEST(SecretBytes, IsEmptyOnceMovedAway) {
  SecretBytes a("secret");
  SecretBytes b = std::move(a);
  EXPECT_TRUE(a.empty());
  EXPECT_EQ(a.reveal(), "");
  SecretBytes c("another");
  c = std::move(b);
  EXPECT_EQ(c.reveal(), "secret");
  c = SecretBytes();
  EXPECT_TRUE(c.empty());
}

TEST(SecretMemory, IsWipedWhenGivenBackAndUsedAgain) {
  char* slot = take_secret_memory(kKeyBytes);
  std::memset(slot, 's', kKeyBytes);
  give_secret_memory(slot, kKeyBytes);
  // The first bytes of a free slot name the next free one; the slab itself stays.
  EXPECT_EQ(BytesView(slot + sizeof(char*), kKeyBytes - sizeof(char*)),
            Bytes(kKeyBytes - sizeof(char*), '\0'));
  char* again = take_secret_memory(kSecretSlotBytes);
  EXPECT_EQ(again, slot);
  give_secret_memory(again, kSecretSlotBytes);
}

TEST(SecretMemory, GivesEachKeyItsOwnSlot) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t] {
      std::vector<ObjectKey> keys;
      for (int i = 0; i < 500; ++i) keys.emplace_back(Bytes(32, static_cast<char>(t * 50 + i % 50)));
      for (int i = 0; i < 500; ++i) {
        EXPECT_EQ(keys[static_cast<std::size_t>(i)].reveal(), Bytes(32, static_cast<char>(t * 50 + i % 50)));
      }
    });
  }
  for (auto& t : threads) t.join();
}

TEST(Wipe, LeavesZeros) {
  Bytes bytes(100, 'x');
  wipe(bytes);
  EXPECT_EQ(bytes, Bytes(100, '\0'));
}

TEST(KeyDeathTest, IsOfThirtyTwoBytes) {
  EXPECT_DEATH(RootKey(Bytes(31, 'x')), "check failed");
}

}  // namespace
}  // namespace beffroi::crypto
