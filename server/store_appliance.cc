// SPDX-License-Identifier: EUPL-1.2
#include "server/store_appliance.h"

#include "crypto/errors.h"
#include "server/log.h"
#include "storage/tenant/errors.h"

namespace beffroi {
namespace {

bool is(const error_code& error, auto value) {
  return error == make_error_code(value);
}

// Nobody could answer better than by ending: another process has the store, or its keys cannot be read.
bool is_hopeless(const error_code& error) {
  return is(error, storage::IoErrc::Locked) || is(error, storage::IoErrc::NotFound) ||
         is(error, crypto::Errc::Unauthentic) || is(error, crypto::Errc::BadFormat) ||
         is(error, crypto::Errc::NewerFormat) || is(error, storage::TenantErrc::KeyringCorrupt);
}

}  // namespace

StoreAppliance::StoreAppliance(storage::Files& files, const storage::Clock& clock,
                               storage::FailStop& fail_stop, storage::EngineOptions options,
                               std::optional<crypto::RootKey> root, Serve serve)
    : files_(files),
      clock_(clock),
      fail_stop_(fail_stop),
      options_(std::move(options)),
      serve_(std::move(serve)),
      root_(std::move(root)) {}

Result<void> StoreAppliance::open() {
  auto root = root_.lock();
  if (!root->has_value()) {
    *state_.lock() = {
        Phase::Sealed,
        "there is no root key: give the credential beffroi-root-key or root_key_file, and start again"};
    return {};
  }
  const auto keyring = files_.open(options_.keyring_path);
  if (!keyring && is(keyring.error(), storage::IoErrc::NotFound)) {
    *state_.lock() = {Phase::Uninitialised,
                      "there is no keyring at " + options_.keyring_path + ": run beffroictl init"};
    return {};
  }
  if (!keyring) {
    *state_.lock() = {Phase::Closed, "the keyring " + options_.keyring_path + " cannot be read"};
    return keyring.error();
  }
  root.unlock();
  return open_engine();
}

Result<void> StoreAppliance::initialise() {
  {
    auto root = root_.lock();
    if (state().phase != Phase::Uninitialised) return storage::EngineErrc::AlreadyExists;
    const auto made = storage::Engine::init(files_, options_, **root);
    if (!made && is(made.error(), storage::IoErrc::Exists)) return storage::EngineErrc::AlreadyExists;
    if (!made && is(made.error(), storage::IoErrc::NoSpace)) return storage::EngineErrc::NoSpace;
    if (!made) return made;
  }
  if (auto opened = open_engine(); !opened) return opened;
  if (engine() == nullptr) return storage::EngineErrc::Closed;
  return {};
}

// One at a time: whoever comes second finds no root key any more, or no store to be opened.
Result<void> StoreAppliance::open_engine() {
  auto root = root_.lock();
  if (!root->has_value()) return storage::EngineErrc::AlreadyExists;
  *state_.lock() = {Phase::Opening, "the commit log is being replayed"};
  auto opened = open_engine(**root, nullptr);
  if (state_.lock()->loss_id.empty()) root->reset();
  if (engine_) serve();
  return opened;
}

Result<void> StoreAppliance::open_engine(const crypto::RootKey& root, const storage::AcceptedLoss* accepted) {
  const std::int64_t began = clock_.boot_ms();
  storage::OpenFailure failure;
  engine_ = storage::Engine::open(files_, clock_, fail_stop_, options_, root, failure, accepted);
  if (!engine_) {
    *state_.lock() = {Phase::Closed, failure.reason, failure.loss_id};
    log_error("the store stays closed", {{"reason", failure.reason}, {"loss", failure.loss_id}});
    if (is_hopeless(failure.error)) return failure.error;
    return {};
  }
  log_info("the store is open", {{"ms", clock_.boot_ms() - began}});
  return {};
}

void StoreAppliance::serve() {
  *state_.lock() = {Phase::Serving, ""};
  serving_ = engine_.get();
  serve_(engine_.get());
}

Result<std::vector<std::string>> StoreAppliance::recover(const std::string& loss_id, storage::AuditRecord record) {
  auto root = root_.lock();
  if (!root->has_value() || loss_id.empty() || state_.lock()->loss_id != loss_id) return storage::EngineErrc::InvalidArgument;
  log_warning("a loss is accepted", {{"operator", record.operator_name}, {"loss", loss_id}, {"reason", state_.lock()->reason}});
  *state_.lock() = {Phase::Opening, "the commit log is replayed up to the loss that was accepted; then everything is checked"};
  const storage::AcceptedLoss accepted{loss_id, std::move(record)};
  auto opened = open_engine(**root, &accepted);
  if (state_.lock()->loss_id.empty()) root->reset();
  if (!opened) return opened.error();
  if (!engine_) return storage::EngineErrc::Closed;
  auto findings = engine_->check();
  if (!findings) return findings.error();
  log_warning("the store was recovered", {{"findings", findings->size()}});
  serve();
  return findings;
}

Result<void> StoreAppliance::close() {
  serving_ = nullptr;
  auto root = root_.lock();  // an opening under way ends first
  if (!engine_) return {};
  auto stopped = engine_->stop();
  engine_.reset();
  return stopped;
}

ApplianceState StoreAppliance::state() const {
  if (stopping_) return {Phase::Stopping, "requests under way end; no more are taken"};
  return *state_.lock();
}

}  // namespace beffroi
