// SPDX-License-Identifier: EUPL-1.2
// DiskPool: the threads that may wait for a device, so that those of the I/O contexts never do. run() suspends the coroutine,
// runs a callable there and resumes where it was.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>

#include "crypto/check.h"
#include "storage/index/index.h"
#include "storage/io/files.h"

namespace beffroi {

class DiskPool {
 public:
  explicit DiskPool(std::size_t threads) : pool_(threads) {}

  // `work` lives in the caller's frame until it has run; what it captures by reference must too. Not cancelled: a coroutine that
  // is told to stop still waits for it.
  template <class Work>
  boost::asio::awaitable<std::invoke_result_t<Work&>> run(Work work) {
    using Value = std::invoke_result_t<Work&>;
    std::optional<Value> value;
    const auto executor = co_await boost::asio::this_coro::executor;
    // Named, because GCC 12 miscompiles capturing callables inside a co_await expression.
    auto start = [&](auto handler) {
      auto shared = std::make_shared<decltype(handler)>(std::move(handler));
      boost::asio::post(pool_, [&value, &work, executor, shared] {
        value.emplace(work());
        boost::asio::post(executor, [shared] { std::move (*shared)(); });
      });
    };
    co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>&, void()>(
        start, boost::asio::use_awaitable);
    co_return std::move(*value);
  }

  // One piece of work at a time beside the coroutine that owns this, which waits for it before it starts another and before it
  // returns. A frame may be destroyed without that only once the pool is stopped.
  template <class Value>
  class Beside {
   public:
    Beside(DiskPool& pool, boost::asio::any_io_executor executor) : pool_(pool), executor_(std::move(executor)) {}
    Beside(const Beside&) = delete;

    template <class Work>
    void start(Work work) {  // `work` and what it refers to live until wait() returns
      CHECK(!running_ && !value_);
      running_ = true;
      boost::asio::post(pool_.pool_, [this, work = std::move(work)]() mutable {
        Value value = work();
        boost::asio::post(executor_, [this, value = std::move(value)]() mutable {
          running_ = false;
          value_.emplace(std::move(value));
          if (waiter_) std::exchange(waiter_, nullptr)();
        });
      });
    }
    // What the work returned; nothing when none was started since.
    boost::asio::awaitable<std::optional<Value>> wait() {
      if (running_) {
        auto sleep = [this](auto handler) {
          auto shared = std::make_shared<decltype(handler)>(std::move(handler));
          waiter_ = [shared] { std::move (*shared)(); };
        };
        co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>&, void()>(sleep, boost::asio::use_awaitable);
      }
      co_return std::exchange(value_, std::nullopt);
    }

   private:
    DiskPool& pool_;
    boost::asio::any_io_executor executor_;
    bool running_ = false;
    std::function<void()> waiter_;
    std::optional<Value> value_;
  };

  // Waits for what runs.
  void stop() { pool_.join(); }

 private:
  boost::asio::thread_pool pool_;
};

inline bool would_block(const error_code& e) {
  return e == make_error_code(storage::IndexErrc::WouldBlock) ||
         e == make_error_code(storage::IoErrc::WouldBlock);
}

// Tries `read(Tier::CacheOnly)` here and, only when that would wait, `read(Tier::Disk)` on the pool.
template <class Read>
boost::asio::awaitable<std::invoke_result_t<Read&, storage::Tier>> cached_or_disk(DiskPool& pool, Read read) {
  auto result = read(storage::Tier::CacheOnly);
  if (result || !would_block(result.error())) co_return result;
  auto on_disk = [&read] { return read(storage::Tier::Disk); };
  auto waited = co_await pool.run(on_disk);
  co_return waited;
}

}  // namespace beffroi
