// SPDX-License-Identifier: EUPL-1.2
#include "storage/audit/errors.h"

#include <string>

namespace beffroi::storage {
namespace {

class AuditCategory final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "beffroi.audit"; }
  std::string message(int value) const override {
    switch (static_cast<AuditErrc>(value)) {
      case AuditErrc::Damaged:
        return "the audit log is damaged";
      case AuditErrc::NoKey:
        return "the collectivity has no audit key";
    }
    return "unknown audit error " + std::to_string(value);
  }
};

}  // namespace

const boost::system::error_category& audit_category() {
  static const AuditCategory category;
  return category;
}

}  // namespace beffroi::storage
