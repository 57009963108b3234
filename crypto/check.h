// SPDX-License-Identifier: EUPL-1.2
// CHECK(condition): a programmer's promise, verified in every build. A broken one prints where and aborts: the process stops
// rather than writes on a false assumption; recovery decides.
#pragma once

#include <cstdio>
#include <cstdlib>

#define CHECK(condition)                                                                     \
  do {                                                                                       \
    if (!(condition)) [[unlikely]] {                                                         \
      std::fprintf(stderr, "%s:%d: check failed: %s\n", __FILE__, __LINE__, #condition);     \
      std::abort();                                                                          \
    }                                                                                        \
  } while (false)
