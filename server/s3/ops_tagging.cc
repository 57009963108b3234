// SPDX-License-Identifier: EUPL-1.2
// Tags of a version.
#include "server/s3/call.h"
#include "server/s3/tagging.h"

namespace beffroi::s3 {

using storage::ObjectFields;

Answer get_object_tagging(Call& call) {
  auto reader = co_await open_object(call, false);
  if (!reader) co_return reader.error();
  auto head = call.head(200);
  head.add("Content-Type", "application/xml");
  if (is_versioned(call.bucket())) head.add("x-amz-version-id", shown_version(reader->object()));
  const std::string document = tagging_xml(reader->object().tags);
  (void)co_await call.sink.send(std::move(head), document);
  co_return S3Result<void>();
}

Answer put_object_tagging(Call& call) {
  const auto document = co_await call.document();
  if (!document) co_return document.error();
  auto tags = parse_tagging(*document, kObjectTagsMax);
  if (!tags) co_return tags.error();
  call.request.set_tags(*tags);
  storage::Engine::ObjectEdit edit = [given = std::move(*tags)](ObjectFields& fields, std::int64_t) -> Result<void> {
    fields.tags = given;
    return {};
  };
  co_return co_await call.change_object(std::move(edit), 200);
}

Answer delete_object_tagging(Call& call) {
  storage::Engine::ObjectEdit edit = [](ObjectFields& fields, std::int64_t) -> Result<void> {
    fields.tags.clear();
    return {};
  };
  co_return co_await call.change_object(std::move(edit), 204);
}

}  // namespace beffroi::s3
