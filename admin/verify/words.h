// SPDX-License-Identifier: EUPL-1.2
// The verdict in words, for a clerk, in French or English; and as JSON, for a script.
#pragma once

#include <string>

#include "admin/verify/verify.h"

namespace beffroi::verify {

enum class Language { French, English };
enum class Verdict { Proven, False, Consistent };  // Consistent: in itself, with nothing from outside to hold it against

Verdict verdict_of(const Report&);
std::string_view fault_code(Fault);
std::string in_words(const Report&, Language);  // a few lines, the last ended by a newline
std::string as_json(const Report&, Language);

}  // namespace beffroi::verify
