# SPDX-License-Identifier: Apache-2.0
# The Debian package: `./run package`, or cpack in a build with CMAKE_INSTALL_PREFIX=/usr.
if(NOT CMAKE_INSTALL_PREFIX STREQUAL /usr)
  return() # the parts below belong into the system's own places
endif()
set(deb ${CMAKE_CURRENT_BINARY_DIR}/debian)
set(SSLAUTO_DEB_REVISION 1 CACHE STRING "Revision of the Debian package")
set(SSLAUTO_CONTACT "sslauto maintainers <maintainers@sslauto.example>" CACHE STRING
  "Who answers for the Debian package")
execute_process(COMMAND date -R -u -d "${SSLAUTO_DATE}T12:00:00Z" OUTPUT_VARIABLE SSLAUTO_DATE_2822
  OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
configure_file(debian/changelog.in ${deb}/changelog.Debian @ONLY)
add_custom_command(OUTPUT ${deb}/changelog.Debian.gz
  COMMAND ${GZIP} -9nkf ${deb}/changelog.Debian DEPENDS ${deb}/changelog.Debian VERBATIM)
add_custom_command(OUTPUT ${deb}/changelog.gz
  COMMAND ${GZIP} -9nc ${PROJECT_SOURCE_DIR}/CHANGELOG.md > ${deb}/changelog.gz
  DEPENDS ${PROJECT_SOURCE_DIR}/CHANGELOG.md VERBATIM)
add_custom_target(debian_papers ALL DEPENDS ${deb}/changelog.Debian.gz ${deb}/changelog.gz)

install(FILES ${deb}/changelog.Debian.gz ${deb}/changelog.gz debian/copyright
  DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/sslauto)
install(FILES debian/lintian-overrides DESTINATION ${CMAKE_INSTALL_DATADIR}/lintian/overrides
  RENAME sslauto)
install(FILES sslauto.conf.example DESTINATION /etc/sslauto RENAME sslauto.conf
  PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)

foreach(script postinst prerm postrm)
  configure_file(debian/${script} ${deb}/${script} COPYONLY
    FILE_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ
    WORLD_EXECUTE)
endforeach()
configure_file(debian/conffiles ${deb}/conffiles COPYONLY
  FILE_PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)

set(CPACK_GENERATOR DEB)
set(CPACK_SET_DESTDIR ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ
  GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_PACKAGE_NAME sslauto)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "${SSLAUTO_CONTACT}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "SSL/TLS recommender and automatic-mode controller")
set(CPACK_PACKAGE_DESCRIPTION
  "sslauto finds, for every site behind a reverse proxy, the most secure way to
talk to its origin server without breaking the site, explains why, and moves
live traffic there step by step, going back by itself when something fails.")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE ${SSLAUTO_DEB_REVISION})
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS
  "ca-certificates, init-system-helpers (>= 1.54), systemd | systemd-standalone-sysusers | systemd-sysusers")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "haproxy")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${deb}/postinst ${deb}/prerm ${deb}/postrm ${deb}/conffiles)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_OUTPUT_CONFIG_FILE ${CMAKE_BINARY_DIR}/CPackConfig.cmake)
include(CPack)
