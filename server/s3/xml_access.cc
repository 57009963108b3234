// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/xml_access.h"

#include "server/s3/acl.h"
#include "server/s3/headers.h"
#include "server/s3/xml_tree.h"

namespace beffroi::s3 {
namespace {

S3Error malformed() { return S3Error(Code::MalformedXML); }
S3Error malformed_acl() { return S3Error(Code::MalformedACLError); }

S3Error invalid(std::string message, std::string_view name, const std::string& value) {
  return S3Error(Code::InvalidArgument, std::move(message))
      .with("ArgumentName", std::string(name))
      .with("ArgumentValue", value);
}

// The one child of that name, or null when there is none, or more.
const XmlElement* only_child(const XmlElement& element, std::string_view name) {
  const auto child = element.child(name);
  return child ? *child : nullptr;
}

// A grantee is what it names: the attribute xsi:type says no more.
S3Result<storage::Grant> read_grantee(const XmlElement& grantee, storage::Permission permission) {
  const XmlElement *id = only_child(grantee, "ID"), *uri = only_child(grantee, "URI");
  const XmlElement* mail = only_child(grantee, "EmailAddress");
  if ((id != nullptr) + (uri != nullptr) + (mail != nullptr) != 1) return malformed_acl();
  if (mail) return S3Error(Code::UnresolvableGrantByEmailAddress);
  if (id) {
    if (!storage::valid_canonical_id(id->trimmed())) return invalid("Invalid id", "CanonicalUser/ID", id->trimmed());
    return storage::Grant{storage::Grantee::User, id->trimmed(), permission};
  }
  const auto group = group_of(uri->trimmed());
  if (!group) return invalid("Invalid group uri", "Group/URI", uri->trimmed());
  return storage::Grant{*group, {}, permission};
}

}  // namespace

S3Result<AccessControlPolicy> parse_acl(std::string_view body) {
  const auto root = parse_xml(body, "AccessControlPolicy");
  if (!root) return malformed_acl();
  AccessControlPolicy policy;
  if (const XmlElement* owner = only_child(*root, "Owner")) {
    if (const XmlElement* id = only_child(*owner, "ID")) policy.owner = id->trimmed();
  }
  const XmlElement* list = only_child(*root, "AccessControlList");
  if (list == nullptr) return malformed_acl();
  for (const XmlElement* grant : list->all("Grant")) {
    if (policy.grants.size() == storage::kGrantsMax) return S3Error(Code::MalformedACLError, "An ACL has at most 32 grants.");
    const XmlElement *grantee = only_child(*grant, "Grantee"), *permission = only_child(*grant, "Permission");
    const auto known = permission ? permission_from_name(permission->trimmed()) : std::nullopt;
    if (grantee == nullptr || !known) return malformed_acl();
    auto read = read_grantee(*grantee, *known);
    if (!read) return read.error();
    policy.grants.push_back(std::move(*read));
  }
  return policy;
}

S3Result<storage::ObjectOwnership> parse_ownership(std::string_view body) {
  const auto root = parse_xml(body, "OwnershipControls");
  if (!root) return root.error();
  const XmlElement* rule = only_child(*root, "Rule");
  const XmlElement* text = rule ? only_child(*rule, "ObjectOwnership") : nullptr;
  const auto ownership = text ? ownership_from_name(text->trimmed()) : std::nullopt;
  if (!ownership) return malformed();
  return *ownership;
}

S3Result<storage::PublicAccessBlock> parse_public_access_block(std::string_view body) {
  const auto root = parse_xml(body, "PublicAccessBlockConfiguration");
  if (!root) return root.error();
  storage::PublicAccessBlock block;
  const std::pair<std::string_view, bool*> flags[] = {
      {"BlockPublicAcls", &block.block_public_acls},
      {"IgnorePublicAcls", &block.ignore_public_acls},
      {"BlockPublicPolicy", &block.block_public_policy},
      {"RestrictPublicBuckets", &block.restrict_public_buckets},
  };
  for (const auto& [name, flag] : flags) {
    const auto child = root->child(name);
    if (!child) return child.error();
    if (*child == nullptr) continue;
    const std::string value = lower_case((*child)->trimmed());  // some clients write True
    if (value != "true" && value != "false") return malformed();
    *flag = value == "true";
  }
  return block;
}

}  // namespace beffroi::s3
