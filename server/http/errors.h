// SPDX-License-Identifier: EUPL-1.2
// What can go wrong between a socket and a handler. The parsers return the first group, the body and the sink
// the second; a handler may map any of them to an answer, and the connection closes after every one of them.
#pragma once

#include "crypto/result.h"

namespace beffroi::http {

enum class Errc {
  BadRequest = 1,      // the head is not in the accepted language (request_head.h)
  HeadTooLarge,        // more than kHeadBytesMax bytes or kFieldsMax fields
  TargetTooLong,       // more than kTargetBytesMax bytes
  VersionUnsupported,  // a well-formed HTTP version other than 1.0 and 1.1
  BadFraming,          // the chunked body is not in the accepted language (chunked_body.h)
  Truncated,           // the client closed before the end of the message
  Timeout,             // a deadline of limits.h passed
  TooLarge,            // the body is longer than its reader allows
  Closed,              // the connection is closed, aborted or shutting down
  Tls,                 // the TLS handshake or a record failed
};
const boost::system::error_category& category();
inline error_code make_error_code(Errc e) {
  return {static_cast<int>(e), category()};
}

}  // namespace beffroi::http

template <>
struct boost::system::is_error_code_enum<beffroi::http::Errc> : std::true_type {};
