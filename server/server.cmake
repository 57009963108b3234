# SPDX-License-Identifier: EUPL-1.2
# The rooms of the daemon. Asio's headers are heavy: they stand in a precompiled header, for these rooms only.
find_package(boost_json 1.81 QUIET)
find_library(BOOST_JSON NAMES boost_json REQUIRED)
find_library(HTTP_PARSER NAMES http_parser)
find_package(prometheus-cpp REQUIRED COMPONENTS core)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(tomlplusplus QUIET)
pkg_check_modules(PUGIXML REQUIRED IMPORTED_TARGET pugixml)
pkg_check_modules(SYSTEMD REQUIRED IMPORTED_TARGET libsystemd)

beffroi_room(server/http DEPS storage_io PkgConfig::SSL)
beffroi_room(server/s3 DEPS server_http storage_engine PkgConfig::PUGIXML ${BOOST_JSON})
beffroi_room(admin/api DEPS server_http storage_engine ${BOOST_JSON})
