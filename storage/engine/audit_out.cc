// SPDX-License-Identifier: EUPL-1.2
// The audit as it leaves the appliance: verbs of the Engine.
#include "crypto/errors.h"
#include "storage/engine/engine.h"
#include "storage/engine/upkeep.h"

namespace beffroi::storage {
namespace {

template <class T>
Result<T> refused(Result<T> result) {
  if (!result && result.error() == crypto::Errc::BadFormat) return EngineErrc::InvalidArgument;
  return result;
}

}  // namespace

Result<void> Engine::attest_audit() {
  if (auto flushed = upkeep_->flush_audit(); !flushed) return flushed;
  return upkeep_->tick();
}

std::string Engine::audit_key() const { return store_->notes->key().text(); }

std::uint64_t Engine::global_audit_size() const { return store_->audit->global_head().size; }

Result<Bytes> Engine::audit_checkpoint(std::optional<std::uint64_t> since) const {
  const auto snapshot = store_->index->snapshot();
  return refused(checkpoint_text(*snapshot, AuditReader(*snapshot, *store_->sealers), *store_->notes, since));
}

Result<std::uint64_t> Engine::attested_audit_size(CollectivityId t) const {
  const auto snapshot = store_->index->snapshot();
  return attested_size(AuditReader(*snapshot, *store_->sealers), t);
}

Result<std::uint64_t> Engine::audit_sequence_at(CollectivityId t, std::int64_t ms) const {
  const auto snapshot = store_->index->snapshot();
  const AuditReader reader(*snapshot, *store_->sealers);
  const auto size = attested_size(reader, t);
  if (!size) return size;
  return reader.first_at(t, static_cast<std::uint64_t>(ms), *size);
}

Result<Bytes> Engine::audit_extract_head(ExtractRequest request) const {
  request.made_ms = store_->clock.wall_ms();
  const auto snapshot = store_->index->snapshot();
  return refused(extract_head(*snapshot, AuditReader(*snapshot, *store_->sealers), *store_->notes, request));
}

}  // namespace beffroi::storage
