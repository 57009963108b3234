// SPDX-License-Identifier: EUPL-1.2
// TaskGroup: the parent of every coroutine of one worker. Nothing runs detached: a task is counted from spawn() to its
// end, an exception that leaves it is logged with its name, and a stop comes in two degrees.
//
//   Gentle  finish what is under way, take nothing new: Stoppable::stop(Gentle), and Asio's total cancellation
//   Hard    give up: Stoppable::stop(Hard), and Asio's terminal cancellation
//
// spawn() and stop() may be called on any thread and act on the worker's; wait() on any thread but the worker's.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <list>
#include <mutex>
#include <string_view>

namespace beffroi::http {

enum class Stop { Gentle, Hard };

// A task that must be told, on the worker's thread, that it is to end.
class Stoppable {
 public:
  virtual void stop(Stop how) = 0;

 protected:
  ~Stoppable() = default;
};

class TaskGroup {
 public:
  explicit TaskGroup(boost::asio::io_context& io) : io_(io) {}
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;
  ~TaskGroup();  // every task has ended (CHECK)

  // `name` is a literal; `stoppable`, if any, lives as long as the task. A task spawned after a stop is told at once.
  void spawn(std::string_view name, boost::asio::awaitable<void> task, Stoppable* stoppable = nullptr);

  void stop(Stop how);

  // True when no task is left; false when `limit` passed before.
  bool wait(std::chrono::milliseconds limit);
  std::size_t size() const;

 private:
  struct Task {
    std::string_view name;
    Stoppable* stoppable;
    boost::asio::cancellation_signal signal;
  };
  void begin(std::string_view name, boost::asio::awaitable<void> task, Stoppable* stoppable);
  static boost::asio::awaitable<void> run(Task& task, boost::asio::awaitable<void> body);
  void tell(Task& task);
  void ended(std::list<Task>::iterator task, std::exception_ptr error);

  boost::asio::io_context& io_;
  std::list<Task> tasks_;  // this and the next two: the worker's thread only
  bool stopping_ = false;
  Stop how_ = Stop::Gentle;
  mutable std::mutex mutex_;  // owns count_
  std::condition_variable empty_;
  std::size_t count_ = 0;
};

}  // namespace beffroi::http
