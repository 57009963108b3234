// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/canonical_request.h"

#include <algorithm>
#include <array>
#include <deque>

#include "server/s3/headers.h"
#include "server/s3/percent.h"

namespace beffroi::s3 {
namespace {

// Hashes small pieces a kilobyte at a time.
class HashSink {
 public:
  void write(std::string_view piece) {
    if (piece.size() > buffer_.size() - used_) flush();
    if (piece.size() > buffer_.size()) {
      digest_.update(piece);
      return;
    }
    std::copy(piece.begin(), piece.end(), buffer_.begin() + static_cast<std::ptrdiff_t>(used_));
    used_ += piece.size();
  }
  Bytes finish() {
    flush();
    return digest_.finish();
  }

 private:
  void flush() {
    digest_.update({buffer_.data(), used_});
    used_ = 0;
  }
  crypto::Digest digest_{crypto::DigestAlgorithm::Sha256};
  std::array<char, 1024> buffer_;
  std::size_t used_ = 0;
};

class TextSink {
 public:
  void write(std::string_view piece) { text_ += piece; }
  std::string finish() { return std::move(text_); }

 private:
  std::string text_;
};

std::string encoded_path(std::string_view raw) {
  if (is_percent_encoded(raw, Slash::Keep)) return std::string(raw);
  const std::optional<std::string> decoded = percent_decode(raw);
  return decoded ? percent_encode(*decoded, Slash::Keep) : std::string(raw);
}

// `raw` when it is encoded as it should be, as clients' queries nearly always are; else what it becomes, kept in `made`.
std::string_view encoded_piece(std::deque<std::string>& made, const std::string& decoded, std::string_view raw,
                               bool plus_is_space) {
  if (is_percent_encoded(raw, Slash::Encode)) return raw;
  if (!plus_is_space || raw.find('+') == std::string_view::npos)
    return made.emplace_back(percent_encode(decoded, Slash::Encode));
  std::string spaced(raw);
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  return made.emplace_back(percent_encode(percent_decode(spaced).value_or(std::string()), Slash::Encode));
}

template <class Sink>
void write_query(Sink& sink, const SigV4Claim& claim, const Query& query, bool plus_is_space) {
  std::deque<std::string> made;
  std::vector<std::pair<std::string_view, std::string_view>> pairs;
  pairs.reserve(query.parameters().size());
  for (const QueryParameter& p : query.parameters()) {
    if (claim.place == SignaturePlace::Query && p.name == "X-Amz-Signature") continue;
    pairs.emplace_back(encoded_piece(made, p.name, p.raw_name, plus_is_space),
                       encoded_piece(made, p.value, p.raw_value, plus_is_space));
  }
  std::sort(pairs.begin(), pairs.end());
  bool first = true;
  for (const auto& [name, value] : pairs) {
    if (!first) sink.write("&");
    first = false;
    sink.write(name);
    sink.write("=");
    sink.write(value);
  }
}

template <class Sink>
void write_value(Sink& sink, std::string_view value, bool raw) {
  value = trim(value);
  while (!value.empty()) {
    const std::size_t run = raw ? std::string_view::npos : value.find("  ");
    if (run == std::string_view::npos) {
      sink.write(value);
      return;
    }
    sink.write(value.substr(0, run + 1));
    value.remove_prefix(value.find_first_not_of(' ', run));
  }
}

template <class Sink>
void write_headers(Sink& sink, const SigV4Claim& claim, const RequestView& view, bool raw_values) {
  for (const std::string& name : claim.signed_headers) {
    sink.write(name);
    sink.write(":");
    bool first = true;
    for (const http::Field& field : view.headers) {
      if (!http::same_name(field.name, name)) continue;
      if (!first) sink.write(",");
      first = false;
      write_value(sink, field.value, raw_values);
    }
    sink.write("\n");
  }
  sink.write("\n");
  bool first = true;
  for (const std::string& name : claim.signed_headers) {
    if (!first) sink.write(";");
    first = false;
    sink.write(name);
  }
}

template <class Sink>
auto write_all(Sink sink, const SigV4Claim& claim, const RequestView& view, const Query& query,
               const SigV4Proof& reading) {
  sink.write(view.method);
  sink.write("\n");
  sink.write(reading.raw_path ? std::string(view.path) : encoded_path(view.path));
  sink.write("\n");
  write_query(sink, claim, query, reading.plus_is_space);
  sink.write("\n");
  write_headers(sink, claim, view, reading.raw_header_values);
  sink.write("\n");
  sink.write(claim.payload);
  return sink.finish();
}

}  // namespace

Bytes canonical_request_sha256(const SigV4Claim& claim, const RequestView& view, const Query& query,
                               const SigV4Proof& reading) {
  return write_all(HashSink(), claim, view, query, reading);
}

std::string canonical_request(const SigV4Claim& claim, const RequestView& view, const Query& query,
                              const SigV4Proof& reading) {
  return write_all(TextSink(), claim, view, query, reading);
}

bool has_two_paths(const RequestView& view) {
  return !is_percent_encoded(view.path, Slash::Keep) && encoded_path(view.path) != view.path;
}

bool has_runs_of_spaces(const SigV4Claim& claim, const RequestView& view) {
  for (const http::Field& field : view.headers) {
    if (trim(field.value).find("  ") == std::string_view::npos) continue;
    const std::string name = lower_case(field.name);
    if (std::binary_search(claim.signed_headers.begin(), claim.signed_headers.end(), name)) return true;
  }
  return false;
}

}  // namespace beffroi::s3
