// SPDX-License-Identifier: EUPL-1.2
#include "admin/verify/verify.h"

#include <algorithm>
#include <numeric>

#include "admin/verify/extract.h"
#include "admin/verify/tree.h"

namespace beffroi::verify {
namespace {

Signed signed_by(const CheckpointFile& file, const Key& key) {
  const Signed outcome = check_signatures(file.text, file.signatures, key);
  if (outcome == Signed::Yes && file.checkpoint.origin != key.name) return Signed::NotByThisKey;
  return outcome;
}

class Verification {
 public:
  Verification(std::istream& in, const std::optional<Key>& key, const std::vector<HeldCheckpoint>& held)
      : lines_(in), wanted_key_(key), held_(held) {}

  Report run() {
    if (check_head() && check_records()) check_held();
    return report_;
  }

 private:
  bool fail(Fault fault) {
    report_.fault = fault;
    report_.line = lines_.number();
    return false;
  }

  bool check_head() {
    if (lines_.next() != Lines::Got::Line) return fail(Fault::NotAnExtract);
    const std::string first(lines_.line());
    auto head = parse_head(first);
    if (!head || lines_.next() != Lines::Got::Line) return fail(Fault::NotAnExtract);
    const auto signature = parse_signature(lines_.line());
    const auto key = signature ? parse_key(signature->key) : std::nullopt;
    if (!key) return fail(Fault::NotAnExtract);
    if (wanted_key_ && wanted_key_->text != key->text) return fail(Fault::OtherKey);
    key_ = *key;
    if (check_signatures(first + "\n", signature->line + "\n", key_) != Signed::Yes) return fail(Fault::HeadChanged);
    head_ = std::move(*head);
    report_.key = key_.text, report_.siren = head_.siren, report_.slug = head_.slug, report_.made = head_.made;
    report_.from = head_.from, report_.to = head_.to, report_.size = head_.size;
    report_.tree_size = head_.checkpoint.checkpoint.size;
    if (signed_by(head_.checkpoint, key_) != Signed::Yes) return fail(Fault::CheckpointChanged);
    const Checkpoint& tree = head_.checkpoint.checkpoint;
    if (!verify_inclusion(leaf_hash(head_.state_bytes), head_.state_index, tree.size, head_.inclusion, tree.root)) {
      return fail(Fault::StateNotInTree);
    }
    const bool fits = head_.size == head_.state.size && head_.from <= head_.to && head_.to <= head_.size;
    return fits && edge_.append_range(head_.from, head_.left) ? true : fail(Fault::BadRange);
  }

  bool check_records() {
    for (std::uint64_t expected = head_.from; expected < head_.to; ++expected) {
      const Lines::Got got = lines_.next();
      report_.seq = expected;
      if (got == Lines::Got::End) return fail(Fault::RecordsCut);
      const auto record = got == Lines::Got::Line ? parse_record(lines_.line()) : std::nullopt;
      if (!record) return fail(Fault::LineBroken);
      if (record->seq != expected) return fail(record->seq > expected ? Fault::RecordMissing : Fault::RecordRepeated);
      report_.ms = record->ms;
      if (record_leaf(head_.state.collectivity, *record) != record->leaf) return fail(Fault::RecordChanged);
      edge_.append(record->leaf);
      if (!report_.first_ms) report_.first_ms = record->ms;
      report_.last_ms = record->ms;
      report_.purged += record->purged ? 1 : 0;
    }
    report_.seq.reset();
    report_.ms.reset();
    if (lines_.next() != Lines::Got::End) return fail(Fault::RecordsAdded);
    if (!edge_.append_range(head_.size, head_.right)) return fail(Fault::BadRange);
    return edge_.root() == head_.state.root ? true : fail(Fault::RecordsReplaced);
  }

  bool fail_held(Fault fault, std::size_t at) {
    report_.file = held_[at].file;
    report_.held_size = held_[at].content.checkpoint.size;
    return fail(fault);
  }

  const Checkpoint& tree(std::size_t at) const { return at < held_.size() ? held_[at].content.checkpoint : head_.checkpoint.checkpoint; }
  std::size_t group(std::size_t at) const { return group_[at] == at ? at : group(group_[at]); }

  // Tries a proof that leads to tree `to` from whichever trees have its size. Gives the index of one that it contradicts.
  std::optional<std::size_t> link(const Consistency& proof, std::size_t to) {
    for (std::size_t from = 0; from < group_.size(); ++from) {
      if (tree(from).size != proof.from || from == to) continue;
      if (!verify_consistency(proof.from, tree(to).size, tree(from).root, tree(to).root, proof.proof)) return from < held_.size() ? from : to;
      group_[group(from)] = group(to);
    }
    return std::nullopt;
  }

  // The trees that are held and, last, the extract's: those that a proof links are in one group.
  bool check_held() {
    for (std::size_t i = 0; i < held_.size(); ++i) {
      if (signed_by(held_[i].content, key_) != Signed::Yes) return fail_held(Fault::CheckpointOtherKey, i);
    }
    const std::size_t own = held_.size();
    group_.resize(held_.size() + 1);
    std::iota(group_.begin(), group_.end(), std::size_t{0});
    for (std::size_t to = 0; to <= own; ++to) {
      // A tree of the same size is the same tree, and every tree continues the empty one.
      for (const std::uint64_t size : {tree(to).size, std::uint64_t{0}}) {
        if (const auto wrong = link({size, {}}, to)) return fail_held(Fault::CheckpointContradicted, *wrong);
      }
      if (to < own && held_[to].content.consistency) {
        if (const auto wrong = link(*held_[to].content.consistency, to)) return fail_held(Fault::CheckpointContradicted, *wrong);
      }
    }
    for (const Consistency& proof : head_.consistency) {
      if (const auto wrong = link(proof, own)) return fail_held(Fault::CheckpointContradicted, *wrong);
    }
    for (std::size_t i = 0; i < own; ++i) {
      if (group(i) == group(own)) continue;
      return fail_held(tree(i).size > tree(own).size ? Fault::StoreShorter : Fault::CheckpointUnlinked, i);
    }
    report_.checkpoints = held_.size();
    for (const HeldCheckpoint& h : held_) report_.held_until = std::max(report_.held_until, h.content.checkpoint.size);
    return true;
  }

  Lines lines_;
  const std::optional<Key>& wanted_key_;
  const std::vector<HeldCheckpoint>& held_;
  std::vector<std::size_t> group_;
  Key key_;
  Head head_;
  Edge edge_;
  Report report_;
};

}  // namespace

Report verify(std::istream& extract, const std::optional<Key>& key, const std::vector<HeldCheckpoint>& held) {
  return Verification(extract, key, held).run();
}

}  // namespace beffroi::verify
