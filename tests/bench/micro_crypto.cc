// SPDX-License-Identifier: EUPL-1.2
// What one core does with bytes: seals, digests, parsing. Each figure has a ceiling beside it, measured in the same run: the
// library's bare primitive on the same bytes. tests/bench/micro divides the two; "ceiling/<name>" belongs to "<name>".
#include <benchmark/benchmark.h>
#include <openssl/evp.h>

#include <array>
#include <chrono>
#include <cstring>
#include <string>

#include "crypto/check.h"
#include "crypto/chunk_open.h"
#include "crypto/chunk_seal.h"
#include "crypto/crc.h"
#include "crypto/digest.h"
#include "crypto/md5.h"
#include "crypto/row_seal.h"
#include "server/http/request_head.h"
#include "server/s3/canonical_request.h"
#include "server/s3/sigv4.h"

using namespace beffroi;
using namespace beffroi::crypto;

namespace {

constexpr std::size_t kRow = 300;  // a small object's row
constexpr RowPlace kPlace{2, "T bucket key"};
constexpr ChunkPlace kChunkPlace{16, 1, 0};

unsigned char* raw(Bytes& bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}

void throughput(benchmark::State& state, std::size_t bytes) {
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * bytes));
}

// AES-256-GCM as OpenSSL gives it, key schedule kept, a new nonce each time.
class BareGcm {
 public:
  BareGcm(std::size_t size, bool encrypt)
      : out_(size + 16, '\0'), encrypt_(encrypt), context_(EVP_CIPHER_CTX_new()) {
    const Bytes key(32, 'k');
    CHECK(EVP_CipherInit_ex(context_, EVP_aes_256_gcm(), nullptr,
                            reinterpret_cast<const unsigned char*>(key.data()), nullptr, encrypt) == 1);
  }
  ~BareGcm() { EVP_CIPHER_CTX_free(context_); }
  void run(Bytes& in) {
    int length = 0;
    ++nonce_[0];
    CHECK(EVP_CipherInit_ex(context_, nullptr, nullptr, nullptr, nonce_, encrypt_) == 1);
    CHECK(EVP_CipherUpdate(context_, raw(out_), &length, raw(in), static_cast<int>(in.size())) == 1);
    if (!encrypt_) return;  // the tag's comparison is the same work as its making
    CHECK(EVP_CipherFinal_ex(context_, raw(out_), &length) == 1);
    CHECK(EVP_CIPHER_CTX_ctrl(context_, EVP_CTRL_GCM_GET_TAG, 16, tag_) == 1);
  }

 private:
  Bytes out_;
  int encrypt_;
  EVP_CIPHER_CTX* context_;
  unsigned char nonce_[12] = {}, tag_[16] = {};
};

void bare_gcm(benchmark::State& state, std::size_t size, bool encrypt) {
  BareGcm gcm(size, encrypt);
  Bytes in(size, 'x');
  for (auto _ : state) gcm.run(in);
  throughput(state, size);
}

void row_seal(benchmark::State& state) {
  const RowSealer sealer(RowKey(Bytes(32, 'r')), 1);
  const Bytes plain(kRow, 'x');
  for (auto _ : state) benchmark::DoNotOptimize(sealer.seal(kPlace, plain));
  throughput(state, kRow);
}
BENCHMARK(row_seal);
void row_open(benchmark::State& state) {
  const RowSealer sealer(RowKey(Bytes(32, 'r')), 1);
  const Bytes sealed = sealer.seal(kPlace, Bytes(kRow, 'x'));
  for (auto _ : state) benchmark::DoNotOptimize(sealer.open(kPlace, sealed));
  throughput(state, kRow);
}
BENCHMARK(row_open);
BENCHMARK_CAPTURE(bare_gcm, ceiling / row_seal, kRow, true);
BENCHMARK_CAPTURE(bare_gcm, ceiling / row_open, kRow, false);

// A whole chunk but the last, over and over: the sealer's declared size is far away.
void chunk_seal(benchmark::State& state) {
  ChunkSealer sealer(ObjectKey(Bytes(32, 'o')), kChunkPlace, std::uint64_t{1} << 50);
  const Bytes plain(kChunkBytes, 'x');
  Bytes out;
  for (auto _ : state) {
    out.clear();
    sealer.seal(plain, out);
  }
  throughput(state, kChunkBytes);
}
BENCHMARK(chunk_seal);
void chunk_open(benchmark::State& state) {
  const ObjectKey key(Bytes(32, 'o'));
  Bytes sealed;
  ChunkSealer(key, kChunkPlace, kChunkBytes).seal(Bytes(kChunkBytes, 'x'), sealed);
  ChunkOpener opener(key, kChunkPlace, kChunkBytes);
  Bytes work = sealed;
  for (auto _ : state) {
    std::memcpy(work.data(), sealed.data(), sealed.size());  // it is opened in place
    CHECK(opener.open(0, work).has_value());
  }
  throughput(state, kChunkBytes);
}
BENCHMARK(chunk_open);
BENCHMARK_CAPTURE(bare_gcm, ceiling / chunk_seal, kChunkBytes, true);
BENCHMARK_CAPTURE(bare_gcm, ceiling / chunk_open, kChunkBytes, false);

void hash(benchmark::State& state, DigestAlgorithm algorithm) {
  const Bytes in(kChunkBytes, 'x');
  Digest digest(algorithm);
  for (auto _ : state) digest.update(in);
  throughput(state, kChunkBytes);
}
void bare_hash(benchmark::State& state, const EVP_MD* algorithm) {
  const Bytes in(kChunkBytes, 'x');
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  CHECK(EVP_DigestInit_ex(context, algorithm, nullptr) == 1);
  for (auto _ : state) CHECK(EVP_DigestUpdate(context, in.data(), in.size()) == 1);
  EVP_MD_CTX_free(context);
  throughput(state, kChunkBytes);
}
void md5_one(benchmark::State& state) {
  const Bytes in(kChunkBytes, 'x');
  for (auto _ : state) benchmark::DoNotOptimize(md5(in));
  throughput(state, kChunkBytes);
}
BENCHMARK(md5_one)->Name("md5");
BENCHMARK_CAPTURE(bare_hash, ceiling / md5, EVP_md5());
// Eight uploads at once; time is of one of them.
void md5_lanes(benchmark::State& state) {
  const Bytes in(kChunkBytes, 'x');
  std::array<Md5Stream, kMd5Lanes> streams;
  std::array<Md5Feed, kMd5Lanes> feeds;
  for (std::size_t i = 0; i < kMd5Lanes; ++i) feeds[i] = {&streams[i], in};
  for (auto _ : state) {
    const auto began = std::chrono::steady_clock::now();
    md5_update(feeds);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    state.SetIterationTime(took.count() / kMd5Lanes);
  }
}
BENCHMARK(md5_lanes)->UseManualTime();
BENCHMARK_CAPTURE(bare_hash, ceiling / md5_lanes, EVP_md5());
BENCHMARK_CAPTURE(hash, sha256, DigestAlgorithm::Sha256);
BENCHMARK_CAPTURE(bare_hash, ceiling / sha256, EVP_sha256());

void bare_copy(benchmark::State& state, std::size_t size) {
  const Bytes in(size, 'x');
  Bytes out(size, '\0');
  for (auto _ : state) {
    std::memcpy(out.data(), in.data(), size);
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  }
  throughput(state, size);
}
void crc64(benchmark::State& state) {
  const Bytes in(kChunkBytes, 'x');
  std::uint64_t crc = 0;
  for (auto _ : state) benchmark::DoNotOptimize(crc = crc64nvme(crc, in));
  throughput(state, kChunkBytes);
}
BENCHMARK(crc64);
BENCHMARK_CAPTURE(bare_copy, ceiling / crc64, kChunkBytes);

// As boto3 sends it.
const std::string kHead =
    "GET /deliberations/2026/11/CM_2026-11-24_proces-verbal.pdf HTTP/1.1\r\nHost: beauvais.s3.example.fr\r\n"
    "Accept-Encoding: identity\r\nUser-Agent: Boto3/1.26.27 Python/3.11.2 Linux/6.1.0-18-amd64 "
    "Botocore/1.29.27\r\n"
    "X-Amz-Date: 20261124T101500Z\r\n"
    "X-Amz-Content-SHA256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\r\n"
    "Authorization: AWS4-HMAC-SHA256 Credential=BFAAAAAAAAAAAAAAAAAA/20261124/fr-hdf-1/s3/aws4_request, "
    "SignedHeaders=host;x-amz-content-sha256;x-amz-date, "
    "Signature=0123456789012345678901234567890123456789012345678901234567890123\r\namz-sdk-request: "
    "attempt=1\r\n\r\n";

void request_head(benchmark::State& state) {
  http::RequestHead head;
  for (auto _ : state) CHECK(head.parse(kHead).value() == kHead.size());
  throughput(state, kHead.size());
}
BENCHMARK(request_head);
BENCHMARK_CAPTURE(bare_copy, ceiling / request_head, 700);

// Claim, canonical request, string to sign, one HMAC with the key at hand. The signature does not match, so what a match costs is
// measured up to there; the answer to a mismatch is not made.
void sigv4_verify(benchmark::State& state) {
  http::RequestHead head;
  CHECK(head.parse(kHead).value() == kHead.size());
  const s3::RequestView view(head);
  const auto query = s3::Query::parse(view.query);
  const s3::SigningKey key("secret", "20261124", "fr-hdf-1");
  for (auto _ : state) {
    const auto claim = s3::parse_sigv4(view, *query);
    const Bytes hash = s3::canonical_request_sha256(**claim, view, *query, {});
    const std::string text =
        "AWS4-HMAC-SHA256\n" + (*claim)->timestamp + "\n" + (*claim)->scope() + "\n" + to_hex(hash);
    benchmark::DoNotOptimize(equal_constant_time(key.sign(text), (*claim)->signature));
  }
}
BENCHMARK(sigv4_verify);
// The blocks that SHA-256 must see: 400 bytes of canonical request, then 140 to sign between two keyed states.
void bare_sigv4(benchmark::State& state) {
  const Bytes request(400, 'x'), text(140, 'x');
  EVP_MD_CTX* keyed = EVP_MD_CTX_new();
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  CHECK(EVP_DigestInit_ex(keyed, sha256, nullptr) == 1 && EVP_DigestUpdate(keyed, request.data(), 64) == 1);
  unsigned char out[32];
  for (auto _ : state) {
    CHECK(EVP_DigestInit_ex(context, sha256, nullptr) == 1 &&
          EVP_DigestUpdate(context, request.data(), request.size()) == 1);
    CHECK(EVP_DigestFinal_ex(context, out, nullptr) == 1);
    for (const Bytes& piece : {text, Bytes(reinterpret_cast<char*>(out), 32)}) {
      CHECK(EVP_MD_CTX_copy_ex(context, keyed) == 1 &&
            EVP_DigestUpdate(context, piece.data(), piece.size()) == 1);
      CHECK(EVP_DigestFinal_ex(context, out, nullptr) == 1);
    }
  }
  EVP_MD_free(sha256);
  EVP_MD_CTX_free(keyed);
  EVP_MD_CTX_free(context);
}
BENCHMARK(bare_sigv4)->Name("ceiling/sigv4_verify");

}  // namespace
