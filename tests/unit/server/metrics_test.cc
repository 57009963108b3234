// SPDX-License-Identifier: EUPL-1.2
#include "server/metrics.h"

#include <gtest/gtest.h>

namespace beffroi {
namespace {

std::string text_of(const Metrics& metrics) {
  Exposition out;
  metrics.collect(out);
  return out.text();
}

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

TEST(Metrics, CountsByOperationAndClassOfStatus) {
  Metrics metrics;
  for (const char* name : {"GetObject", "PutObject"}) metrics.add_operation(name);
  metrics.request(0, 200, 0.004, 0, 100);
  metrics.request(0, 206, 0.004, 0, 50);
  metrics.request(0, 404, 0.0001, 0, 7);
  metrics.request(Metrics::kOther, 400, 0.0001, 0, 0);
  const std::string text = text_of(metrics);
  EXPECT_TRUE(has_line(text, R"(beffroi_requests_total{operation="GetObject",status="2xx"} 2)")) << text;
  EXPECT_TRUE(has_line(text, R"(beffroi_requests_total{operation="GetObject",status="4xx"} 1)")) << text;
  EXPECT_TRUE(has_line(text, R"(beffroi_requests_total{operation="Other",status="4xx"} 1)")) << text;
  EXPECT_TRUE(has_line(text, R"(beffroi_answer_body_bytes_total{operation="GetObject"} 157)")) << text;
  EXPECT_EQ(text.find("PutObject"), std::string::npos) << "never asked for";
}

TEST(Metrics, TheHistogramIsCumulative) {
  Metrics metrics;
  metrics.add_operation("GetObject");
  for (const double seconds : {0.0005, 0.002, 0.002, 100.0}) metrics.request(0, 200, seconds, 0, 0);
  const std::string text = text_of(metrics);
  EXPECT_TRUE(has_line(text, R"(beffroi_request_seconds_bucket{operation="GetObject",le="0.0005"} 1)"))
      << text;
  EXPECT_TRUE(has_line(text, R"(beffroi_request_seconds_bucket{operation="GetObject",le="0.0025"} 3)"))
      << text;
  EXPECT_TRUE(has_line(text, R"(beffroi_request_seconds_bucket{operation="GetObject",le="60"} 3)")) << text;
  EXPECT_TRUE(has_line(text, R"(beffroi_request_seconds_bucket{operation="GetObject",le="+Inf"} 4)")) << text;
  EXPECT_TRUE(has_line(text, R"(beffroi_request_seconds_count{operation="GetObject"} 4)")) << text;
}

TEST(Exposition, LabelsAreEscapedAndEmptyFamiliesLeftOut) {
  Exposition out;
  out.gauge("a_bytes", "A.").sample(1, {{"x", "say \"no\"\n"}});
  out.counter("b_total", "B.");
  const std::string text = out.text();
  EXPECT_TRUE(has_line(text, R"(a_bytes{x="say \"no\"\n"} 1)")) << text;
  EXPECT_EQ(text.find("b_total"), std::string::npos);
}

}  // namespace
}  // namespace beffroi
