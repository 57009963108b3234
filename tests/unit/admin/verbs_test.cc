// SPDX-License-Identifier: EUPL-1.2
// The operators' verbs on a real engine in memory.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <set>

#include "admin/api/fields.h"
#include "admin/api/verb.h"
#include "storage/io/memory_files.h"

namespace beffroi::admin {
namespace json = boost::json;
namespace {

class RecordedStop final : public storage::FailStop {
 public:
  void fail(std::string_view reason) override { ADD_FAILURE() << "fail-stop: " << reason; }
};

class MemoryAppliance final : public Appliance {
 public:
  MemoryAppliance() {
    const crypto::RootKey root{std::string(32, 'r')};
    storage::OpenFailure failure;
    EXPECT_TRUE(storage::Engine::init(files_, options_, root));
    engine_ = storage::Engine::open(files_, clock_, stop_, options_, root, failure);
    EXPECT_TRUE(engine_) << failure.reason;
  }
  ApplianceState state() const override { return {phase_, "because", phase_ == Phase::Closed ? "1badcafe" : ""}; }
  storage::Engine* engine() const override { return phase_ == Phase::Serving ? engine_.get() : nullptr; }
  Result<void> initialise() override { return storage::EngineErrc::Closed; }
  Result<std::vector<std::string>> recover(const std::string& loss_id, storage::AuditRecord record) override {
    EXPECT_EQ(loss_id, "1badcafe");
    EXPECT_EQ(record.operation, "RecoverStore");
    EXPECT_EQ(record.operator_name, "claire");
    phase_ = Phase::Serving;
    return std::vector<std::string>{"object 1/2/k: gone"};
  }
  void be(Phase phase) { phase_ = phase; }

 private:
  storage::MemoryFiles files_;
  storage::SystemClock clock_;
  RecordedStop stop_;
  storage::EngineOptions options_{.data_dir = "data", .keyring_path = "keys/keyring"};
  std::unique_ptr<storage::Engine> engine_;
  Phase phase_ = Phase::Serving;
};

class Verbs : public ::testing::Test {
 protected:
  // As the service does it, without a connection.
  Answer ask(std::string_view method, std::string_view target, std::string_view body = {}) {
    const std::size_t query = std::min(target.find('?'), target.size());
    auto routed = find_route(method, target.substr(0, query));
    if (!routed) return routed.error();
    VerbCall call{appliance_,
                  options_,
                  0,
                  appliance_.engine(),
                  routed->parameters,
                  query == target.size() ? std::string_view() : target.substr(query + 1),
                  body,
                  {},
                  false};
    call.record.collectivity = storage::kAppliance;
    call.record.operation = routed->route->operation;
    call.record.operator_name = "claire";
    const Answer answer = run_verb(routed->route->verb, call);
    rest_ = call.rest;
    return answer;
  }
  json::object done(std::string_view method, std::string_view target, std::string_view body = {}) {
    const Answer answer = ask(method, target, body);
    EXPECT_TRUE(answer) << target << ": " << answer.error().message;
    return answer ? json::parse(*answer).as_object() : json::object();
  }
  AdminError refused(std::string_view method, std::string_view target, std::string_view body = {}) {
    const Answer answer = ask(method, target, body);
    EXPECT_FALSE(answer) << target << ": " << *answer;
    return answer ? AdminError{} : answer.error();
  }
  void add_beauvais() {
    done("POST", "/v1/collectivities",
         R"({"slug":"beauvais","siren":"216000562","name":"Ville de Beauvais","quota_bytes":1073741824})");
  }

  std::optional<ExtractRest> rest_;  // of the last answer
  MemoryAppliance appliance_;
  AdminOptions options_{.quota_default_bytes = 1000, .quota_default_objects = 7};
};

TEST_F(Verbs, ACollectivityIsAddedShownAndListed) {
  add_beauvais();
  const json::object shown = done("GET", "/v1/collectivities/beauvais");
  EXPECT_EQ(shown.at("siren"), "216000562");
  EXPECT_EQ(shown.at("name"), "Ville de Beauvais");
  EXPECT_EQ(shown.at("kind"), "commune");
  EXPECT_EQ(shown.at("quota_bytes"), 1073741824);
  EXPECT_EQ(shown.at("quota_objects"), 7) << "the configured default";
  EXPECT_EQ(done("GET", "/v1/collectivities").at("collectivities").as_array().size(), 1u);
  EXPECT_EQ(done("GET", "/v1/collectivities/beauvais/usage").at("bytes"), 0);
}

TEST_F(Verbs, ARefusedCollectivityNamesTheFieldAndTheRemedy) {
  struct Case {
    const char* body;
    const char* field;
  };
  for (const Case& c :
       {Case{R"({"slug":"x1y","siren":"216000563","name":"X"})", "siren"},  // fails Luhn
        Case{R"({"slug":"x1y","siren":"21600056","name":"X"})", "siren"},
        Case{R"({"slug":"S3","siren":"216000562","name":"X"})", "slug"},
        Case{R"({"slug":"admin","siren":"216000562","name":"X"})", "slug"},
        Case{R"({"slug":"x1y","siren":"216000562","name":""})", "name"},
        Case{R"({"slug":"x1y","siren":"216000562"})", "name"},
        Case{R"({"slug":"x1y","siren":"216000562","name":"X","kind":"empire"})", "kind"},
        Case{R"({"slug":"x1y","siren":"216000562","name":"X","quota_bytes":-1})", "quota_bytes"},
        Case{R"({"slug":"x1y","siren":"216000562","name":"X","colour":"red"})", "colour"}}) {
    const AdminError error = refused("POST", "/v1/collectivities", c.body);
    EXPECT_EQ(error.code, Code::InvalidField) << c.body;
    EXPECT_EQ(error.field, c.field) << c.body;
    EXPECT_FALSE(error.remedy.empty()) << c.body;
  }
  EXPECT_EQ(refused("POST", "/v1/collectivities", "[1]").code, Code::InvalidBody);
  EXPECT_TRUE(done("GET", "/v1/collectivities").at("collectivities").as_array().empty());
}

TEST_F(Verbs, ASlugOrASirenThatIsTakenIsRefused) {
  add_beauvais();
  const AdminError slug =
      refused("POST", "/v1/collectivities", R"({"slug":"beauvais","siren":"216001586","name":"X"})");
  EXPECT_EQ(slug.code, Code::AlreadyExists);
  EXPECT_EQ(slug.field, "slug");
  const AdminError siren =
      refused("POST", "/v1/collectivities", R"({"slug":"autre","siren":"216000562","name":"X"})");
  EXPECT_EQ(siren.code, Code::AlreadyExists);
  EXPECT_EQ(siren.field, "siren");
}

TEST_F(Verbs, AQuotaIsChangedInPart) {
  add_beauvais();
  done("PUT", "/v1/collectivities/beauvais/quota", R"({"quota_bytes":5000})");
  const json::object usage = done("GET", "/v1/collectivities/beauvais/usage");
  EXPECT_EQ(usage.at("quota_bytes"), 5000);
  EXPECT_EQ(usage.at("quota_objects"), 7);
  EXPECT_EQ(refused("PUT", "/v1/collectivities/beauvais/quota", "{}").code, Code::InvalidField);
  EXPECT_EQ(refused("PUT", "/v1/collectivities/nulle-part/quota", R"({"quota_bytes":1})").code,
            Code::NotFound);
}

TEST_F(Verbs, UsersAndTheirKeys) {
  add_beauvais();
  const json::object user =
      done("POST", "/v1/collectivities/beauvais/users", R"({"user":"greffe","role":"member"})");
  EXPECT_EQ(user.at("display_name"), "greffe");
  EXPECT_EQ(user.at("user_id").as_string().size(), 32u);
  EXPECT_EQ(refused("POST", "/v1/collectivities/beauvais/users", R"({"user":"greffe","role":"admin"})").code,
            Code::AlreadyExists);
  EXPECT_EQ(refused("POST", "/v1/collectivities/beauvais/users", R"({"user":"x","role":"emperor"})").field,
            "role");
  EXPECT_EQ(refused("POST", "/v1/collectivities/beauvais/users", R"({"user":"a b","role":"admin"})").field,
            "user");
  EXPECT_EQ(done("GET", "/v1/collectivities/beauvais/users").at("users").as_array().size(), 1u);

  const json::object key = done("POST", "/v1/collectivities/beauvais/users/greffe/keys");
  const std::string id(key.at("access_key_id").as_string());
  EXPECT_EQ(id.size(), storage::kAccessKeyIdCharacters);
  EXPECT_EQ(key.at("secret_access_key").as_string().size(), storage::kSecretCharacters);
  EXPECT_EQ(refused("POST", "/v1/collectivities/beauvais/users/personne/keys").field, "user");
  const json::object listed =
      done("GET", "/v1/collectivities/beauvais/keys").at("keys").as_array().at(0).as_object();
  EXPECT_FALSE(listed.contains("secret_access_key")) << "shown once";
  EXPECT_EQ(listed.at("revoked"), false);

  EXPECT_EQ(refused("DELETE", "/v1/keys/" + id + "?collectivity=compiegne").code, Code::NotFound) << "a slip";
  done("DELETE", "/v1/keys/" + id + "?collectivity=beauvais");
  EXPECT_EQ(
      done("GET", "/v1/collectivities/beauvais/keys").at("keys").as_array().at(0).as_object().at("revoked"),
      true);
  EXPECT_EQ(refused("DELETE", "/v1/keys/" + id).code, Code::NotFound);
  EXPECT_EQ(refused("DELETE", "/v1/keys/BFNONE").field, "access_key_id");
}

TEST_F(Verbs, ChangesAreInTheirTargetsRecordsUnderTheOperatorsNameWithoutSecrets) {
  add_beauvais();
  done("POST", "/v1/collectivities/beauvais/users", R"({"user":"greffe","role":"member"})");
  const json::object key = done("POST", "/v1/collectivities/beauvais/users/greffe/keys");
  done("PUT", "/v1/collectivities/beauvais/quota", R"({"quota_objects":9})");
  (void)refused("POST", "/v1/collectivities/beauvais/users", R"({"user":"greffe","role":"member"})");
  const Answer answer = ask("GET", "/v1/collectivities/beauvais/audit");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->find(std::string(key.at("secret_access_key").as_string())), std::string::npos);
  const json::array records = json::parse(*answer).as_object().at("records").as_array();
  const char* operations[] = {"CreateCollectivity", "CreateUser", "CreateAccessKey", "SetQuota",
                              "CreateUser"};
  ASSERT_EQ(records.size(), std::size(operations));
  for (std::size_t i = 0; i < records.size(); ++i) {
    const json::object& record = records[i].as_object();
    EXPECT_EQ(record.at("operation"), operations[i]);
    EXPECT_EQ(record.at("operator"), "claire");
    EXPECT_EQ(record.at("seq"), i);
  }
  EXPECT_EQ(records[4].as_object().at("outcome"), "failed");
  EXPECT_EQ(done("GET", "/v1/collectivities/beauvais/audit?from=1&to=3").at("records").as_array().size(), 2u);
  EXPECT_EQ(refused("GET", "/v1/collectivities/beauvais/audit?from=x").field, "from");
}

TEST_F(Verbs, AnExtractHoldsItsOwnRecordAndComesInPages) {
  add_beauvais();
  const Answer head = ask("GET", "/v1/collectivities/beauvais/audit/extract");
  ASSERT_TRUE(head);
  EXPECT_TRUE(head->starts_with("{\"format\":\"beffroi-extract/1\",\"siren\":\"216000562\",\"slug\":\"beauvais\","));
  EXPECT_EQ(std::count(head->begin(), head->end(), '\n'), 2);
  ASSERT_TRUE(rest_);
  EXPECT_EQ(rest_->next, 0u);
  EXPECT_EQ(rest_->end, 2u);
  const auto lines = next_lines(*appliance_.engine(), *rest_);
  ASSERT_TRUE(lines);
  EXPECT_EQ(rest_->next, 2u);
  EXPECT_NE(lines->find("\"operation\":\"ExportAuditRecords\",\"operator\":\"claire\""), lines->npos);
  EXPECT_EQ(done("GET", "/v1/audit").at("records").as_array().size(), 2u);
}

TEST_F(Verbs, AnExtractBeyondTheLogIsRefusedByField) {
  add_beauvais();
  for (const char* query : {"from=99", "to=99", "from=1&to=0", "from=2026-02-30", "to=2026-11-24T08:20Z", "to=x"}) {
    const auto error = refused("GET", std::string("/v1/collectivities/beauvais/audit/extract?") + query);
    EXPECT_EQ(error.field, std::string_view(query).substr(0, std::string_view(query).find('='))) << query;
    EXPECT_FALSE(error.remedy.empty());
  }
  EXPECT_EQ(refused("GET", "/v1/collectivities/beauvais/audit/extract?since=9999").field, "since");
  EXPECT_EQ(refused("GET", "/v1/audit/checkpoint?since=9999").field, "since");
  EXPECT_EQ(refused("GET", "/v1/audit/checkpoint?since=0&since=1").field, "since");
  EXPECT_TRUE(done("GET", "/v1/audit/checkpoint?since=1").at("checkpoint").as_string().starts_with("old 1\n"));
}

TEST(Fields, DatesAreOfTheCalendar) {
  EXPECT_EQ(**query_date("from=1970-01-02", "from"), 86'400'000);
  EXPECT_EQ(**query_date("to=2026-11-24T08:20:00Z", "to"), 1'795'508'400'000);  // date -u -d 2026-11-24T08:20:00Z +%s
  EXPECT_FALSE(query_date("from=3", "from")->has_value());
  EXPECT_FALSE(query_date("", "from")->has_value());
  for (const char* bad : {"2026-13-01", "2026-02-29", "2026-1-1", "1969-12-31", "2026-11-24T24:00:00Z", "2026-11-24 08:20:00Z", "2026-11-24T08:20:00"})
    EXPECT_FALSE(query_date(std::string("from=") + bad, "from")) << bad;
}

TEST_F(Verbs, StatusAnswersInEveryPhaseAndInitOnlyOnce) {
  EXPECT_EQ(done("GET", "/v1/status").at("phase"), "serving");
  EXPECT_EQ(refused("POST", "/v1/init").code, Code::AlreadyInitialised);
  appliance_.be(Phase::Sealed);
  const json::object sealed = done("GET", "/v1/status");
  EXPECT_EQ(sealed.at("sealed"), true);
  EXPECT_EQ(sealed.at("reason"), "because");
  EXPECT_FALSE(sealed.contains("sequence"));
  EXPECT_EQ(refused("POST", "/v1/init").code, Code::NotServing);
}

TEST(Routes, EachRowIsFoundByItsOwnPathAndNoOther) {
  std::set<std::string_view> operations;
  for (const Route& row : route_table()) {
    std::string path(row.path);
    while (path.find('{') != path.npos)
      path.replace(path.find('{'), path.find('}') - path.find('{') + 1, "abc");
    const auto found = find_route(row.method, path);
    ASSERT_TRUE(found) << path;
    EXPECT_EQ(found->route->verb, row.verb) << path;
    EXPECT_FALSE(find_route("PATCH", path));
    EXPECT_EQ(find_route("PATCH", path).error().code, Code::MethodNotAllowed);
    EXPECT_FALSE(find_route(row.method, path + "/"));
    if (row.operation.empty()) continue;
    EXPECT_TRUE(operations.insert(row.operation).second) << row.operation;
  }
  for (const char* path : {"", "/", "/v1", "*", "/v1/collectivities//users", "/v2/status"}) {
    EXPECT_EQ(find_route("GET", path).error().code, Code::NotFound) << path;
  }
}

TEST(Fields, QueriesAreReadByName) {
  EXPECT_EQ(**query_number("from=3&to=18", "to"), 18u);
  EXPECT_FALSE(query_number("fromage=3", "from")->has_value());
  for (const char* bad : {"from=-1", "from=1.5", "from=9223372036854775808", "from=0x1"})
    EXPECT_FALSE(query_number(bad, "from")) << bad;
}

TEST(Errors, EveryCodeHasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (int code = 0; code <= static_cast<int>(Code::Internal); ++code) {
    EXPECT_TRUE(names.insert(name_of(static_cast<Code>(code))).second);
    EXPECT_GE(status_of(static_cast<Code>(code)), 400u);
  }
}

TEST_F(Verbs, RecoverTakesTheLossOfTheStatusAndNoOther) {
  EXPECT_EQ(refused("POST", "/v1/recover", R"({"accept_loss":"1badcafe"})").field, "accept_loss");  // it serves
  appliance_.be(Phase::Closed);
  EXPECT_EQ(done("GET", "/v1/status").at("loss_id").as_string(), "1badcafe");
  EXPECT_EQ(refused("POST", "/v1/recover", R"({"accept_loss":"1badcaff"})").field, "accept_loss");
  EXPECT_EQ(refused("POST", "/v1/recover").field, "accept_loss");
  const json::object recovered = done("POST", "/v1/recover", R"({"accept_loss":"1badcafe"})");
  EXPECT_EQ(recovered.at("lost").as_string(), "because");
  EXPECT_EQ(recovered.at("findings").as_array().size(), 1u);
  EXPECT_EQ(recovered.at("phase").as_string(), "serving");
}

}  // namespace
}  // namespace beffroi::admin
