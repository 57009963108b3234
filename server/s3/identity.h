// SPDX-License-Identifier: EUPL-1.2
// Who signs, as the directory knows them. Taken once per request; what it points to does not change while it is held.
#pragma once

#include <memory>

#include "storage/tenant/access_key.h"
#include "storage/tenant/collectivity.h"
#include "storage/tenant/user.h"

namespace beffroi::s3 {

struct Identity {
  std::shared_ptr<const storage::AccessKey> key;
  std::shared_ptr<const storage::User> user;
  std::shared_ptr<const storage::Collectivity> collectivity;
};

}  // namespace beffroi::s3
