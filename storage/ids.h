// SPDX-License-Identifier: EUPL-1.2
// The names by which storage calls things: strong integers, never reused once given out. Their counters live in the `meta`
// table's "state" row, which every frame puts.
#pragma once

#include <cstdint>
#include <type_traits>

namespace beffroi::storage {

enum class CollectivityId : std::uint32_t {};  // T; 1 is the appliance itself, collectivities start at 16
enum class BucketId : std::uint32_t {};        // B; unique in the appliance
enum class UserId : std::uint32_t {};          // of one collectivity
enum class BlobId : std::uint64_t {};          // I; the bytes of an object, shared by its copies
enum class ExtentId : std::uint32_t {};        // an extent file
enum class Sequence : std::uint64_t {};        // S; of a frame; one for all changes of a group; 0 = before the first

inline constexpr CollectivityId kGlobal{0};     // the store itself: its keys, the global audit tree
inline constexpr CollectivityId kAppliance{1};  // whose audit log takes what belongs to no collectivity
inline constexpr std::uint32_t kFirstCollectivity = 16;

template <class Id>
  requires std::is_enum_v<Id>
constexpr auto raw(Id id) { return static_cast<std::underlying_type_t<Id>>(id); }

template <class Id>
  requires std::is_enum_v<Id>
constexpr Id next(Id id) { return Id{static_cast<std::underlying_type_t<Id>>(raw(id) + 1)}; }

}  // namespace beffroi::storage
