// SPDX-License-Identifier: Apache-2.0
// The text of the generated haproxy.cfg, line by line. @word@ stands for a setting; a first
// character '?' keeps a line for edges that take probes, '!' for those that do not, '*' repeats it
// for each further place.
#ifndef SSLAUTO_EDGE_HAPROXY_CONFIG_H
#define SSLAUTO_EDGE_HAPROXY_CONFIG_H

extern const char *const config_lines[]; // ends with NULL

#endif
