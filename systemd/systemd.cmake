# SPDX-License-Identifier: EUPL-1.2
# What `cmake --install` lays down, under $DESTDIR: programs, units, user, directories. The units name /usr, so the prefix is /usr.
if(CMAKE_INSTALL_PREFIX_INITIALIZED_TO_DEFAULT)
  set_property(CACHE CMAKE_INSTALL_PREFIX PROPERTY VALUE /usr)
endif()
install(TARGETS beffroid RUNTIME DESTINATION sbin)
install(TARGETS beffroictl beffroi-verify RUNTIME DESTINATION bin)
install(FILES systemd/beffroid.service systemd/beffroid.socket DESTINATION lib/systemd/system)
install(FILES systemd/beffroi.sysusers DESTINATION lib/sysusers.d RENAME beffroi.conf)
install(FILES systemd/beffroi.tmpfiles DESTINATION lib/tmpfiles.d RENAME beffroi.conf)
install(FILES systemd/beffroi.toml DESTINATION share/beffroi)
install(FILES docs/operations.md docs/audit.md LICENSE DESTINATION share/doc/beffroi)
