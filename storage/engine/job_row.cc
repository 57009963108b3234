// SPDX-License-Identifier: EUPL-1.2
#include "storage/engine/job_row.h"

#include "storage/engine/group.h"
#include "storage/index/keys.h"

namespace beffroi::storage {
namespace {

class SaveJob final : public Change {
 public:
  SaveJob(Bytes key, Bytes sealed) : key_(std::move(key)), sealed_(std::move(sealed)) { background = true; }
  Result<void> claim(Claims&) override { return {}; }
  Result<void> build(Group& group) override {
    group.put(Table::Meta, std::move(key_), std::move(sealed_));
    return {};
  }

 private:
  Bytes key_, sealed_;
};

crypto::RowPlace job_place(const Bytes& key) { return {static_cast<std::uint8_t>(Table::Meta), key}; }

}  // namespace

Result<std::optional<Bytes>> read_job(const Store& store, std::uint64_t job) {
  const Bytes key = keys::job(job);
  const auto row = store.index->get(Table::Meta, key);
  if (!row) {
    if (row.error() == make_error_code(IndexErrc::NotFound)) return std::optional<Bytes>();
    return row.error();
  }
  auto plain = store.keyring->system_rows().open(job_place(key), *row);
  if (!plain) return plain.error();
  return std::optional<Bytes>(std::move(*plain));
}

Prepared save_job(const Store& store, std::uint64_t job, BytesView plain) {
  Bytes key = keys::job(job);
  Bytes sealed = store.keyring->system_rows().seal(job_place(key), plain);
  return std::make_unique<SaveJob>(std::move(key), std::move(sealed));
}

}  // namespace beffroi::storage
