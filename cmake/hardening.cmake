# SPDX-License-Identifier: Apache-2.0
# Warnings and hardening flags, probed one by one, on one target that every room links.
include(CheckCCompilerFlag)
include(CheckLinkerFlag)
add_library(hardening INTERFACE)

function(probe_flag flag)
  string(MAKE_C_IDENTIFIER "HAVE${flag}" name)
  string(TOUPPER "${name}" name)
  set(CMAKE_REQUIRED_FLAGS -Werror)
  check_c_compiler_flag("${flag}" ${name})
  if(${name})
    target_compile_options(hardening INTERFACE "${flag}")
  endif()
endfunction()

function(probe_link_flag flag)
  string(MAKE_C_IDENTIFIER "HAVE_LINK${flag}" name)
  string(TOUPPER "${name}" name)
  check_linker_flag(C "${flag}" ${name})
  if(${name})
    target_link_options(hardening INTERFACE "${flag}")
  endif()
endfunction()

foreach(flag -Wall -Wextra -Wformat=2 -Wconversion -Wsign-conversion -Wimplicit-fallthrough
    -Wshadow -Wvla -Wcast-qual -Wstrict-prototypes -Wmissing-prototypes -Wundef
    -Wnull-dereference -Wlogical-op -Wduplicated-cond -Wtrampolines -Wbidi-chars=any
    -Werror=format-security -Werror=implicit -Werror=incompatible-pointer-types
    -Werror=int-conversion -Werror=unused-result
    -fstack-protector-strong -fstack-clash-protection -fcf-protection=full
    -mbranch-protection=standard -fstrict-flex-arrays=3
    -fno-delete-null-pointer-checks -fno-strict-overflow -fno-strict-aliasing)
  probe_flag("${flag}")
endforeach()

if(SSLAUTO_SANITIZE)
  target_compile_options(hardening INTERFACE -fsanitize=${SSLAUTO_SANITIZE}
    -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(hardening INTERFACE -fsanitize=${SSLAUTO_SANITIZE})
else()
  # These hide what sanitizers look for, so only here.
  probe_flag(-ftrivial-auto-var-init=zero)
  probe_flag(-fzero-init-padding-bits=all)
  if(NOT CMAKE_BUILD_TYPE STREQUAL Debug)
    target_compile_options(hardening INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
  endif()
endif()
if(SSLAUTO_FUZZ)
  target_compile_options(hardening INTERFACE -fsanitize=fuzzer-no-link)
endif()
foreach(flag -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,--as-needed)
  probe_link_flag("${flag}")
endforeach()
include(CheckPIESupported)
check_pie_supported(LANGUAGES C)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
# asserts stay on in every build: they are the program's contract with itself.
string(REPLACE "-DNDEBUG" "" CMAKE_C_FLAGS_RELEASE "${CMAKE_C_FLAGS_RELEASE}")
string(REPLACE "-DNDEBUG" "" CMAKE_C_FLAGS_RELWITHDEBINFO "${CMAKE_C_FLAGS_RELWITHDEBINFO}")

target_compile_definitions(hardening INTERFACE _GNU_SOURCE)
target_compile_options(hardening INTERFACE
  "SHELL:-include ${PROJECT_SOURCE_DIR}/core/banned.h")
