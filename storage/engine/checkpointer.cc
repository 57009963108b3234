// SPDX-License-Identifier: EUPL-1.2
#include "storage/engine/checkpointer.h"

#include "storage/index/keys.h"

namespace beffroi::storage {
namespace {

class StateLeaves final : public Change {
 public:
  StateLeaves() { background = true; }
  Result<void> claim(Claims&) override { return {}; }
  Result<void> build(Group& group) override {
    group.request_state_leaves();
    return {};
  }
};

// The newest note replaces the one before: an older one could be signed again from the tree.
class PutCheckpoint final : public Change {
 public:
  PutCheckpoint(std::uint64_t size, Bytes note, std::optional<std::uint64_t> replaced)
      : size_(size), note_(std::move(note)), replaced_(replaced) {
    background = true;
  }
  Result<void> claim(Claims&) override { return {}; }
  Result<void> build(Group& group) override {
    if (replaced_) group.remove(Table::Audit, keys::audit_checkpoint(*replaced_));
    group.put(Table::Audit, keys::audit_checkpoint(size_), std::move(note_));
    return {};
  }

 private:
  const std::uint64_t size_;
  Bytes note_;
  const std::optional<std::uint64_t> replaced_;
};

// The tree size of the note that is stored.
Result<std::optional<std::uint64_t>> stored_size(const Index& index) {
  const Bytes last = keys::audit_checkpoint(~std::uint64_t{0});
  const auto cursor = index.cursor(Table::Audit);
  cursor->seek_last(last);
  std::optional<std::uint64_t> size;
  if (cursor->valid() && cursor->key().size() == last.size() && cursor->key()[0] == last[0]) {
    size = load_be<std::uint64_t>(cursor->key().data() + 1);
  }
  if (auto status = cursor->status(); !status) return status.error();
  return size;
}

}  // namespace

Result<void> Checkpointer::put_checkpoint(Done& done) {
  const GlobalHead head = store_.audit->global_head();
  if (!done.tree_size) {
    auto stored = stored_size(*store_.index);
    if (!stored) return stored.error();
    done.tree_size = *stored;
  }
  if (done.tree_size.value_or(0) == head.size) return {};  // an empty tree has nothing to be held to
  const crypto::Checkpoint checkpoint{store_.notes->key().name, head.size, head.root};
  const auto committed =
      committer_.commit(std::make_unique<PutCheckpoint>(head.size, store_.notes->sign(encode(checkpoint)), done.tree_size));
  if (!committed) return committed.error();
  done.tree_size = head.size;
  return {};
}

Result<void> Checkpointer::run() {
  auto done = done_.lock();
  if (store_.published == done->published) return {};
  if (const auto committed = committer_.commit(std::make_unique<StateLeaves>()); !committed) return committed.error();
  if (auto put = put_checkpoint(*done); !put) return put;
  done->published = store_.published.load();
  return write_mark(false);
}

Result<void> Checkpointer::write_mark(bool clean) {
  const GlobalHead head = store_.audit->global_head();
  return store_.high_water->write({Sequence{store_.published.load()}, store_.epoch, head.size, Bytes(crypto::view(head.root)), clean});
}

}  // namespace beffroi::storage
