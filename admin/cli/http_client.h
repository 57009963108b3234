// SPDX-License-Identifier: EUPL-1.2
// One request to the appliance over its Unix socket, in as little HTTP/1.1 as that takes: the connection closes after the answer.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace beffroi::cli {

struct Reply {
  int status = 0;
  std::string body;
};

// Nothing when the appliance cannot be reached or answers no HTTP; `problem` says why, in the system's words.
std::optional<Reply> ask(const std::string& socket_path, std::string_view method, std::string_view target,
                         std::string_view body, std::string& problem);

// GETs an answer of any length: the pieces of a success go to `take` as they come (false ends it), and the reply's body stays empty;
// a refusal is a reply as above. Nothing when the answer did not come to its end, or `take` gave up.
std::optional<Reply> download(const std::string& socket_path, std::string_view target,
                              const std::function<bool(std::string_view)>& take, std::string& problem);

// A path segment or a query value, with every byte escaped that would not stand for itself.
std::string escape(std::string_view text);

}  // namespace beffroi::cli
