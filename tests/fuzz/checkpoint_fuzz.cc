// SPDX-License-Identifier: EUPL-1.2
// links: crypto boost_json
// sources: admin/verify/note.cc admin/verify/tree.cc admin/verify/extract.cc
// Notes, verifier keys, checkpoints and extracts, by the appliance's reader and by the verifier's, which share no code: what the first
// accepts is written back as it came, and the second accepts it too; a signed text opens, and not with one byte changed.
#include <algorithm>

#include "admin/verify/extract.h"
#include "crypto/check.h"
#include "crypto/checkpoint.h"
#include "crypto/utf8.h"

using namespace beffroi;

namespace {

const crypto::NoteSigner& signer() {
  static const crypto::NoteSigner made("beffroi/fuzz", crypto::CheckpointSeed(Bytes(32, 's')));
  return made;
}

bool may_be_signed(BytesView text) {
  return text.ends_with('\n') && valid_utf8(text) &&
         std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\n'; });
}

void check_key(BytesView input) {
  const auto key = crypto::decode_note_key(input);
  if (!key) return;
  CHECK(key->text() == input);
  const auto other = verify::parse_key(input);
  CHECK(other && other->name == key->name && other->public_key == key->public_key && other->id == key->id());
}

void check_checkpoint(BytesView input) {
  if (const auto checkpoint = crypto::decode_checkpoint(input)) {
    CHECK(encode(*checkpoint) == input);
    if (input.starts_with("old ")) return;  // an origin that would read as a proof: the appliance's have no space
    const auto file = verify::parse_checkpoint_file(signer().sign(input));
    CHECK(file && file->text == input && file->checkpoint.size == checkpoint->size && !file->consistency);
    CHECK(verify::check_signatures(file->text, file->signatures, *verify::parse_key(signer().key().text())) == verify::Signed::Yes);
  }
  (void)verify::parse_checkpoint_file(input);
}

void check_note(BytesView input) {
  CHECK(!crypto::open_note(input, signer().key()));  // nobody but the signer signs
  if (!may_be_signed(input)) return;
  Bytes note = signer().sign(input);
  const auto opened = crypto::open_note(note, signer().key());
  CHECK(opened && *opened == input);
  const std::size_t at = input.size() * 7 % note.size();
  note[at] = static_cast<char>(note[at] ^ 1);
  CHECK(!crypto::open_note(note, signer().key()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView input(reinterpret_cast<const char*>(data), size);
  check_key(input);
  check_checkpoint(input);
  check_note(input);
  (void)verify::parse_head(input);
  (void)verify::parse_signature(input);
  if (const auto record = verify::parse_record(input)) (void)verify::record_leaf(1, *record);
  return 0;
}
