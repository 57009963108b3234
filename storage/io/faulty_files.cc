// SPDX-License-Identifier: EUPL-1.2
#include "storage/io/faulty_files.h"

namespace beffroi::storage {

struct FaultyFiles::Plan {
  std::optional<Fault> fault;
  std::array<std::uint64_t, kCallClasses> calls{};
  std::uint64_t failures = 0;

  // The fault that this call meets, if any.
  std::optional<Fault> count(CallClass on) {
    const std::uint64_t index = calls[static_cast<std::size_t>(on)]++;
    if (!fault || fault->on != on) return std::nullopt;
    if (index < fault->nth || (index > fault->nth && !fault->from_then_on)) return std::nullopt;
    ++failures;
    return fault;
  }
};

namespace {

template <class Plan, class Call>
auto guarded_call(Guarded<Plan>& plan, CallClass on, Call call) -> decltype(call()) {
  const std::optional<Fault> fault = plan.lock()->count(on);
  if (!fault) return call();
  if (fault->persisted) {
    auto result = call();
    if (!result) return result;
  }
  const bool is_sync = on == CallClass::Sync || on == CallClass::SyncDir;
  return is_sync ? IoErrc::Io : fault->error;  // as every door does
}

}  // namespace

class FaultyFiles::OpenFile final : public File {
 public:
  OpenFile(std::shared_ptr<Guarded<Plan>> plan, std::unique_ptr<File> inner)
      : plan_(std::move(plan)), inner_(std::move(inner)) {}

  Result<std::size_t> read(std::uint64_t offset, MutableBytes out) override {
    return guarded_call(*plan_, CallClass::Read, [&] { return inner_->read(offset, out); });
  }
  Result<std::size_t> read_cached(std::uint64_t offset, MutableBytes out) override {
    return guarded_call(*plan_, CallClass::Read, [&] { return inner_->read_cached(offset, out); });
  }
  Result<void> write(std::uint64_t offset, BytesView data) override {
    return guarded_call(*plan_, CallClass::Write, [&] { return inner_->write(offset, data); });
  }
  Result<void> sync() override {
    return guarded_call(*plan_, CallClass::Sync, [&] { return inner_->sync(); });
  }
  Result<std::uint64_t> size() override {
    return guarded_call(*plan_, CallClass::Read, [&] { return inner_->size(); });
  }
  Result<void> allocate(std::uint64_t size) override {
    return guarded_call(*plan_, CallClass::Allocate, [&] { return inner_->allocate(size); });
  }
  Result<void> punch(std::uint64_t offset, std::uint64_t length) override {
    return guarded_call(*plan_, CallClass::Punch, [&] { return inner_->punch(offset, length); });
  }

 private:
  std::shared_ptr<Guarded<Plan>> plan_;
  std::unique_ptr<File> inner_;
};

FaultyFiles::FaultyFiles(Files& inner) : inner_(inner), plan_(std::make_shared<Guarded<Plan>>()) {}
FaultyFiles::~FaultyFiles() = default;

void FaultyFiles::set_fault(std::optional<Fault> fault) {
  auto plan = plan_->lock();
  *plan = Plan{};
  plan->fault = fault;
}

std::uint64_t FaultyFiles::calls(CallClass on) const {
  return plan_->lock()->calls[static_cast<std::size_t>(on)];
}

std::uint64_t FaultyFiles::failures() const {
  return plan_->lock()->failures;
}

Result<std::unique_ptr<File>> FaultyFiles::open(std::string_view path) {
  return guarded_call(*plan_, CallClass::OpenOrCreate, [&]() -> Result<std::unique_ptr<File>> {
    Result<std::unique_ptr<File>> file = inner_.open(path);
    if (!file) return file.error();
    return std::unique_ptr<File>(std::make_unique<OpenFile>(plan_, std::move(*file)));
  });
}

Result<std::unique_ptr<File>> FaultyFiles::create(std::string_view path) {
  return guarded_call(*plan_, CallClass::OpenOrCreate, [&]() -> Result<std::unique_ptr<File>> {
    Result<std::unique_ptr<File>> file = inner_.create(path);
    if (!file) return file.error();
    return std::unique_ptr<File>(std::make_unique<OpenFile>(plan_, std::move(*file)));
  });
}

Result<void> FaultyFiles::rename(std::string_view from, std::string_view to) {
  return guarded_call(*plan_, CallClass::Rename, [&] { return inner_.rename(from, to); });
}

Result<void> FaultyFiles::link(std::string_view from, std::string_view to) {
  return guarded_call(*plan_, CallClass::Rename, [&] { return inner_.link(from, to); });
}

Result<void> FaultyFiles::unlink(std::string_view path) {
  return guarded_call(*plan_, CallClass::Unlink, [&] { return inner_.unlink(path); });
}

Result<void> FaultyFiles::sync_dir(std::string_view directory) {
  return guarded_call(*plan_, CallClass::SyncDir, [&] { return inner_.sync_dir(directory); });
}

Result<void> FaultyFiles::make_dir(std::string_view directory) {
  return guarded_call(*plan_, CallClass::OpenOrCreate, [&] { return inner_.make_dir(directory); });
}

Result<std::vector<DirectoryEntry>> FaultyFiles::list(std::string_view directory) {
  return guarded_call(*plan_, CallClass::Read, [&] { return inner_.list(directory); });
}

Result<Space> FaultyFiles::space(std::string_view directory) {
  return inner_.space(directory);
}

Result<std::unique_ptr<Lease>> FaultyFiles::acquire(std::string_view directory) {
  return inner_.acquire(directory);
}

}  // namespace beffroi::storage
