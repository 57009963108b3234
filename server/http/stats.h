// SPDX-License-Identifier: EUPL-1.2
// What one listener's connections did, for monitoring. Counters only grow; `open` is the one gauge. Any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "server/http/handler.h"

namespace beffroi::http {

inline constexpr std::size_t kRefusals = 7;

struct ConnectionStats {
  std::atomic<std::uint64_t> accepted{0};
  std::atomic<std::uint64_t> open{0};
  std::atomic<std::uint64_t> closed_unread{0};  // over connections_max or connections_per_source_max
  std::atomic<std::uint64_t> handshakes{0};
  std::atomic<std::uint64_t> handshakes_resumed{0};
  std::atomic<std::uint64_t> handshakes_failed{0};
  std::atomic<std::uint64_t> requests{0};
  std::array<std::atomic<std::uint64_t>, kRefusals> refused{};  // by Refusal
  std::atomic<std::uint64_t> timed_out{0};                      // body or answer too slow
  std::atomic<std::uint64_t> aborted{0};                        // answers that could not be finished
  std::atomic<std::uint64_t> bytes_in{0};  // of the transport; added when a connection ends
  std::atomic<std::uint64_t> bytes_out{0};
};

inline void count(std::atomic<std::uint64_t>& counter, std::uint64_t by = 1) {
  counter.fetch_add(by, std::memory_order_relaxed);
}

}  // namespace beffroi::http
