# SPDX-License-Identifier: EUPL-1.2
# The program of tests/bench/micro, built on demand. Google Benchmark is looked for only then, so nothing else needs it.
add_executable(bench_micro EXCLUDE_FROM_ALL
  ${PROJECT_SOURCE_DIR}/tests/bench/micro_crypto.cc ${PROJECT_SOURCE_DIR}/tests/bench/micro_storage.cc)
target_link_libraries(bench_micro PRIVATE storage_engine server_s3 fakes GTest::gtest benchmark)
