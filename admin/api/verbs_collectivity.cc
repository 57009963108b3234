// SPDX-License-Identifier: EUPL-1.2
#include <boost/json.hpp>

#include "admin/api/fields.h"
#include "admin/api/verb.h"

namespace beffroi::admin {
namespace json = boost::json;
namespace {

constexpr std::size_t kLifecyclePreviewMax = 1'000;

std::string_view action_name(storage::LifecycleAction::Kind kind) {
  switch (kind) {
    case storage::LifecycleAction::Kind::Expire: return "expire";
    case storage::LifecycleAction::Kind::RemoveVersion: return "remove-version";
    case storage::LifecycleAction::Kind::AbortUpload: return "abort-upload";
  }
  return "";
}

json::object describe(const storage::Engine& engine, const storage::Collectivity& c) {
  json::object out{{"slug", c.slug},
                   {"siren", c.siren},
                   {"name", c.name},
                   {"kind", storage::kind_name(c.kind)},
                   {"state", storage::state_name(c.state)},
                   {"created", storage::rfc3339(c.created_ms)},
                   {"quota_bytes", c.quota_bytes},
                   {"quota_objects", c.quota_objects}};
  if (const auto usage = engine.quotas().usage(c.id)) {
    out["bytes"] = usage->committed_bytes;
    out["objects"] = usage->committed_objects;
  }
  return out;
}

// Why each field of a new collectivity may be refused, in the directory's own words.
AdminResult<storage::Collectivity> new_collectivity(const VerbCall& call) {
  const auto body = parse_body(call.body, {"slug", "siren", "name", "kind", "quota_bytes", "quota_objects"});
  if (!body) return body.error();
  storage::Collectivity c;
  for (const auto& [field, member] : {std::pair{"siren", &storage::Collectivity::siren},
                                      {"slug", &storage::Collectivity::slug},
                                      {"name", &storage::Collectivity::name}}) {
    auto value = text_field(*body, field);
    if (!value) return value.error();
    c.*member = std::move(*value);
  }
  const auto kind = optional_text(*body, "kind");
  if (!kind) return kind.error();
  if (kind->has_value()) {
    const auto known = storage::kind_from_name(**kind);
    if (!known) {
      return invalid_field("kind", "\"" + **kind + "\" is not a kind of collectivity",
                           "give commune, new_commune, cc, ca, cu, metropole, sivu, sivom, mixte_ferme, "
                           "mixte_ouvert, departement, "
                           "region_admin, public_body or association");
    }
    c.kind = *known;
  }
  const auto bytes = optional_number(*body, "quota_bytes"), objects = optional_number(*body, "quota_objects");
  if (!bytes) return bytes.error();
  if (!objects) return objects.error();
  c.quota_bytes = bytes->value_or(call.options.quota_default_bytes);
  c.quota_objects = objects->value_or(call.options.quota_default_objects);
  if (const auto wrong = storage::check(c)) {
    const std::string_view message = wrong->field == "siren"
                                         ? "it is not a SIREN: nine digits whose check digit is right"
                                         : "it is not acceptable";
    return invalid_field(wrong->field, message, wrong->remedy);
  }
  return c;
}

std::string state_json(storage::CollectivityState state) {
  return json::serialize(json::object{{"state", storage::state_name(state)}});
}

// Suspending what is suspended is an act like another: it succeeds, and stands in the audit.
Answer set_suspended(VerbCall& call, bool suspended) {
  using storage::CollectivityState;
  const auto found = named_collectivity(call);
  if (!found) return found.error();
  call.record.before = state_json((*found)->state);
  call.record.after = state_json(suspended ? CollectivityState::Suspended : CollectivityState::Active);
  auto committed = call.engine->commit(call.engine->set_suspended((*found)->id, suspended, call.take_record()));
  if (!committed && committed.error() == make_error_code(storage::EngineErrc::CollectivityInactive)) {
    return AdminError{Code::NotAllowed, "slug", "the collectivity is closing or shredded",
                      "nothing: this state is final"};
  }
  if (!committed) return to_admin(committed.error());
  return json::serialize(describe(*call.engine, *call.engine->directory().collectivity((*found)->id)));
}

AdminError taken(std::string_view field, std::string_view value) {
  return {Code::AlreadyExists, std::string(field),
          "\"" + std::string(value) + "\" is taken by another collectivity",
          field == "siren" ? "show the collectivity that has it"
                           : "choose another slug: one is never given out twice"};
}

}  // namespace

AdminResult<std::shared_ptr<const storage::Collectivity>> named_collectivity(VerbCall& call) {
  auto found = call.engine->directory().by_slug(call.parameters.front());
  if (!found) {
    return AdminError{Code::NotFound, "slug", "there is no collectivity \"" + call.parameters.front() + "\"",
                      "beffroictl collectivity list shows those there are"};
  }
  call.record.collectivity = found->id;
  return found;
}

Answer list_collectivities(VerbCall& call) {
  json::array all;
  for (const auto& c : call.engine->directory().collectivities()) all.push_back(describe(*call.engine, *c));
  return json::serialize(json::object{{"collectivities", std::move(all)}});
}

Answer add_collectivity(VerbCall& call) {
  auto made = new_collectivity(call);
  if (!made) return made.error();
  const std::string slug = made->slug, siren = made->siren;
  call.record.after = json::serialize(json::object{{"slug", slug},
                                                   {"siren", siren},
                                                   {"quota_bytes", made->quota_bytes},
                                                   {"quota_objects", made->quota_objects}});
  const auto& directory = call.engine->directory();
  if (directory.by_slug(slug)) return taken("slug", slug);
  if (directory.by_siren(siren)) return taken("siren", siren);
  auto prepared = call.engine->create_collectivity(std::move(*made), call.record);
  if (!prepared) return to_admin(prepared.error());
  call.record_taken = true;
  if (auto committed = call.engine->commit(std::move(*prepared)); !committed)
    return to_admin(committed.error());
  const auto found = directory.by_slug(slug);
  return json::serialize(describe(*call.engine, *found));
}

Answer show_collectivity(VerbCall& call) {
  const auto found = named_collectivity(call);
  if (!found) return found.error();
  return json::serialize(describe(*call.engine, **found));
}

Answer set_quota(VerbCall& call) {
  const auto found = named_collectivity(call);
  if (!found) return found.error();
  const auto body = parse_body(call.body, {"quota_bytes", "quota_objects"});
  if (!body) return body.error();
  const auto bytes = optional_number(*body, "quota_bytes"), objects = optional_number(*body, "quota_objects");
  if (!bytes) return bytes.error();
  if (!objects) return objects.error();
  if (!bytes->has_value() && !objects->has_value())
    return invalid_field("quota_bytes", "no quota is given", "give quota_bytes, quota_objects or both");
  const auto limits = [](const storage::QuotaLimits& l) {
    return json::serialize(json::object{{"quota_bytes", l.bytes}, {"quota_objects", l.objects}});
  };
  const storage::QuotaLimits before{(*found)->quota_bytes, (*found)->quota_objects};
  const storage::QuotaLimits after{bytes->value_or(before.bytes), objects->value_or(before.objects)};
  call.record.before = limits(before);
  call.record.after = limits(after);
  auto committed = call.engine->commit(call.engine->set_quota((*found)->id, after, call.take_record()));
  if (!committed) return to_admin(committed.error());
  return json::serialize(describe(*call.engine, *call.engine->directory().collectivity((*found)->id)));
}

Answer suspend_collectivity(VerbCall& call) {
  return set_suspended(call, true);
}

Answer resume_collectivity(VerbCall& call) {
  return set_suspended(call, false);
}

Answer show_usage(VerbCall& call) {
  const auto found = named_collectivity(call);
  if (!found) return found.error();
  const auto usage = call.engine->quotas().usage((*found)->id);
  const auto stored = call.engine->usage((*found)->id, storage::BucketId{0});
  if (!stored) return to_admin(stored.error());
  if (!usage) return to_admin(storage::EngineErrc::NotFound);
  return json::serialize(json::object{{"collectivity", (*found)->slug},
                                      {"bytes", usage->committed_bytes},
                                      {"objects", usage->committed_objects},
                                      {"physical_bytes", stored->physical},
                                      {"reserved_bytes", usage->reserved_bytes},
                                      {"reserved_objects", usage->reserved_objects},
                                      {"quota_bytes", usage->limits.bytes},
                                      {"quota_objects", usage->limits.objects},
                                      {"buckets", call.engine->list_buckets((*found)->id).size()}});
}

Answer preview_lifecycle(VerbCall& call) {
  const auto found = named_collectivity(call);
  if (!found) return found.error();
  const auto bucket = call.engine->find_bucket((*found)->id, call.parameters[1]);
  if (!bucket) {
    return AdminError{Code::NotFound, "bucket", "there is no bucket " + call.parameters[1] + " in " + (*found)->slug, "list its buckets with any S3 client"};
  }
  const auto due = call.engine->lifecycle_preview((*found)->id, bucket->id, kLifecyclePreviewMax);
  if (!due) return to_admin(due.error());
  json::array actions;
  for (const storage::LifecycleAction& action : *due) {
    actions.push_back(json::object{{"action", action_name(action.kind)}, {"key", action.key}, {"version", action.version}, {"rule", action.rule}});
  }
  return json::serialize(json::object{{"collectivity", (*found)->slug}, {"bucket", bucket->name}, {"due", std::move(actions)}});
}

}  // namespace beffroi::admin
