// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/router.h"

#include <algorithm>

#include "server/s3/headers.h"

namespace beffroi::s3 {
namespace {

// Query keys that change what an operation does; given twice, one reader might take the first and another the
// last.
constexpr std::string_view kModifiers[] = {"partNumber", "versionId"};

S3Result<std::string_view> find_subresource(const Query& query) {
  std::string_view found;
  for (const QueryParameter& parameter : query.parameters()) {
    if (!is_subresource(parameter.name)) continue;
    if (!found.empty()) {
      return S3Error(Code::InvalidArgument,
                     "Conflicting query string parameters: " + std::string(found) + ", " + parameter.name)
          .with("ArgumentName", "ResourceType")
          .with("ArgumentValue", parameter.name);
    }
    found = parameter.name;
  }
  return found;
}

S3Result<void> check_modifiers(const Query& query) {
  for (std::string_view name : kModifiers) {
    const auto named = [name](const QueryParameter& p) { return p.name == name; };
    if (std::count_if(query.parameters().begin(), query.parameters().end(), named) > 1) {
      return S3Error(Code::InvalidArgument, std::string(name) + " is given twice.")
          .with("ArgumentName", std::string(name));
    }
  }
  return {};
}

S3Error no_operation(Method method, Level level, std::string_view subresource) {
  std::string allowed;
  for (const OperationRow& row : operation_table()) {
    if (row.level != level || row.subresource != subresource) continue;
    const std::string_view name = method_name(row.method);
    if (allowed.find(name) != std::string::npos) continue;
    if (!allowed.empty()) allowed += ", ";
    allowed += name;
  }
  return S3Error(Code::MethodNotAllowed)
      .with("Method", std::string(method_name(method)))
      .with("ResourceType", std::string(subresource.empty() ? "OBJECT" : subresource))
      .with("Allow", allowed);
}

Level level_of(const Address& address) {
  if (address.bucket.empty()) return Level::Service;
  return address.key.empty() ? Level::Bucket : Level::Object;
}

}  // namespace

S3Result<Operation> route(Method method, Level level, const Query& query, bool copy_source) {
  // A browser asks with the very target that it means to use, whatever operation that is.
  if (method == Method::Options && level != Level::Service) return Operation::CorsPreflight;
  S3Result<std::string_view> subresource = find_subresource(query);
  if (!subresource) return subresource.error();
  if (S3Result<void> good = check_modifiers(query); !good) return good.error();
  std::string_view key = *subresource;
  // `list-type` says which version of the listing; only 2 is one of its own.
  if (key == "list-type" && *query.find(key) != "2") key = {};

  const OperationRow* found = nullptr;
  for (const OperationRow& row : operation_table()) {
    if (row.method != method || row.level != level || row.subresource != key) continue;
    if (row.header.empty() ? found == nullptr : copy_source) found = &row;
  }
  if (found == nullptr) {
    for (const AbsentRow& row : absent_table()) {
      if (row.method == method && row.level == level && row.subresource == key) {
        return S3Error(Code::NotImplemented, std::string(row.name) + " is not implemented.");
      }
    }
    return no_operation(method, level, key);
  }
  // A PUT with half of a part's address must not store an object.
  const bool part =
      found->operation == Operation::UploadPart || found->operation == Operation::UploadPartCopy;
  const bool whole = found->operation == Operation::PutObject || found->operation == Operation::CopyObject;
  if ((part && !query.has("partNumber")) || (whole && query.has("partNumber"))) {
    return S3Error(Code::InvalidArgument, "A part is addressed by both partNumber and uploadId.")
        .with("ArgumentName", part ? "partNumber" : "uploadId");
  }
  return found->operation;
}

S3Result<ParsedRequest> parse_request(const RequestView& view, const Domains& domains) {
  S3Result<Address> address = parse_address(view.host, view.path, domains);
  if (!address) return address.error();
  S3Result<Query> query = Query::parse(view.query);
  if (!query) return query.error();
  const std::optional<Method> method = parse_method(view.method);
  if (!method) {
    return S3Error(Code::MethodNotAllowed).with("Method", std::string(view.method));
  }
  S3Result<Operation> operation =
      route(*method, level_of(*address), *query, has_header(view.headers, "x-amz-copy-source"));
  if (!operation) return operation.error();
  return ParsedRequest{view, *operation, std::move(*address), std::move(*query)};
}

}  // namespace beffroi::s3
