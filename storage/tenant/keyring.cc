// SPDX-License-Identifier: EUPL-1.2
#include "storage/tenant/keyring.h"

#include <map>
#include <utility>
#include <vector>

#include "crypto/errors.h"
#include "crypto/random.h"
#include "crypto/root_seal.h"
#include "storage/io/guarded.h"
#include "storage/tenant/errors.h"
#include "storage/tenant/keyring_body.h"

namespace beffroi::storage {
namespace {

// 16 MiB hold 200 000 collectivities; a longer file is not ours and is not read into memory.
constexpr std::uint64_t kKeyringFileBytesMax = 16u << 20;

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Result<Bytes> read_whole(Files& files, const std::string& path) {
  auto file = files.open(path);
  if (!file) return file.error();
  const auto size = (*file)->size();
  if (!size) return size.error();
  if (*size > kKeyringFileBytesMax) return crypto::Errc::BadFormat;
  Bytes out(*size, '\0');
  const auto read = (*file)->read(0, out);
  if (!read) return read.error();
  out.resize(*read);
  return out;
}

// A crash after any step leaves the old file, or the new one, whole:
//   1 remove what an earlier crash left; 2 write <path>.new; 3 sync it; 4 rename it over <path>; 5 sync the directory
Result<void> replace_file(Files& files, const std::string& path, BytesView content) {
  const std::string next = path + ".new";
  if (auto removed = files.unlink(next); !removed && removed.error() != IoErrc::NotFound) return removed;
  auto file = files.create(next);
  if (!file) return file.error();
  if (auto written = (*file)->write(0, content); !written) return written;
  if (auto synced = (*file)->sync(); !synced) return synced;
  if (auto renamed = files.rename(next, path); !renamed) return renamed;
  return files.sync_dir(directory_of(path));
}

void append_new_keys(Bytes& body, CollectivityId t, std::uint8_t kinds) {
  for (std::uint8_t kind = 1; kind <= kinds; ++kind) {
    Bytes key = crypto::random_bytes(crypto::kKeyBytes);
    append_keyring_record(body, {t, kind, kFirstKeyGeneration, key});
    crypto::wipe(key);
  }
}

// `body` with the keys of one more collectivity, in its place in the order.
crypto::SecretBytes with_new_keys(BytesView body, CollectivityId t) {
  std::size_t at = 0;
  while (at < body.size() && load_le<std::uint32_t>(body.data() + at) < raw(t)) at += kKeyringRecordBytes;
  Bytes next;
  next.reserve(body.size() +
               kCollectivityKeyKinds * kKeyringRecordBytes);  // no growth that would leave keys behind
  next += body.substr(0, at);
  append_new_keys(next, t, kCollectivityKeyKinds);
  next += body.substr(at);
  crypto::SecretBytes out{BytesView(next)};
  crypto::wipe(next);
  return out;
}

std::shared_ptr<const CollectivityKeys> make_keys(const KeyringRecord& data, const KeyringRecord& audit) {
  return std::make_shared<const CollectivityKeys>(CollectivityKeys{
      crypto::RowSealer(crypto::row_key(crypto::CollectivityKey(data.key)), data.generation),
      crypto::RowSealer(crypto::audit_row_key(crypto::AuditKey(audit.key)), audit.generation)});
}

StoreKeys make_store_keys(const std::vector<KeyringRecord>& records) {
  const auto key = [&](StoreKeyKind kind) { return records[static_cast<std::uint8_t>(kind) - 1].key; };
  return {crypto::IndexKey(key(StoreKeyKind::Index)),
          crypto::LogKey(key(StoreKeyKind::Log)),
          crypto::IdKey(key(StoreKeyKind::Id)),
          crypto::SystemKey(key(StoreKeyKind::System)),
          crypto::DigestKey(key(StoreKeyKind::Digest)),
          crypto::CheckpointSeed(key(StoreKeyKind::CheckpointSeed))};
}

using KeyMap = std::map<CollectivityId, std::shared_ptr<const CollectivityKeys>>;

}  // namespace

struct Keyring::Impl {
  struct Written {
    std::uint64_t counter = 0;
    crypto::SecretBytes body;
  };

  Files& files;
  const std::string path;
  const crypto::RootKey root;
  const Bytes store_uuid;
  const StoreKeys store;
  const crypto::RowSealer system_rows;
  Guarded<Written> written;  // what the file holds; locked for the whole of a rewrite
  Guarded<KeyMap> keys;

  Impl(Files& f, std::string p, const crypto::RootKey& r, crypto::OpenedKeyring opened,
       const std::vector<KeyringRecord>& records)
      : files(f),
        path(std::move(p)),
        root(r.clone()),
        store_uuid(std::move(opened.store_uuid)),
        store(make_store_keys(records)),
        system_rows(crypto::row_key(store.system),
                    records[static_cast<std::uint8_t>(StoreKeyKind::System) - 1].generation) {
    for (std::size_t i = kStoreKeyKinds; i < records.size(); i += kCollectivityKeyKinds) {
      keys.lock()->emplace(records[i].collectivity, make_keys(records[i], records[i + 1]));
    }
    // Last: `records` are views into the body.
    auto now = written.lock();
    now->counter = opened.counter;
    now->body = std::move(opened.body);
  }
};

Keyring::Keyring(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Keyring::~Keyring() = default;

Result<std::unique_ptr<Keyring>> Keyring::create(Files& files, std::string path, const crypto::RootKey& root,
                                                 BytesView store_uuid16) {
  const auto there = files.open(path);
  if (there) return IoErrc::Exists;
  if (there.error() != IoErrc::NotFound) return there.error();
  Bytes body;
  body.reserve((kStoreKeyKinds + kCollectivityKeyKinds) * kKeyringRecordBytes);
  append_new_keys(body, kGlobal, kStoreKeyKinds);
  append_new_keys(body, kAppliance, kCollectivityKeyKinds);
  const auto written = replace_file(files, path, crypto::seal_keyring(root, store_uuid16, 1, body));
  crypto::wipe(body);
  if (!written) return written.error();
  return open(files, std::move(path), root);
}

Result<std::unique_ptr<Keyring>> Keyring::open(Files& files, std::string path, const crypto::RootKey& root) {
  // A kill between rename and sync_dir would let us rest on a name that a power cut takes away.
  if (auto synced = files.sync_dir(directory_of(path)); !synced) return synced.error();
  const auto content = read_whole(files, path);
  if (!content) return content.error();
  auto opened = crypto::open_keyring(root, *content);
  if (!opened) return opened.error();
  const auto records = decode_keyring_body(opened->body.reveal());
  if (!records) return records.error();
  auto impl = std::make_unique<Impl>(files, std::move(path), root, std::move(*opened), *records);
  return std::unique_ptr<Keyring>(new Keyring(std::move(impl)));
}

const Bytes& Keyring::store_uuid() const {
  return impl_->store_uuid;
}
const StoreKeys& Keyring::store() const {
  return impl_->store;
}
const crypto::RowSealer& Keyring::system_rows() const {
  return impl_->system_rows;
}

std::shared_ptr<const CollectivityKeys> Keyring::keys(CollectivityId t) const {
  const auto map = impl_->keys.lock();
  const auto it = map->find(t);
  return it == map->end() ? nullptr : it->second;
}

CollectivityId Keyring::highest() const {
  return impl_->keys.lock()->rbegin()->first;
}

Result<void> Keyring::add_collectivity(CollectivityId t) {
  auto written = impl_->written.lock();
  if (t == kGlobal || keys(t)) return TenantErrc::KeysExist;
  crypto::SecretBytes body = with_new_keys(written->body.reveal(), t);
  const auto records = decode_keyring_body(body.reveal());
  if (!records) return records.error();
  const std::uint64_t counter = written->counter + 1;
  const Bytes content = crypto::seal_keyring(impl_->root, impl_->store_uuid, counter, body.reveal());
  if (auto replaced = replace_file(impl_->files, impl_->path, content); !replaced) return replaced;
  for (const KeyringRecord& record : *records) {
    if (record.collectivity != t) continue;
    impl_->keys.lock()->emplace(t, make_keys(record, *(&record + 1)));
    break;
  }
  written->counter = counter;
  written->body = std::move(body);
  return {};
}

}  // namespace beffroi::storage
