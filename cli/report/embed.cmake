# SPDX-License-Identifier: Apache-2.0
# cmake -DOUT=FILE -DCSS=FILE -DJS=FILE -P embed.cmake: both files as C arrays.
set(text "// SPDX-License-Identifier: Apache-2.0\n// Made by cli/report/embed.cmake.\n#include \"cli/report_html.h\"\n")
foreach(part CSS JS)
  file(READ "${${part}}" bytes HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)" "\\1\n    " bytes "${bytes}")
  string(TOLOWER "${part}" name)
  string(APPEND text "\nconst char report_${name}[] = {\n    ${bytes}0x00,\n};\n")
endforeach()
file(WRITE "${OUT}" "${text}")
