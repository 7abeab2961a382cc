// SPDX-License-Identifier: Apache-2.0
// Whether HTTPS sends a Content-Security-Policy that limits a page more than HTTP does. Pure.
// Source: W3C Content Security Policy Level 3, sections 2 and 6.
#ifndef SSLAUTO_PIPELINE_POLICY_H
#define SSLAUTO_PIPELINE_POLICY_H

#include <stdbool.h>
#include <stddef.h>

enum policy_change {
    POLICY_ALIKE,    // limits nothing that HTTP does not limit
    POLICY_STRICTER, // may break the page: that cannot be told without a browser
    POLICY_BLOCKS,   // forbids what every page needs
};

// http, https: the enforced policies as sent, joined with ','; NULL = none. insecure: the page
// loads something by http://. what: the first directive that changes most, printable, "" if alike.
enum policy_change policy_compare(char *what, size_t size, const char *http, const char *https,
                                  bool insecure);

#endif
