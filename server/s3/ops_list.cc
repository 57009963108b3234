// SPDX-License-Identifier: EUPL-1.2
// Listings of objects. They always run on the pool: a page reads many rows.
#include "server/s3/call.h"
#include "server/s3/list_token.h"

namespace beffroi::s3 {
namespace {

ObjectEntry entry_of(const storage::Engine& engine, storage::ObjectPage::Entry& from, bool with_owner) {
  ObjectEntry entry;
  entry.key = std::move(from.key);
  entry.modified_ms = from.object.modified_ms;
  entry.etag = std::move(from.object.etag);
  entry.checksum = std::move(from.object.checksum);
  entry.size = from.object.size;
  if (with_owner) entry.owner = owner_of(engine, from.object.owner);
  return entry;
}

// Fills the page; `listing` says where it starts.
boost::asio::awaitable<S3Result<storage::ObjectPage>> read_page(Call& call, const ObjectListing& listing, std::string after) {
  storage::ObjectQuery query{.collectivity = call.collectivity(),
                             .bucket = call.bucket().id,
                             .prefix = listing.prefix,
                             .delimiter = listing.delimiter,
                             .after = std::move(after),
                             .max = listing.max_keys};
  auto work = [&] { return call.engine().list_objects(query); };
  auto page = co_await call.services.pool.run(work);
  if (!page) co_return to_s3(page.error());
  co_return std::move(*page);
}

void fill(const Call& call, ObjectListing& listing, storage::ObjectPage& page) {
  listing.truncated = page.truncated;
  for (auto& entry : page.objects) listing.objects.push_back(entry_of(call.engine(), entry, listing.with_owner));
  listing.common_prefixes = std::move(page.prefixes);
}

S3Result<ObjectListing> read_query(const Call& call) {
  ObjectListing listing;
  listing.bucket = call.bucket().name;
  listing.prefix = call.query().value("prefix");
  listing.delimiter = call.query().value("delimiter");
  const auto max = page_size(call.query(), "max-keys");
  if (!max) return max.error();
  listing.max_keys = *max;
  const auto encoded = url_encoding(call.query());
  if (encoded.has_error()) return encoded.error();
  listing.url_encoded = *encoded;
  return listing;
}

}  // namespace

Answer list_objects(Call& call) {
  auto listing = read_query(call);
  if (!listing) co_return listing.error();
  listing->marker = call.query().value("marker");
  listing->with_owner = true;
  auto page = co_await read_page(call, *listing, listing->marker);
  if (!page) co_return page.error();
  fill(call, *listing, *page);
  if (page->truncated) listing->next_marker = page->last;
  co_return co_await call.answer_xml(list_objects_v1_xml(*listing));
}

Answer list_objects_v2(Call& call) {
  if (call.query().value("list-type") != "2") co_return S3Error(Code::InvalidArgument).with("ArgumentName", "list-type");
  auto listing = read_query(call);
  if (!listing) co_return listing.error();
  listing->start_after = call.query().value("start-after");
  listing->with_owner = call.query().value("fetch-owner") == "true";
  std::string after = listing->start_after;
  if (const std::string* token = call.query().find("continuation-token")) {
    listing->continuation_token = *token;
    if (!token->empty()) {
      auto decoded = decode_list_token(*token);
      if (!decoded) co_return decoded.error();
      after = std::move(*decoded);
    }
  }
  auto page = co_await read_page(call, *listing, std::move(after));
  if (!page) co_return page.error();
  fill(call, *listing, *page);
  if (page->truncated) listing->next_continuation_token = encode_list_token(page->last);
  co_return co_await call.answer_xml(list_objects_v2_xml(*listing));
}

}  // namespace beffroi::s3
