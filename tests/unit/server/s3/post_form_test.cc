// SPDX-License-Identifier: EUPL-1.2
// Browsers' forms: the fields and the file out of multipart/form-data in pieces of any size, and the policy that governs them.
#include "server/s3/post_form.h"

#include <gtest/gtest.h>

#include "crypto/bytes.h"
#include "server/s3/post_policy.h"
#include "tests/unit/server/s3/request_builder.h"

namespace beffroi::s3 {
namespace {

constexpr std::int64_t kNow = 1'764'000'000'000;

std::string field(const std::string& name, const std::string& value) {
  return "--B\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
}

std::string file(const std::string& bytes, const std::string& name = "a.txt") {
  return "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + name + "\"\r\nContent-Type: text/plain\r\n\r\n" + bytes + "\r\n";
}

struct Read {
  PostForm form;
  std::string bytes;
};

// The whole body, fed `step` bytes at a time.
S3Result<Read> read_form(const std::string& body, std::size_t step) {
  FormHead head("B");
  Read read;
  std::size_t at = 0;
  while (true) {
    if (at >= body.size()) return FormHead::no_file();
    const auto reached = head.feed(std::string_view(body).substr(at, step));
    at += step;
    if (reached.has_error()) return reached.error();
    if (*reached) break;
  }
  FormFile out(head.delimiter(), head.rest());
  while (true) {
    const bool ended = out.ended();
    const auto piece = out.take();
    if (!piece) return piece.error();
    if (!ended && out.ended() && out.bytes() > 0) {
      EXPECT_LT(read.bytes.size(), out.bytes()) << "the end is known before the last byte";
    }
    read.bytes += *piece;
    if (!piece->empty()) continue;
    if (out.ended()) break;
    if (at >= body.size()) return S3Error(Code::MalformedPOSTRequest);
    out.feed(std::string_view(body).substr(at, step));
    at += step;
  }
  EXPECT_EQ(out.bytes(), read.bytes.size());
  read.form = std::move(head.form());
  return read;
}

TEST(PostForm, IsReadInPiecesOfAnySize) {
  const std::string bytes = "one\r\n--\r\n--A two\r\r\n";
  const std::string body = field("Key", "k/${filename}") + field("empty", "") + file(bytes, "C:\\dir\\\xC3\xA9 \\\"x\\\".txt") +
                           field("submit", "after the file") + "--B--\r\n";
  for (std::size_t step : {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{7}, std::size_t{1000}}) {
    const auto read = read_form(body, step);
    ASSERT_TRUE(read) << step;
    EXPECT_EQ(read->bytes, bytes);
    EXPECT_EQ(read->form.value("key"), "k/${filename}");
    EXPECT_EQ(*read->form.find("empty"), "");
    EXPECT_EQ(read->form.find("submit"), nullptr);
    EXPECT_EQ(read->form.file_name, "\xC3\xA9 \"x\".txt");
    EXPECT_EQ(*form_key(read->form), "k/\xC3\xA9 \"x\".txt");
  }
}

TEST(PostForm, ReadsEmptyFilesAndTheShortestTail) {
  EXPECT_EQ(read_form(file("") + "--B--", 1000)->bytes, "");
  EXPECT_EQ(read_form(file("x") + "--B--", 1)->bytes, "x");
  EXPECT_EQ(read_form(file(std::string(100'000, 'x')) + "--B--\r\n", 4096)->bytes, std::string(100'000, 'x'));
}

TEST(PostForm, RefusesWhatIsNotOne) {
  const std::pair<std::string, Code> cases[] = {
      {"", Code::IncorrectNumberOfFilesInPostRequest},
      {"--B--\r\n", Code::IncorrectNumberOfFilesInPostRequest},
      {field("key", "k") + "--B--\r\n", Code::IncorrectNumberOfFilesInPostRequest},
      {"--C\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx\r\n--C--\r\n", Code::MalformedPOSTRequest},
      {"preamble\r\n" + file("x") + "--B--\r\n", Code::MalformedPOSTRequest},
      {"--B\r\nContent-Type: text/plain\r\n\r\nx\r\n--B--\r\n", Code::MalformedPOSTRequest},
      {"--B\r\nContent-Disposition: attachment; name=\"file\"\r\n\r\nx\r\n--B--\r\n", Code::MalformedPOSTRequest},
      {file("x"), Code::MalformedPOSTRequest},
      {file("x") + "--Bx", Code::MalformedPOSTRequest},
      {field("key", "a") + field("KEY", "b") + file("x") + "--B--\r\n", Code::InvalidArgument},
      {field("key", std::string(kFormHeadBytesMax, 'k')) + file("x") + "--B--\r\n", Code::MaxPostPreDataLengthExceeded},
  };
  for (const auto& [body, code] : cases) {
    for (std::size_t step : {std::size_t{1}, std::size_t{64'000}}) EXPECT_EQ(code_of(read_form(body, step)), code) << body.substr(0, 200);
  }
}

TEST(PostForm, ReadsTheBoundary) {
  EXPECT_EQ(*form_boundary("multipart/form-data; boundary=abc"), "abc");
  EXPECT_EQ(*form_boundary("Multipart/Form-Data; charset=utf-8; Boundary=\"a b\""), "a b");
  EXPECT_EQ(code_of(form_boundary("application/x-www-form-urlencoded")), Code::PreconditionFailed);
  EXPECT_EQ(code_of(form_boundary("")), Code::PreconditionFailed);
  EXPECT_EQ(code_of(form_boundary("multipart/form-data")), Code::MalformedPOSTRequest);
  EXPECT_EQ(code_of(form_boundary("multipart/form-data; boundary=")), Code::MalformedPOSTRequest);
  EXPECT_EQ(code_of(form_boundary("multipart/form-data; boundary=" + std::string(71, 'b'))), Code::MalformedPOSTRequest);
}

TEST(PostForm, JudgesTheKeyAsAPathWould) {
  const auto key = [](const std::string& value, const std::string& name = "f") {
    PostForm form;
    form.fields.push_back({"key", value});
    form.file_name = name;
    return form_key(form);
  };
  EXPECT_EQ(*key("${filename}/${filename}", "${filename}"), "${filename}/${filename}");
  EXPECT_EQ(code_of(form_key(PostForm())), Code::InvalidArgument);
  EXPECT_EQ(code_of(key("")), Code::UserKeyMustBeSpecified);
  EXPECT_EQ(code_of(key("${filename}", "")), Code::UserKeyMustBeSpecified);
  EXPECT_EQ(code_of(key(std::string(1025, 'k'))), Code::KeyTooLongError);
  EXPECT_EQ(code_of(key("\xFF")), Code::InvalidURI);
  EXPECT_EQ(code_of(key(std::string("a\0b", 3))), Code::InvalidURI);
}

TEST(PostForm, GivesTheHeadersOfAPut) {
  PostForm form;
  form.fields = {{"key", "k"}, {"acl", "private"}, {"content-type", "text/csv"}, {"x-amz-meta-a", "1"}, {"success_action_status", "201"}};
  const auto headers = form_headers(form);
  ASSERT_EQ(headers.size(), 3u);
  EXPECT_EQ(headers[0].name, "x-amz-acl");
  EXPECT_EQ(headers[1].value, "text/csv");
  EXPECT_EQ(headers[2].name, "x-amz-meta-a");
}

// --- the policy

std::string policy_of(const std::string& conditions, const std::string& expiration = "2099-01-01T00:00:00.000Z") {
  return to_base64("{\"expiration\": \"" + expiration + "\", \"conditions\": [" + conditions + "]}");
}

S3Result<void> judge(const std::string& conditions, std::vector<FormField> fields, std::string_view key = "user/k") {
  const auto policy = parse_post_policy(policy_of(conditions));
  if (!policy) return policy.error();
  PostForm form;
  form.fields = std::move(fields);
  form.fields.push_back({"key", "user/${filename}"});
  return check_post_policy(*policy, form, "b", key, kNow);
}

const std::string kPlace = R"({"bucket": "b"}, ["starts-with", "$key", "user/"])";

TEST(PostPolicy, HoldsWhenEveryFieldIsCovered) {
  EXPECT_TRUE(judge(kPlace, {}));
  EXPECT_TRUE(judge(kPlace, {{"policy", "p"}, {"x-amz-signature", "s"}, {"x-ignore-a", "1"}, {"bucket", "b"}}));
  EXPECT_TRUE(judge(R"({"bUcKeT": "b"}, ["StArTs-WiTh", "$KeY", "user/"], ["eq", "$Acl", "private"])", {{"acl", "private"}}));
  EXPECT_TRUE(judge(kPlace + R"(, ["starts-with", "$Content-Type", "image/"])", {{"content-type", "image/png, image/jpeg"}}));
  EXPECT_TRUE(judge(kPlace + R"(, ["starts-with", "$x-amz-meta-a", ""])", {}));
}

TEST(PostPolicy, IsRefusedByNameWhenItDoesNot) {
  const std::tuple<std::string, std::vector<FormField>, std::string> cases[] = {
      {R"(["starts-with", "$key", "user/"])", {}, "Extra input fields: bucket"},
      {kPlace, {{"acl", "private"}}, "Extra input fields: acl"},
      {R"({"bucket": "other"}, ["starts-with", "$key", ""])", {}, "[\"eq\", \"$bucket\", \"other\"]"},
      {R"({"bucket": "b"}, ["starts-with", "$key", "admin/"])", {}, "[\"starts-with\", \"$key\", \"admin/\"]"},
      {kPlace, {{"bucket", "other"}}, "$bucket"},
      {kPlace + R"(, {"acl": "private"})", {}, "$acl"},
      {kPlace + R"(, ["eq", "$acl", "private"])", {{"acl", "public-read"}}, "$acl"},
      {kPlace + R"(, ["starts-with", "$content-type", "image/"])", {{"content-type", "image/png,text/html"}}, "$content-type"},
  };
  for (const auto& [conditions, fields, said] : cases) {
    const auto verdict = judge(conditions, fields);
    ASSERT_EQ(code_of(verdict), Code::AccessDenied) << conditions;
    EXPECT_NE(verdict.error().message.find(said), std::string::npos) << verdict.error().message;
  }
  EXPECT_EQ(code_of(check_post_policy(*parse_post_policy(policy_of(kPlace, "2001-01-01T00:00:00Z")), {}, "b", "user/k", kNow)),
            Code::AccessDenied);
}

TEST(PostPolicy, BoundsTheLength) {
  const auto policy = parse_post_policy(policy_of(R"(["content-length-range", 10, "2000"], ["content-length-range", 1, 1000])"));
  ASSERT_TRUE(policy);
  EXPECT_EQ(policy->length.min, 10u);
  EXPECT_EQ(policy->length.max, 1000u);
}

TEST(PostPolicy, RefusesDocumentsThatAreNone) {
  for (const std::string& text : {std::string("{"), std::string("[]"), std::string("{\"conditions\": []}"),
                                  std::string("{\"expiration\": \"2099-01-01T00:00:00Z\"}"),
                                  std::string("{\"EXPIRATION\": \"2099-01-01T00:00:00Z\", \"conditions\": []}"),
                                  std::string("{\"expiration\": \"tomorrow\", \"conditions\": []}"),
                                  std::string("{\"expiration\": 5, \"conditions\": []}")}) {
    EXPECT_EQ(code_of(parse_post_policy(to_base64(text))), Code::InvalidPolicyDocument) << text;
  }
  for (const char* condition : {"5", "{}", "{\"a\": 5}", "[]", "[\"eq\", \"$a\"]", "[\"eq\", \"a\", \"b\"]", "[\"like\", \"$a\", \"b\"]",
                                "[\"content-length-range\", 0]", "[\"content-length-range\", -1, 5]", "[\"content-length-range\", 1, \"x\"]"}) {
    EXPECT_EQ(code_of(parse_post_policy(policy_of(condition))), Code::InvalidPolicyDocument) << condition;
  }
  EXPECT_EQ(code_of(parse_post_policy("not base64!")), Code::InvalidPolicyDocument);
}

}  // namespace
}  // namespace beffroi::s3
