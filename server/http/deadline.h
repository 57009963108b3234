// SPDX-License-Identifier: EUPL-1.2
// Deadlines without a timer each: a connection writes down when it expires, and one timer per worker looks at all of
// them every Limits::tick, while there are any. Setting a deadline is a store; noticing it may be one tick late.
// Everything here happens on the worker's own thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <vector>

namespace beffroi::http {

class Deadlines;

class Deadline {
 public:
  using Clock = std::chrono::steady_clock;

  // `on_expire(owner)` is called once for each set() that passes; it may not destroy a Deadline.
  Deadline(Deadlines& all, void (*on_expire)(void*), void* owner);
  ~Deadline();
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  void set(Clock::duration from_now);
  void clear() { at_ = Clock::time_point::max(); }
  bool is_set() const { return at_ != Clock::time_point::max(); }

 private:
  friend class Deadlines;
  Deadlines& all_;
  void (*on_expire_)(void*);
  void* owner_;
  std::size_t place_;
  Clock::time_point at_ = Clock::time_point::max();
};

class Deadlines {
 public:
  Deadlines(boost::asio::io_context& io, std::chrono::milliseconds tick) : timer_(io), tick_(tick) {}

 private:
  friend class Deadline;
  void arm();
  void look();

  boost::asio::steady_timer timer_;
  std::chrono::milliseconds tick_;
  bool armed_ = false;
  std::vector<Deadline*> all_;
};

}  // namespace beffroi::http
