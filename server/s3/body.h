// SPDX-License-Identifier: EUPL-1.2
// ObjectBody: the bytes that a request gives to store, out of aws-chunked where they came in it, with everything the client said
// about them checked: length, payload hash, Content-MD5, checksum in a header or a trailer, chunk signatures. Nothing that was
// read may become visible before finish() returns a value. The digests that are stored come along: MD5 (the ETag) and one checksum.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>

#include "crypto/digest.h"
#include "crypto/md5.h"
#include "server/http/body_source.h"
#include "server/s3/authenticate.h"
#include "server/s3/aws_chunked.h"
#include "server/s3/checksum.h"
#include "server/s3/form_body.h"
#include "storage/engine/put_session.h"

namespace beffroi::s3 {

class ObjectBody {
 public:
  // `stored`: the algorithm whose checksum is kept; None = the client's own, or CRC64NVME when it gave none.
  static S3Result<ObjectBody> open(const VerifiedRequest&, http::BodySource&, ChecksumAlgorithm stored, std::uint64_t bytes_max);

  // The file of a form, of at most `bytes_max`; `fields` may hold its checksum.
  static S3Result<ObjectBody> open_form(FormBody&, HeaderSpan fields, std::uint64_t bytes_max);

  // As declared; of a form's file at most so many, and exactly once its end came in sight.
  std::uint64_t size() const { return size_; }
  bool size_is_final() const { return form_ == nullptr || form_->ended(); }

  // The next decoded bytes, valid until the next call; empty at the end. Not yet digested.
  boost::asio::awaitable<S3Result<std::string_view>> next();
  // Digests bytes that next() gave, in order; on any thread, one at a time. With a gang: on the pool, beside other uploads.
  void digest(std::string_view bytes, crypto::Md5Gang* gang = nullptr);
  // After the end: compares all that the client said. The digests to store.
  S3Result<storage::BodyDigests> finish();

 private:
  ObjectBody(http::BodySource* source, Payload payload) : source_(source), payload_(std::move(payload)) {}
  S3Result<void> read_told(HeaderSpan, ChecksumAlgorithm stored);
  S3Result<void> compare_checksum(const Bytes& computed, ChecksumAlgorithm algorithm);

  http::BodySource* source_;
  FormBody* form_ = nullptr;  // in place of source_
  Payload payload_;
  std::uint64_t size_ = 0;
  std::uint64_t received_ = 0;
  std::string_view pending_;  // framed bytes not yet decoded
  bool ended_ = false;
  std::optional<AwsChunked> chunked_;
  RequestChecksum told_;
  std::optional<Bytes> told_md5_;
  crypto::Md5Stream md5_;
  std::optional<crypto::Digest> sha256_;       // of a payload hash
  ChecksumAlgorithm stored_algorithm_ = ChecksumAlgorithm::None;
  std::optional<ChecksumState> stored_;
  std::optional<ChecksumState> told_state_;    // only when the client's algorithm is not the stored one
};

// What a body that broke off is answered by.
S3Error body_error(const error_code&);

// A whole XML body, verified like an object's. `bytes_max` bites before a byte is read.
boost::asio::awaitable<S3Result<std::string>> read_document(const VerifiedRequest&, http::BodySource&, std::uint64_t bytes_max);

}  // namespace beffroi::s3
