// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/sosapi.h"

#include "server/s3/xml_writer.h"

namespace beffroi::s3 {
namespace {

constexpr std::uint64_t kTasks = 64;        // requests at once that one client does well to keep to
constexpr std::uint64_t kBlockKib = 4096;   // of a backup; every block is one object

}  // namespace

// The quotes around the version and the model are part of the values, as the protocol has them.
std::string system_xml() {
  XmlWriter xml("SystemInfo", "");
  xml.element("ProtocolVersion", "\"1.0\"");
  xml.element("ModelName", "\"Beffroi " BEFFROI_VERSION "\"");
  xml.open("ProtocolCapabilities");
  xml.flag("CapacityInfo", true);
  xml.flag("UploadSessions", false);
  xml.flag("IAMSTS", false);
  xml.close();
  xml.open("SystemRecommendations");
  xml.element("S3ConcurrentTaskLimit", kTasks);
  xml.element("S3MultiObjectDeleteLimit", std::uint64_t{1000});
  xml.element("StorageCurrentTasksLimit", std::uint64_t{0});
  xml.element("KbBlockSize", kBlockKib);
  return std::move(xml).finish();
}

std::string capacity_xml(std::uint64_t quota_bytes, std::uint64_t used_bytes) {
  XmlWriter xml("CapacityInfo", "");
  xml.element("Capacity", quota_bytes);
  xml.element("Available", quota_bytes > used_bytes ? quota_bytes - used_bytes : std::uint64_t{0});
  xml.element("Used", used_bytes);
  return std::move(xml).finish();
}

}  // namespace beffroi::s3
