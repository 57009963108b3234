// SPDX-License-Identifier: EUPL-1.2
#include "storage/tenant/quota.h"

#include <unordered_map>
#include <utility>

#include "crypto/check.h"
#include "storage/io/guarded.h"

namespace beffroi::storage {
namespace {

struct Account {
  std::uint64_t committed = 0;
  std::uint64_t reserved = 0;
  std::uint64_t limit = 0;

  // Written so that no sum can wrap: sizes come from a client's header.
  bool has_room(std::uint64_t asked) const {
    const std::uint64_t taken = committed + reserved;
    return asked == 0 || (taken <= limit && asked <= limit - taken);
  }
  void change(std::int64_t delta) {
    if (delta < 0) CHECK(committed >= -static_cast<std::uint64_t>(delta));
    committed += static_cast<std::uint64_t>(delta);
  }
};

struct Accounts {
  Account bytes;
  Account objects;
};

QuotaRefusal refusal_of(QuotaRefusal::Which which, const Account& account, std::uint64_t asked) {
  return {which, account.committed, account.reserved, asked, account.limit};
}

bool within(std::int64_t delta, std::uint64_t reserved) {
  return delta <= 0 || static_cast<std::uint64_t>(delta) <= reserved;
}

}  // namespace

struct Quotas::Impl {
  using Table = std::unordered_map<CollectivityId, Accounts>;
  Guarded<Table> table;

  // A reservation or a change of an account that was never loaded is a programmer's error.
  static Accounts& of(Table& accounts, CollectivityId t) {
    const auto it = accounts.find(t);
    CHECK(it != accounts.end());
    return it->second;
  }
};

Quotas::Quotas() : impl_(std::make_unique<Impl>()) {}
Quotas::~Quotas() = default;

void Quotas::load(CollectivityId t, std::uint64_t committed_bytes, std::uint64_t committed_objects,
                  QuotaLimits limits) {
  auto table = impl_->table.lock();
  const bool is_new =
      table->emplace(t, Accounts{{committed_bytes, 0, limits.bytes}, {committed_objects, 0, limits.objects}})
          .second;
  CHECK(is_new);
}

void Quotas::set_limits(CollectivityId t, QuotaLimits limits) {
  auto table = impl_->table.lock();
  Accounts& accounts = Impl::of(*table, t);
  accounts.bytes.limit = limits.bytes;
  accounts.objects.limit = limits.objects;
}

Result<QuotaReservation> Quotas::reserve(CollectivityId t, std::uint64_t bytes, std::uint64_t objects,
                                         QuotaRefusal* refusal) {
  auto table = impl_->table.lock();
  const auto it = table->find(t);
  if (it == table->end()) return TenantErrc::NoSuchCollectivity;
  Accounts& accounts = it->second;
  if (!accounts.bytes.has_room(bytes)) {
    if (refusal) *refusal = refusal_of(QuotaRefusal::Which::Bytes, accounts.bytes, bytes);
    return TenantErrc::QuotaExceeded;
  }
  if (!accounts.objects.has_room(objects)) {
    if (refusal) *refusal = refusal_of(QuotaRefusal::Which::Objects, accounts.objects, objects);
    return TenantErrc::QuotaExceeded;
  }
  accounts.bytes.reserved += bytes;
  accounts.objects.reserved += objects;
  return QuotaReservation(this, t, bytes, objects);
}

void Quotas::settle(QuotaReservation&& given, std::int64_t delta_bytes, std::int64_t delta_objects) {
  QuotaReservation reservation = std::move(given);
  CHECK(reservation.owner_ == this);
  CHECK(within(delta_bytes, reservation.bytes_) && within(delta_objects, reservation.objects_));
  auto table = impl_->table.lock();
  Accounts& accounts = Impl::of(*table, reservation.collectivity_);
  accounts.bytes.reserved -= reservation.bytes_;
  accounts.objects.reserved -= reservation.objects_;
  accounts.bytes.change(delta_bytes);
  accounts.objects.change(delta_objects);
  reservation.owner_ = nullptr;
}

void Quotas::adjust(CollectivityId t, std::int64_t delta_bytes, std::int64_t delta_objects) {
  CHECK(delta_bytes <= 0 && delta_objects <= 0);
  auto table = impl_->table.lock();
  Accounts& accounts = Impl::of(*table, t);
  accounts.bytes.change(delta_bytes);
  accounts.objects.change(delta_objects);
}

std::optional<QuotaUsage> Quotas::usage(CollectivityId t) const {
  const auto table = impl_->table.lock();
  const auto it = table->find(t);
  if (it == table->end()) return std::nullopt;
  const auto& [bytes, objects] = it->second;
  return QuotaUsage{
      bytes.committed, objects.committed, bytes.reserved, objects.reserved, {bytes.limit, objects.limit}};
}

void Quotas::give_back(const QuotaReservation& reservation) {
  auto table = impl_->table.lock();
  Accounts& accounts = Impl::of(*table, reservation.collectivity_);
  accounts.bytes.reserved -= reservation.bytes_;
  accounts.objects.reserved -= reservation.objects_;
}

QuotaReservation::QuotaReservation(QuotaReservation&& other) noexcept
    : owner_(std::exchange(other.owner_, nullptr)),
      collectivity_(other.collectivity_),
      bytes_(std::exchange(other.bytes_, 0)),
      objects_(std::exchange(other.objects_, 0)) {}

QuotaReservation& QuotaReservation::operator=(QuotaReservation&& other) noexcept {
  QuotaReservation taken(std::move(other));
  std::swap(owner_, taken.owner_);
  std::swap(collectivity_, taken.collectivity_);
  std::swap(bytes_, taken.bytes_);
  std::swap(objects_, taken.objects_);
  return *this;
}

QuotaReservation::~QuotaReservation() {
  if (owner_) owner_->give_back(*this);
}

}  // namespace beffroi::storage
