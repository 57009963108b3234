# SPDX-License-Identifier: EUPL-1.2
# Fuzz targets (libFuzzer, clang): each tests/fuzz/<name>.cc that ends in _fuzz.cc becomes the program <name>. Two comments in the
# file say what goes into it; each may stand several times:
#   // links: crypto storage_log          rooms and libraries to link
#   // sources: server/http/percent.cc    files to compile with it, for rooms whose whole library needs more than the parser does
# `fuzzers` builds them all. A run: build/fuzz/<name> -max_total_time=60 [corpus folder]
set_property(DIRECTORY PROPERTY EXCLUDE_FROM_ALL ON)
add_custom_target(fuzzers)

# The words that follow `// <label>:` in a file.
function(beffroi_fuzz_words file label out)
  file(STRINGS ${file} lines REGEX "^// ${label}:")
  set(words "")
  foreach(line ${lines})
    string(REGEX REPLACE "^// ${label}:" "" line "${line}")
    separate_arguments(line UNIX_COMMAND "${line}")
    list(APPEND words ${line})
  endforeach()
  set(${out} ${words} PARENT_SCOPE)
endfunction()

file(GLOB fuzz_files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/fuzz/*_fuzz.cc)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${fuzz_files})
foreach(file ${fuzz_files})
  get_filename_component(name ${file} NAME_WE)
  beffroi_fuzz_words(${file} links libraries)
  beffroi_fuzz_words(${file} sources sources)
  list(TRANSFORM sources PREPEND ${PROJECT_SOURCE_DIR}/)
  add_executable(${name} ${file} ${sources})
  target_link_libraries(${name} PRIVATE ${libraries})
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  add_dependencies(fuzzers ${name})
endforeach()
