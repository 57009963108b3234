// SPDX-License-Identifier: EUPL-1.2
// Tags out of a header and a document, at their limits.
#include "server/s3/tagging.h"

#include <gtest/gtest.h>

#include "server/s3/xml_tree.h"
#include "tests/unit/server/s3/request_builder.h"

namespace beffroi::s3 {
namespace {

std::string document_of(const storage::Tags& tags) {
  std::string body = "<Tagging><TagSet>";
  for (const auto& [key, value] : tags) body += "<Tag><Key>" + key + "</Key><Value>" + value + "</Value></Tag>";
  return body + "</TagSet></Tagging>";
}

std::string times(std::string_view what, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += what;
  return out;
}

TEST(TagHeader, ReadsWhatAFormWouldSend) {
  const storage::Tags wanted = {{"a b", "c/d"}, {"\xC3\xA9", ""}, {"k", ""}, {"x", "1=2"}};
  EXPECT_EQ(*parse_tag_header("a+b=c%2Fd&%C3%A9=&&k&x=1=2"), wanted);
  EXPECT_EQ(*parse_tag_header(""), storage::Tags());
}

TEST(TagHeader, RefusesBadEncodingAndRepeatedKeys) {
  for (const char* bad : {"a=%zz", "a=%", "%FF=b", "a=b&a=c", "a=%00"}) EXPECT_EQ(code_of(parse_tag_header(bad)), Code::InvalidArgument) << bad;
  for (const char* bad : {"=b", "a=b%0A", "aws%3Ax=1", "a%3Cb=1"}) EXPECT_EQ(code_of(parse_tag_header(bad)), Code::InvalidTag) << bad;
}

TEST(TagHeader, HasTenTagsAtMost) {
  std::string text = "k0=v";
  for (int i = 1; i < 10; ++i) text += "&k" + std::to_string(i) + "=v";
  EXPECT_EQ(parse_tag_header(text)->size(), 10u);
  EXPECT_EQ(code_of(parse_tag_header(text + "&one=more")), Code::InvalidTag);
}

TEST(TagDocument, CountsCharactersAndNotBytes) {
  const std::string e = "\xC3\xA9";
  const storage::Tags full = {{times(e, 128), times(e, 256)}};
  EXPECT_EQ(*parse_tagging(document_of(full), kObjectTagsMax), full);
  EXPECT_EQ(code_of(parse_tagging(document_of({{times(e, 129), ""}}), kObjectTagsMax)), Code::InvalidTag);
  EXPECT_EQ(code_of(parse_tagging(document_of({{"k", times(e, 257)}}), kObjectTagsMax)), Code::InvalidTag);
}

TEST(TagDocument, BoundsTheirNumberByWhatIsTagged) {
  storage::Tags tags;
  for (int i = 0; i < 50; ++i) tags.emplace_back("k" + std::to_string(i), "v");
  EXPECT_EQ(*parse_tagging(document_of(tags), kBucketTagsMax), tags);
  EXPECT_EQ(code_of(parse_tagging(document_of(tags), kObjectTagsMax)), Code::InvalidTag);
  tags.emplace_back("one", "more");
  EXPECT_EQ(code_of(parse_tagging(document_of(tags), kBucketTagsMax)), Code::InvalidTag);
}

TEST(TagDocument, RefusesWhatIsNotOne) {
  for (const char* bad : {"", "<Tagging/>", "<Tagging><TagSet/><TagSet/></Tagging>", "<TagSet/>",
                          "<Tagging><TagSet><Tag><Key>k</Key></Tag></TagSet></Tagging>",
                          "<Tagging><TagSet><Tag><Value>k</Value></Tag></TagSet></Tagging>",
                          "<Tagging><TagSet><Tag><Key>k</Key><Key>l</Key><Value/></Tag></TagSet></Tagging>"}) {
    EXPECT_EQ(code_of(parse_tagging(bad, kObjectTagsMax)), Code::MalformedXML) << bad;
  }
  EXPECT_EQ(code_of(parse_tagging(document_of({{"k", "1"}, {"k", "2"}}), kObjectTagsMax)), Code::InvalidTag);
  EXPECT_EQ(code_of(parse_tagging(document_of({{"", "1"}}), kObjectTagsMax)), Code::InvalidTag);
}

TEST(TagDocument, IsAnsweredAsItIsRead) {
  const storage::Tags tags = {{"a b", "c=d"}, {"\xC3\xA9", ""}};
  EXPECT_EQ(tagging_xml(tags),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Tagging xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><TagSet>"
            "<Tag><Key>a b</Key><Value>c=d</Value></Tag><Tag><Key>\xC3\xA9</Key><Value></Value></Tag></TagSet></Tagging>");
  EXPECT_EQ(*parse_tagging(tagging_xml(tags), kObjectTagsMax), tags);
  EXPECT_EQ(*parse_tagging(tagging_xml({}), kObjectTagsMax), storage::Tags());
}

TEST(XmlTree, GivesTheOneChildAndRefusesTwo) {
  const XmlElement root = *parse_xml("<n:a xmlns:n='u'> t <n:b> 1 </n:b><n:c/><n:c/><!-- x --></n:a>", "a");
  EXPECT_EQ(root.trimmed(), "t");
  EXPECT_EQ(*root.child_text("b"), "1");
  EXPECT_EQ(*root.child_text("absent"), "");
  EXPECT_EQ(code_of(root.child("c")), Code::MalformedXML);
  EXPECT_EQ(root.all("c").size(), 2u);
}

}  // namespace
}  // namespace beffroi::s3
