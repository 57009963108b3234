// SPDX-License-Identifier: EUPL-1.2
// Random bytes of the system's generator, drawn 4 KiB at a time per thread (a call for each seal costs more than the seal).
// A failing generator aborts the process. After fork() the buffer of the child is drawn anew.
#pragma once

#include "crypto/bytes.h"

namespace beffroi::crypto {

void random_fill(MutableBytes out);
Bytes random_bytes(std::size_t n);

}  // namespace beffroi::crypto
