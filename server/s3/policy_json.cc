// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/policy_json.h"

#include <algorithm>
#include <boost/json.hpp>
#include <boost/json/basic_parser_impl.hpp>
#include <set>

#include "server/s3/policy.h"

namespace beffroi::s3 {
namespace {

namespace json = boost::json;

// Boost.JSON keeps the last of two members of one name: a reader who takes the first would see another policy.
class RepeatedMembers {
 public:
  static constexpr std::size_t max_object_size = kPolicyBytesMax, max_array_size = kPolicyBytesMax,
                               max_key_size = kPolicyBytesMax, max_string_size = kPolicyBytesMax;

  bool found() const { return found_; }

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code&) {
    names_.emplace_back();
    return true;
  }
  bool on_object_end(std::size_t, json::error_code&) {
    names_.pop_back();
    return true;
  }
  bool on_key_part(json::string_view part, std::size_t, json::error_code&) {
    key_.append(part.data(), part.size());
    return true;
  }
  bool on_key(json::string_view part, std::size_t, json::error_code&) {
    key_.append(part.data(), part.size());
    found_ |= !names_.back().insert(std::exchange(key_, {})).second;
    return true;
  }
  bool on_array_begin(json::error_code&) { return true; }
  bool on_array_end(std::size_t, json::error_code&) { return true; }
  bool on_string_part(json::string_view, std::size_t, json::error_code&) { return true; }
  bool on_string(json::string_view, std::size_t, json::error_code&) { return true; }
  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(std::int64_t, json::string_view, json::error_code&) { return true; }
  bool on_uint64(std::uint64_t, json::string_view, json::error_code&) { return true; }
  bool on_double(double, json::string_view, json::error_code&) { return true; }
  bool on_bool(bool, json::error_code&) { return true; }
  bool on_null(json::error_code&) { return true; }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

 private:
  std::vector<std::set<std::string>> names_;
  std::string key_;
  bool found_ = false;
};

}  // namespace

S3Error malformed_policy(std::string_view where, std::string_view what) {
  return S3Error(Code::MalformedPolicy, std::string(where) + ": " + std::string(what));
}

std::string quoted_word(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

S3Result<json::value> parse_policy_json(std::string_view text) {
  if (text.size() > kPolicyBytesMax) return malformed_policy("Policy", "it is longer than 20 KiB. Shorten it.");
  json::parse_options options;
  options.max_depth = kPolicyDepthMax;
  json::error_code error;
  json::value value = json::parse(json::string_view(text.data(), text.size()), error, {}, options);
  if (error || !value.is_object())
    return malformed_policy("Policy", "it is not one JSON object. Policies must be valid JSON and start with {.");
  json::basic_parser<RepeatedMembers> members(options);
  members.write_some(false, text.data(), text.size(), error);
  if (error || members.handler().found())
    return malformed_policy("Policy", "an object has two members of one name. Keep one.");
  return value;
}

std::string_view text_in(const json::value& value) {
  return {value.get_string().data(), value.get_string().size()};
}

S3Result<std::vector<std::string>> texts_in(const json::value& value, const std::string& where) {
  std::vector<std::string> texts;
  if (value.is_string()) texts.emplace_back(text_in(value));
  if (const json::array* list = value.if_array()) {
    for (const json::value& element : *list) {
      if (!element.is_string()) return malformed_policy(where, "every element must be a text.");
      texts.emplace_back(text_in(element));
    }
  }
  if (texts.empty()) return malformed_policy(where, "give a text or a list of texts.");
  return texts;
}

S3Result<void> no_variable(std::string_view text, const std::string& where) {
  if (text.find("${") != text.npos)
    return malformed_policy(where, "policy variables (${...}) are not supported. Write the value out.");
  return {};
}

S3Result<void> only_members(const json::object& object, std::initializer_list<std::string_view> known,
                            const std::string& where) {
  for (const auto& member : object) {
    const std::string_view name(member.key().data(), member.key().size());
    if (name == "NotPrincipal")
      return malformed_policy(where, "NotPrincipal is not supported. Say in Principal who is meant.");
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return malformed_policy(where, "the element " + quoted_word(name) + " is not known. Remove it.");
    }
  }
  return {};
}

}  // namespace beffroi::s3
