// SPDX-License-Identifier: EUPL-1.2
// Operations on what decides access: bucket policy, PublicAccessBlock, object ownership, access control lists. Each change is judged
// against the settings as they are at its commit, and its record says what was replaced and what by.
#include <algorithm>

#include "server/s3/call.h"
#include "server/s3/headers.h"
#include "server/s3/xml_access.h"

namespace beffroi::s3 {
namespace {

using boost::asio::awaitable;
using storage::BucketSettings;
using storage::ObjectOwnership;

// An edit that answers for itself: the committer only hears that it was refused.
using Edit = std::function<S3Result<void>(BucketSettings&)>;

awaitable<S3Result<void>> edit_bucket(Call& call, Edit edit, unsigned status) {
  S3Result<void> fine;
  auto change = [&](BucketSettings& settings) -> Result<void> {
    fine = edit(settings);
    if (!fine) return storage::EngineErrc::InvalidArgument;
    return {};
  };
  auto done = co_await call.change_bucket(change, status);
  if (!fine) co_return fine.error();
  co_return done;
}

S3Error admin_only(std::string_view what) {
  return S3Error(Code::AccessDenied,
                 "Only an administrator of the collectivity may " + std::string(what) + ".");
}

// For audit records: JSON, of names, ids and addresses that need no escape.
std::string block_text(const std::optional<storage::PublicAccessBlock>& block) {
  if (!block) return {};
  const auto flag = [](bool value) { return value ? "true" : "false"; };
  return std::string("{\"BlockPublicAcls\":") + flag(block->block_public_acls) +
         ",\"IgnorePublicAcls\":" + flag(block->ignore_public_acls) +
         ",\"BlockPublicPolicy\":" + flag(block->block_public_policy) +
         ",\"RestrictPublicBuckets\":" + flag(block->restrict_public_buckets) + "}";
}

std::string ownership_text(const std::optional<ObjectOwnership>& ownership) {
  return ownership ? "{\"ObjectOwnership\":\"" + std::string(ownership_name(*ownership)) + "\"}"
                   : std::string();
}

std::string acl_text(const std::optional<storage::Acl>& acl) {
  if (!acl) return {};
  std::string text;
  for (const storage::Grant& grant : *acl) {
    const std::string grantee =
        grant.grantee == storage::Grantee::User ? grant.user : std::string(group_uri(grant.grantee));
    text += (text.empty() ? "{\"" : ",{\"") + std::string("Grantee\":\"") + grantee + "\",\"Permission\":\"" +
            std::string(permission_name(grant.permission)) + "\"}";
  }
  return "[" + text + "]";
}

bool grants_others(const storage::Acl& acl, const std::string& owner) {
  return std::any_of(acl.begin(), acl.end(), [&](const storage::Grant& grant) {
    return grant.grantee != storage::Grantee::User || grant.user != owner;
  });
}

bool enforced(const BucketSettings& settings) {
  return settings.ownership == ObjectOwnership::BucketOwnerEnforced;
}

// Whether `after` leaves something open that `before` shut.
bool lowers(const std::optional<storage::PublicAccessBlock>& before,
            const storage::PublicAccessBlock& after) {
  if (!before) return false;
  return (before->block_public_acls && !after.block_public_acls) ||
         (before->ignore_public_acls && !after.ignore_public_acls) ||
         (before->block_public_policy && !after.block_public_policy) ||
         (before->restrict_public_buckets && !after.restrict_public_buckets);
}

std::vector<GrantEntry> shown(const storage::Engine& engine, const storage::Acl& acl) {
  std::vector<GrantEntry> entries;
  for (const storage::Grant& grant : acl) {
    GrantEntry entry{grant, {}};
    if (grant.grantee == storage::Grantee::User)
      entry.display_name = owner_of(engine, grant.user).display_name;
    entries.push_back(std::move(entry));
  }
  return entries;
}

// Under BucketOwnerEnforced a list that was stored before is not shown: it says nothing.
std::string acl_document(const Call& call, const std::string& owner, const std::optional<storage::Acl>& acl) {
  const bool ignored = ownership_of(call.bucket()) == ObjectOwnership::BucketOwnerEnforced;
  if (ignored || !acl) return acl_xml(owner_of(call.engine(), ignored ? call.bucket().owner : owner));
  return acl_xml(owner_of(call.engine(), owner), shown(call.engine(), *acl));
}

// What a PUT ?acl asks for: in headers, or in a document. `owner` of the document must be the owner, who cannot be changed so.
struct AclPut {
  AclWish wish;
  std::string owner;
};
awaitable<S3Result<AclPut>> read_acl_put(Call& call) {
  auto wish = read_acl_headers(call.view().headers);
  if (!wish) co_return wish.error();
  AclPut put{std::move(*wish), {}};
  std::string document;
  if (call.body.length() != std::optional<std::uint64_t>(0)) {
    auto read = co_await call.document();
    if (!read) co_return read.error();
    document = std::move(*read);
  }
  if (put.wish.any()) {
    if (!document.empty())
      co_return S3Error(Code::InvalidRequest, "An ACL stands in the headers or in the body, not in both.");
  } else {
    if (document.empty())
      co_return S3Error(Code::MissingSecurityHeader,
                        "Your request was missing a required header: x-amz-acl, x-amz-grant-... or a body.");
    auto policy = parse_acl(document);
    if (!policy) co_return policy.error();
    put.owner = std::move(policy->owner);
    put.wish.grants = std::move(policy->grants);
  }
  if (put.wish.grants) {
    if (auto known = check_grantees(call, *put.wish.grants); !known) co_return known.error();
  }
  co_return std::move(put);
}

S3Result<std::optional<storage::Acl>> acl_put(const AclPut& put, const storage::Bucket& bucket,
                                              const std::string& owner) {
  if (!put.owner.empty() && put.owner != owner)
    return S3Error(Code::AccessDenied, "The owner cannot be changed by an ACL.");
  return replacing_acl(put.wish, bucket, owner);
}

// The bucket as an edit finds it.
storage::Bucket with(const storage::Bucket& bucket, const BucketSettings& settings) {
  storage::Bucket now = bucket;
  now.settings = settings;
  return now;
}

}  // namespace

// --- policy

Answer get_bucket_policy(Call& call) {
  const std::string& policy = call.bucket().settings.policy;
  if (policy.empty()) co_return S3Error(Code::NoSuchBucketPolicy).with("BucketName", call.bucket().name);
  auto head = call.head(200);
  head.add("Content-Type", "application/json");
  (void)co_await call.sink.send(std::move(head), policy);
  co_return S3Result<void>();
}

Answer put_bucket_policy(Call& call) {
  auto document = co_await call.document();
  if (!document) co_return document.error();
  const auto collectivity = call.engine().directory().collectivity(call.collectivity());
  auto policy = parse_policy(*document, place_of(call.bucket(), *collectivity));
  if (!policy) co_return policy.error();
  const bool open = is_public(*policy);
  auto edit = [&](BucketSettings& settings) -> S3Result<void> {
    if (open && settings.public_access_block && settings.public_access_block->block_public_policy) {
      return S3Error(
          Code::AccessDenied,
          "Access Denied: the bucket's PublicAccessBlock (BlockPublicPolicy) forbids public policies.");
    }
    settings.policy = *document;
    return {};
  };
  call.record.before = call.bucket().settings.policy;
  call.record.after = *document;
  auto done = co_await edit_bucket(call, edit, 204);
  co_return done;
}

Answer delete_bucket_policy(Call& call) {
  auto edit = [](BucketSettings& settings) -> S3Result<void> {
    settings.policy.clear();
    return {};
  };
  call.record.before = call.bucket().settings.policy;
  auto done = co_await edit_bucket(call, edit, 204);
  co_return done;
}

Answer get_bucket_policy_status(Call& call) {
  if (call.bucket().settings.policy.empty())
    co_return S3Error(Code::NoSuchBucketPolicy).with("BucketName", call.bucket().name);
  const auto collectivity = call.engine().directory().collectivity(call.collectivity());
  auto policy = parse_policy(call.bucket().settings.policy, place_of(call.bucket(), *collectivity));
  const std::string document = policy_status_xml(policy && is_public(*policy));
  co_return co_await call.answer_xml(document);
}

// --- PublicAccessBlock

Answer get_public_access_block(Call& call) {
  const auto& block = call.bucket().settings.public_access_block;
  if (!block)
    co_return S3Error(Code::NoSuchPublicAccessBlockConfiguration).with("BucketName", call.bucket().name);
  const std::string document = public_access_block_xml(*block);
  co_return co_await call.answer_xml(document);
}

Answer put_public_access_block(Call& call) {
  auto document = co_await call.document();
  if (!document) co_return document.error();
  const auto block = parse_public_access_block(*document);
  if (!block) co_return block.error();
  const bool admin = call.request.is_admin();
  auto edit = [&](BucketSettings& settings) -> S3Result<void> {
    if (!admin && lowers(settings.public_access_block, *block))
      return admin_only("lower the PublicAccessBlock of a bucket");
    settings.public_access_block = *block;
    return {};
  };
  call.record.before = block_text(call.bucket().settings.public_access_block);
  call.record.after = block_text(*block);
  auto done = co_await edit_bucket(call, edit, 200);
  co_return done;
}

Answer delete_public_access_block(Call& call) {
  const bool admin = call.request.is_admin();
  auto edit = [&](BucketSettings& settings) -> S3Result<void> {
    if (!admin && lowers(settings.public_access_block, {}))
      return admin_only("remove the PublicAccessBlock of a bucket");
    settings.public_access_block.reset();
    return {};
  };
  call.record.before = block_text(call.bucket().settings.public_access_block);
  auto done = co_await edit_bucket(call, edit, 204);
  co_return done;
}

// --- object ownership

Answer get_bucket_ownership_controls(Call& call) {
  const auto& ownership = call.bucket().settings.ownership;
  if (!ownership)
    co_return S3Error(Code::OwnershipControlsNotFoundError).with("BucketName", call.bucket().name);
  const std::string document = ownership_xml(*ownership);
  co_return co_await call.answer_xml(document);
}

Answer put_bucket_ownership_controls(Call& call) {
  auto document = co_await call.document();
  if (!document) co_return document.error();
  const auto ownership = parse_ownership(*document);
  if (!ownership) co_return ownership.error();
  const bool admin = call.request.is_admin();
  auto edit = [&](BucketSettings& settings) -> S3Result<void> {
    const bool enforces = *ownership == ObjectOwnership::BucketOwnerEnforced;
    if (!admin && enforced(settings) && !enforces)
      return admin_only("lower a bucket's object ownership from BucketOwnerEnforced");
    // What its list grants would end in silence: the owner ends it first.
    if (enforces && settings.acl && grants_others(*settings.acl, call.bucket().owner))
      return S3Error(Code::InvalidBucketAclWithObjectOwnership);
    settings.ownership = *ownership;
    return {};
  };
  call.record.before = ownership_text(call.bucket().settings.ownership);
  call.record.after = ownership_text(*ownership);
  auto done = co_await edit_bucket(call, edit, 200);
  co_return done;
}

Answer delete_bucket_ownership_controls(Call& call) {
  const bool admin = call.request.is_admin();
  auto edit = [&](BucketSettings& settings) -> S3Result<void> {
    if (!admin && enforced(settings))
      return admin_only("lower a bucket's object ownership from BucketOwnerEnforced");
    settings.ownership.reset();
    return {};
  };
  call.record.before = ownership_text(call.bucket().settings.ownership);
  auto done = co_await edit_bucket(call, edit, 204);
  co_return done;
}

// --- access control lists

Answer get_bucket_acl(Call& call) {
  const std::string document = acl_document(call, call.bucket().owner, call.bucket().settings.acl);
  co_return co_await call.answer_xml(document);
}

Answer put_bucket_acl(Call& call) {
  auto put = co_await read_acl_put(call);
  if (!put) co_return put.error();
  const auto now = acl_put(*put, call.bucket(), call.bucket().owner);
  if (now.has_error()) co_return now.error();
  call.record.before = acl_text(call.bucket().settings.acl);
  call.record.after = acl_text(*now);
  auto edit = [&](BucketSettings& settings) -> S3Result<void> {
    auto acl = acl_put(*put, with(call.bucket(), settings), call.bucket().owner);
    if (acl.has_error()) return acl.error();
    settings.acl = std::move(*acl);
    return {};
  };
  auto done = co_await edit_bucket(call, edit, 200);
  co_return done;
}

Answer get_object_acl(Call& call) {
  auto reader = co_await open_object(call, false);
  if (!reader) co_return reader.error();
  const storage::Object& object = reader->object();
  auto head = call.head(200);
  head.add("Content-Type", "application/xml");
  if (is_versioned(call.bucket())) head.add("x-amz-version-id", shown_version(object));
  (void)co_await call.sink.send(std::move(head), acl_document(call, object.owner, object.acl));
  co_return S3Result<void>();
}

Answer put_object_acl(Call& call) {
  auto put = co_await read_acl_put(call);
  if (!put) co_return put.error();
  S3Result<void> fine;
  storage::Engine::ObjectEdit edit = [&](storage::ObjectFields& object, std::int64_t) -> Result<void> {
    auto acl = acl_put(*put, call.bucket(), object.owner);
    if (acl.has_error()) {
      fine = acl.error();
      return storage::EngineErrc::InvalidArgument;
    }
    object.acl = std::move(*acl);
    return {};
  };
  auto done = co_await call.change_object(std::move(edit), 200);
  if (!fine) co_return fine.error();
  co_return done;
}

}  // namespace beffroi::s3
