// SPDX-License-Identifier: EUPL-1.2
#include "crypto/merkle.h"

#include <gtest/gtest.h>

#include "crypto/digest.h"
#include "crypto/errors.h"
#include "tests/unit/crypto/vectors.h"

namespace beffroi::crypto {
namespace {

using Proof = std::vector<Hash>;

Hash hash_of(BytesView text) {
  const Bytes bytes = hex(text);
  EXPECT_EQ(bytes.size(), sizeof(Hash));
  Hash h{};
  std::memcpy(h.data(), bytes.data(), h.size());
  return h;
}

Proof proof_of(std::initializer_list<const char*> nodes) {
  Proof proof;
  for (const char* node : nodes) proof.push_back(hash_of(node));
  return proof;
}

// RFC 6962 §2.1 as it is written, over all the leaves: nothing shared with the code under test.
struct Naive {
  std::vector<Bytes> leaves;

  static Hash sha(const Bytes& bytes) {
    Hash h{};
    std::memcpy(h.data(), sha256(bytes).data(), h.size());
    return h;
  }
  static std::uint64_t split(std::uint64_t n) {
    std::uint64_t k = 1;
    while (2 * k < n) k *= 2;
    return k;
  }
  Hash root(std::uint64_t begin, std::uint64_t end) const {
    if (begin == end) return sha("");
    if (end - begin == 1) return sha(Bytes(1, '\0') + leaves[begin]);
    const std::uint64_t middle = begin + split(end - begin);
    return sha("\1" + Bytes(view(root(begin, middle))) + Bytes(view(root(middle, end))));
  }
  Proof path(std::uint64_t m, std::uint64_t begin, std::uint64_t end) const {
    if (end - begin == 1) return {};
    const std::uint64_t middle = begin + split(end - begin);
    Proof proof = m < middle ? path(m, begin, middle) : path(m, middle, end);
    proof.push_back(m < middle ? root(middle, end) : root(begin, middle));
    return proof;
  }
  // `m` counts from `begin`'s tree on, as in SUBPROOF.
  Proof subproof(std::uint64_t m, std::uint64_t begin, std::uint64_t end, bool whole) const {
    if (m == end - begin) return whole ? Proof{} : Proof{root(begin, end)};
    const std::uint64_t k = split(end - begin);
    Proof proof = m <= k ? subproof(m, begin, begin + k, whole) : subproof(m - k, begin + k, end, false);
    proof.push_back(m <= k ? root(begin + k, end) : root(begin, begin + k));
    return proof;
  }
  NodeSource source() const {
    return [this](unsigned level, std::uint64_t index) -> Result<Hash> {
      EXPECT_LE((index + 1) << level, leaves.size()) << "only perfect subtrees may be asked for";
      return root(index << level, (index + 1) << level);
    };
  }
};

Naive numbered(std::size_t n) {
  Naive tree;
  for (std::size_t i = 0; i < n; ++i) tree.leaves.push_back("leaf " + std::to_string(i));
  return tree;
}

// The eight leaves and their roots of the Certificate Transparency reference code (merkle tree tests).
const Naive kReference{{"", Bytes(1, '\0'), "\x10", "\x20\x21", "\x30\x31", "\x40\x41\x42\x43",
                        "\x50\x51\x52\x53\x54\x55\x56\x57",
                        "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f"}};
constexpr const char* kReferenceRoots[] = {
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

TEST(Merkle, HasTheReferenceRoots) {
  EXPECT_EQ(empty_root(), hash_of("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
  EXPECT_EQ(leaf_hash(hex("101112131415161718191a1b1c1d1e1f")),
            hash_of("3bfb960453ebaebf33727da7a1f4db38acc051d381b6da20d6d4e88f0eabfd7a"));
  EXPECT_EQ(node_hash(hash_of("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"),
                      hash_of("202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f")),
            hash_of("1a378704c17da31e2d05b6d121c2bb2c7d76f6ee6fa8f983e596c2d034963c57"));
  Frontier frontier;
  EXPECT_EQ(frontier.root(), empty_root());
  for (std::size_t i = 0; i < 8; ++i) {
    frontier.append(leaf_hash(kReference.leaves[i]));
    EXPECT_EQ(frontier.root(), hash_of(kReferenceRoots[i]));
  }
}

TEST(Merkle, HasTheReferenceInclusionProofs) {
  const Hash root = hash_of(kReferenceRoots[7]);
  const Proof first = proof_of({"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"});
  const Proof sixth = proof_of({"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"});
  EXPECT_EQ(inclusion_proof(0, 8, kReference.source()).value(), first);
  EXPECT_EQ(inclusion_proof(5, 8, kReference.source()).value(), sixth);
  EXPECT_TRUE(verify_inclusion(leaf_hash(kReference.leaves[0]), 0, 8, first, root));
  EXPECT_TRUE(verify_inclusion(leaf_hash(kReference.leaves[5]), 5, 8, sixth, root));
}

// A real log: the proof of one certificate among 3 630 887, from the same tests.
TEST(Merkle, AcceptsTheProofOfARealLog) {
  Proof proof = proof_of({"1a208aeebcd1b39fe2de247ee8db9454e1e93a312d206b87f6ca9cc6ec6f1ddd",
                          "0a1b78b383f580856f433c01a5741e160d451c185910027f6cc9f828687a40c4",
                          "3d1745789bc63f2da15850de1c12a5bf46ed81e1cc90f086148b1662e79aab3d",
                          "9095b61e14d8990acf390905621e62b1714fb8e399fbb71de5510e0aef45affe",
                          "0a332b91b8fab564e6afd1dd452449e04619b18accc0ff9aa8393cd4928451f2",
                          "2336f0181d264aed6d8f3a6507ca14a8d3b3c3a23791ac263e845d208c1ee330",
                          "b4ce56e300590500360c146c6452edbede25d4ed83919278749ee5dbe178e048",
                          "933f6ddc848ea562e4f9c5cfb5f176941301dad0c6fdb9d1fbbe34fac1be6966",
                          "b95a6222958a86f74c030be27c44f57dbe313e5e7c7f4ffb98bcbd3a03bb52f2",
                          "daeeb3ce5923defd0faeb8e0c210b753b85b809445d7d3d3cd537a9aabaa9c45",
                          "7fadd0a13e9138a2aa6c3fdec4e2275af233b94812784f66bcca9aa8e989f2bc",
                          "1864e6ba3e32878610546539734fb5eeae2529991f130c575c73a7e25a2a7c56",
                          "12842d1202b1dc6828a17ab253c02e7ce9409b5192430feba44189f39cc02d66",
                          "29af64b16fa3053c13d02ac63aa75b23aa468506e44c3a2315edc85d2dc22b11",
                          "b527b99934a0bd9edd154e449b0502e2c499bba783f3bc3dfe23364b6b532009",
                          "4584db8ae8e351ace08e01f306378a92bfd43611714814f3d834a2842d69faa8",
                          "86a9a41573b0d6e4292f01e93243d6cc65b30f06606fc6fa57390e7e90ed580f",
                          "a88b98fbe84d4c6aae8db9d1605dfac059d9f03fe0fcb0d5dff1295dacba09e6",
                          "06326dc617a6d1f7021dc536026dbfd5fffc6f7c5531d48ef6ccd1ed1569f2a1",
                          "f41fe8fdc3a2e4e8345e30216e7ebecffee26ff266eeced208a6c2a3cf08f960",
                          "40cf5bde8abb76983f3e98ba97aa36240402975674e120f234b3448911090f8d",
                          "b3222dc8658538079883d980d7fdc2bef9285344ea34338968f736b04aeb387a"});
  const Hash leaf = hash_of("7a395c866d5ecdb0cccb623e011dbc392cd348d1d1d72776174e127a24b09c78");
  const Hash root = hash_of("78316a05c9bcf14a3a4548f5b854a9adfcd46a4c034401b3ce7eb7ac2f1d0ecb");
  EXPECT_TRUE(verify_inclusion(leaf, 848049, 3630887, proof, root));
  EXPECT_FALSE(verify_inclusion(leaf, 848050, 3630887, proof, root));
  proof.pop_back();
  EXPECT_FALSE(verify_inclusion(leaf, 848049, 3630887, proof, root));
}

TEST(Merkle, HasTheReferenceConsistencyProofs) {
  const auto check = [](std::uint64_t from, std::uint64_t to, const Proof& proof) {
    EXPECT_EQ(consistency_proof(from, to, kReference.source()).value(), proof);
    EXPECT_TRUE(verify_consistency(from, to, hash_of(kReferenceRoots[from - 1]),
                                   hash_of(kReferenceRoots[to - 1]), proof));
  };
  check(1, 1, {});
  check(1, 8,
        proof_of({"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                  "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                  "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}));
  check(6, 8,
        proof_of({"0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                  "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}));
  check(2, 5,
        proof_of({"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                  "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}));
}

// Calls `refused` with every proof that differs in one node: changed, taken away, put in, or swapped with the next.
template <class Refused>
void for_each_mutation(const Proof& proof, Refused refused) {
  for (std::size_t i = 0; i <= proof.size(); ++i) {
    Proof longer = proof;
    longer.insert(longer.begin() + static_cast<std::ptrdiff_t>(i), Hash{});
    refused(longer);
    if (i == proof.size()) break;
    Proof changed = proof;
    changed[i][i % 32] = static_cast<char>(changed[i][i % 32] ^ 1);
    refused(changed);
    Proof shorter = proof;
    shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(i));
    refused(shorter);
    if (i + 1 == proof.size() || proof[i] == proof[i + 1]) continue;
    Proof swapped = proof;
    std::swap(swapped[i], swapped[i + 1]);
    refused(swapped);
  }
}

TEST(Merkle, ProvesInclusionAtEverySizeUpTo64) {
  const Naive tree = numbered(64);
  for (std::uint64_t size = 1; size <= 64; ++size) {
    const Hash root = tree.root(0, size);
    for (std::uint64_t index = 0; index < size; ++index) {
      const auto proof = inclusion_proof(index, size, tree.source());
      ASSERT_TRUE(proof);
      ASSERT_EQ(*proof, tree.path(index, 0, size));
      const Hash leaf = leaf_hash(tree.leaves[index]);
      ASSERT_TRUE(verify_inclusion(leaf, index, size, *proof, root));
      ASSERT_FALSE(verify_inclusion(leaf_hash("other"), index, size, *proof, root));
      ASSERT_FALSE(verify_inclusion(leaf, index, size, *proof, empty_root()));
      for (std::uint64_t other = 0; other <= size; ++other) {
        if (other == index) continue;
        ASSERT_FALSE(verify_inclusion(leaf, other, size, *proof, root)) << index << " " << other;
      }
      if (size % 7 == 0 || size >= 62) {
        for_each_mutation(
            *proof, [&](const Proof& p) { ASSERT_FALSE(verify_inclusion(leaf, index, size, p, root)); });
      }
    }
  }
  EXPECT_EQ(inclusion_proof(5, 5, tree.source()).error(), Errc::BadFormat);
  EXPECT_FALSE(verify_inclusion(leaf_hash("leaf 0"), 0, 0, {}, empty_root()));
}

TEST(Merkle, ProvesConsistencyAtEverySizeUpTo64) {
  const Naive tree = numbered(64);
  std::vector<Hash> roots;
  for (std::uint64_t size = 0; size <= 64; ++size) roots.push_back(tree.root(0, size));
  for (std::uint64_t to = 1; to <= 64; ++to) {
    for (std::uint64_t from = 1; from <= to; ++from) {
      const auto proof = consistency_proof(from, to, tree.source());
      ASSERT_TRUE(proof);
      ASSERT_EQ(*proof, tree.subproof(from, 0, to, true));
      ASSERT_TRUE(verify_consistency(from, to, roots[from], roots[to], *proof)) << from << " " << to;
      ASSERT_FALSE(verify_consistency(from, to, roots[from - 1], roots[to], *proof));
      ASSERT_FALSE(verify_consistency(from, to, roots[from], roots[to - 1], *proof));
      if (to % 7 == 0 || to >= 62) {
        for_each_mutation(*proof, [&](const Proof& p) {
          ASSERT_FALSE(verify_consistency(from, to, roots[from], roots[to], p)) << from << " " << to;
        });
      }
    }
  }
}

TEST(Merkle, KnowsTheEdgesOfConsistency) {
  const Naive tree = numbered(3);
  const Hash root = tree.root(0, 3);
  EXPECT_EQ(consistency_proof(0, 3, tree.source()).value(), Proof{});
  EXPECT_TRUE(verify_consistency(0, 3, empty_root(), root, {}));
  EXPECT_TRUE(verify_consistency(0, 0, empty_root(), empty_root(), {}));
  EXPECT_FALSE(verify_consistency(0, 3, root, root, {}));
  EXPECT_FALSE(verify_consistency(0, 3, empty_root(), root, {root}));
  EXPECT_FALSE(verify_consistency(0, 0, root, root, {}));
  EXPECT_FALSE(verify_consistency(3, 3, root, root, {root}));
  EXPECT_FALSE(verify_consistency(3, 2, root, tree.root(0, 2), {}));
  EXPECT_EQ(consistency_proof(3, 2, tree.source()).error(), Errc::BadFormat);
}

TEST(Merkle, PassesOnTheFailureOfItsSource) {
  const NodeSource broken = [](unsigned, std::uint64_t) -> Result<Hash> { return Errc::Unauthentic; };
  EXPECT_EQ(inclusion_proof(1, 5, broken).error(), Errc::Unauthentic);
  EXPECT_EQ(consistency_proof(2, 5, broken).error(), Errc::Unauthentic);
}

TEST(Frontier, GrowsAndIsRestoredAtEverySize) {
  const Naive tree = numbered(130);
  Frontier frontier;
  for (std::uint64_t n = 0; n <= 130; ++n) {
    EXPECT_EQ(frontier.size(), n);
    EXPECT_EQ(frontier.root(), tree.root(0, n));
    auto restored = Frontier::restore(n, frontier.nodes());
    ASSERT_TRUE(restored);
    EXPECT_EQ(restored->root(), frontier.root());
    auto more = frontier.nodes();
    more.emplace_back();
    EXPECT_EQ(Frontier::restore(n, more).error(), Errc::BadFormat);
    if (n == 130) break;
    restored->append(leaf_hash(tree.leaves[n]));
    frontier = *restored;
  }
}

}  // namespace
}  // namespace beffroi::crypto
