// SPDX-License-Identifier: EUPL-1.2
#include "server/metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <iterator>

#include "crypto/check.h"

namespace beffroi {
namespace {

std::vector<prometheus::ClientMetric::Label> to_labels(Exposition::Labels labels) {
  std::vector<prometheus::ClientMetric::Label> out;
  for (auto& [name, value] : labels) out.push_back({std::move(name), std::move(value)});
  return out;
}

std::uint64_t read(const std::atomic<std::uint64_t>& counter) {
  return counter.load(std::memory_order_relaxed);
}

void add(std::atomic<std::uint64_t>& counter, std::uint64_t by) {
  counter.fetch_add(by, std::memory_order_relaxed);
}

}  // namespace

struct Exposition::Impl {
  std::vector<prometheus::MetricFamily> families;

  void begin(std::string_view name, std::string_view help, prometheus::MetricType type) {
    families.push_back({std::string(name), std::string(help), type, {}});
  }
  prometheus::MetricFamily& current() {
    CHECK(!families.empty());
    return families.back();
  }
};

Exposition::Exposition() : impl_(std::make_unique<Impl>()) {}
Exposition::~Exposition() = default;

Exposition& Exposition::counter(std::string_view name, std::string_view help) {
  impl_->begin(name, help, prometheus::MetricType::Counter);
  return *this;
}

Exposition& Exposition::gauge(std::string_view name, std::string_view help) {
  impl_->begin(name, help, prometheus::MetricType::Gauge);
  return *this;
}

Exposition& Exposition::histogram(std::string_view name, std::string_view help) {
  impl_->begin(name, help, prometheus::MetricType::Histogram);
  return *this;
}

Exposition& Exposition::sample(double value, Labels labels) {
  prometheus::MetricFamily& family = impl_->current();
  prometheus::ClientMetric metric;
  metric.label = to_labels(std::move(labels));
  if (family.type == prometheus::MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
  family.metric.push_back(std::move(metric));
  return *this;
}

Exposition& Exposition::sample(const Histogram& value, Labels labels) {
  CHECK(value.counts.size() == value.bounds.size() + 1);
  prometheus::ClientMetric metric;
  metric.label = to_labels(std::move(labels));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < value.bounds.size(); ++i) {
    seen += value.counts[i];
    metric.histogram.bucket.push_back({seen, value.bounds[i]});
  }
  metric.histogram.sample_count = seen + value.counts.back();  // the serializer adds le="+Inf" from it
  metric.histogram.sample_sum = value.sum;
  impl_->current().metric.push_back(std::move(metric));
  return *this;
}

std::string Exposition::text() const {
  std::vector<prometheus::MetricFamily> shown;
  std::copy_if(impl_->families.begin(), impl_->families.end(), std::back_inserter(shown),
               [](const prometheus::MetricFamily& family) { return !family.metric.empty(); });
  return prometheus::TextSerializer().Serialize(shown);
}

void Metrics::add_operation(std::string name) {
  rows_.emplace_back(std::move(name));
}

void Metrics::request(std::size_t operation, unsigned status, double seconds, std::uint64_t bytes_in,
                      std::uint64_t bytes_out) noexcept {
  Row& row = operation < rows_.size() ? rows_[operation] : other_;
  const auto bound = std::lower_bound(kLatencyBounds.begin(), kLatencyBounds.end(), seconds);
  add(row.by_class[std::clamp(status / 100, 1u, 5u) - 1], 1);
  add(row.latency[static_cast<std::size_t>(bound - kLatencyBounds.begin())], 1);
  add(row.nanoseconds, static_cast<std::uint64_t>(seconds * 1e9));
  add(row.bytes_in, bytes_in);
  add(row.bytes_out, bytes_out);
}

template <class Write>
void Metrics::each_used(Write write) const {
  const auto visit = [&write](const Row& row) {
    const auto& by_class = row.by_class;
    if (std::any_of(by_class.begin(), by_class.end(), [](const Counter& c) { return read(c) != 0; }))
      write(row);
  };
  std::for_each(rows_.begin(), rows_.end(), visit);
  visit(other_);
}

void Metrics::collect(Exposition& out) const {
  const auto label = [](const Row& row) { return Exposition::Labels{{"operation", row.name}}; };
  out.counter("beffroi_requests_total", "Requests answered, by operation and class of status.");
  each_used([&](const Row& row) {
    static constexpr std::array<const char*, kClasses> kNames = {"1xx", "2xx", "3xx", "4xx", "5xx"};
    for (std::size_t c = 0; c < kClasses; ++c) {
      const std::uint64_t count = read(row.by_class[c]);
      if (count != 0)
        out.sample(static_cast<double>(count), {{"operation", row.name}, {"status", kNames[c]}});
    }
  });
  out.histogram("beffroi_request_seconds", "Time from a request's head to the end of its answer.");
  each_used([&](const Row& row) {
    std::array<std::uint64_t, kLatencyBounds.size() + 1> counts{};
    std::transform(row.latency.begin(), row.latency.end(), counts.begin(), read);
    const double sum = static_cast<double>(read(row.nanoseconds)) / 1e9;
    out.sample(Exposition::Histogram{kLatencyBounds, counts, sum}, label(row));
  });
  out.counter("beffroi_request_body_bytes_total", "Bytes of request bodies, out of their framing.");
  each_used([&](const Row& row) { out.sample(static_cast<double>(read(row.bytes_in)), label(row)); });
  out.counter("beffroi_answer_body_bytes_total", "Bytes of answers' bodies.");
  each_used([&](const Row& row) { out.sample(static_cast<double>(read(row.bytes_out)), label(row)); });
}

}  // namespace beffroi
