// SPDX-License-Identifier: EUPL-1.2
// Sealed rows of a collectivity, opened.
#pragma once

#include "storage/engine/store.h"

namespace beffroi::storage {

// Damaged when it does not authenticate or its key is gone.
Result<Bytes> open_row(const Store&, CollectivityId, Table, BytesView key, BytesView sealed);

// NotFound (IndexErrc), WouldBlock, Damaged (IndexErrc or EngineErrc).
Result<Bytes> read_row(const Store&, CollectivityId, Table, BytesView key, Tier);

}  // namespace beffroi::storage
