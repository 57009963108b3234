// SPDX-License-Identifier: EUPL-1.2
// The values that xxHash publishes for its sanity buffer (tests/sanity_test_vectors.h of xxHash 0.8), seed 0.
#include "crypto/xxhash.h"

#include <gtest/gtest.h>

namespace beffroi::crypto {
namespace {

Bytes sanity_buffer(std::size_t size) {
  std::uint64_t generator = 2654435761u;
  Bytes bytes(size, '\0');
  for (char& c : bytes) {
    c = static_cast<char>(generator >> 56);
    generator *= 11400714785074694797u;
  }
  return bytes;
}

std::string hash(XxHashAlgorithm algorithm, BytesView bytes, std::size_t step) {
  XxHash state(algorithm);
  for (std::size_t at = 0; at < bytes.size(); at += step) state.update(bytes.substr(at, step));
  return to_hex(state.finish());
}

struct Vector {
  std::size_t size;
  const char* hash;
};

void expect(XxHashAlgorithm algorithm, std::initializer_list<Vector> vectors) {
  for (const Vector& v : vectors) {
    const Bytes bytes = sanity_buffer(v.size);
    for (std::size_t step : {std::size_t{1}, std::size_t{31}, std::size_t{240}, std::size_t{4096}}) {
      EXPECT_EQ(hash(algorithm, bytes, step), v.hash) << v.size << " by " << step;
    }
  }
}

TEST(XxHash, Has64sPublishedValues) {
  expect(XxHashAlgorithm::XxHash64, {{0, "ef46db3751d8e999"},
                                     {1, "e934a84adb052768"},
                                     {4, "9136a0dca57457ee"},
                                     {14, "8282dcc4994e35c8"},
                                     {222, "b641ae8cb691c174"}});
}

TEST(XxHash, Has3sPublishedValues) {
  expect(XxHashAlgorithm::XxHash3, {{0, "2d06800538d394c2"},
                                    {1, "c44bdff4074eecdb"},
                                    {6, "27b56a84cd2d7325"},
                                    {12, "a713daf0dfbb77e7"},
                                    {48, "397da259ecba1f11"},
                                    {403, "cdeb804d65c6dea4"},
                                    {512, "617e49599013cb6b"},
                                    {2048, "dd59e2c3a5f038e0"}});
}

TEST(XxHash, Has128sPublishedValues) {
  expect(XxHashAlgorithm::XxHash128, {{0, "99aa06d3014798d86001c324468d497f"},
                                      {1, "a6cd5e9392000f6ac44bdff4074eecdb"},
                                      {9, "564ef6078950d457ed7ccbc501eb7501"},
                                      {17, "955fa78643ed3669abbc12d11973d7db"},
                                      {129, "03815fc91f1b30b686c9e3bc8f0a3b5c"},
                                      {256, "8b1c66091423d28855de574ad89d0ac5"},
                                      {512, "18d2d110dcc9bca1617e49599013cb6b"}});
}

}  // namespace
}  // namespace beffroi::crypto
