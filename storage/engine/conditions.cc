// SPDX-License-Identifier: EUPL-1.2
#include "storage/engine/conditions.h"

#include <algorithm>

#include "storage/engine/errors.h"

namespace beffroi::storage {

bool EtagList::matches(const std::string& etag) const {
  return any || std::find(tags.begin(), tags.end(), etag) != tags.end();
}

bool Conditions::empty() const {
  return !if_match && !if_none_match && !if_modified_since_s && !if_unmodified_since_s && !if_match_size &&
         !if_match_modified_s;
}

Result<void> check_write(const Conditions& c, const Object* current) {
  if (c.if_match) {
    if (!current) return EngineErrc::NoSuchKey;
    if (!c.if_match->matches(current->etag)) return EngineErrc::PreconditionFailed;
  }
  if (c.if_none_match && current && c.if_none_match->matches(current->etag)) return EngineErrc::PreconditionFailed;
  if (c.if_match_size && (!current || current->size != *c.if_match_size)) return EngineErrc::PreconditionFailed;
  if (c.if_match_modified_s && (!current || current->modified_ms / 1000 != *c.if_match_modified_s)) {
    return EngineErrc::PreconditionFailed;
  }
  return {};
}

Result<void> check_read(const Conditions& c, const Object& current) {
  const std::int64_t modified_s = current.modified_ms / 1000;
  if (c.if_match) {
    if (!c.if_match->matches(current.etag)) return EngineErrc::PreconditionFailed;
  } else if (c.if_unmodified_since_s && modified_s > *c.if_unmodified_since_s) {
    return EngineErrc::PreconditionFailed;
  }
  if (c.if_none_match) {
    if (c.if_none_match->matches(current.etag)) return EngineErrc::NotModified;
  } else if (c.if_modified_since_s && modified_s <= *c.if_modified_since_s) {
    return EngineErrc::NotModified;
  }
  return {};
}

Result<void> check_copy_source(const Conditions& c, const Object& current) {
  const auto verdict = check_read(c, current);
  if (!verdict && verdict.error() == make_error_code(EngineErrc::NotModified)) return EngineErrc::PreconditionFailed;
  return verdict;
}

}  // namespace beffroi::storage
