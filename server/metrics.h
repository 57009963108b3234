// SPDX-License-Identifier: EUPL-1.2
// What Prometheus reads. Metrics counts requests on their hot path with relaxed atomics and nothing else; Exposition is one scrape
// in the making: families of samples, then the text format. Metrics knows no S3: operations are given by name, and called by their
// place in that list.
//
//   metrics.request(static_cast<std::size_t>(operation), 200, seconds, bytes_in, bytes_out);
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beffroi {

// Upper bounds of the latency histogram, in seconds: a cached GET to a slow upload.
inline constexpr std::array<double, 14> kLatencyBounds = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                          0.1,    0.25,  0.5,    1,     2.5,  10,    60};

// One scrape. Names and help are literals of ours; label values may be anything.
class Exposition {
 public:
  using Labels = std::vector<std::pair<std::string, std::string>>;
  struct Histogram {
    std::span<const double> bounds;
    std::span<const std::uint64_t> counts;  // one a bound and one above the last, not cumulative
    double sum = 0;
  };

  Exposition();
  ~Exposition();
  Exposition(const Exposition&) = delete;

  // Each begins a family; the samples that follow are its own.
  Exposition& counter(std::string_view name, std::string_view help);
  Exposition& gauge(std::string_view name, std::string_view help);
  Exposition& histogram(std::string_view name, std::string_view help);

  Exposition& sample(double value, Labels labels = {});  // of a counter or a gauge
  Exposition& sample(const Histogram& value, Labels labels = {});

  // The text format 0.0.4. Families without a sample are left out.
  std::string text() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

class Metrics {
 public:
  // A request that was refused before its operation was known.
  static constexpr std::size_t kOther = SIZE_MAX;

  // Gives the next operation its name; before the first request.
  void add_operation(std::string name);

  // One finished request. An operation without a name counts as kOther. Any thread.
  void request(std::size_t operation, unsigned status, double seconds, std::uint64_t bytes_in,
               std::uint64_t bytes_out) noexcept;

  // Operations that were never asked for are left out.
  void collect(Exposition&) const;

 private:
  static constexpr std::size_t kClasses = 5;  // 1xx-5xx
  using Counter = std::atomic<std::uint64_t>;
  // Lines of their own, so that two workers which serve different operations do not share one.
  struct alignas(64) Row {
    explicit Row(std::string n) : name(std::move(n)) {}
    const std::string name;
    std::array<Counter, kClasses> by_class{};
    std::array<Counter, kLatencyBounds.size() + 1> latency{};
    Counter nanoseconds{0}, bytes_in{0}, bytes_out{0};
  };
  template <class Write>
  void each_used(Write write) const;

  std::deque<Row> rows_;
  Row other_{"Other"};
};

}  // namespace beffroi
