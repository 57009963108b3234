// SPDX-License-Identifier: EUPL-1.2
// The documents that backup programs look for, element by element as their protocol names them.
#include "server/s3/sosapi.h"

#include <gtest/gtest.h>

namespace beffroi::s3 {
namespace {

TEST(Sosapi, SaysWhatIsThereAndWhatIsNot) {
  const std::string document = system_xml();
  for (const char* wanted : {"<SystemInfo>", "<ProtocolVersion>&quot;1.0&quot;</ProtocolVersion>", "<ModelName>&quot;Beffroi ",
                             "<CapacityInfo>true</CapacityInfo>", "<UploadSessions>false</UploadSessions>", "<IAMSTS>false</IAMSTS>",
                             "<S3MultiObjectDeleteLimit>1000</S3MultiObjectDeleteLimit>"}) {
    EXPECT_NE(document.find(wanted), std::string::npos) << wanted;
  }
}

TEST(Sosapi, TheRoomIsTheQuotas) {
  const std::string head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  EXPECT_EQ(capacity_xml(100, 30), head + "<CapacityInfo><Capacity>100</Capacity><Available>70</Available><Used>30</Used></CapacityInfo>");
  EXPECT_EQ(capacity_xml(100, 130), head + "<CapacityInfo><Capacity>100</Capacity><Available>0</Available><Used>130</Used></CapacityInfo>");
}

TEST(Sosapi, IsUnderTwoKeysOnly) {
  EXPECT_TRUE(is_system_document(kSystemKey));
  EXPECT_TRUE(is_system_document(kCapacityKey));
  EXPECT_FALSE(is_system_document(std::string(kSystemPrefix) + "other.xml"));
  EXPECT_FALSE(is_system_document(""));
}

}  // namespace
}  // namespace beffroi::s3
