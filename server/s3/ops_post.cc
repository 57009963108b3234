// SPDX-License-Identifier: EUPL-1.2
// PostObject: a browser's form puts its file. Authenticated by its fields (form_body.h); from there on it is a PutObject whose length
// is known at the end only.
#include "server/s3/call.h"
#include "server/s3/conditions.h"
#include "server/s3/form_body.h"
#include "server/s3/ingest.h"
#include "server/s3/object_fields.h"
#include "server/s3/percent.h"
#include "server/s3/tagging.h"

namespace beffroi::s3 {
namespace {

std::string location_of(const Call& call) {
  return "https://" + std::string(call.view().host) + "/" + call.bucket().name + "/" + percent_encode(call.key(), Slash::Keep);
}

// Where the form sends the browser afterwards; nothing when it names no page, or none that a browser can go to.
std::optional<std::string> redirection(const Call& call, const std::string& etag) {
  std::string target = call.form->form().value("success_action_redirect");
  if (target.empty()) target = call.form->form().value("redirect");
  if (!target.starts_with("http://") && !target.starts_with("https://")) return std::nullopt;
  target += target.find('?') == std::string::npos ? '?' : '&';
  target += "bucket=" + percent_encode(call.bucket().name, Slash::Encode);
  target += "&key=" + percent_encode(call.key(), Slash::Encode);
  target += "&etag=" + percent_encode(quoted(etag), Slash::Encode);
  return target;
}

unsigned success_status(const PostForm& form) {
  const std::string asked = form.value("success_action_status");
  return asked == "200" ? 200 : asked == "201" ? 201 : 204;
}

S3Result<storage::ObjectFields> fields_of(const Call& call) {
  auto fields = object_fields(call);
  if (!fields) return fields;
  if (const std::string* document = call.form->form().find("tagging")) {
    auto tags = parse_tagging(*document, kObjectTagsMax);
    if (!tags) return tags.error();
    if (!call.request.may_tag(*tags)) return S3Error(Code::AccessDenied).closing();
    fields->tags = std::move(*tags);
  }
  return fields;
}

}  // namespace

Answer post_object(Call& call) {
  auto fields = fields_of(call);
  if (!fields) co_return fields.error();
  const auto customer = read_customer_key(call.view().headers, KeyOf::Object);
  if (customer.has_error()) co_return customer.error();
  FormBody& form = *call.form;
  if (form.bytes_max() < form.length.min) co_return S3Error(Code::EntityTooSmall).closing();
  // More than the policy allows is refused as soon as it comes, not when the form has ended.
  const std::uint64_t most = std::min({form.bytes_max(), form.length.max, call.request.row().body_bytes_max});
  auto body = ObjectBody::open_form(form, call.view().headers, most);
  if (!body) co_return body.error();
  auto session = co_await begin_put(call, most, *customer);
  if (!session) co_return session.error();
  auto digests = co_await ingest(call, *body, *session);
  if (!digests) co_return digests.error();
  call.record.bytes = body->size();
  if (body->size() < form.length.min) {
    co_return S3Error(Code::EntityTooSmall)
        .with("ProposedSize", std::to_string(body->size()))
        .with("MinSizeAllowed", std::to_string(form.length.min));
  }
  auto finish = [&] {
    return session->finish(call.key(), std::move(*digests), std::move(*fields), storage::Conditions(), call.request.actor(), call.record);
  };
  auto change = co_await finish_session(call, *session, finish);
  if (!change) co_return change.error();
  call.record_taken = true;
  const auto committed = co_await call.commit(std::move(*change));
  if (!committed) co_return committed.error();

  const auto elsewhere = redirection(call, committed->etag);
  const unsigned status = elsewhere ? 303 : success_status(form.form());
  auto head = call.head(status);
  head.add("ETag", quoted(committed->etag));
  head.add("Location", elsewhere.value_or(location_of(call)));
  add_encryption_fields(head, *customer);
  add_checksum_fields(head, committed->checksum, committed->etag);
  add_version_fields(head, *committed);
  add_expiration(head, call, committed->size, committed->tags, committed->time_ms);
  std::string document;
  if (status == 201) {
    document = post_xml(location_of(call), call.bucket().name, call.key(), committed->etag);
    head.add("Content-Type", "application/xml");
  }
  (void)co_await call.sink.send(std::move(head), document);
  co_return S3Result<void>();
}

}  // namespace beffroi::s3
