// SPDX-License-Identifier: EUPL-1.2
// Tags of objects and buckets, out of x-amz-tagging and out of a Tagging document. A key has 1 to 128 characters, a value at most
// 256; a character is a code point. Keys are unique; those that begin with `aws:` are Amazon's own. Refused as 400 InvalidTag.
#pragma once

#include <string>
#include <string_view>

#include "server/s3/errors.h"
#include "storage/engine/object.h"

namespace beffroi::s3 {

inline constexpr std::size_t kObjectTagsMax = 10;
inline constexpr std::size_t kBucketTagsMax = 50;
inline constexpr std::size_t kTagKeyCharactersMax = 128;
inline constexpr std::size_t kTagValueCharactersMax = 256;

// `a=b&c=d`, each part percent-encoded (a `+` is a space), of an object. A malformed escape, what does not decode to UTF-8 or a
// key given twice: 400 InvalidArgument.
S3Result<storage::Tags> parse_tag_header(std::string_view);

// <Tagging><TagSet><Tag><Key/><Value/></Tag>...; `most` is one of the two bounds above. 400 MalformedXML.
S3Result<storage::Tags> parse_tagging(std::string_view body, std::size_t most);

// The same document, as GetObjectTagging and GetBucketTagging answer it.
std::string tagging_xml(const storage::Tags&);

}  // namespace beffroi::s3
