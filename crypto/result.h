// SPDX-License-Identifier: EUPL-1.2
// Result<T>: the value of a call, or the error_code that explains its absence. Every expected failure travels this way; a
// programmer's error is a CHECK (check.h). Each room has one `enum class Errc` and one category in its errors.h.
#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

namespace beffroi {

using boost::system::error_code;

template <class T>
using Result = boost::system::result<T>;

}  // namespace beffroi
