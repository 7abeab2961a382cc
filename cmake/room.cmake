# SPDX-License-Identifier: Apache-2.0
# room(NAME PUBLIC header... SOURCES file... LINK target...)
# One static library per room. Its public headers are a file set, so that
# CMAKE_VERIFY_INTERFACE_HEADER_SETS compiles each of them alone.
function(room name)
  cmake_parse_arguments(ROOM "" "" "PUBLIC;SOURCES;LINK;PRIVATE_LINK" ${ARGN})
  add_library(${name} STATIC ${ROOM_SOURCES})
  target_sources(${name} PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}
    FILES ${ROOM_PUBLIC})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PUBLIC ${ROOM_LINK} PRIVATE hardening ${ROOM_PRIVATE_LINK})
endfunction()
