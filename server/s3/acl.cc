// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/acl.h"

#include <algorithm>
#include <array>

#include "server/s3/headers.h"

namespace beffroi::s3 {
namespace {

using storage::Acl;
using storage::Grant;
using storage::Grantee;
using storage::ObjectOwnership;
using storage::Permission;

constexpr std::string_view kAllUsers = "http://acs.amazonaws.com/groups/global/AllUsers";
constexpr std::string_view kAuthenticatedUsers = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";

constexpr std::array<std::pair<std::string_view, CannedAcl>, 6> kCanned = {{
    {"private", CannedAcl::Private},
    {"public-read", CannedAcl::PublicRead},
    {"public-read-write", CannedAcl::PublicReadWrite},
    {"authenticated-read", CannedAcl::AuthenticatedRead},
    {"bucket-owner-read", CannedAcl::BucketOwnerRead},
    {"bucket-owner-full-control", CannedAcl::BucketOwnerFullControl},
}};

struct PermissionRow {
  Permission permission;
  std::string_view name, header;
};
constexpr PermissionRow kPermissions[] = {
    {Permission::FullControl, "FULL_CONTROL", "x-amz-grant-full-control"},
    {Permission::Write, "WRITE", "x-amz-grant-write"},
    {Permission::WriteAcp, "WRITE_ACP", "x-amz-grant-write-acp"},
    {Permission::Read, "READ", "x-amz-grant-read"},
    {Permission::ReadAcp, "READ_ACP", "x-amz-grant-read-acp"},
};

S3Error invalid(std::string message, std::string_view name, std::string_view value) {
  return S3Error(Code::InvalidArgument, std::move(message))
      .with("ArgumentName", std::string(name))
      .with("ArgumentValue", std::string(value));
}

S3Result<CannedAcl> canned_acl(std::string_view value) {
  for (const auto& [name, canned] : kCanned) {
    if (name == value) return canned;
  }
  return invalid(
      "The canned ACL must be private, public-read, public-read-write, authenticated-read, bucket-owner-read "
      "or "
      "bucket-owner-full-control.",
      "x-amz-acl", value);
}

// One `kind="value"`, quotes optional.
S3Result<Grant> read_grantee(std::string_view text, Permission permission, std::string_view header) {
  const std::size_t equals = text.find('=');
  const std::string kind = lower_case(trim(text.substr(0, equals)));
  std::string_view value = equals == text.npos ? std::string_view() : trim(text.substr(equals + 1));
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
    value = value.substr(1, value.size() - 2);
  if (kind == "emailaddress") return S3Error(Code::UnresolvableGrantByEmailAddress);
  if (kind == "id" && storage::valid_canonical_id(value))
    return Grant{Grantee::User, std::string(value), permission};
  if (kind == "uri") {
    if (const auto group = group_of(value)) return Grant{*group, {}, permission};
    return invalid("Invalid group uri", header, value);
  }
  return invalid(kind == "id" ? "Invalid id" : "Write id=\"...\" or uri=\"...\".", header, text);
}

S3Result<void> read_grants(std::string_view value, const PermissionRow& row, Acl& grants) {
  while (!value.empty()) {
    const std::string_view piece = value.substr(0, value.find(','));
    value.remove_prefix(std::min(piece.size() + 1, value.size()));
    auto grant = read_grantee(trim(piece), row.permission, row.header);
    if (!grant) return grant.error();
    if (grants.size() == storage::kGrantsMax)
      return invalid("An ACL has at most 32 grants.", row.header, piece);
    grants.push_back(std::move(*grant));
  }
  return {};
}

bool grant_fits(const Grant& grant, const AclCaller& who, bool groups) {
  switch (grant.grantee) {
    case Grantee::User:
      return !who.anonymous && grant.user == who.user_id;
    case Grantee::AllUsers:
      return groups;
    case Grantee::AuthenticatedUsers:
      return groups && !who.anonymous;
  }
  return false;
}

S3Error not_supported() {
  return S3Error(Code::AccessControlListNotSupported,
                 "The bucket does not allow ACLs: its object ownership is BucketOwnerEnforced.");
}

bool blocks_public_acls(const storage::Bucket& bucket) {
  return bucket.settings.public_access_block && bucket.settings.public_access_block->block_public_acls;
}

S3Error blocked() {
  return S3Error(Code::AccessDenied,
                 "Access Denied: the bucket's PublicAccessBlock (BlockPublicAcls) forbids public ACLs.");
}

}  // namespace

std::optional<Grantee> group_of(std::string_view uri) {
  if (uri == kAllUsers) return Grantee::AllUsers;
  if (uri == kAuthenticatedUsers) return Grantee::AuthenticatedUsers;
  return std::nullopt;
}

std::string_view group_uri(Grantee group) {
  return group == Grantee::AllUsers ? kAllUsers : kAuthenticatedUsers;
}

std::string_view permission_name(Permission permission) {
  for (const PermissionRow& row : kPermissions) {
    if (row.permission == permission) return row.name;
  }
  return {};
}

std::optional<Permission> permission_from_name(std::string_view name) {
  for (const PermissionRow& row : kPermissions) {
    if (row.name == name) return row.permission;
  }
  return std::nullopt;
}

S3Result<AclWish> read_acl_headers(HeaderSpan headers) {
  AclWish wish;
  if (const auto value = find_header(headers, "x-amz-acl")) {
    const auto canned = canned_acl(*value);
    if (!canned) return canned.error();
    wish.canned = *canned;
  }
  for (const http::Field& field : headers) {
    if (!has_prefix_of_name(field.name, "x-amz-grant-")) continue;
    const std::string name = lower_case(field.name);
    const auto* row = std::find_if(std::begin(kPermissions), std::end(kPermissions),
                                   [&](const PermissionRow& r) { return r.header == name; });
    if (row == std::end(kPermissions)) return invalid("There is no such grant.", name, field.value);
    // A policy's condition looks at one line.
    if (find_header(headers, name)->data() != field.value.data()) return invalid("A grant stands in one line.", name, field.value);
    if (!wish.grants) wish.grants.emplace();
    if (auto read = read_grants(field.value, *row, *wish.grants); !read) return read.error();
  }
  if (wish.canned && wish.grants)
    return S3Error(Code::InvalidRequest, "Specifying both Canned ACLs and Header Grants is not allowed");
  return wish;
}

std::optional<Acl> canned_grants(CannedAcl canned, const std::string& owner,
                                 const std::string& bucket_owner) {
  const Grant own{Grantee::User, owner, Permission::FullControl};
  const Grant everyone_reads{Grantee::AllUsers, {}, Permission::Read};
  switch (canned) {
    case CannedAcl::Private:
      return std::nullopt;
    case CannedAcl::PublicRead:
      return Acl{everyone_reads, own};
    case CannedAcl::PublicReadWrite:
      return Acl{everyone_reads, {Grantee::AllUsers, {}, Permission::Write}, own};
    case CannedAcl::AuthenticatedRead:
      return Acl{{Grantee::AuthenticatedUsers, {}, Permission::Read}, own};
    case CannedAcl::BucketOwnerRead:
      if (owner == bucket_owner) return std::nullopt;
      return Acl{own, {Grantee::User, bucket_owner, Permission::Read}};
    case CannedAcl::BucketOwnerFullControl:
      if (owner == bucket_owner) return std::nullopt;
      return Acl{own, {Grantee::User, bucket_owner, Permission::FullControl}};
  }
  return std::nullopt;
}

bool is_public(const std::optional<Acl>& acl) {
  return acl && std::any_of(acl->begin(), acl->end(),
                            [](const Grant& grant) { return grant.grantee != Grantee::User; });
}

bool acl_allows(const std::optional<Acl>& acl, std::string_view owner, const AclCaller& who,
                Permission wanted, bool ignore_groups, bool named_only) {
  const bool is_owner = !who.anonymous && who.user_id == owner;
  if (is_owner && (!acl || wanted == Permission::ReadAcp || wanted == Permission::WriteAcp)) return true;
  if (!acl) return false;
  return std::any_of(acl->begin(), acl->end(), [&](const Grant& grant) {
    return (grant.permission == wanted || grant.permission == Permission::FullControl) &&
           grant_fits(grant, who, !ignore_groups && !named_only);
  });
}

std::string_view ownership_name(ObjectOwnership ownership) {
  switch (ownership) {
    case ObjectOwnership::BucketOwnerEnforced:
      return "BucketOwnerEnforced";
    case ObjectOwnership::BucketOwnerPreferred:
      return "BucketOwnerPreferred";
    case ObjectOwnership::ObjectWriter:
      return "ObjectWriter";
  }
  return {};
}

std::optional<ObjectOwnership> ownership_from_name(std::string_view name) {
  for (const auto ownership : {ObjectOwnership::BucketOwnerEnforced, ObjectOwnership::BucketOwnerPreferred,
                               ObjectOwnership::ObjectWriter}) {
    if (ownership_name(ownership) == name) return ownership;
  }
  return std::nullopt;
}

ObjectOwnership ownership_of(const storage::Bucket& bucket) {
  return bucket.settings.ownership.value_or(ObjectOwnership::ObjectWriter);
}

S3Result<std::optional<Acl>> replacing_acl(const AclWish& wish, const storage::Bucket& bucket,
                                           const std::string& owner) {
  if (ownership_of(bucket) == ObjectOwnership::BucketOwnerEnforced) {
    const bool owner_alone =
        wish.grants && *wish.grants == Acl{{Grantee::User, owner, Permission::FullControl}};
    if (!wish.is_plain() && !owner_alone) return not_supported();
    return std::optional<Acl>();
  }
  std::optional<Acl> acl = wish.grants;
  if (wish.canned) acl = canned_grants(*wish.canned, owner, bucket.owner);
  if (is_public(acl) && blocks_public_acls(bucket)) return blocked();
  return acl;
}

S3Result<ObjectRights> object_rights(const AclWish& wish, const storage::Bucket& bucket,
                                     const std::string& writer) {
  const ObjectOwnership ownership = ownership_of(bucket);
  const bool given =
      ownership == ObjectOwnership::BucketOwnerPreferred && wish.canned == CannedAcl::BucketOwnerFullControl;
  ObjectRights rights{ownership == ObjectOwnership::BucketOwnerEnforced || given ? bucket.owner : writer, {}};
  auto acl = replacing_acl(wish, bucket, rights.owner);
  if (acl.has_error()) return acl.error();
  rights.acl = std::move(*acl);
  return rights;
}

}  // namespace beffroi::s3
