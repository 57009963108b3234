// SPDX-License-Identifier: EUPL-1.2
// links: crypto
// The root key and the keyring's envelope. As a file, nothing that was not sealed opens; as a body, it comes back; with one byte
// changed, it does not.
#include "crypto/check.h"
#include "crypto/root_seal.h"

using namespace beffroi;
using namespace beffroi::crypto;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView input(reinterpret_cast<const char*>(data), size);
  static const RootKey root(Bytes(32, 'r'));

  if (const auto key = parse_root_key(input, 0400)) {
    const bool raw = key->reveal() == input;
    CHECK(raw || key->reveal() == from_hex(input.substr(0, 64)));
  }
  CHECK(!parse_root_key(input, 0440));
  CHECK(!open_keyring(root, input));

  Bytes file = seal_keyring(root, "uuid of a store.", size, input);
  const auto opened = open_keyring(root, file);
  CHECK(opened && opened->body.reveal() == input && opened->counter == size);
  if (size < 3 || data[0] == 0) return 0;
  const std::size_t at = load_le<std::uint16_t>(input.data() + 1) % file.size();
  file[at] = static_cast<char>(file[at] ^ data[0]);
  CHECK(!open_keyring(root, file));
  return 0;
}
