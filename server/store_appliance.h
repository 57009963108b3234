// SPDX-License-Identifier: EUPL-1.2
// StoreAppliance: the Appliance over a store on real files. main() makes it, opens it and closes it; operators initialise it.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>

#include "crypto/key_hierarchy.h"
#include "server/appliance.h"
#include "storage/engine/engine.h"
#include "storage/io/guarded.h"

namespace beffroi {

class StoreAppliance final : public Appliance {
 public:
  using Serve = std::function<void(storage::Engine*)>;

  // Without a root key it stays sealed. `serve` is called once, when the engine is open. References outlive this.
  StoreAppliance(storage::Files&, const storage::Clock&, storage::FailStop&, storage::EngineOptions,
                 std::optional<crypto::RootKey>, Serve serve);

  // Opens the store if there is one. An error: no start is possible, and nothing is to be gained by answering (the keyring is
  // unreadable or of a later version, another process has the store); state() has the reason. Closed is not an error.
  Result<void> open();

  // Requests end; the fronts say so. The engine stays until close().
  void stopping() { stopping_ = true; }
  // After the last request. Everything acknowledged is in the tables when it returns success.
  Result<void> close();

  ApplianceState state() const override;
  storage::Engine* engine() const override { return serving_.load(); }
  Result<void> initialise() override;
  Result<std::vector<std::string>> recover(const std::string& loss_id, storage::AuditRecord record) override;

 private:
  Result<void> open_engine();
  Result<void> open_engine(const crypto::RootKey&, const storage::AcceptedLoss*);
  void serve();

  storage::Files& files_;
  const storage::Clock& clock_;
  storage::FailStop& fail_stop_;
  const storage::EngineOptions options_;
  const Serve serve_;
  // Held while opening, so that one opens. Gone once open, or closed for good: kept only while recover() may need it.
  storage::Guarded<std::optional<crypto::RootKey>> root_;
  storage::Guarded<ApplianceState> state_;
  std::unique_ptr<storage::Engine> engine_;
  std::atomic<storage::Engine*> serving_{nullptr};
  std::atomic<bool> stopping_{false};
};

}  // namespace beffroi
