// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/customer_key.h"

#include "crypto/md5.h"
#include "server/s3/headers.h"

namespace beffroi::s3 {
namespace {

S3Error argument_error(std::string name, std::string message) {
  return S3Error(Code::InvalidArgument, std::move(message)).with("ArgumentName", std::move(name));
}

}  // namespace

S3Result<std::optional<CustomerKey>> read_customer_key(HeaderSpan headers, KeyOf of) {
  const std::string family = std::string(of == KeyOf::CopySource ? "x-amz-copy-source-server-side-encryption-customer-"
                                                                 : "x-amz-server-side-encryption-customer-");
  const auto algorithm = find_header(headers, family + "algorithm");
  const auto key = find_header(headers, family + "key");
  const auto md5 = find_header(headers, family + "key-md5");
  if (!algorithm && !key && !md5) return std::optional<CustomerKey>();
  if (!algorithm) return argument_error(family + "algorithm", "Requests with a customer's key must name its algorithm, AES256.");
  if (*algorithm != "AES256") {
    return S3Error(Code::InvalidEncryptionAlgorithmError).with("ArgumentName", family + "algorithm").with("ArgumentValue", std::string(*algorithm));
  }
  if (of == KeyOf::Object && has_header(headers, "x-amz-server-side-encryption")) {
    return argument_error("x-amz-server-side-encryption", "A customer's key cannot be combined with another server-side encryption.");
  }
  if (!key) return argument_error(family + "key", "Requests with a customer's key must provide it.");
  if (!md5) return argument_error(family + "key-MD5", "Requests with a customer's key must provide the MD5 of the key.");
  auto raw = from_base64(*key);
  if (!raw || raw->size() != crypto::kKeyBytes) {
    return argument_error(family + "key", "The customer's key must be 32 bytes in base64, as its algorithm AES256 has it.");
  }
  CustomerKey found{crypto::CustomerKey(*raw), std::string(*md5)};
  const bool same = to_base64(crypto::md5(*raw)) == *md5;
  crypto::wipe(*raw);
  if (!same) return argument_error(family + "key-MD5", "The MD5 of the customer's key is another than the one that was provided.");
  return std::optional<CustomerKey>(std::move(found));
}

S3Result<void> check_customer_key(const std::optional<CustomerKey>& given, const storage::ObjectFields& fields) {
  if (fields.customer_check.empty()) {
    if (!given) return {};
    return S3Error(Code::InvalidRequest, "The encryption parameters are not applicable to this object: it has no customer's key.");
  }
  if (!given) {
    return S3Error(Code::InvalidRequest, "The object is encrypted with a customer's key: the request must provide it, with its algorithm and MD5.");
  }
  if (crypto::is_customer_key_of(given->key, fields.customer_check)) return {};
  return S3Error(Code::InvalidRequest, "The object is encrypted with another customer's key than the one that was provided.");
}

}  // namespace beffroi::s3
