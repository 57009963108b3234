// SPDX-License-Identifier: EUPL-1.2
// Percent-encoding (RFC 3986) as S3 uses it. `+` is an ordinary byte here.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace beffroi::s3 {

enum class Slash { Keep, Encode };

// Decodes once. Nothing for a malformed escape or a NUL, escaped or not.
std::optional<std::string> percent_decode(std::string_view);

// Keeps `A-Za-z0-9-._~` (and `/` if asked); every other byte becomes %XX, upper-case.
std::string percent_encode(std::string_view, Slash);
void append_percent_encoded(std::string& out, std::string_view, Slash);
// What percent_encode() of percent_decode() would give is the text itself.
bool is_percent_encoded(std::string_view, Slash);

}  // namespace beffroi::s3
