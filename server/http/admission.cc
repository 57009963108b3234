// SPDX-License-Identifier: EUPL-1.2
#include "server/http/admission.h"

#include <utility>

namespace beffroi::http {

Admission::Admission(std::shared_ptr<Admissions> from, std::string source, bool overloaded)
    : from_(std::move(from)), source_(std::move(source)), overloaded_(overloaded) {}

Admission::~Admission() {
  if (from_) from_->release(source_);
}

std::optional<Admission> Admissions::admit(std::string source) {
  const std::lock_guard lock(mutex_);
  if (open_ >= limits_.connections_max + limits_.refused_connections_max) {
    count(stats.closed_unread);
    return std::nullopt;
  }
  if (!source.empty()) {
    std::size_t& from_source = by_source_[source];
    if (from_source >= limits_.connections_per_source_max) {
      count(stats.closed_unread);
      return std::nullopt;
    }
    ++from_source;
  }
  const bool overloaded = open_ >= limits_.connections_max;
  ++open_;
  count(stats.accepted);
  stats.open.store(open_, std::memory_order_relaxed);
  return Admission(shared_from_this(), std::move(source), overloaded);
}

void Admissions::release(const std::string& source) {
  const std::lock_guard lock(mutex_);
  --open_;
  stats.open.store(open_, std::memory_order_relaxed);
  if (source.empty()) return;
  const auto from_source = by_source_.find(source);
  if (--from_source->second == 0) by_source_.erase(from_source);
}

}  // namespace beffroi::http
