// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/request.h"

#include <algorithm>

#include "crypto/utf8.h"
#include "server/s3/percent.h"

namespace beffroi::s3 {
namespace {

std::optional<std::string> decode_piece(std::string_view raw) {
  std::optional<std::string> text = percent_decode(raw);
  if (!text || !valid_utf8(*text)) return std::nullopt;
  return text;
}

std::string decode_with_spaces(std::string_view raw) {
  std::string spaced(raw);
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  return percent_decode(spaced).value_or(std::string());
}

}  // namespace

S3Result<Query> Query::parse(std::string_view raw) {
  Query query;
  while (!raw.empty()) {
    const std::string_view piece = raw.substr(0, raw.find('&'));
    raw.remove_prefix(std::min(piece.size() + 1, raw.size()));
    if (piece.empty()) continue;
    QueryParameter parameter;
    const std::size_t equals = piece.find('=');
    parameter.raw_name = piece.substr(0, equals);
    if (equals != std::string_view::npos) parameter.raw_value = piece.substr(equals + 1);
    std::optional<std::string> name = decode_piece(parameter.raw_name);
    std::optional<std::string> value = decode_piece(parameter.raw_value);
    if (!name || !value) return S3Error(Code::InvalidURI);
    parameter.name = std::move(*name);
    parameter.value = std::move(*value);
    query.parameters_.push_back(std::move(parameter));
  }
  return query;
}

const std::string* Query::find(std::string_view name) const {
  for (const QueryParameter& parameter : parameters_) {
    if (parameter.name == name) return &parameter.value;
  }
  return nullptr;
}

std::string Query::value(std::string_view name) const {
  const std::string* found = find(name);
  return found ? *found : std::string();
}

bool Query::has_plus() const {
  return std::any_of(parameters_.begin(), parameters_.end(), [](const QueryParameter& p) {
    return p.raw_name.find('+') != std::string_view::npos || p.raw_value.find('+') != std::string_view::npos;
  });
}

void Query::read_plus_as_space() {
  for (QueryParameter& parameter : parameters_) {
    parameter.name = decode_with_spaces(parameter.raw_name);
    parameter.value = decode_with_spaces(parameter.raw_value);
  }
}

}  // namespace beffroi::s3
