// SPDX-License-Identifier: EUPL-1.2
#include "server/monitoring.h"

#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <fstream>

#include "storage/engine/engine.h"

namespace beffroi {
using boost::asio::awaitable;
namespace {

constexpr std::array<const char*, http::kRefusals> kRefusalNames = {
    "bad_request",  "head_too_large", "target_too_long", "version_unsupported",
    "head_timeout", "overload",       "internal"};

double read(const std::atomic<std::uint64_t>& counter) {
  return static_cast<double>(counter.load(std::memory_order_relaxed));
}

awaitable<void> answer(http::ResponseSink& sink, unsigned status, std::string text,
                       std::string_view type = "text/plain; charset=utf-8") {
  http::ResponseHead head(status);
  head.add("Content-Type", type);
  head.add("Cache-Control", "no-store");
  if (status == 405) head.add("Allow", "GET, HEAD");
  (void)co_await sink.send(std::move(head), text);
}

double resident_bytes() {
  std::ifstream file("/proc/self/statm");
  double size = 0, resident = 0;
  file >> size >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

double seconds(const timeval& t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
}

}  // namespace

Monitoring::Monitoring(const Appliance& appliance, const Metrics& metrics, DiskPool& pool,
                       const storage::Clock& clock)
    : appliance_(appliance), metrics_(metrics), pool_(pool), clock_(clock), started_ms_(clock.wall_ms()) {}

void Monitoring::watch(std::string listener, const http::ConnectionStats& stats) {
  watched_.push_back({std::move(listener), &stats});
}

void Monitoring::watch_certificates(std::function<std::vector<http::CertificateLife>()> certificates) {
  certificates_ = std::move(certificates);
}

awaitable<void> Monitoring::handle(http::Request& request, http::BodySource&, http::ResponseSink& sink) {
  const std::string_view path = request.head.path(), method = request.head.method();
  if (method != "GET" && method != "HEAD") {
    co_await answer(sink, 405, "only GET and HEAD\n");
    co_return;
  }
  if (path == "/healthz") {
    co_await answer(sink, 200, "ok\n");
  } else if (path == "/readyz") {
    const ApplianceState state = appliance_.state();
    const bool ready = state.phase == Phase::Serving;
    std::string text(phase_name(state.phase));
    if (!state.reason.empty()) text += ": " + state.reason;
    co_await answer(sink, ready ? 200 : 503, text + "\n");
  } else if (path == "/metrics") {
    auto work = [this] { return scrape(); };
    std::string text = co_await pool_.run(work);
    co_await answer(sink, 200, std::move(text), "text/plain; version=0.0.4; charset=utf-8");
  } else {
    co_await answer(sink, 404, "there are /metrics, /healthz and /readyz\n");
  }
}

awaitable<void> Monitoring::refuse(http::Refusal refusal, const http::Peer&, http::ResponseSink& sink) {
  static constexpr std::array<unsigned, http::kRefusals> kStatus = {400, 431, 414, 505, 408, 503, 500};
  co_await answer(sink, kStatus[static_cast<std::size_t>(refusal)], "refused\n");
}

std::string Monitoring::scrape() const {
  Exposition out;
  out.gauge("beffroi_build_info", "Always 1; the version is the label.")
      .sample(1, {{"version", BEFFROI_VERSION}});
  const Phase now = appliance_.state().phase;
  out.gauge("beffroi_phase", "1 for the phase in which the store is, 0 for the others.");
  for (const Phase phase : {Phase::Sealed, Phase::Uninitialised, Phase::Opening, Phase::Serving,
                            Phase::Closed, Phase::Stopping}) {
    out.sample(phase == now ? 1 : 0, {{"phase", std::string(phase_name(phase))}});
  }
  collect_process(out);
  collect_connections(out);
  metrics_.collect(out);
  if (const storage::Engine* engine = appliance_.engine()) {
    collect_store(out, *engine);
    collect_commits(out, *engine);
    collect_collectivities(out, *engine);
  }
  return out.text();
}

void Monitoring::collect_process(Exposition& out) const {
  const double started = static_cast<double>(started_ms_) / 1000;
  out.gauge("process_start_time_seconds", "Start of the process, in seconds since 1970.").sample(started);
  out.gauge("beffroi_uptime_seconds", "Time since the start of the process.")
      .sample(static_cast<double>(clock_.wall_ms()) / 1000 - started);
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  out.counter("process_cpu_seconds_total", "Processor time, of the user and of the system.")
      .sample(seconds(used.ru_utime) + seconds(used.ru_stime));
  out.gauge("process_resident_memory_bytes", "Memory held.").sample(resident_bytes());
  if (!certificates_) return;
  out.gauge("beffroi_certificate_expiry_timestamp_seconds",
            "When each of the certificates that are served expires, in seconds since 1970.");
  for (const http::CertificateLife& c : certificates_()) {
    out.sample(static_cast<double>(c.expires_at), {{"file", c.file}});
  }
}

void Monitoring::collect_connections(Exposition& out) const {
  using Stats = http::ConnectionStats;
  struct Row {
    const char* name;
    const char* help;
    std::atomic<std::uint64_t> Stats::*counter;
  };
  static constexpr Row kCounters[] = {
      {"beffroi_connections_accepted_total", "Connections accepted.", &Stats::accepted},
      {"beffroi_connections_closed_unread_total", "Connections closed at once, for want of room.",
       &Stats::closed_unread},
      {"beffroi_tls_handshakes_total", "TLS handshakes that succeeded.", &Stats::handshakes},
      {"beffroi_tls_handshakes_resumed_total", "TLS handshakes that continued a session.",
       &Stats::handshakes_resumed},
      {"beffroi_tls_handshakes_failed_total", "TLS handshakes that failed.", &Stats::handshakes_failed},
      {"beffroi_http_requests_total", "Requests whose head was read.", &Stats::requests},
      {"beffroi_http_timeouts_total", "Bodies and answers that were too slow.", &Stats::timed_out},
      {"beffroi_http_aborted_total", "Answers that could not be finished.", &Stats::aborted},
      {"beffroi_received_bytes_total", "Bytes received by connections that have ended, TLS included.",
       &Stats::bytes_in},
      {"beffroi_sent_bytes_total", "Bytes sent by connections that have ended, TLS included.",
       &Stats::bytes_out},
  };
  out.gauge("beffroi_connections_open", "Connections that are open.");
  for (const Watched& w : watched_) out.sample(read(w.stats->open), {{"listener", w.listener}});
  for (const Row& row : kCounters) {
    out.counter(row.name, row.help);
    for (const Watched& w : watched_) out.sample(read(w.stats->*row.counter), {{"listener", w.listener}});
  }
  out.counter("beffroi_http_refused_total", "Requests that were no HTTP, came too late or found no room.");
  for (const Watched& w : watched_) {
    for (std::size_t i = 0; i < http::kRefusals; ++i) {
      out.sample(read(w.stats->refused[i]), {{"listener", w.listener}, {"reason", kRefusalNames[i]}});
    }
  }
}

void Monitoring::collect_store(Exposition& out, const storage::Engine& engine) const {
  const storage::EngineStatus status = engine.status();
  const auto gauge = [&out](const char* name, const char* help, std::uint64_t value) {
    out.gauge(name, help).sample(static_cast<double>(value));
  };
  out.counter("beffroi_commit_sequence_total", "Sequence of the last published frame.")
      .sample(static_cast<double>(raw(status.sequence)));
  gauge("beffroi_store_epoch", "Starts of this store.", status.epoch);
  gauge("beffroi_log_bytes", "Bytes of the commit log that a start would replay.", status.log_bytes);
  gauge("beffroi_gc_rows", "Pieces that wait to be freed; no more than 10 000 are counted.", status.gc_rows);
  gauge("beffroi_audit_tree_size", "Leaves of the global audit tree.", status.audit_tree_size);
  struct Row {
    const char* name;
    const char* help;
    double (*value)(const storage::FileSystemState&);
  };
  static constexpr Row kRows[] = {
      {"beffroi_disk_size_bytes", "Size of a file system of the store.",
       [](const storage::FileSystemState& f) { return static_cast<double>(f.space.total); }},
      {"beffroi_disk_available_bytes", "Room left on a file system of the store.",
       [](const storage::FileSystemState& f) { return static_cast<double>(f.space.available); }},
      {"beffroi_disk_state", "0: normal, 1: above the watermark that warns, 2: writes are refused.",
       [](const storage::FileSystemState& f) { return static_cast<double>(f.state); }},
  };
  for (const Row& row : kRows) {
    out.gauge(row.name, row.help);
    for (const auto& system : status.file_systems) out.sample(row.value(system), {{"file_system", system.use}});
  }
}

void Monitoring::collect_commits(Exposition& out, const storage::Engine& engine) const {
  const storage::CommitterStats& stats = engine.committer_stats();
  const auto counter = [&out](const char* name, const char* help, const std::atomic<std::uint64_t>& value) {
    out.counter(name, help).sample(read(value));
  };
  counter("beffroi_commit_groups_total", "Groups of changes committed, each with one frame and one sync.",
          stats.groups);
  counter("beffroi_commit_changes_total", "Changes committed.", stats.changes);
  counter("beffroi_commit_refused_total", "Changes refused by the committer.", stats.refused);
  counter("beffroi_commit_frame_bytes_total", "Bytes of the frames.", stats.frame_bytes);
  out.counter("beffroi_commit_seconds_total",
              "Time of the committer: building groups (build), writing and syncing frames (log), applying "
              "them to the tables (apply).")
      .sample(read(stats.build_ns) / 1e9, {{"step", "build"}})
      .sample(read(stats.log_ns) / 1e9, {{"step", "log"}})
      .sample(read(stats.apply_ns) / 1e9, {{"step", "apply"}});
}

void Monitoring::collect_collectivities(Exposition& out, const storage::Engine& engine) const {
  struct Row {
    std::string slug;
    storage::QuotaUsage usage;
  };
  std::vector<Row> rows;
  for (const auto& c : engine.directory().collectivities()) {
    if (const auto usage = engine.quotas().usage(c->id)) rows.push_back({c->slug, *usage});
  }
  const auto gauge = [&](const char* name, const char* help, auto value) {
    out.gauge(name, help);
    for (const Row& row : rows)
      out.sample(static_cast<double>(value(row.usage)), {{"collectivity", row.slug}});
  };
  using Usage = storage::QuotaUsage;
  gauge("beffroi_collectivity_bytes", "Bytes stored, as the quota counts them.",
        [](const Usage& u) { return u.committed_bytes; });
  gauge("beffroi_collectivity_objects", "Objects stored, parts under way included.",
        [](const Usage& u) { return u.committed_objects; });
  gauge("beffroi_collectivity_reserved_bytes", "Bytes reserved by uploads under way.",
        [](const Usage& u) { return u.reserved_bytes; });
  gauge("beffroi_collectivity_quota_bytes", "Quota in bytes.", [](const Usage& u) { return u.limits.bytes; });
  gauge("beffroi_collectivity_quota_objects", "Quota in objects.",
        [](const Usage& u) { return u.limits.objects; });
}

}  // namespace beffroi
