// SPDX-License-Identifier: EUPL-1.2
// The configuration of the daemon: one TOML file of flat keys, each with a default, any of which the command line may override
// (--set KEY=VALUE). What is not known is refused, with what to write instead. Pure but for read_config(), which reads the file.
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace beffroi {

struct Config {
  // The store
  std::string data_dir = "/var/lib/beffroi/data";
  std::string keyring = "/var/lib/beffroi/keyring";  // better on another medium than the data
  std::string root_key_file;                         // used when systemd gives no credential
  bool require_mlock = false;                        // do not start when keys cannot be locked in memory
  // The S3 listener
  std::string listen = "[::]:8443";
  std::string tls_certificate;   // PEM, the chain in order
  std::string tls_key;           // PEM
  std::string certificates_dir;  // pairs <name>.crt or .pem and <name>.key
  std::vector<std::string> domains;
  std::string virtual_domain;
  std::string default_collectivity;  // slug
  std::string region = "fr-hdf-1";
  bool strict_regions = false;
  std::string default_object_ownership = "BucketOwnerEnforced";  // of new buckets
  std::string default_public_access_block = "all";               // all or none
  // The other listeners
  std::string admin_socket = "/run/beffroi/admin.sock";
  std::string listen_metrics = "127.0.0.1:9464";
  // Limits and sizes
  std::uint64_t quota_default_bytes = 10ull << 30;
  std::uint64_t quota_default_objects = 1'000'000;
  std::uint64_t watermark_warn_percent = 85;    // of a file system in use
  std::uint64_t watermark_refuse_percent = 95;  // ... at which writes are refused
  std::uint64_t inline_bytes = 8 * 1024;  // bodies up to this ride in the commit log's frame
  std::uint64_t block_cache_bytes = 64ull << 20;
  std::uint64_t pool_threads = 8;  // that may wait for a device
  std::uint64_t audit_retention_days = 365;
  std::uint64_t lifecycle_day_seconds = 86'400;  // shorter in tests only
  std::uint64_t drain_seconds = 20;
  std::string log_level = "info";
};

// What is wrong with a key (or, with an empty one, with the file), and what to do about it.
struct ConfigError {
  std::string key;
  std::string message;
  std::string remedy;
};
template <class T>
using ConfigResult = boost::system::result<T, ConfigError>;

struct ConfigKey {
  std::string_view name;
  std::string_view help;
};
// Every key, in the order of the struct.
std::vector<ConfigKey> config_keys();
// The value of a key as a person would write it on the command line.
std::string config_value(const Config&, std::string_view key);

// `text` is a TOML document, `settings` are KEY=VALUE and win over it.
ConfigResult<Config> parse_config(std::string_view text, std::span<const std::string> settings = {});
// The same for a file; an empty path is an empty document.
ConfigResult<Config> read_config(const std::string& path, std::span<const std::string> settings = {});

}  // namespace beffroi
