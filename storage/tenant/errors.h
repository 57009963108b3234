// SPDX-License-Identifier: EUPL-1.2
// What can go wrong about collectivities, users, keys and quotas. A server maps each value to one answer.
#pragma once

#include "crypto/result.h"

namespace beffroi::storage {

enum class TenantErrc {
  QuotaExceeded = 1,   // the reservation would pass the collectivity's limit; QuotaRefusal holds the figures
  NoSuchCollectivity,  // no account, or no keys, under that number
  KeysExist,       // the keyring already holds keys for that collectivity: a number is never given out twice
  KeyringCorrupt,  // the keyring opened, but what it holds is not a keyring
};
const boost::system::error_category& tenant_category();
inline error_code make_error_code(TenantErrc e) {
  return {static_cast<int>(e), tenant_category()};
}

}  // namespace beffroi::storage

template <>
struct boost::system::is_error_code_enum<beffroi::storage::TenantErrc> : std::true_type {};
