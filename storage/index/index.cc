// SPDX-License-Identifier: EUPL-1.2
#include "storage/index/index.h"

#include "crypto/check.h"

namespace beffroi::storage {
namespace {

class IndexCategory final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "index"; }
  std::string message(int value) const override {
    switch (static_cast<IndexErrc>(value)) {
      case IndexErrc::NotFound:
        return "no such row";
      case IndexErrc::WouldBlock:
        return "the row is not in memory";
      case IndexErrc::Damaged:
        return "the tables are damaged";
    }
    return "unknown index error";
  }
};

}  // namespace

const boost::system::error_category& index_category() {
  static const IndexCategory category;
  return category;
}

std::string_view table_name(Table table) {
  switch (table) {
    case Table::Meta:
      return "meta";
    case Table::Current:
      return "current";
    case Table::Versions:
      return "versions";
    case Table::Blobs:
      return "blobs";
    case Table::Inline:
      return "inline";
    case Table::Runs:
      return "runs";
    case Table::Uploads:
      return "uploads";
    case Table::Audit:
      return "audit";
    case Table::Gc:
      return "gc";
  }
  CHECK(!"a table of this version");
  return {};
}

}  // namespace beffroi::storage
