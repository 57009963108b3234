// SPDX-License-Identifier: EUPL-1.2
// Two documents that backup programs (Veeam's "Smart Object Storage API") look for in a bucket: what the store can do, and how much room
// there is. They stand under fixed keys, in no listing, and cannot be written. The room is the collectivity's quota, never the disk's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace beffroi::s3 {

inline constexpr std::string_view kSystemPrefix = ".system-d26a9498-cb7c-4a87-a44a-8ae204f5ba6c/";
inline constexpr std::string_view kSystemKey = ".system-d26a9498-cb7c-4a87-a44a-8ae204f5ba6c/system.xml";
inline constexpr std::string_view kCapacityKey = ".system-d26a9498-cb7c-4a87-a44a-8ae204f5ba6c/capacity.xml";

inline bool is_system_document(std::string_view key) { return key == kSystemKey || key == kCapacityKey; }

std::string system_xml();
std::string capacity_xml(std::uint64_t quota_bytes, std::uint64_t used_bytes);

}  // namespace beffroi::s3
