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

add_library(server_metrics STATIC server/metrics.cc)
target_link_libraries(server_metrics PUBLIC crypto prometheus-cpp::core)
add_library(server_config STATIC server/config.cc)
target_include_directories(server_config PUBLIC ${PROJECT_SOURCE_DIR})
add_library(server_appliance STATIC server/appliance.cc server/store_appliance.cc)
target_link_libraries(server_appliance PUBLIC storage_engine server_log)

beffroi_room(server/http DEPS storage_io server_log server_asio PkgConfig::SSL)
target_precompile_headers(server_http PRIVATE server/pch.h)
beffroi_room(server/s3 DEPS server_http server_metrics storage_engine PkgConfig::PUGIXML ${BOOST_JSON})
beffroi_room(admin/api DEPS server_http server_appliance storage_engine ${BOOST_JSON})
foreach(room server_s3 admin_api)
  get_target_property(kind ${room} TYPE)
  if(NOT kind STREQUAL "INTERFACE_LIBRARY")
    target_precompile_headers(${room} REUSE_FROM server_http)
  endif()
endforeach()

# The programs. beffroictl and beffroi-verify share nothing with the daemon but the bytes between them.
add_executable(beffroid server/main.cc server/certificates.cc server/check_command.cc server/monitoring.cc server/passed_socket.cc
               server/preflight.cc server/root_key.cc)
target_link_libraries(beffroid PRIVATE server_config server_s3 admin_api PkgConfig::SYSTEMD CLI11::CLI11)
target_precompile_headers(beffroid REUSE_FROM server_http)
file(GLOB admin_cli_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/admin/cli/*.cc)
list(REMOVE_ITEM admin_cli_sources ${PROJECT_SOURCE_DIR}/admin/cli/main.cc)
add_library(admin_cli STATIC ${admin_cli_sources})
target_link_libraries(admin_cli PUBLIC ${BOOST_JSON})
add_executable(beffroictl admin/cli/main.cc)
target_link_libraries(beffroictl PRIVATE admin_cli CLI11::CLI11)
