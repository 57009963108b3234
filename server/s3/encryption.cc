// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/encryption.h"

#include "server/s3/xml_tree.h"
#include "server/s3/xml_writer.h"

namespace beffroi::s3 {

S3Result<void> check_encryption_document(std::string_view body) {
  const auto root = parse_xml(body, "ServerSideEncryptionConfiguration");
  if (!root) return root.error();
  const auto rules = root->all("Rule");
  if (rules.size() != 1) return S3Error(Code::MalformedXML);
  const auto by_default = rules.front()->child("ApplyServerSideEncryptionByDefault");
  if (!by_default) return by_default.error();
  if (*by_default == nullptr) return S3Error(Code::MalformedXML);
  const auto algorithm = (*by_default)->child_text("SSEAlgorithm");
  if (!algorithm) return algorithm.error();
  if (algorithm->starts_with("aws:")) {
    return S3Error(Code::NotImplemented, "Keys of KMS are not implemented: everything is encrypted with AES256.")
        .with("ArgumentName", "SSEAlgorithm")
        .with("ArgumentValue", *algorithm);
  }
  if (*algorithm != "AES256") return S3Error(Code::MalformedXML);
  const auto key = (*by_default)->child_text("KMSMasterKeyID");
  if (!key) return key.error();
  if (!key->empty()) {
    return S3Error(Code::InvalidArgument, "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms")
        .with("ArgumentName", "KMSMasterKeyID");
  }
  return {};
}

std::string encryption_xml() {
  XmlWriter xml("ServerSideEncryptionConfiguration");
  xml.open("Rule");
  xml.open("ApplyServerSideEncryptionByDefault");
  xml.element("SSEAlgorithm", "AES256");
  xml.close();
  xml.flag("BucketKeyEnabled", false);
  return std::move(xml).finish();
}

}  // namespace beffroi::s3
