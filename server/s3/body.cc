// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/body.h"

#include "server/s3/headers.h"

namespace beffroi::s3 {

using boost::asio::awaitable;

S3Error body_error(const error_code& e) {
  if (e == make_error_code(http::Errc::Timeout)) return S3Error(Code::RequestTimeout).closing();
  return S3Error(Code::IncompleteBody).closing();
}

// What the client says of the bytes, and what is computed of them.
S3Result<void> ObjectBody::read_told(HeaderSpan headers, ChecksumAlgorithm stored) {
  auto told = request_checksum(headers, payload_);
  if (!told) return told.error();
  told_ = std::move(*told);
  auto md5 = content_md5(headers);
  if (!md5) return md5.error();
  told_md5_ = std::move(*md5);
  const ChecksumAlgorithm client = told_.algorithm;
  if (stored == ChecksumAlgorithm::None) stored = client == ChecksumAlgorithm::None ? ChecksumAlgorithm::Crc64Nvme : client;
  stored_algorithm_ = stored;
  stored_.emplace(stored);
  if (client != ChecksumAlgorithm::None && client != stored) told_state_.emplace(client);
  if (payload_.kind == PayloadKind::Sha256) sha256_.emplace(crypto::DigestAlgorithm::Sha256);
  return {};
}

S3Result<ObjectBody> ObjectBody::open_form(FormBody& form, HeaderSpan fields, std::uint64_t bytes_max) {
  ObjectBody body(nullptr, Payload{});
  body.form_ = &form;
  body.size_ = bytes_max;
  if (auto read = body.read_told(fields, ChecksumAlgorithm::None); !read) return read.error();
  return body;
}

S3Result<ObjectBody> ObjectBody::open(const VerifiedRequest& request, http::BodySource& source, ChecksumAlgorithm stored,
                                      std::uint64_t bytes_max) {
  const RequestView& view = request.parsed().view;
  ObjectBody body(&source, request.payload());
  // A request without length and coding has no body for HTTP; S3 takes it for one that forgot to say how long it is.
  const bool tells = has_header(view.headers, "content-length") || has_header(view.headers, "transfer-encoding");
  const auto size = declared_length(view, body.payload_, tells ? source.length() : std::nullopt);
  if (!size) return size.error();
  if (*size > bytes_max) {
    return S3Error(Code::EntityTooLarge).with("ProposedSize", std::to_string(*size)).with("MaxSizeAllowed", std::to_string(bytes_max)).closing();
  }
  body.size_ = *size;
  if (auto read = body.read_told(view.headers, stored); !read) return read.error();
  if (body.payload_.is_streaming()) {
    AwsChunked::Options options{.kind = body.payload_.kind, .decoded_length = *size, .trailer = {}, .signing = {}};
    if (body.told_.in_trailer) options.trailer = checksum_header(body.told_.algorithm);
    if (body.payload_.has_signed_chunks()) {
      const SigV4Claim& claim = *request.claim();
      options.signing = AwsChunked::Signing{request.signing_key(), claim.timestamp, claim.scope(), claim.signature};
    }
    body.chunked_.emplace(std::move(options));
  }
  return body;
}

awaitable<S3Result<std::string_view>> ObjectBody::next() {
  if (form_ != nullptr) {
    auto piece = co_await form_->next();
    if (!piece) co_return piece.error();
    if (form_->ended()) size_ = form_->bytes();
    received_ += piece->size();
    // More than stands between the file's first byte and the shortest end: no delimiter comes any more.
    if (received_ > form_->bytes_max()) co_return S3Error(Code::MalformedPOSTRequest).closing();
    co_return *piece;
  }
  while (true) {
    if (!pending_.empty()) {
      if (!chunked_) {
        const std::string_view piece = std::exchange(pending_, {});
        received_ += piece.size();
        if (received_ > size_) co_return S3Error(Code::IncompleteBody).closing();
        co_return piece;
      }
      const auto piece = chunked_->next(pending_);
      if (!piece) co_return piece.error();
      if (!piece->empty()) {
        received_ += piece->size();
        co_return *piece;
      }
      continue;
    }
    if (ended_) co_return std::string_view{};
    const auto read = co_await source_->read();
    if (!read) co_return body_error(read.error());
    ended_ = read->empty();
    pending_ = *read;
  }
}

void ObjectBody::digest(std::string_view bytes, crypto::Md5Gang* gang) {
  if (gang != nullptr) gang->update(md5_, bytes);
  else md5_.update(bytes);
  stored_->update(bytes);
  if (told_state_) told_state_->update(bytes);
  if (sha256_) sha256_->update(bytes);
}

S3Result<void> ObjectBody::compare_checksum(const Bytes& computed, ChecksumAlgorithm algorithm) {
  Bytes expected = told_.value;
  if (told_.in_trailer) {
    auto value = parse_checksum_value(algorithm, chunked_->trailer_value());
    if (!value) return value.error();
    expected = std::move(*value);
  }
  if (computed != expected) {
    return S3Error(Code::BadDigest, "The " + std::string(checksum_name(algorithm)) + " you specified did not match the calculated checksum.");
  }
  return {};
}

S3Result<storage::BodyDigests> ObjectBody::finish() {
  if (chunked_) {
    if (auto ended = chunked_->finish(); !ended) return ended.error();
  }
  if (received_ != size_) return S3Error(Code::IncompleteBody).closing();
  if (sha256_ && sha256_->finish() != payload_.sha256) return S3Error(Code::XAmzContentSHA256Mismatch);
  storage::BodyDigests digests;
  digests.md5 = md5_.finish();
  if (told_md5_ && digests.md5 != *told_md5_) return S3Error(Code::BadDigest);
  digests.checksum = {stored_algorithm_, ChecksumType::FullObject, stored_->finish()};
  if (told_.algorithm != ChecksumAlgorithm::None) {
    const Bytes computed = told_state_ ? told_state_->finish() : digests.checksum.value;
    if (auto same = compare_checksum(computed, told_.algorithm); !same) return same.error();
  }
  return digests;
}

awaitable<S3Result<std::string>> read_document(const VerifiedRequest& request, http::BodySource& source, std::uint64_t bytes_max) {
  auto body = ObjectBody::open(request, source, ChecksumAlgorithm::None, bytes_max);
  if (!body) {
    // A document has another name for what is too large.
    if (body.error().code == Code::EntityTooLarge) co_return S3Error(Code::MaxMessageLengthExceeded).closing();
    co_return body.error();
  }
  std::string document;
  document.reserve(body->size());
  while (true) {
    const auto piece = co_await body->next();
    if (!piece) co_return piece.error();
    if (piece->empty()) break;
    body->digest(*piece);
    document += *piece;
  }
  const auto digests = body->finish();
  if (!digests) co_return digests.error();
  co_return document;
}

}  // namespace beffroi::s3
