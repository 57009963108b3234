// SPDX-License-Identifier: EUPL-1.2
#include "storage/engine/errors.h"

namespace beffroi::storage {
namespace {

class Category final : public boost::system::error_category {
  const char* name() const noexcept override { return "beffroi.engine"; }
  std::string message(int value) const override {
    switch (static_cast<EngineErrc>(value)) {
      case EngineErrc::NoSuchBucket: return "no such bucket";
      case EngineErrc::BucketExists: return "a bucket of that name exists";
      case EngineErrc::BucketNotEmpty: return "the bucket is not empty";
      case EngineErrc::NoSuchKey: return "no such object";
      case EngineErrc::NoSuchVersion: return "no such version";
      case EngineErrc::DeleteMarker: return "a delete marker";
      case EngineErrc::Locked: return "retained or held";
      case EngineErrc::NoSuchUpload: return "no such upload";
      case EngineErrc::InvalidPart: return "a part is absent or differs";
      case EngineErrc::ChecksumMismatch: return "the checksum of the whole differs";
      case EngineErrc::InvalidPartOrder: return "parts do not ascend";
      case EngineErrc::EntityTooSmall: return "a part is too small";
      case EngineErrc::EntityTooLarge: return "the body is too large";
      case EngineErrc::PreconditionFailed: return "a condition does not hold";
      case EngineErrc::NotModified: return "not modified";
      case EngineErrc::CollectivityInactive: return "the collectivity is not active";
      case EngineErrc::KeyRevoked: return "the access key is no longer valid";
      case EngineErrc::NotFound: return "not found";
      case EngineErrc::AlreadyExists: return "already exists";
      case EngineErrc::InvalidArgument: return "invalid argument";
      case EngineErrc::Changed: return "changed meanwhile";
      case EngineErrc::SlowDown: return "too busy";
      case EngineErrc::NoSpace: return "no space left";
      case EngineErrc::WrongCustomerKey: return "a customer's key is needed, and none or another was given";
      case EngineErrc::Damaged: return "stored bytes do not authenticate";
      case EngineErrc::Stopped: return "stopped";
      case EngineErrc::Closed: return "closed";
    }
    return "unknown";
  }
};

}  // namespace

const boost::system::error_category& engine_category() {
  static const Category category;
  return category;
}

}  // namespace beffroi::storage
