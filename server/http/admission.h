// SPDX-License-Identifier: EUPL-1.2
// Who may connect: how many connections a listener has in all and from each source, and its counters. An Admission is a
// place taken, given back when it is destroyed. Any thread.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "server/http/limits.h"
#include "server/http/stats.h"

namespace beffroi::http {

class Admissions;

class Admission {
 public:
  Admission(Admission&&) = default;
  Admission& operator=(Admission&&) = delete;
  ~Admission();

  // There is only room to be told so.
  bool overloaded() const { return overloaded_; }

 private:
  friend class Admissions;
  Admission(std::shared_ptr<Admissions> from, std::string source, bool overloaded);

  std::shared_ptr<Admissions> from_;  // null once moved from
  std::string source_;
  bool overloaded_;
};

class Admissions : public std::enable_shared_from_this<Admissions> {
 public:
  explicit Admissions(const Limits& limits) : limits_(limits) {}

  // `source`: what counts as one client; empty for none. Nothing when there is no room at all.
  std::optional<Admission> admit(std::string source);

  ConnectionStats stats;

 private:
  friend class Admission;
  void release(const std::string& source);

  const Limits limits_;
  std::mutex mutex_;  // owns the two below
  std::size_t open_ = 0;
  std::unordered_map<std::string, std::size_t> by_source_;
};

}  // namespace beffroi::http
