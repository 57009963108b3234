// SPDX-License-Identifier: EUPL-1.2
// DiskPool: the threads that may wait for a device, so that those of the I/O contexts never do. run() suspends the coroutine,
// runs a callable there and resumes where it was.
#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <optional>
#include <type_traits>

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
