// SPDX-License-Identifier: EUPL-1.2
// Guarded<T>: a mutex that owns its data; nothing reaches the value without the lock.
//   guarded.lock()->field = 1;            one statement
//   auto value = guarded.lock();          until `value` dies
#pragma once

#include <condition_variable>
#include <mutex>
#include <utility>

namespace beffroi::storage {

template <class T>
class Guarded {
 public:
  class Access {
   public:
    T* operator->() const { return value_; }
    T& operator*() const { return *value_; }
    // Waits on `condition` while the lock is released, as std::condition_variable does.
    template <class Predicate>
    void wait(std::condition_variable& condition, Predicate predicate) { condition.wait(lock_, predicate); }
    template <class Duration, class Predicate>
    bool wait_for(std::condition_variable& condition, Duration d, Predicate predicate) {
      return condition.wait_for(lock_, d, predicate);
    }
    void unlock() { lock_.unlock(); }

   private:
    template <class>
    friend class Guarded;
    Access(std::mutex& m, T* value) : lock_(m), value_(value) {}
    std::unique_lock<std::mutex> lock_;
    T* value_;
  };

  template <class... Args>
  explicit Guarded(Args&&... args) : value_(std::forward<Args>(args)...) {}
  Access lock() { return Access(mutex_, &value_); }
  // A const reader sees a const value, under the same lock.
  typename Guarded<const T>::Access lock() const requires(!std::is_const_v<T>) {
    return typename Guarded<const T>::Access(mutex_, &value_);
  }

 private:
  template <class>
  friend class Guarded;
  mutable std::mutex mutex_;
  T value_;
};

}  // namespace beffroi::storage
