// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/object_fields.h"

#include "server/s3/headers.h"
#include "server/s3/object_lock.h"
#include "server/s3/tagging.h"

namespace beffroi::s3 {

S3Result<storage::ObjectFields> object_fields(const Call& call) {
  const HeaderSpan headers = call.view().headers;
  if (auto fine = check_write_headers(headers, Writes::Object); !fine) return fine.error();
  auto given = object_headers(headers);
  if (!given) return given.error();
  auto rights = object_rights(call);
  if (!rights) return rights.error();
  storage::ObjectFields fields{.owner = std::move(rights->owner), .headers = std::move(*given), .acl = std::move(rights->acl)};
  if (const auto tags = find_header(headers, "x-amz-tagging")) {
    auto parsed = parse_tag_header(*tags);
    if (!parsed) return parsed.error();
    fields.tags = std::move(*parsed);
  }
  if (auto lock = read_lock_headers(headers, call.bucket(), call.engine().now_ms(), fields); !lock) return lock.error();
  return fields;
}

}  // namespace beffroi::s3
