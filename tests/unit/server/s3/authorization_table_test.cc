// SPDX-License-Identifier: EUPL-1.2
// judge() against tests/vectors/authorization.txt: principal x action x resource x condition x list x ownership x block. Each row
// is asked as the server asks: first without the object, then with it if that was needed.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <list>
#include <map>
#include <sstream>

#include "server/s3/dates.h"
#include "server/s3/headers.h"
#include "server/s3/judge.h"
#include "tests/unit/server/s3/request_builder.h"

namespace beffroi::s3 {
namespace {

using storage::CollectivityId;
using storage::Role;

struct Who {
  CollectivityId collectivity{0};
  std::string_view siren, slug, user, id;
  Role role = Role::Member;
};

const CollectivityId kBeauvais{2}, kCompiegne{3};
const std::map<std::string, Who> kPeople = {
    {"admin", {kBeauvais, "216000562", "beauvais", "admin", "00000000000000000000000000000001", Role::Admin}},
    {"owner",
     {kBeauvais, "216000562", "beauvais", "owner", "00000000000000000000000000000002", Role::Member}},
    {"member",
     {kBeauvais, "216000562", "beauvais", "member", "00000000000000000000000000000003", Role::Member}},
    {"reader",
     {kBeauvais, "216000562", "beauvais", "reader", "00000000000000000000000000000004", Role::Reader}},
    {"foreign",
     {kCompiegne, "216001586", "compiegne", "tenant", "00000000000000000000000000000005", Role::Member}},
};

struct Row {
  std::string text;  // the line
  std::string who, action, on, policy, request, list, object, ownership, block;
  bool allow = false;
};

struct Table {
  std::map<std::string, std::string> statements;
  std::vector<Row> rows;
};

Table read_table() {
  Table table;
  std::ifstream file(BEFFROI_SOURCE_DIR "/tests/vectors/authorization.txt");
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') continue;
    std::istringstream words(line);
    Row row{.text = line};
    words >> row.who;
    if (row.who == "statement") {
      std::string name;
      words >> name;
      std::getline(words, table.statements[name]);
      continue;
    }
    std::string verdict, more;
    words >> row.action >> row.on >> row.policy >> row.request >> row.list >> row.object >> row.ownership >>
        row.block >> verdict;
    CHECK((verdict == "allow" || verdict == "deny") && !(words >> more));
    row.allow = verdict == "allow";
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> pieces;
  std::istringstream in(text);
  for (std::string piece; std::getline(in, piece, at);) pieces.push_back(piece);
  return pieces;
}

// WHO=PERMISSION by commas, or the name of a canned list.
std::optional<storage::Acl> list_of(const std::string& text, const std::string& owner) {
  if (text == "-") return std::nullopt;
  if (text.find('=') == text.npos) {
    TestRequest request("PUT", "/b");
    request.header("x-amz-acl", text);
    const auto wish = read_acl_headers(request.headers());
    CHECK(wish && wish->canned);
    return canned_grants(*wish->canned, owner, std::string(kPeople.at("owner").id));
  }
  storage::Acl acl;
  for (const std::string& grant : split(text, ',')) {
    const std::string who = grant.substr(0, grant.find('='));
    const auto permission = permission_from_name(grant.substr(who.size() + 1));
    CHECK(permission);
    if (who == "all" || who == "signed")
      acl.push_back({who == "all" ? storage::Grantee::AllUsers : storage::Grantee::AuthenticatedUsers,
                     {},
                     *permission});
    else
      acl.push_back({storage::Grantee::User, std::string(kPeople.at(who).id), *permission});
  }
  return acl;
}

// A row made ready to be asked: holds what the question only points to.
class Case {
 public:
  Case(const Table& table, const Row& row) : row_(row) {
    set_bucket();
    set_policy(table);
    set_who();
    set_action();
    for (const std::string& part : row.request == "-" ? std::vector<std::string>() : split(row.request, ','))
      set_value(part);
    q_.request.headers = headers_;
    if (row.object != "-") set_object();
  }

  bool allowed() {
    q_.request.object_known = false;
    Verdict verdict = judge(q_);
    if (verdict == Verdict::NeedsObject) {
      q_.request.object_known = true;
      if (!gone_) {
        q_.request.existing_tags = &tags_;
        if (row_.object != "-") q_.object = JudgedObject{object_owner_, &object_acl_};
      }
      verdict = judge(q_);
      CHECK(verdict != Verdict::NeedsObject);
    }
    return verdict == Verdict::Allowed;
  }

 private:
  void set_bucket() {
    bucket_.collectivity = kBeauvais;
    bucket_.name = "b";
    bucket_.owner = kPeople.at("owner").id;
    auto& s = bucket_.settings;
    s.ownership = row_.ownership == "E"   ? storage::ObjectOwnership::BucketOwnerEnforced
                  : row_.ownership == "P" ? storage::ObjectOwnership::BucketOwnerPreferred
                                          : storage::ObjectOwnership::ObjectWriter;
    const auto on = [&](char letter) { return row_.block.find(letter) != row_.block.npos; };
    if (row_.block != "-") s.public_access_block = {on('A'), on('I'), on('P'), on('R')};
    s.acl = list_of(row_.list, bucket_.owner);
    q_.bucket = &bucket_;
    q_.request.bucket = bucket_.name;
  }

  void set_policy(const Table& table) {
    if (row_.policy == "-") return;
    std::string statements;
    for (const std::string& name : split(row_.policy, '+'))
      statements += (statements.empty() ? "" : ",") + table.statements.at(name);
    auto policy = parse_policy(R"({"Version":"2012-10-17","Statement":[)" + statements + "]}",
                               {"b", "216000562", "beauvais"});
    EXPECT_TRUE(policy) << row_.policy << ": " << policy.error().message;
    policy_ = std::move(*policy);
    q_.policy = &policy_;
  }

  void set_who() {
    if (row_.who == "anon") return;
    const Who& who = kPeople.at(row_.who);
    q_.request.anonymous = false;
    q_.request.siren = who.siren;
    q_.request.slug = who.slug;
    q_.request.user = who.user;
    q_.collectivity = who.collectivity;
    q_.role = who.role;
    q_.user_id = who.id;
  }

  void set_action() {
    action_ = "s3:" + row_.action;
    CHECK(action_index(action_));
    q_.request.action = action_;
    q_.access = row_.action.starts_with("List")  ? Access::List
                : row_.action.starts_with("Get") ? Access::Read
                                                 : Access::Write;
    if (row_.on != "bucket") q_.request.key = row_.on;
  }

  void set_value(const std::string& part) {
    if (part == "gone") {
      gone_ = true;
      return;
    }
    const std::string name = part.substr(0, part.find('='));
    const std::string& value = values_.emplace_back(part.substr(name.size() + 1));
    PolicyRequest& r = q_.request;
    if (name == "prefix")
      r.prefix = value;
    else if (name == "delimiter")
      r.delimiter = value;
    else if (name == "max")
      r.max_keys = value;
    else if (name == "version")
      r.version_id = value;
    else if (name == "copy")
      r.copy_source = value;
    else if (name == "directive")
      r.metadata_directive = value;
    else if (name.starts_with("header."))
      headers_.push_back({values_.emplace_back(name.substr(7)), value});
    else if (name == "tls")
      r.secure = value != "no";
    else if (name == "ip")
      r.source = *storage::parse_address(value);
    else if (name == "time")
      r.now_ms = *parse_iso8601(value);
    else if (name.starts_with("rtag."))
      r.request_tags.emplace_back(name.substr(5), value);
    else if (name.starts_with("etag."))
      tags_.emplace_back(name.substr(5), value);
    else
      CHECK(false);
  }

  void set_object() {
    const std::string owner = row_.object.substr(0, row_.object.find(':'));
    object_owner_ = kPeople.at(owner).id;
    object_acl_ = list_of(row_.object.substr(owner.size() + 1), object_owner_);
  }

  const Row& row_;
  storage::Bucket bucket_;
  Policy policy_;
  std::string action_, object_owner_;
  std::optional<storage::Acl> object_acl_;
  storage::Tags tags_;
  bool gone_ = false;
  std::list<std::string> values_;
  std::vector<http::Field> headers_;
  Question q_;
};

// The rows whose verdict is another than theirs.
std::vector<std::string> wrong_rows(const Table& table) {
  std::vector<std::string> wrong;
  for (const Row& row : table.rows) {
    if (Case(table, row).allowed() != row.allow) wrong.push_back(row.text);
  }
  return wrong;
}

TEST(AuthorizationTable, EveryRowIsJudgedAsItSays) {
  const Table table = read_table();
  EXPECT_GE(table.rows.size(), 200u);
  for (const std::string& row : wrong_rows(table)) ADD_FAILURE() << row;
}

// The canary: a row that says the contrary is seen, whichever it is.
TEST(AuthorizationTable, AWrongRowIsSeen) {
  const Table table = read_table();
  for (const Row& row : table.rows) {
    Table one{table.statements, {row}};
    one.rows[0].allow = !row.allow;
    EXPECT_EQ(wrong_rows(one).size(), 1u) << row.text;
  }
}

TEST(AuthorizationTable, NoStatementIsWithoutARow) {
  const Table table = read_table();
  for (const auto& [name, statement] : table.statements) {
    const bool used = std::any_of(table.rows.begin(), table.rows.end(), [&n = name](const Row& row) {
      const auto names = split(row.policy, '+');
      return std::find(names.begin(), names.end(), n) != names.end();
    });
    EXPECT_TRUE(used) << name;
  }
}

// Only a named grant counts where ListBuckets asks: what is everybody's is nobody's list.
TEST(AuthorizationTable, ListBucketsCountsNamedGrantsOnly) {
  const auto policy = parse_policy(
      R"({"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:ListBucket","Resource":"arn:aws:s3:::b"}]})",
      {"b", "216000562", "beauvais"});
  const auto named = parse_policy(
      R"({"Statement":[{"Effect":"Allow","Principal":{"AWS":"compiegne"},"Action":"s3:ListBucket","Resource":"arn:aws:s3:::b"}]})",
      {"b", "216000562", "beauvais"});
  ASSERT_TRUE(policy && named);
  storage::Bucket bucket{.collectivity = kBeauvais, .name = "b", .owner = "00000000000000000000000000000002"};
  Question q;
  q.request.anonymous = false;
  q.request.slug = "compiegne";
  q.request.action = "s3:ListBucket";
  q.request.bucket = "b";
  q.request.named_only = true;
  q.collectivity = kCompiegne;
  q.role = Role::Member;
  q.user_id = "00000000000000000000000000000005";
  q.access = Access::List;
  q.bucket = &bucket;
  EXPECT_EQ(judge(q), Verdict::Denied);
  q.policy = &*policy;
  EXPECT_EQ(judge(q), Verdict::Denied);
  q.policy = &*named;
  EXPECT_EQ(judge(q), Verdict::Allowed);
  q.policy = nullptr;
  bucket.settings.acl = storage::Acl{{storage::Grantee::AllUsers, {}, storage::Permission::Read}};
  EXPECT_EQ(judge(q), Verdict::Denied);
  bucket.settings.acl =
      storage::Acl{{storage::Grantee::User, std::string(q.user_id), storage::Permission::Read}};
  EXPECT_EQ(judge(q), Verdict::Allowed);
}

// What is not known yet never allows, and what denies on it denies.
TEST(AuthorizationTable, TagsInABodyThatIsNotReadYetAllowNothing) {
  const PolicyPlace place{"b", "216000562", "beauvais"};
  const std::string condition = R"("Condition":{"StringEquals":{"s3:RequestObjectTag/a":"b"}}}]})";
  const std::string rest =
      R"(,"Principal":"*","Action":"s3:PutObjectTagging","Resource":"arn:aws:s3:::b/*",)" + condition;
  const auto allow = parse_policy(R"({"Statement":[{"Effect":"Allow")" + rest, place);
  const auto deny = parse_policy(R"({"Statement":[{"Effect":"Deny")" + rest, place);
  ASSERT_TRUE(allow && deny);
  const storage::Bucket bucket{
      .collectivity = kBeauvais, .name = "b", .owner = "00000000000000000000000000000002"};
  Question q;
  q.request.action = "s3:PutObjectTagging";
  q.request.bucket = "b";
  q.request.key = "k";
  q.request.request_tags_known = false;
  q.bucket = &bucket;
  q.policy = &*allow;
  EXPECT_EQ(judge(q), Verdict::NeedsBody);
  q.request.object_known = false;
  EXPECT_EQ(judge(q), Verdict::NeedsObject);
  q.request.object_known = true;
  q.request.anonymous = false;
  q.collectivity = kBeauvais;
  q.role = Role::Admin;
  EXPECT_EQ(judge(q), Verdict::Allowed);
  q.policy = &*deny;
  EXPECT_EQ(judge(q), Verdict::NeedsBody);
  q.request.request_tags_known = true;
  q.request.request_tags = {{"a", "b"}};
  EXPECT_EQ(judge(q), Verdict::Denied);
}

}  // namespace
}  // namespace beffroi::s3
