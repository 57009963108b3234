# SPDX-License-Identifier: EUPL-1.2
# Test programs: one for each folder that holds *_test.cc files.
#   tests/unit/<a>[/<b>]/*_test.cc -> unit_<a>_<b>, linked with the room <a>_<b>
#   tests/{contract,property,crash}/<room>/*_test.cc -> <kind>_<room>, linked with the room and tests/fakes
find_package(GTest REQUIRED)
include(GoogleTest)

file(GLOB fakes CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/fakes/*.cc)
if(fakes)
  add_library(fakes STATIC ${fakes})
  target_link_libraries(fakes PUBLIC storage_engine)
else()
  add_library(fakes INTERFACE)
endif()

function(beffroi_tests folder name)
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/${folder}/*_test.cc)
  if(sources)
    add_executable(${name} ${sources})
    target_link_libraries(${name} PRIVATE ${ARGN} GTest::gtest_main)
    # Only for those that read vectors: a path in every command would defeat the compiler cache.
    foreach(source ${sources})
      file(STRINGS ${source} reads_files REGEX "BEFFROI_SOURCE_DIR|vectors\\.h")
      if(reads_files)
        set_property(SOURCE ${source} APPEND PROPERTY COMPILE_DEFINITIONS BEFFROI_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
      endif()
    endforeach()
    gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST PROPERTIES LABELS ${name} TIMEOUT 600)
  endif()
endfunction()

beffroi_tests(unit/crypto unit_crypto crypto)
foreach(room io log index extent tenant audit engine)
  beffroi_tests(unit/storage/${room} unit_storage_${room} storage_${room})
  beffroi_tests(contract/${room} contract_${room} storage_${room} fakes)
  beffroi_tests(crash/${room} crash_${room} storage_${room} fakes)
  beffroi_tests(property/${room} property_${room} storage_${room} fakes)
endforeach()
foreach(room http s3)
  beffroi_tests(unit/server/${room} unit_server_${room} server_${room})
endforeach()
beffroi_tests(unit/server unit_server server_config server_metrics)
beffroi_tests(unit/admin unit_admin admin_api admin_cli)
# Runs the verifier as people run it.
target_compile_definitions(property_audit PRIVATE BEFFROI_VERIFY="$<TARGET_FILE:beffroi-verify>")
add_dependencies(property_audit beffroi-verify)
