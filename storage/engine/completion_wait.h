// SPDX-License-Identifier: EUPL-1.2
// CompletionWait: where the completions of a thread that sleeps until they are all there go.
#pragma once

#include <condition_variable>
#include <cstddef>

#include "storage/engine/change.h"
#include "storage/io/guarded.h"

namespace beffroi::storage {

class CompletionWait final : public CompletionSink {
 public:
  void complete(Completion* list) override {
    auto done = done_.lock();
    for (; list != nullptr; list = list->next) ++*done;
    wake_.notify_all();
  }
  void wait(std::size_t count) {
    auto done = done_.lock();
    done.wait(wake_, [&] { return *done >= count; });
  }

 private:
  Guarded<std::size_t> done_{std::size_t{0}};
  std::condition_variable wake_;
};

}  // namespace beffroi::storage
