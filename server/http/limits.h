// SPDX-License-Identifier: EUPL-1.2
// Every limit of the HTTP front, with its unit and its reason. The sizes of buffers are constants, because they
// shape types; times and counts are fields of Limits: a configuration can lower them, a test can make them bite.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace beffroi::http {

// The request line and the fields. S3 itself allows 8 KiB of fields.
inline constexpr std::size_t kHeadBytesMax = 16 * 1024;
// A percent-encoded key of 1 024 bytes and a presigned query with a session token.
inline constexpr std::size_t kTargetBytesMax = 8 * 1024;
// An S3 client sends 10 to 30.
inline constexpr std::size_t kFieldsMax = 100;
// The longest of HTTP's own methods has 7 letters.
inline constexpr std::size_t kMethodBytesMax = 16;
// Sizes below 2^60: no sum of two overflows.
inline constexpr std::size_t kChunkSizeDigitsMax = 15;

// The head under way, and what came with it; given back whenever the connection waits for its next request.
inline constexpr std::size_t kReadBufferBytes = kHeadBytesMax;
// Four TLS records; held only while a handler looks at them, never while the socket is waited for.
inline constexpr std::size_t kBodyBufferBytes = 64 * 1024;
// Bytes a send(). Measured: 64 KiB and 1 MiB cost 15 to 50 % more CPU.
inline constexpr std::size_t kOutputBytes = 256 * 1024;
// What the kernel may hold of an answer that is not on the wire yet; bytes in flight come on top. Measured: 256 KiB cost
// 10 % more CPU of a large GET, this costs nothing.
inline constexpr std::size_t kUnsentBytesMax = 1024 * 1024;
// TLS's largest record. Measured: smaller ones cost up to 50 % more CPU.
inline constexpr std::size_t kTlsRecordBytes = 16 * 1024;
// Scratch memory of a request before it turns to the heap.
inline constexpr std::size_t kArenaBytes = 4 * 1024;

struct Limits {
  using Duration = std::chrono::milliseconds;

  // The TLS handshake, whole: a few round trips on a very poor link.
  Duration handshake{10'000};
  // From the first byte of a head to its last. Programs write heads at once.
  Duration head{15'000};
  // Between two requests: longer than the 60 s after which common proxies close their own side.
  Duration idle{75'000};
  // A body, or the reader of an answer, must advance by progress_bytes in this time. Under 140 bytes/s a client
  // is broken or hostile.
  Duration progress{30'000};
  std::size_t progress_bytes = 4 * 1024;
  // What is swallowed of an unread body to keep the connection. More would cost more than a new handshake.
  std::size_t drain_bytes = 64 * 1024;
  Duration drain{1'000};
  // After a refusal, how long the client may take to read it, before a reset could erase it.
  Duration linger{2'000};
  // Per listener. A slow request holds less than 64 KiB.
  std::size_t connections_max = 20'000;
  // Beyond connections_max, so many are told 503; the rest are closed unread.
  std::size_t refused_connections_max = 256;
  // Per client address: a town hall behind one address, not a flood.
  std::size_t connections_per_source_max = 2'000;
  // How late a passed deadline may be noticed. All connections are looked at this often.
  Duration tick{250};
};

}  // namespace beffroi::http
