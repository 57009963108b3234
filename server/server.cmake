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

# Asio is compiled once (asio.cc); the larger recycling cache keeps the frames of nested coroutines out of malloc.
add_library(server_log STATIC server/log.cc)
target_link_libraries(server_log PUBLIC spdlog::spdlog)
add_library(server_asio STATIC server/asio.cc)
target_link_libraries(server_asio PUBLIC Threads::Threads)
target_compile_definitions(server_asio PUBLIC BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE=8)

beffroi_room(server/http DEPS storage_io server_log server_asio PkgConfig::SSL)
target_precompile_headers(server_http PRIVATE server/pch.h)
beffroi_room(server/s3 DEPS server_http storage_engine PkgConfig::PUGIXML ${BOOST_JSON})
beffroi_room(admin/api DEPS server_http storage_engine ${BOOST_JSON})
foreach(room server_s3 admin_api)
  get_target_property(kind ${room} TYPE)
  if(NOT kind STREQUAL "INTERFACE_LIBRARY")
    target_precompile_headers(${room} REUSE_FROM server_http)
  endif()
endforeach()
