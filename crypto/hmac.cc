// SPDX-License-Identifier: EUPL-1.2
#include "crypto/hmac.h"

#include <openssl/evp.h>

#include "crypto/check.h"
#include "crypto/digest.h"

namespace beffroi::crypto {
namespace {

constexpr std::size_t kBlockBytes = 64;
constexpr std::size_t kMacBytes = 32;

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

Context new_context() {
  Context context(EVP_MD_CTX_new());
  CHECK(context != nullptr);
  return context;
}

const EVP_MD* fetched_sha256() {
  static const EVP_MD* const md = EVP_MD_fetch(nullptr, "SHA2-256", nullptr);
  CHECK(md != nullptr);
  return md;
}

void update(EVP_MD_CTX* context, BytesView bytes) {
  CHECK(EVP_DigestUpdate(context, bytes.data(), bytes.size()) == 1);
}

void final(EVP_MD_CTX* context, char* out) {
  CHECK(EVP_DigestFinal_ex(context, reinterpret_cast<unsigned char*>(out), nullptr) == 1);
}

constexpr char kInnerPad = 0x36, kOuterPad = 0x5c;

// The key, filled up with zeros to a block.
Bytes key_block(BytesView key) {
  Bytes block = key.size() > kBlockBytes ? sha256(key) : Bytes(key);
  block.resize(kBlockBytes);
  return block;
}

// Begins a digest with the block under a pad; the block is left as it was.
void start(EVP_MD_CTX* context, Bytes& block, char pad) {
  for (char& c : block) c = static_cast<char>(c ^ pad);
  CHECK(EVP_DigestInit_ex2(context, fetched_sha256(), nullptr) == 1);
  update(context, block);
  for (char& c : block) c = static_cast<char>(c ^ pad);
}

}  // namespace

// The states after the two padded key blocks; only read after construction.
struct HmacSha256::Impl {
  Context inner = new_context();
  Context outer = new_context();
};

HmacSha256::HmacSha256(BytesView key) : impl_(std::make_unique<Impl>()) {
  Bytes block = key_block(key);
  start(impl_->inner.get(), block, kInnerPad);
  start(impl_->outer.get(), block, kOuterPad);
  wipe(block);
}

HmacSha256::~HmacSha256() = default;
HmacSha256::HmacSha256(HmacSha256&&) noexcept = default;
HmacSha256& HmacSha256::operator=(HmacSha256&&) noexcept = default;

Bytes HmacSha256::mac(BytesView message) const {
  return mac({message});
}

Bytes HmacSha256::mac(std::initializer_list<BytesView> parts) const {
  thread_local const Context context = new_context();
  Bytes out(kMacBytes, '\0');
  CHECK(EVP_MD_CTX_copy_ex(context.get(), impl_->inner.get()) == 1);
  for (BytesView part : parts) update(context.get(), part);
  final(context.get(), out.data());
  CHECK(EVP_MD_CTX_copy_ex(context.get(), impl_->outer.get()) == 1);
  update(context.get(), out);
  final(context.get(), out.data());
  return out;
}

// A key used once: one context does both passes.
Bytes hmac_sha256(BytesView key, BytesView message) {
  thread_local const Context context = new_context();
  Bytes block = key_block(key);
  Bytes out(kMacBytes, '\0');
  start(context.get(), block, kInnerPad);
  update(context.get(), message);
  final(context.get(), out.data());
  start(context.get(), block, kOuterPad);
  update(context.get(), out);
  final(context.get(), out.data());
  wipe(block);
  return out;
}

SecretBytes hkdf_sha256(BytesView key, BytesView salt, BytesView info, std::size_t length) {
  CHECK(length <= 255 * kMacBytes);
  // An absent salt is a block of zeros, which is what HMAC makes of an empty key.
  Bytes pseudo_random_key = hmac_sha256(salt, key);
  const HmacSha256 expand(pseudo_random_key);
  wipe(pseudo_random_key);
  Bytes out;
  out.reserve(length + kMacBytes);
  Bytes block;
  for (char i = 1; out.size() < length; ++i) {
    block = expand.mac({block, info, BytesView(&i, 1)});
    out += block;
  }
  SecretBytes secret(BytesView(out).substr(0, length));
  wipe(out);
  wipe(block);
  return secret;
}

}  // namespace beffroi::crypto
