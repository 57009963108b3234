// SPDX-License-Identifier: EUPL-1.2
// The continuation token of a listing: `ver u8 = 1 | last key or common prefix returned`, base64url. It is no
// secret and no proof: whoever may list may start anywhere.
#pragma once

#include <string>
#include <string_view>

#include "server/s3/errors.h"

namespace beffroi::s3 {

std::string encode_list_token(std::string_view last);
S3Result<std::string> decode_list_token(std::string_view token);  // 400 InvalidArgument

}  // namespace beffroi::s3
