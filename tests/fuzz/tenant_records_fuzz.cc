// SPDX-License-Identifier: EUPL-1.2
// links: crypto
// sources: storage/index/record.cc storage/tenant/access_key.cc storage/tenant/collectivity.cc storage/tenant/errors.cc
// sources: storage/tenant/keyring_body.cc storage/tenant/metering.cc storage/tenant/network.cc storage/tenant/user.cc
// The rows of collectivities, users, access keys and usage, the keyring's body, and networks: the first byte says which. Whatever
// decodes encodes back to exactly the bytes that were read.
#include "crypto/check.h"
#include "storage/tenant/access_key.h"
#include "storage/tenant/collectivity.h"
#include "storage/tenant/keyring_body.h"
#include "storage/tenant/metering.h"
#include "storage/tenant/network.h"
#include "storage/tenant/user.h"

using namespace beffroi;
using namespace beffroi::storage;

namespace {

void fuzz_access_key(BytesView input) {
  const auto key = decode_access_key(input, "BFAAAAAAAAAAAAAAAAAA", CollectivityId{16});
  if (!key) return;
  CHECK(encode(*key) == input);
  CHECK(encode(key->clone()) == input);
  for (const Network& network : key->narrowing.networks) CHECK(parse_network(to_text(network)));
}

void fuzz_keyring_body(BytesView input) {
  const auto records = decode_keyring_body(input);
  if (!records) return;
  Bytes again;
  for (const KeyringRecord& record : *records) append_keyring_record(again, record);
  CHECK(again == input);
}

void fuzz_network(BytesView input) {
  const auto network = parse_network(input);
  if (!network) return;
  CHECK(network->contains(network->address));
  CHECK(parse_network(to_text(*network)) == network);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const BytesView input(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 6) {
    case 0:
      if (const auto c = decode_collectivity(CollectivityId{16}, input)) {
        CHECK(encode(*c) == input);
        check(*c);
      }
      break;
    case 1:
      if (const auto user = decode_user(CollectivityId{16}, UserId{1}, input)) CHECK(encode(*user) == input);
      break;
    case 2:
      fuzz_access_key(input);
      break;
    case 3:
      if (const auto usage = decode_usage(input)) CHECK(encode(*usage) == input);
      break;
    case 4:
      fuzz_keyring_body(input);
      break;
    case 5:
      fuzz_network(input);
      break;
  }
  return 0;
}
