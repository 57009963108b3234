// SPDX-License-Identifier: EUPL-1.2
#include "server/http/tls_stream.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <boost/asio/error.hpp>
#include <cstring>
#include <utility>

#include "crypto/check.h"

namespace beffroi::http {
namespace asio = boost::asio;
namespace {

// A sealed record of kTlsRecordBytes and what TLS may add before it (alerts, a key update) fit beyond the last check.
constexpr std::size_t kSlackBytes = kTlsRecordBytes + 4 * 1024;

// Sealed bytes on their way to send(). Empty whenever another connection of the thread may run.
struct Flat {
  std::array<char, kOutputBytes + kSlackBytes> bytes;
  std::size_t size = 0;
  BytesView view() const { return {bytes.data(), size}; }
};

Flat& flat() {
  static thread_local const std::unique_ptr<Flat> buffer(new Flat);
  return *buffer;
}

}  // namespace

// OpenSSL's view of the transport: it reads the socket and writes the flat buffer, and never waits.
struct TlsBio {
  static TlsStream& stream(BIO* bio) { return *static_cast<TlsStream*>(BIO_get_data(bio)); }

  static int read(BIO* bio, char* into, int size) {
    TlsStream& self = stream(bio);
    BIO_clear_retry_flags(bio);
    if (self.may_receive_) {
      const auto wanted = static_cast<std::size_t>(size);
      const Result<std::size_t> got = self.receive({into, wanted});
      if (got) {
        self.may_receive_ = *got == wanted;
        self.ended_ = *got == 0;
        return static_cast<int>(*got);
      }
      if (got.error() != asio::error::would_block) return -1;
      self.may_receive_ = false;
    }
    BIO_set_retry_read(bio);
    return -1;
  }

  static int write(BIO*, const char* bytes, int size) {
    Flat& out = flat();
    const auto count = static_cast<std::size_t>(size);
    if (out.size + count > out.bytes.size()) return -1;
    std::memcpy(out.bytes.data() + out.size, bytes, count);
    out.size += count;
    return size;
  }

  static long ctrl(BIO* bio, int command, long, void*) {
    if (command == BIO_CTRL_EOF) return stream(bio).ended_ ? 1 : 0;
    return command == BIO_CTRL_FLUSH ? 1 : 0;
  }
};

bio_method_st* TlsStream::bio_method() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "beffroi socket");
    CHECK(made);
    BIO_meth_set_read(made, TlsBio::read);
    BIO_meth_set_write(made, TlsBio::write);
    BIO_meth_set_ctrl(made, TlsBio::ctrl);
    return made;
  }();
  return method;
}

TlsStream::TlsStream(std::shared_ptr<const TlsContext> context, Socket socket, Deadlines& deadlines,
                     const Limits& limits)
    : Stream(std::move(socket), deadlines, limits),
      context_(std::move(context)),
      ssl_(SSL_new(context_->native())) {
  CHECK(ssl_);
  BIO* bio = BIO_new(bio_method());
  CHECK(bio);
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_, bio, bio);
  SSL_set_accept_state(ssl_);
}

TlsStream::~TlsStream() {
  SSL_free(ssl_);
}

// Sends what OpenSSL wrote, and returns how many bytes are left until the socket was waited for. The flat buffer is empty
// in every case.
Result<std::size_t> TlsStream::push() {
  Flat& out = flat();
  BytesView fresh = out.view();
  out.size = 0;
  while (unsent_.empty() && !fresh.empty()) {
    const Result<std::size_t> sent = send(fresh);
    if (sent) {
      fresh.remove_prefix(*sent);
    } else if (sent.error() == asio::error::would_block) {
      break;
    } else {
      return sent.error();
    }
  }
  unsent_.append(fresh);
  while (unsent_at_ < unsent_.size()) {
    const Result<std::size_t> sent = send(BytesView(unsent_).substr(unsent_at_));
    if (sent) {
      unsent_at_ += *sent;
    } else if (sent.error() == asio::error::would_block) {
      return unsent_.size() - unsent_at_;
    } else {
      return sent.error();
    }
  }
  if (unsent_.capacity() > 1024) unsent_ = std::string();
  unsent_.clear();
  unsent_at_ = 0;
  return std::size_t{0};
}

asio::awaitable<Result<void>> TlsStream::handshake() {
  for (;;) {
    may_receive_ = true;
    ERR_clear_error();
    const int done = SSL_do_handshake(ssl_);
    const int error = done == 1 ? SSL_ERROR_NONE : SSL_get_error(ssl_, done);
    failed_ = error != SSL_ERROR_NONE && error != SSL_ERROR_WANT_READ;
    Result<std::size_t> pushed = push();
    while (pushed && *pushed > 0) {
      const Result<void> waited = co_await wait(Socket::wait_write);
      if (!waited) co_return waited.error();
      pushed = push();
    }
    if (failed_) co_return Errc::Tls;
    if (!pushed) co_return pushed.error();
    if (error == SSL_ERROR_NONE) co_return Result<void>();
    const Result<void> waited = co_await wait_readable();
    if (!waited) co_return waited.error();
  }
}

Result<std::size_t> TlsStream::try_read(MutableBytes into) {
  if (failed_) return Errc::Tls;
  may_receive_ = true;
  std::size_t total = 0;
  int error = SSL_ERROR_NONE;
  while (total < into.size() && error == SSL_ERROR_NONE) {
    ERR_clear_error();
    const int got = SSL_read(ssl_, into.data() + total, static_cast<int>(into.size() - total));
    if (got > 0) total += static_cast<std::size_t>(got);
    if (got <= 0) error = SSL_get_error(ssl_, got);
  }
  failed_ = error != SSL_ERROR_NONE && error != SSL_ERROR_WANT_READ && error != SSL_ERROR_ZERO_RETURN;
  (void)push();  // an alert or a key update, if any; a failure shows at the next write
  if (total > 0) return total;
  if (error == SSL_ERROR_ZERO_RETURN) return std::size_t{0};
  if (error == SSL_ERROR_SYSCALL) return Errc::Closed;
  if (failed_) return Errc::Tls;
  return error_code(asio::error::would_block);
}

// Takes from the front of head and body as many whole records as the flat buffer has room for.
void TlsStream::seal(BytesView& head, BytesView& body) {
  static thread_local std::array<char, kTlsRecordBytes> joined;
  while (!head.empty() || !body.empty()) {
    if (flat().size + kTlsRecordBytes > kOutputBytes) return;
    const std::size_t of_head = std::min(head.size(), kTlsRecordBytes);
    const std::size_t of_body = std::min(body.size(), kTlsRecordBytes - of_head);
    const char* record = body.data();
    if (of_head > 0) {
      std::memcpy(joined.data(), head.data(), of_head);
      if (of_body > 0) std::memcpy(joined.data() + of_head, body.data(), of_body);
      record = joined.data();
    }
    ERR_clear_error();
    const auto size = static_cast<int>(of_head + of_body);
    if (SSL_write(ssl_, record, size) != size) {
      failed_ = true;
      return;
    }
    head.remove_prefix(of_head);
    body.remove_prefix(of_body);
  }
}

asio::awaitable<Result<void>> TlsStream::write(BytesView head, BytesView body) {
  do {
    if (failed_) co_return Errc::Tls;
    if (unsent_.empty()) seal(head, body);
    const Result<std::size_t> left = push();
    if (!left) co_return left.error();
    if (*left == 0) continue;
    const Result<void> waited = co_await wait_writable();
    if (!waited) co_return waited.error();
  } while (!head.empty() || !body.empty() || !unsent_.empty());
  if (failed_) co_return Errc::Tls;
  co_return Result<void>();
}

void TlsStream::shutdown_write() {
  if (!failed_ && SSL_is_init_finished(ssl_)) {
    ERR_clear_error();
    (void)SSL_shutdown(ssl_);
    (void)push();
  }
  end_write();
}

std::string TlsStream::client_certificate() const {
  const X509* certificate = SSL_get0_peer_certificate(ssl_);
  if (!certificate || SSL_get_verify_result(ssl_) != X509_V_OK) return {};
  std::array<unsigned char, 32> digest{};
  CHECK(X509_digest(certificate, EVP_sha256(), digest.data(), nullptr) == 1);
  return to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

bool TlsStream::resumed() const {
  return SSL_session_reused(ssl_) == 1;
}

}  // namespace beffroi::http
