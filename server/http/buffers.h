// SPDX-License-Identifier: EUPL-1.2
// The memory of requests under way, recycled within a worker: a connection takes it with the first byte of a request and
// gives it back before it waits for the next, so that idle connections hold nothing. The worker's own thread only.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "server/http/limits.h"
#include "server/http/request_head.h"

namespace beffroi::http {

// A request's head, the bytes it views, and its arena.
struct RequestMemory {
  RequestHead head;
  std::array<char, kReadBufferBytes> buffer;
  std::array<std::byte, kArenaBytes> arena;
};

struct BodyMemory {
  std::array<char, kBodyBufferBytes> buffer;
};

// At most `keep` free ones are kept.
template <class T>
class Recycler {
 public:
  explicit Recycler(std::size_t keep) : keep_(keep) {}

  std::unique_ptr<T> take() {
    if (free_.empty()) return std::unique_ptr<T>(new T);
    std::unique_ptr<T> taken = std::move(free_.back());
    free_.pop_back();
    return taken;
  }

  void give_back(std::unique_ptr<T> memory) {
    if (memory && free_.size() < keep_) free_.push_back(std::move(memory));
  }

 private:
  std::size_t keep_;
  std::vector<std::unique_ptr<T>> free_;
};

}  // namespace beffroi::http
