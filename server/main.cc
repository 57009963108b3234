// SPDX-License-Identifier: EUPL-1.2
// beffroid. The one file that knows every part: it reads the configuration, builds the parts bottom-up, serves, and takes them
// down again in the order in which they can be missed.
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <ctime>
#include <iostream>
#include <memory>
#include <thread>

#include "admin/api/service.h"
#include "crypto/random.h"
#include "server/certificates.h"
#include "server/check_command.h"
#include "server/config.h"
#include "server/disk_pool.h"
#include "server/exit_codes.h"
#include "server/http/listener.h"
#include "server/http/tls_context.h"
#include "server/http/worker.h"
#include "server/log.h"
#include "server/metrics.h"
#include "server/monitoring.h"
#include "server/passed_socket.h"
#include "server/preflight.h"
#include "server/s3/service.h"
#include "server/store_appliance.h"
#include "server/store_options.h"
#include "storage/io/guarded.h"
#include "storage/io/real_files.h"

namespace beffroi {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

// Monitoring and operators have a thread of their own: they are heard under any load, and during a drain.
constexpr std::size_t kSideWorkers = 1;
constexpr seconds kSideDrain{2};
constexpr std::string_view kReloaded[] = {"tls_certificate", "tls_key", "certificates_dir", "log_level"};
constexpr seconds kSignalWait{30};  // when no watchdog wants to hear of us sooner

struct Arguments {
  std::string config_file;
  std::vector<std::string> settings;
  bool check_config = false, check_store = false;
  std::string output = "text";
};

// One line, then the end: nothing is unwound, because nothing in memory is to be trusted.
class ExitingStop final : public storage::FailStop {
 public:
  void fail(std::string_view reason) override {
    log_error("fail-stop", {{"reason", reason}});
    ::_exit(kExitFailStop);
  }
};

int complain(const ConfigError& error) {
  log_error("configuration", {{"key", error.key}, {"problem", error.message}, {"remedy", error.remedy}});
  return kExitConfiguration;
}

s3::S3Options s3_options(const Config& config) {
  s3::S3Options options;
  options.domains = {config.domains, config.virtual_domain};
  options.region = config.region;
  options.strict_regions = config.strict_regions;
  options.default_collectivity = config.default_collectivity;
  options.bucket_defaults.ownership = s3::ownership_from_name(config.default_object_ownership);
  if (config.default_public_access_block == "all") options.bucket_defaults.public_access_block = {true, true, true, true};
  options.instance = load_le<std::uint64_t>(crypto::random_bytes(sizeof options.instance).data());
  return options;
}

void log_space(const storage::FileSystemState& system) {
  const auto write = system.state == storage::SpaceState::Normal ? log_info : log_warning;
  write("room on disk", {{"file_system", system.use},
                         {"directory", system.directory},
                         {"state", storage::space_state_name(system.state)},
                         {"available_bytes", system.space.available},
                         {"size_bytes", system.space.total}});
}

// Connections and extents both need descriptors; the soft limit of 1 024 is for programs that use select().
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

class Daemon {
 public:
  Daemon(Arguments arguments, Config config, std::shared_ptr<const http::TlsContext> tls,
         std::optional<crypto::RootKey> root)
      : arguments_(std::move(arguments)),
        config_(std::move(config)),
        tls_(std::move(tls)),
        pool_(config_.pool_threads),
        s3_(s3_options(config_), pool_, metrics_),
        appliance_(files_, clock_, fail_stop_, engine_options(), std::move(root),
                   [this](storage::Engine* engine) { s3_.serve(engine); }),
        admin_({config_.quota_default_bytes, config_.quota_default_objects}, appliance_, pool_, clock_),
        monitoring_(appliance_, metrics_, pool_, clock_),
        workers_(std::max(1u, std::thread::hardware_concurrency()), clock_),
        side_workers_(kSideWorkers, clock_) {}

  int run() {
    if (!listen()) return kExitCannotStart;
    workers_.start();
    side_workers_.start();
    monitoring_listener_->start();
    admin_listener_->start();
    const bool opened = bool(appliance_.open());
    s3_listener_->start();  // who came during the start waited in the socket's queue, and is served instead of told 503
    if (opened) {
      log_info("ready", {{"version", BEFFROI_VERSION},
                         {"phase", phase_name(appliance_.state().phase)},
                         {"port", s3_listener_->port()}});
      ::sd_notify(0, "READY=1");
      wait_for_stop();
      log_info("stopping", {{"drain_seconds", config_.drain_seconds}});
    }
    ::sd_notify(0, "STOPPING=1");
    return stop(opened);
  }

 private:
  storage::EngineOptions engine_options() const {
    storage::EngineOptions options = store_options(config_);
    options.error_name = s3::audit_error_name;
    options.on_space = log_space;
    return options;
  }

  std::unique_ptr<http::Listener> listener(const std::string& address, http::Workers& workers,
                                           http::Handler& handler,
                                           std::shared_ptr<const http::TlsContext> tls = nullptr,
                                           std::optional<int> passed = std::nullopt) {
    const Result<int> descriptor = passed ? Result<int>(*passed) : http::listen_on(address);
    if (!descriptor) {
      log_error("cannot listen", {{"address", address}, {"problem", descriptor.error().message()}});
      return nullptr;
    }
    return std::make_unique<http::Listener>(*descriptor, workers, handler, http::Limits{}, std::move(tls));
  }

  bool listen() {
    s3_listener_ = listener(config_.listen, workers_, s3_, *tls_.lock(), passed_socket("s3"));
    if (!s3_listener_) return false;
    monitoring_listener_ = listener(config_.listen_metrics, side_workers_, monitoring_);
    if (!monitoring_listener_) return false;
    admin_listener_ = listener("unix:" + config_.admin_socket, side_workers_, admin_);
    if (!admin_listener_) return false;
    monitoring_.watch("s3", s3_listener_->stats());
    monitoring_.watch("metrics", monitoring_listener_->stats());
    monitoring_.watch("admin", admin_listener_->stats());
    monitoring_.watch_certificates([this] { return (*tls_.lock())->certificates(); });
    return true;
  }

  // The signals are blocked in every thread and taken here, one at a time.
  void wait_for_stop() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
    std::uint64_t watchdog_us = 0;
    const bool watched = ::sd_watchdog_enabled(0, &watchdog_us) > 0;
    const microseconds wait = watched ? microseconds(watchdog_us / 3) : microseconds(kSignalWait);
    const timespec limit{static_cast<std::time_t>(wait.count() / 1'000'000),
                         static_cast<long>(wait.count() % 1'000'000 * 1000)};
    for (;;) {
      const int signal = ::sigtimedwait(&signals, nullptr, &limit);
      if (signal == SIGTERM || signal == SIGINT) return;
      if (signal == SIGHUP) reload();
      if (watched) answer_watchdog();
    }
  }

  // Only while every I/O thread does: one that is stuck keeps its connections waiting for ever.
  void answer_watchdog() {
    const bool alive = workers_.alive(), side_alive = side_workers_.alive();
    if (alive && side_alive) {
      ::sd_notify(0, "WATCHDOG=1");
    } else {
      log_error("an I/O thread does not answer", {{"listener", alive ? "metrics, admin" : "s3"}});
    }
  }

  // Certificates and the log level: all of them, or none and the old ones stay. What needs a restart is named.
  void reload() {
    const auto config = read_config(arguments_.config_file, arguments_.settings);
    if (!config) {
      (void)complain(config.error());
      return;
    }
    auto tls = load_certificates(*config);
    if (!tls) {
      (void)complain(tls.error());
      return;
    }
    for (const ConfigKey& key : config_keys()) {
      const auto reloaded = std::find(std::begin(kReloaded), std::end(kReloaded), key.name);
      if (reloaded != std::end(kReloaded) || config_value(config_, key.name) == config_value(*config, key.name)) continue;
      log_warning("takes effect at the next start", {{"key", key.name}});
    }
    set_log_level(config->log_level);
    *tls_.lock() = *tls;
    s3_listener_->use(*tls);
    log_info("reloaded", {{"certificates", (*tls)->certificates().size()}, {"log_level", config->log_level}});
  }

  int stop(bool opened) {
    appliance_.stopping();
    s3_listener_->stop();
    workers_.stop(opened ? seconds(config_.drain_seconds) : seconds(0));
    side_workers_.stop(opened ? kSideDrain : seconds(0));
    pool_.stop();
    s3_.serve(nullptr);
    const auto closed = appliance_.close();
    if (!opened) return kExitCannotStart;
    ::unlink(config_.admin_socket.c_str());
    if (!closed) {
      log_error("the store could not be closed cleanly", {{"problem", closed.error().message()}});
      return kExitFailStop;
    }
    log_info("stopped");
    return kExitClean;
  }

  const Arguments arguments_;
  const Config config_;
  storage::Guarded<std::shared_ptr<const http::TlsContext>> tls_;
  storage::RealFiles files_;
  const storage::SystemClock clock_;
  ExitingStop fail_stop_;
  Metrics metrics_;
  DiskPool pool_;
  s3::S3Service s3_;
  StoreAppliance appliance_;
  admin::AdminService admin_;
  Monitoring monitoring_;
  http::Workers workers_, side_workers_;
  std::unique_ptr<http::Listener> s3_listener_, monitoring_listener_, admin_listener_;
};

int serve(Arguments arguments, Config config) {
  set_log_level(config.log_level);
  Preflight ready = preflight(config);
  for (const ConfigError& warning : ready.warnings) {
    log_warning("configuration", {{"key", warning.key}, {"problem", warning.message}, {"remedy", warning.remedy}});
  }
  for (const ConfigError& error : ready.errors) (void)complain(error);
  if (!ready.errors.empty()) return kExitConfiguration;
  return Daemon(std::move(arguments), std::move(config), std::move(ready.tls), std::move(ready.root)).run();
}

std::string keys_help() {
  std::string text = "Keys of the configuration file, and of --set, with their defaults:\n";
  for (const ConfigKey& key : config_keys()) {
    const std::string value = config_value({}, key.name);
    std::string line = "  " + std::string(key.name) + (value.empty() ? "" : " = " + value);
    line.resize(std::max<std::size_t>(line.size() + 2, 44), ' ');
    text += line + std::string(key.help) + "\n";
  }
  return text;
}

int main_of(int argc, char** argv) {
  Arguments arguments;
  CLI::App app(
      "beffroid: the daemon of Beffroi. Without a command it serves until SIGTERM; SIGHUP reloads "
      "certificates.",
      "beffroid");
  app.set_version_flag("--version", "beffroid " BEFFROI_VERSION);
  app.add_option("--config", arguments.config_file, "configuration file, TOML")->type_name("FILE");
  app.add_option("--set", arguments.settings, "a key that wins over the file; may be repeated")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  app.add_flag("--check-config", arguments.check_config,
               "say all that is wrong with the configuration, and end; run it as the daemon's user");
  CLI::App* check =
      app.add_subcommand("check", "look at the whole store of a stopped daemon and name what is damaged");
  check->fallthrough();
  app.add_option("--output", arguments.output, "of check and --check-config: text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->type_name("FORM");
  app.footer(keys_help() +
             "\nEnds with 0; 2: configuration; 3: no start is possible; 4: check found damage; 70: stopped "
             "to let recovery decide.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitClean : kExitConfiguration;
  }
  auto config = read_config(arguments.config_file, arguments.settings);
  if (arguments.check_config) return check_config_command(config, arguments.output == "json");
  if (!config) return complain(config.error());
  if (check->parsed()) return check_command(*config, arguments.output == "json");
  return serve(std::move(arguments), std::move(*config));
}

}  // namespace
}  // namespace beffroi

int main(int argc, char** argv) {
  // An arena for each of dozens of threads would hold tens of megabytes that no thread uses.
  ::mallopt(M_ARENA_MAX, 4);
  ::signal(SIGPIPE, SIG_IGN);
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  beffroi::raise_descriptor_limit();
  try {
    return beffroi::main_of(argc, argv);
  } catch (const std::exception& error) {
    beffroi::log_error("failed", {{"problem", error.what()}});
    return beffroi::kExitFailStop;
  }
}
