// SPDX-License-Identifier: EUPL-1.2
#include "server/http/task_group.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <exception>
#include <utility>

#include "crypto/check.h"
#include "server/log.h"

namespace beffroi::http {

TaskGroup::~TaskGroup() {
  CHECK(size() == 0);
}

void TaskGroup::spawn(std::string_view name, boost::asio::awaitable<void> task, Stoppable* stoppable) {
  {
    const std::lock_guard lock(mutex_);
    ++count_;
  }
  boost::asio::dispatch(io_, [this, name, stoppable, task = std::move(task)]() mutable {
    begin(name, std::move(task), stoppable);
  });
}

void TaskGroup::begin(std::string_view name, boost::asio::awaitable<void> task, Stoppable* stoppable) {
  const auto entry = tasks_.emplace(tasks_.end());
  entry->name = name;
  entry->stoppable = stoppable;
  auto on_end = [this, entry](std::exception_ptr error) { ended(entry, std::move(error)); };
  boost::asio::co_spawn(io_, run(*entry, std::move(task)),
                        boost::asio::bind_cancellation_slot(entry->signal.slot(), std::move(on_end)));
  if (stopping_) tell(*entry);
}

// The task's frame, and what is to be told in it, die a few turns of the loop before `ended` is called.
boost::asio::awaitable<void> TaskGroup::run(Task& task, boost::asio::awaitable<void> body) {
  struct Forget {
    Task& task;
    ~Forget() { task.stoppable = nullptr; }
  } const forget{task};
  co_await std::move(body);
}

void TaskGroup::stop(Stop how) {
  boost::asio::dispatch(io_, [this, how] {
    stopping_ = true;
    how_ = how;
    for (Task& task : tasks_) tell(task);
  });
}

void TaskGroup::tell(Task& task) {
  if (task.stoppable) task.stoppable->stop(how_);
  task.signal.emit(how_ == Stop::Gentle ? boost::asio::cancellation_type::total
                                        : boost::asio::cancellation_type::terminal);
}

void TaskGroup::ended(std::list<Task>::iterator task, std::exception_ptr error) {
  try {
    if (error) std::rethrow_exception(error);
  } catch (const boost::system::system_error& failure) {
    const bool told_to_end = stopping_ && failure.code() == boost::asio::error::operation_aborted;
    if (!told_to_end) log_error("task failed", {{"task", task->name}, {"error", failure.what()}});
  } catch (const std::exception& exception) {
    log_error("task failed", {{"task", task->name}, {"error", exception.what()}});
  }
  tasks_.erase(task);
  const std::lock_guard lock(mutex_);
  --count_;
  if (count_ == 0) empty_.notify_all();
}

bool TaskGroup::wait(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  return empty_.wait_for(lock, limit, [this] { return count_ == 0; });
}

std::size_t TaskGroup::size() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

}  // namespace beffroi::http
