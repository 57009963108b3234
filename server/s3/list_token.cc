// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/list_token.h"

#include "crypto/bytes.h"

namespace beffroi::s3 {
namespace {
constexpr char kVersion = 1;
constexpr std::size_t kTokenCharactersMax = 2048;  // a key of 1 024 bytes is 1 367
}  // namespace

std::string encode_list_token(std::string_view last) {
  std::string bytes(1, kVersion);
  bytes += last;
  return to_base64url(bytes);
}

S3Result<std::string> decode_list_token(std::string_view token) {
  const S3Error invalid = S3Error(Code::InvalidArgument, "The continuation token provided is incorrect")
                              .with("ArgumentName", "continuation-token");
  if (token.size() > kTokenCharactersMax) return invalid;
  std::optional<Bytes> bytes = from_base64url(token);
  if (!bytes || bytes->size() < 2 || bytes->front() != kVersion) return invalid;
  return bytes->substr(1);
}

}  // namespace beffroi::s3
