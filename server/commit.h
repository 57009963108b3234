// SPDX-License-Identifier: EUPL-1.2
// commit(): a coroutine's way to the committer. It suspends until the change is durable, published (or refused), and resumes on
// its own I/O context. The committer hands each context one list a group, which is one post().
#pragma once

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>
#include <vector>

#include "storage/engine/engine.h"

namespace beffroi {

// One for each I/O context, made at first use and destroyed with it.
class CommitSink final : public boost::asio::execution_context::service, public storage::CompletionSink {
 public:
  inline static boost::asio::execution_context::id id;

  struct Waiting : storage::Completion {
    // Built in place: Boost 1.81's move assignment of this type never ends.
    std::optional<boost::asio::any_completion_handler<void()>> resume;
  };

  explicit CommitSink(boost::asio::execution_context& context)
      : service(context), io_(static_cast<boost::asio::io_context&>(context)) {}

  void complete(storage::Completion* list) override {
    boost::asio::post(io_, [list] {
      for (storage::Completion* at = list; at != nullptr;) {
        auto* waiting = static_cast<Waiting*>(at);
        at = at->next;  // before the coroutine goes on: it owns `waiting`
        std::move (*waiting->resume)();
      }
    });
  }

 private:
  void shutdown() override {}
  boost::asio::io_context& io_;
};

inline boost::asio::awaitable<Result<storage::Committed>> commit(storage::Engine& engine,
                                                                 storage::Prepared change) {
  const auto executor = co_await boost::asio::this_coro::executor;
  CommitSink::Waiting waiting;
  waiting.sink = &boost::asio::use_service<CommitSink>(executor.context());
  auto start = [&](auto handler) {
    waiting.resume.emplace(std::move(handler));
    engine.submit(std::move(change), waiting);
  };
  co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>&, void()>(
      start, boost::asio::use_awaitable);
  co_return std::move(waiting.result);
}

// Many changes at once, and one wait for all of them.
class CommitAll {
 public:
  using Ticket = std::size_t;
  explicit CommitAll(storage::Engine& engine) : engine_(engine) {}

  Ticket add(storage::Prepared change) {
    changes_.push_back(std::move(change));
    return changes_.size() - 1;
  }

  boost::asio::awaitable<void> wait() {
    if (changes_.empty()) co_return;
    const auto executor = co_await boost::asio::this_coro::executor;
    sink_ = &boost::asio::use_service<CommitSink>(executor.context());
    waiting_ = std::vector<CommitSink::Waiting>(changes_.size());
    left_ = changes_.size();
    auto start = [&](auto handler) {
      done_.emplace(std::move(handler));
      for (std::size_t i = 0; i < changes_.size(); ++i) {
        waiting_[i].sink = sink_;
        waiting_[i].resume.emplace([this] {
          if (--left_ == 0) std::move (*done_)();
        });
        engine_.submit(std::move(changes_[i]), waiting_[i]);
      }
    };
    co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>&, void()>(
        start, boost::asio::use_awaitable);
  }

  const Result<storage::Committed>& result(Ticket ticket) const { return waiting_[ticket].result; }

 private:
  storage::Engine& engine_;
  CommitSink* sink_ = nullptr;
  std::vector<storage::Prepared> changes_;
  std::vector<CommitSink::Waiting> waiting_;
  std::size_t left_ = 0;  // touched on the I/O context's thread only
  std::optional<boost::asio::any_completion_handler<void()>> done_;
};

}  // namespace beffroi
