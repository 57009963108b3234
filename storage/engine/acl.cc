// SPDX-License-Identifier: EUPL-1.2
#include "storage/engine/acl.h"

#include "crypto/errors.h"

namespace beffroi::storage {

// n x { grantee u8 | permission u8 | user length varint | user }
Bytes encode(const Acl& acl) {
  Bytes out;
  for (const Grant& grant : acl) {
    out += static_cast<char>(grant.grantee);
    out += static_cast<char>(grant.permission);
    append_varint(out, grant.user.size());
    out += grant.user;
  }
  return out;
}

Result<Acl> decode_acl(BytesView in) {
  Acl acl;
  ByteReader r(in);
  while (r.ok() && !r.at_end()) {
    const BytesView kinds = r.take(2);
    if (!r.ok()) break;
    Grant grant{static_cast<Grantee>(kinds[0]), std::string(r.take(r.varint())), static_cast<Permission>(kinds[1])};
    if (grant.grantee < Grantee::User || grant.grantee > Grantee::AuthenticatedUsers || grant.permission < Permission::FullControl ||
        grant.permission > Permission::ReadAcp || grant.user.empty() != (grant.grantee != Grantee::User)) {
      return crypto::Errc::BadFormat;
    }
    acl.push_back(std::move(grant));
  }
  if (!r.ok() || acl.size() > kGrantsMax) return crypto::Errc::BadFormat;
  return acl;
}

}  // namespace beffroi::storage
