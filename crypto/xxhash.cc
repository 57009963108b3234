// SPDX-License-Identifier: EUPL-1.2
#include "crypto/xxhash.h"

#include <xxhash.h>

#include "crypto/check.h"

namespace beffroi::crypto {
namespace {

template <class Canonical>
Bytes bytes_of(const Canonical& canonical) {
  return Bytes(reinterpret_cast<const char*>(canonical.digest), sizeof canonical.digest);
}

struct Free64 {
  void operator()(XXH64_state_t* state) const { XXH64_freeState(state); }
};
struct Free3 {
  void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
};

}  // namespace

struct XxHash::Impl {
  XxHashAlgorithm algorithm;
  std::unique_ptr<XXH64_state_t, Free64> old;
  std::unique_ptr<XXH3_state_t, Free3> state;
};

XxHash::XxHash(XxHashAlgorithm algorithm) : impl_(std::make_unique<Impl>()) {
  impl_->algorithm = algorithm;
  if (algorithm == XxHashAlgorithm::XxHash64) {
    impl_->old.reset(XXH64_createState());
    CHECK(impl_->old != nullptr && XXH64_reset(impl_->old.get(), 0) == XXH_OK);
    return;
  }
  impl_->state.reset(XXH3_createState());
  CHECK(impl_->state != nullptr);
  const bool wide = algorithm == XxHashAlgorithm::XxHash128;
  CHECK((wide ? XXH3_128bits_reset(impl_->state.get()) : XXH3_64bits_reset(impl_->state.get())) == XXH_OK);
}

XxHash::~XxHash() = default;
XxHash::XxHash(XxHash&&) noexcept = default;
XxHash& XxHash::operator=(XxHash&&) noexcept = default;

void XxHash::update(BytesView bytes) {
  if (bytes.empty()) return;
  XXH_errorcode done = XXH_ERROR;
  switch (impl_->algorithm) {
    case XxHashAlgorithm::XxHash64: done = XXH64_update(impl_->old.get(), bytes.data(), bytes.size()); break;
    case XxHashAlgorithm::XxHash3: done = XXH3_64bits_update(impl_->state.get(), bytes.data(), bytes.size()); break;
    case XxHashAlgorithm::XxHash128: done = XXH3_128bits_update(impl_->state.get(), bytes.data(), bytes.size()); break;
  }
  CHECK(done == XXH_OK);
}

Bytes XxHash::finish() const {
  if (impl_->algorithm == XxHashAlgorithm::XxHash128) {
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(impl_->state.get()));
    return bytes_of(canonical);
  }
  const bool old = impl_->algorithm == XxHashAlgorithm::XxHash64;
  XXH64_canonical_t canonical;
  XXH64_canonicalFromHash(&canonical, old ? XXH64_digest(impl_->old.get()) : XXH3_64bits_digest(impl_->state.get()));
  return bytes_of(canonical);
}

}  // namespace beffroi::crypto
