// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/authorize.h"

#include <algorithm>

#include "server/s3/call.h"
#include "server/s3/headers.h"

namespace beffroi::s3 {
namespace {

using boost::asio::awaitable;
using storage::CollectivityId;
using storage::CollectivityState;
using storage::EngineErrc;
using storage::Role;

bool names(std::string_view text, const storage::Collectivity& collectivity) {
  return text == collectivity.siren || text == collectivity.slug || text == "000" + collectivity.siren;
}

S3Result<void> expected_owner(const ParsedRequest& parsed, std::string_view header,
                              const storage::Collectivity& owner) {
  const auto expected = find_header(parsed.view.headers, header);
  if (expected && !names(*expected, owner)) {
    return S3Error(Code::AccessDenied,
                   "The bucket belongs to another collectivity than " + std::string(header) + " says.");
  }
  return {};
}

// A prefix that a listing asks for must lie inside the key's own.
std::string_view key_judged(const ParsedRequest& parsed) {
  if (!parsed.address.key.empty()) return parsed.address.key;
  const std::string* prefix = parsed.query.find("prefix");
  return prefix ? std::string_view(*prefix) : std::string_view();
}

std::optional<std::string_view> given(const std::string* text) {
  return text ? std::optional<std::string_view>(*text) : std::nullopt;
}

// x-amz-tagging is written like a query. What is malformed is refused by the operation.
storage::Tags tags_in_header(HeaderSpan headers) {
  storage::Tags tags;
  auto query = Query::parse(find_header(headers, "x-amz-tagging").value_or(""));
  if (!query) return tags;
  query->read_plus_as_space();
  for (const QueryParameter& parameter : query->parameters())
    tags.emplace_back(parameter.name, parameter.value);
  return tags;
}

// The question without its bucket, policy and object. Views into `verified`.
Question question(const VerifiedRequest& verified, const Deed& deed) {
  Question q;
  if (const auto& identity = verified.identity()) {
    q.request.anonymous = false;
    q.request.siren = identity->collectivity->siren;
    q.request.slug = identity->collectivity->slug;
    q.request.user = identity->user->name;
    q.collectivity = identity->collectivity->id;
    q.role = identity->user->role;
    q.user_id = identity->user->canonical_id;
  }
  q.request.action = deed.action;
  q.request.key = deed.key;
  q.access = deed.access;
  q.new_object = deed.new_object && deed.action == "s3:PutObjectAcl";
  q.request.object_known = deed.new_object;
  const bool puts_tags = deed.action == "s3:PutObjectTagging" || deed.action == "s3:PutObjectVersionTagging";
  q.request.request_tags_known = !puts_tags || deed.new_object;  // else they stand in the body
  return q;
}

// What a copy says of its source. Other requests may carry the same headers, a form the same fields: there they mean nothing.
void add_copy(PolicyRequest& request, const ParsedRequest& parsed) {
  const bool of_object = parsed.operation == Operation::CopyObject;
  if (!of_object && parsed.operation != Operation::UploadPartCopy) return;
  const HeaderSpan headers = parsed.view.headers;
  if (of_object) request.metadata_directive = find_header(headers, "x-amz-metadata-directive");
  const auto source = parse_copy_source(find_header(headers, "x-amz-copy-source").value_or(""));
  if (!source) return;  // refused by the operation
  request.copy_source = (source->scope ? source->slug + ":" : std::string()) + source->bucket + "/" + source->key;
}

Question question(const VerifiedRequest& verified, const Place& place, const Deed& deed) {
  Question q = question(verified, deed);
  q.bucket = place.bucket.get();
  q.policy = place.policy.get();
  q.request.bucket = place.bucket->name;
  if (q.policy == nullptr) return q;
  const ParsedRequest& parsed = verified.parsed();
  q.request.prefix = given(parsed.query.find("prefix"));
  q.request.delimiter = given(parsed.query.find("delimiter"));
  q.request.max_keys = given(parsed.query.find("max-keys"));
  q.request.version_id = deed.version;
  const HeaderSpan headers = parsed.view.headers;
  q.request.headers = headers;
  add_copy(q.request, parsed);
  q.request.request_tags = tags_in_header(headers);
  q.request.source = verified.source();
  q.request.secure = verified.secure();
  q.request.now_ms = verified.now_ms();
  return q;
}

Verdict judge_with(Question q, const storage::ObjectFields* object) {
  q.request.object_known = true;
  if (object != nullptr) {
    q.request.existing_tags = &object->tags;
    q.object = JudgedObject{object->owner, &object->acl};
  }
  return judge(q);
}

Deed deed_of(const ParsedRequest& parsed) {
  const OperationRow& row = operation_row(parsed.operation);
  Deed deed{.action = row.action, .access = row.access};
  if (!parsed.address.key.empty()) {  // a form's stands in its body
    deed.key = parsed.address.key;
    deed.version = given(parsed.query.find("versionId"));
    if (deed.version) deed.action = action_on_version(row.action);
  }
  return deed;
}

// What an operation does beside its own action, each to be allowed too.
std::vector<Deed> further_deeds(const ParsedRequest& parsed) {
  std::vector<Deed> deeds;
  const std::string_view key = parsed.address.key;
  const HeaderSpan headers = parsed.view.headers;
  const auto needs = [&](std::string_view action) { deeds.push_back({action, Access::Write, key, std::nullopt, true}); };
  switch (parsed.operation) {
    case Operation::PutObject:
    case Operation::PostObject:
    case Operation::CopyObject:
    case Operation::CreateMultipartUpload: {
      const auto wish = read_acl_headers(headers);
      if (!wish || !wish->is_plain())
        needs("s3:PutObjectAcl");  // a malformed one is refused by the operation
      if (!find_header(headers, "x-amz-tagging").value_or("").empty()) needs("s3:PutObjectTagging");
      if (has_header(headers, "x-amz-object-lock-mode") ||
          has_header(headers, "x-amz-object-lock-retain-until-date")) {
        needs("s3:PutObjectRetention");
      }
      if (has_header(headers, "x-amz-object-lock-legal-hold")) needs("s3:PutObjectLegalHold");
      break;
    }
    case Operation::GetObjectAttributes: {
      const auto version = given(parsed.query.find("versionId"));
      deeds.push_back({version ? "s3:GetObjectVersion" : "s3:GetObject", Access::Read, key, version});
      break;
    }
    default:
      break;
  }
  return deeds;
}

bool is_active(const storage::Engine& engine, CollectivityId id) {
  const auto collectivity = engine.directory().collectivity(id);
  return collectivity && collectivity->state == CollectivityState::Active;
}

S3Error denied() {
  return S3Error(Code::AccessDenied);
}

// Whether the caller may be told that a key, or a version of it, is not there: who may list it.
bool sees_absence(const VerifiedRequest& verified, const Place& place, std::string_view key, bool version) {
  if (verified.identity() && !within_narrowing(*verified.identity(), *place.bucket, key, Access::List)) return false;
  Question q = question(verified, place, {.action = version ? "s3:ListBucketVersions" : "s3:ListBucket", .access = Access::List});
  q.request.prefix = key;
  return judge(q) == Verdict::Allowed;
}

}  // namespace

std::string AuthorizedRequest::user_id() const {
  return identity() ? identity()->user->canonical_id : std::string(kAnonymousId);
}

bool AuthorizedRequest::is_admin() const {
  return at_home_ && identity()->user->role == Role::Admin;
}

storage::Actor AuthorizedRequest::actor() const {
  storage::Actor actor;
  if (identity()) {
    actor.access_key_id = identity()->key->id;
    actor.generation = identity()->key->generation;
  }
  actor.target = collectivity_;
  return actor;
}

bool AuthorizedRequest::may(const Deed& deed) const {
  if (identity() && !within_narrowing(*identity(), bucket(), deed.key.value_or(""), deed.access))
    return false;
  return judge(question(verified_, place_, deed)) == Verdict::Allowed;
}

bool AuthorizedRequest::may_tag(const storage::Tags& tags) const {
  const Deed tagging{"s3:PutObjectTagging", Access::Write, std::string_view(parsed().address.key), std::nullopt, true};
  for (const Deed& deed : {deed_of(parsed()), tagging}) {
    Question q = question(verified_, place_, deed);
    q.request.request_tags = tags;
    if (judge(q) != Verdict::Allowed) return false;
  }
  return true;
}

bool AuthorizedRequest::may_see_absence(std::string_view key, bool version) const {
  return sees_absence(verified_, place_, key, version);
}

bool AuthorizedRequest::may_have(const storage::ObjectFields& object) const {
  if (!hangs_on_object_) return true;
  Question q = question(verified_, place_, deed_of(parsed()));
  if (tags_) {
    q.request.request_tags = *tags_;
    q.request.request_tags_known = true;
  }
  return judge_with(std::move(q), &object) == Verdict::Allowed;
}

bool within_narrowing(const Identity& who, const storage::Bucket& bucket, std::string_view key,
                      Access access) {
  const storage::Narrowing& n = who.key->narrowing;
  if (n.read_only && access != Access::List && access != Access::Read) return false;
  if (!n.buckets.empty()) {
    if (bucket.collectivity != who.collectivity->id) return false;  // they are of the key's own collectivity
    if (std::find(n.buckets.begin(), n.buckets.end(), bucket.name) == n.buckets.end()) return false;
  }
  return n.prefix.empty() || key.starts_with(n.prefix);
}

std::optional<CollectivityId> addressed(const storage::Engine& engine, const Address& address,
                                        std::optional<CollectivityId> signer,
                                        std::optional<CollectivityId> default_collectivity) {
  switch (address.scope) {
    case Scope::Signer:
      return signer ? signer : default_collectivity;
    case Scope::Default:
      return default_collectivity;
    case Scope::Named: {
      const auto named = engine.directory().by_slug(address.slug);
      if (named) return named->id;
      return std::nullopt;
    }
  }
  return std::nullopt;
}

awaitable<S3Result<AuthorizedRequest>> authorize(Rights rights, VerifiedRequest verified,
                                                 std::optional<CollectivityId> namespace_of) {
  AuthorizedRequest request(std::move(verified));
  const ParsedRequest& parsed = request.parsed();
  const OperationRow& row = request.row();
  const auto& identity = request.identity();
  request.at_home_ = identity && namespace_of == identity->collectivity->id;
  // A stranger hears one answer, whatever is missing.
  const auto refuse = [&](S3Error error) { return request.at_home_ ? std::move(error) : denied(); };
  if (row.operation == Operation::ListBuckets && !identity)
    co_return std::move(request);  // nothing, wherever it is asked
  if (!namespace_of || !is_active(rights.engine, *namespace_of)) co_return denied();
  request.collectivity_ = *namespace_of;
  const auto owner = rights.engine.directory().collectivity(*namespace_of);
  if (auto same = expected_owner(parsed, "x-amz-expected-bucket-owner", *owner); !same)
    co_return refuse(same.error());

  if (row.level == Level::Service) {
    if (!request.at_home_ && listed_buckets(rights, request.verified_, *namespace_of).empty())
      co_return denied();
    co_return std::move(request);
  }
  if (identity) {
    const storage::Bucket named{.collectivity = *namespace_of, .name = parsed.address.bucket};
    if (!within_narrowing(*identity, named, key_judged(parsed), row.access)) co_return denied();
  }
  if (row.operation == Operation::CreateBucket) {
    if (!request.at_home_ || identity->user->role == Role::Reader) co_return denied();
    co_return std::move(request);
  }
  request.place_.bucket = rights.engine.find_bucket(*namespace_of, parsed.address.bucket);
  if (!request.place_.bucket)
    co_return refuse(S3Error(Code::NoSuchBucket).with("BucketName", parsed.address.bucket));
  request.place_.policy = rights.policies.find(request.place_.bucket, rights.engine.directory());

  if (row.operation == Operation::DeleteObjects) {
    const Deed some{.action = "s3:DeleteObject", .access = Access::Write};
    if (!could_allow(question(request.verified_, request.place_, some),
                     {"s3:DeleteObject", "s3:DeleteObjectVersion"}))
      co_return denied();
    co_return std::move(request);
  }
  std::optional<storage::ObjectReader> object;
  std::optional<S3Error> absence;
  std::vector<Deed> deeds = further_deeds(parsed);
  deeds.insert(deeds.begin(), deed_of(parsed));
  for (const Deed& deed : deeds) {
    Verdict verdict = judge(question(request.verified_, request.place_, deed));
    if (verdict == Verdict::NeedsObject) {
      if (!object && !absence) {
        bool absent = false;
        auto read = co_await read_version(rights, request, false, absent);
        if (!read && !absent) co_return read.error();
        if (read) object = std::move(*read);
        else absence = read.error();
      }
      request.hangs_on_object_ = true;
      verdict = judge_with(question(request.verified_, request.place_, deed), object ? &object->object() : nullptr);
      const bool told = absence && request.may_see_absence(parsed.address.key, parsed.query.has("versionId"));
      if (verdict != Verdict::Allowed && told) co_return *absence;
    }
    // Asked again at the change, once they were read.
    if (verdict == Verdict::NeedsBody && parsed.operation == Operation::PutObjectTagging) {
      request.hangs_on_object_ = true;
      continue;
    }
    if (verdict != Verdict::Allowed) co_return denied();
  }
  co_return std::move(request);
}

awaitable<S3Result<storage::ObjectReader>> read_version(Rights rights, const AuthorizedRequest& request, bool want_body, bool& absent) {
  const ParsedRequest& parsed = request.parsed();
  const auto version = version_of(parsed.query);
  absent = !version;
  if (!version) co_return version.error();
  storage::Object marker;
  auto read = [&](storage::Tier tier) {
    return rights.engine.open_object(request.collectivity(), request.bucket().id, parsed.address.key, tier, want_body, *version, &marker);
  };
  auto reader = co_await cached_or_disk(rights.pool, read);
  if (reader) co_return std::move(*reader);
  const error_code why = reader.error();
  const bool marked = why == make_error_code(EngineErrc::DeleteMarker);
  absent = marked || why == make_error_code(EngineErrc::NoSuchKey) || why == make_error_code(EngineErrc::NoSuchVersion);
  if (marked) co_return delete_marker_error(marker, parsed.address.key, !version->empty());
  co_return absence_error(parsed.address.key, why);
}

std::vector<std::shared_ptr<const storage::Bucket>> listed_buckets(Rights rights,
                                                                   const VerifiedRequest& verified,
                                                                   CollectivityId collectivity) {
  std::vector<std::shared_ptr<const storage::Bucket>> listed;
  const auto& identity = verified.identity();
  if (!identity) return listed;
  for (auto& bucket : rights.engine.list_buckets(collectivity)) {
    // A narrowed key lists the buckets it is narrowed to: browsers of buckets start here.
    if (!within_narrowing(*identity, *bucket, identity->key->narrowing.prefix, Access::List)) continue;
    const Place place{bucket, rights.policies.find(bucket, rights.engine.directory())};
    Question q = question(verified, place, {.action = "s3:ListBucket", .access = Access::List});
    const bool by_role =
        identity->collectivity->id == collectivity && role_allows(q.role, q.user_id, *bucket, Access::List);
    q.request.named_only = true;
    if (by_role || judge(q) == Verdict::Allowed) listed.push_back(std::move(bucket));
  }
  return listed;
}

S3Result<AuthorizedSource> authorize_source(Rights rights, const AuthorizedRequest& request,
                                            const CopySource& source,
                                            std::optional<CollectivityId> default_collectivity) {
  std::optional<CollectivityId> where = request.collectivity();
  if (source.scope)
    where = addressed(rights.engine, {.scope = *source.scope, .slug = source.slug}, std::nullopt,
                      default_collectivity);
  const auto& identity = request.identity();
  const bool at_home = identity && where == identity->collectivity->id;
  const auto refuse = [&](S3Error error) { return at_home ? std::move(error) : denied(); };
  if (!where || !is_active(rights.engine, *where)) return denied();
  const auto owner = rights.engine.directory().collectivity(*where);
  if (auto same = expected_owner(request.parsed(), "x-amz-source-expected-bucket-owner", *owner); !same)
    return refuse(same.error());
  const storage::Bucket named{.collectivity = *where, .name = source.bucket};
  if (identity && !within_narrowing(*identity, named, source.key, Access::Read)) return denied();
  AuthorizedSource authorized;
  authorized.key_ = source.key;
  authorized.version_ = source.version_id;
  authorized.place_.bucket = rights.engine.find_bucket(*where, source.bucket);
  if (!authorized.place_.bucket) return refuse(S3Error(Code::NoSuchBucket).with("BucketName", source.bucket));
  authorized.place_.policy = rights.policies.find(authorized.place_.bucket, rights.engine.directory());
  if (judge(authorized.question_of(request.verified(), "s3:GetObject")) == Verdict::Denied) return denied();
  return authorized;
}

// `action` in its form for the version, when one is named.
Question AuthorizedSource::question_of(const VerifiedRequest& verified, std::string_view action) const {
  Deed deed{.action = action, .access = Access::Read, .key = std::string_view(key_)};
  if (version_) {
    deed.action = action_on_version(action);
    deed.version = *version_;
  }
  return question(verified, place_, deed);
}

bool AuthorizedSource::may_have(const VerifiedRequest& verified, const storage::ObjectFields& object) const {
  return judge_with(question_of(verified, "s3:GetObject"), &object) == Verdict::Allowed;
}

bool AuthorizedSource::may_have_tags(const VerifiedRequest& verified, const storage::ObjectFields& object) const {
  return judge_with(question_of(verified, "s3:GetObjectTagging"), &object) == Verdict::Allowed;
}

bool AuthorizedSource::may_see_absence(const VerifiedRequest& verified) const {
  return sees_absence(verified, place_, key_, version_.has_value());
}

}  // namespace beffroi::s3
