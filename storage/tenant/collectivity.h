// SPDX-License-Identifier: EUPL-1.2
// A collectivity: the public body that owns data here, known by its SIREN, addressed by its slug, stored
// under its own key. Plain value; its row is sealed by the engine under the system key (table `meta`, key 02
// T).
//
//   record: 1 siren | 2 slug | 3 name | 4 kind u8 | 5 cog_code | 6 population u32 | 7 parent u32 | 8 accepted
//   SIRETs, 14 bytes
//           each | 9 contacts, n x { length varint, bytes } | 10 quota bytes u64 | 11 quota objects u64 | 12
//           state u8 13 created ms i64                      (T is in the key, not in the record)
//
// A slug never changes and is never given to another body: public addresses are made of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/bytes.h"
#include "crypto/result.h"
#include "storage/ids.h"

namespace beffroi::storage {

// Numbers are on disk. Names (kind_name) are the French administration's own.
enum class CollectivityKind : std::uint8_t {
  Commune = 1,
  NewCommune,  // commune nouvelle
  Cc,          // communauté de communes
  Ca,          // communauté d'agglomération
  Cu,          // communauté urbaine
  Metropole,
  Sivu,
  Sivom,
  MixteFerme,   // syndicat mixte fermé
  MixteOuvert,  // syndicat mixte ouvert
  Departement,
  RegionAdmin,  // région; never "region", which is a word of S3
  PublicBody,   // établissement public: CCAS, SDIS, centre de gestion ...
  Association,  // several operators of public digital services are associations
};

enum class CollectivityState : std::uint8_t {
  Active = 1,
  Suspended,  // every request is refused; nothing is deleted
  Closing,    // read and delete only, until the end of the notice
  Shredded,   // its key is destroyed; the row stays so that number, SIREN and slug are never given out again
};

struct Collectivity {
  CollectivityId id{};
  std::string siren;
  std::string slug;
  std::string name;
  CollectivityKind kind = CollectivityKind::Commune;
  std::string cog_code;  // Code officiel géographique; empty when the kind has none
  std::uint32_t population = 0;
  std::optional<CollectivityId> parent;
  std::vector<std::string> accepted_sirets;  // 14 digits each
  std::vector<std::string> contacts;         // mail addresses
  std::uint64_t quota_bytes = 0;             // hard limits; 0 allows nothing
  std::uint64_t quota_objects = 0;
  CollectivityState state = CollectivityState::Active;
  std::int64_t created_ms = 0;
  bool operator==(const Collectivity&) const = default;
};

inline constexpr std::size_t kCollectivityNameBytesMax =
    200;                                               // the longest official name in BANATIC is about 130
inline constexpr std::size_t kAcceptedSiretsMax = 64;  // mairie, CCAS, schools
inline constexpr std::size_t kContactsMax = 16;
inline constexpr std::size_t kContactBytesMax = 254;  // RFC 5321's longest mail address
inline constexpr std::size_t kSlugCharactersMin = 3;
inline constexpr std::size_t kSlugCharactersMax = 40;

bool valid_siren(std::string_view);  // 9 digits, Luhn
bool valid_siret(std::string_view);  // 14 digits, Luhn; La Poste's (356000000 .....) also when their sum is a
                                     // multiple of 5
// [a-z0-9]([a-z0-9-]{1,38}[a-z0-9]), no "--" at 3-4, not only digits (it would read as a SIREN), not reserved.
bool valid_slug(std::string_view);
// Empty; a département's or a region's own code; for every other kind a commune's code: its own, or its seat's.
bool valid_cog_code(CollectivityKind, std::string_view);

std::string_view kind_name(CollectivityKind);  // "commune", "cc", "mixte_ferme" ...
std::optional<CollectivityKind> kind_from_name(std::string_view);
std::string_view state_name(CollectivityState);  // "active", "suspended", "closing", "shredded"
std::optional<CollectivityState> state_from_name(std::string_view);

// Which field is wrong, and what to write instead. Both point to literals.
struct FieldError {
  std::string_view field;
  std::string_view remedy;
};
// The first wrong field, in the order of the struct; nothing when all are right. Says nothing about other
// collectivities (SIREN or slug taken, parent absent): the committer knows those.
std::optional<FieldError> check(const Collectivity&);

Bytes encode(const Collectivity&);
// BadFormat, NewerFormat (an unknown kind or state included). Decodes what was stored; does not check() it
// again.
Result<Collectivity> decode_collectivity(CollectivityId, BytesView record);

}  // namespace beffroi::storage
