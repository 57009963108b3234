// SPDX-License-Identifier: EUPL-1.2
// Every limit of the HTTP front, with its unit and its reason. The sizes of buffers are constants, because
// they shape types; times and counts are fields of Limits, so that a configuration can lower them and a test
// can make them bite at once.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace beffroi::http {

inline constexpr std::size_t kHeadBytesMax =
    16 * 1024;  // request line + fields; S3 allows 8 KiB of fields, presigned targets need room
inline constexpr std::size_t kTargetBytesMax =
    8 * 1024;  // a key of 1 024 bytes, percent-encoded, and a presigned query with a session token
inline constexpr std::size_t kFieldsMax = 100;      // as many as Apache; an S3 client sends 10 to 30
inline constexpr std::size_t kMethodBytesMax = 16;  // the longest of HTTP's own is 7
inline constexpr std::size_t kChunkSizeDigitsMax =
    16;  // a chunk-size fits 64 bits without a check for overflow

inline constexpr std::size_t kReadBufferBytes =
    kHeadBytesMax;  // one per request under way, given back between requests
inline constexpr std::size_t kBodyBufferBytes =
    64 * 1024;  // four TLS records a read; held only while a handler looks at it
inline constexpr std::size_t kOutputBytes =
    256 * 1024;  // ciphertext per send(); 64 KiB and 1 MiB both cost more CPU (measured)
inline constexpr std::size_t kTlsRecordBytes =
    16 * 1024;  // the largest record TLS allows; smaller ones cost more CPU (measured)
inline constexpr std::size_t kArenaBytes = 4 * 1024;  // scratch memory of a request, before the heap
inline constexpr std::size_t kResponseHeadBytesMax =
    16 * 1024;  // 2 KiB of user metadata and the fixed fields fit many times

struct Limits {
  using Duration = std::chrono::milliseconds;

  Duration handshake{10'000};  // TLS handshake, whole: three round trips on a very poor link
  Duration head{15'000};       // from the first byte of a head to its last: nobody types a request
  Duration idle{
      75'000};  // between requests: longer than the 60 s after which common proxies close their side
  Duration progress{
      30'000};  // a body, or the reader of an answer, must advance by progress_bytes in this time
  std::size_t progress_bytes = 4 * 1024;  // about 140 bytes/s: under it a client is broken or hostile
  std::size_t drain_bytes =
      64 * 1024;  // of an unread body, swallowed to keep the connection; more costs more than a handshake
  Duration drain{1'000};  // and in this time
  Duration linger{
      2'000};  // after a refusal, the time for the client to read the answer before a reset could erase it
  std::size_t connections_max =
      20'000;  // per listener; at most 64 KiB of buffers each while a request is slow
  std::size_t refused_connections_max =
      256;  // beyond the former, served only a 503; the rest is closed unread
  std::size_t connections_per_source_max =
      2'000;           // per client address: a town hall behind one NAT, not a flood
  Duration tick{250};  // how late a deadline may be noticed; one scan of the connections costs this often
};

}  // namespace beffroi::http
