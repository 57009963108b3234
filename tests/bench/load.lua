-- SPDX-License-Identifier: EUPL-1.2
-- wrk's side of tests/bench/macro: each thread takes its share of a list of presigned targets and goes through it once.
-- Arguments after `--`: METHOD TARGETS-FILE BODY-BYTES once|again. With `once` a thread stops at the end of its share.
local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
  thread:set("share_of", 2)
end

function init(arguments)
  method, again = arguments[1], arguments[4] == "again"
  body = ("beffroi "):rep(math.ceil(tonumber(arguments[3]) / 8)):sub(1, tonumber(arguments[3]))
  targets, at, marker = {}, 0, arguments[2] .. ".done" .. number
  local line_number = 0
  for line in io.lines(arguments[2]) do
    if line_number % share_of == number then targets[#targets + 1] = line end
    line_number = line_number + 1
  end
  local length = method == "PUT" and ("Content-Length: " .. #body .. "\r\n") or ""
  tail = " HTTP/1.1\r\nHost: " .. wrk.headers["Host"] .. "\r\n" .. length .. "\r\n" .. (method == "PUT" and body or "")
end

function request()
  at = at + 1
  if at > #targets then
    -- wrk itself would go on waiting for its duration: the marker tells macro to interrupt it.
    if not again then
      io.open(marker, "w"):close()
      wrk.thread:stop()
    end
    at = 1
  end
  return method .. " " .. targets[at] .. tail
end

function done(summary, latency)
  local errors = summary.errors
  print(string.format('RESULT {"requests": %d, "seconds": %.6f, "bytes": %d, "refused": %d, "broken": %d, "p50_us": %d, "p99_us": %d}',
    summary.requests, summary.duration / 1e6, summary.bytes, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
