// SPDX-License-Identifier: EUPL-1.2
#include "storage/tenant/errors.h"

#include <string>

namespace beffroi::storage {
namespace {

class TenantCategory final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "beffroi.tenant"; }
  std::string message(int value) const override {
    switch (static_cast<TenantErrc>(value)) {
      case TenantErrc::QuotaExceeded:
        return "quota exceeded";
      case TenantErrc::NoSuchCollectivity:
        return "no such collectivity";
      case TenantErrc::KeysExist:
        return "the keyring already holds keys for this collectivity";
      case TenantErrc::KeyringCorrupt:
        return "the keyring's content is not a keyring";
    }
    return "unknown tenant error " + std::to_string(value);
  }
};

}  // namespace

const boost::system::error_category& tenant_category() {
  static const TenantCategory category;
  return category;
}

}  // namespace beffroi::storage
