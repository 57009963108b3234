// SPDX-License-Identifier: EUPL-1.2
#include <boost/json.hpp>

#include "admin/api/fields.h"
#include "admin/api/verb.h"

namespace beffroi::admin {
namespace json = boost::json;
namespace {

json::object describe(const storage::Collectivity& c, const storage::User& user) {
  return {{"collectivity", c.slug},
          {"user", user.name},
          {"role", storage::role_name(user.role)},
          {"user_id", user.canonical_id},
          {"display_name", user.name},
          {"disabled", user.disabled},
          {"created", storage::rfc3339(user.created_ms)}};
}

json::object describe(const storage::Engine& engine, const storage::Collectivity& c,
                      const storage::AccessKey& key) {
  const auto user = engine.directory().user(c.id, key.user);
  return {{"collectivity", c.slug},
          {"user", user ? user->name : std::string()},
          {"access_key_id", key.id},
          {"revoked", key.revoked},
          {"created", storage::rfc3339(key.created_ms)}};
}

}  // namespace

Answer list_users(VerbCall& call) {
  const auto found = named_collectivity(call);
  if (!found) return found.error();
  json::array all;
  for (const auto& user : call.engine->directory().users((*found)->id))
    all.push_back(describe(**found, *user));
  return json::serialize(json::object{{"users", std::move(all)}});
}

Answer add_user(VerbCall& call) {
  const auto found = named_collectivity(call);
  if (!found) return found.error();
  const auto body = parse_body(call.body, {"user", "role"});
  if (!body) return body.error();
  const auto name = text_field(*body, "user"), role_text = text_field(*body, "role");
  if (!name) return name.error();
  if (!role_text) return role_text.error();
  if (!storage::valid_user_name(*name))
    return invalid_field("user", "it is not a user's name", "give 1 to 64 of A-Z a-z 0-9 + = , . @ _ -");
  const auto role = storage::role_from_name(*role_text);
  if (!role)
    return invalid_field("role", "\"" + *role_text + "\" is not a role", "give admin, member or reader");
  call.record.after = json::serialize(json::object{{"user", *name}, {"role", *role_text}});

  storage::User user;
  user.collectivity = (*found)->id;
  user.name = *name;
  user.role = *role;
  user.canonical_id = storage::new_canonical_id();
  auto committed = call.engine->commit(call.engine->create_user(std::move(user), call.take_record()));
  if (!committed && committed.error() == make_error_code(storage::EngineErrc::AlreadyExists)) {
    return AdminError{Code::AlreadyExists, "user", "there is a user \"" + *name + "\" already",
                      "choose another name, or use that one"};
  }
  if (!committed) return to_admin(committed.error());
  const auto made = call.engine->directory().user_by_name((*found)->id, *name);
  return json::serialize(describe(**found, *made));
}

Answer list_keys(VerbCall& call) {
  const auto found = named_collectivity(call);
  if (!found) return found.error();
  json::array all;
  for (const auto& key : call.engine->directory().access_keys((*found)->id))
    all.push_back(describe(*call.engine, **found, *key));
  return json::serialize(json::object{{"keys", std::move(all)}});
}

Answer add_key(VerbCall& call) {
  const auto found = named_collectivity(call);
  if (!found) return found.error();
  if (auto body = parse_body(call.body, {}); !body) return body.error();
  const std::string& name = call.parameters.at(1);
  const auto user = call.engine->directory().user_by_name((*found)->id, name);
  if (!user) {
    return AdminError{Code::NotFound, "user", "there is no user \"" + name + "\" in " + (*found)->slug,
                      "beffroictl user list " + (*found)->slug + " shows those there are"};
  }
  storage::AccessKey key;
  key.id = storage::new_access_key_id();
  key.collectivity = (*found)->id;
  key.user = user->id;
  key.secret = storage::new_secret();
  call.record.after = json::serialize(json::object{{"user", name}, {"access_key", key.id}});
  const std::string id = key.id;
  const crypto::SecretBytes secret = key.secret.clone();
  auto committed = call.engine->commit(call.engine->create_access_key(std::move(key), call.take_record()));
  if (!committed) return to_admin(committed.error());
  json::object out = describe(*call.engine, **found, *call.engine->directory().access_key(id));
  out["secret_access_key"] = secret.reveal();
  return json::serialize(out);
}

// `?collectivity=SLUG` guards against a slip: the key must then be that collectivity's.
Answer revoke_key(VerbCall& call) {
  const std::string& id = call.parameters.front();
  const auto& directory = call.engine->directory();
  const auto key = directory.access_key(id);
  const auto owner = key ? directory.collectivity(key->collectivity) : nullptr;
  const std::string_view wanted = query_text(call.query, "collectivity");
  if (!owner || (!wanted.empty() && owner->slug != wanted)) {
    return AdminError{
        Code::NotFound, "access_key_id",
        "there is no access key \"" + id + "\"" + (wanted.empty() ? "" : " in " + std::string(wanted)),
        "beffroictl key list SLUG shows those there are"};
  }
  call.record.collectivity = key->collectivity;
  call.record.after = json::serialize(json::object{{"access_key", id}, {"revoked", true}});
  auto committed = call.engine->commit(call.engine->revoke_access_key(id, call.take_record()));
  if (!committed && committed.error() == make_error_code(storage::EngineErrc::NotFound)) {
    return AdminError{Code::NotFound, "access_key_id", "the access key \"" + id + "\" is revoked already",
                      "there is nothing to do"};
  }
  if (!committed) return to_admin(committed.error());
  return json::serialize(describe(*call.engine, *owner, *directory.access_key(id)));
}

}  // namespace beffroi::admin
