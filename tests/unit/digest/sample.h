// SPDX-License-Identifier: Apache-2.0
// A digest with something in every section, some of it hostile.
#ifndef SSLAUTO_TESTS_UNIT_DIGEST_SAMPLE_H
#define SSLAUTO_TESTS_UNIT_DIGEST_SAMPLE_H

#include "digest/digest.h"

#define SAMPLE_WEEK INT64_C(1794787200) // 2026-W47, Monday 2026-11-16

extern const struct digest_links sample_links;
extern const struct digest_links sample_no_links;

struct digest *sample_new(void);
// Plain names and sentences alone, as a reader would meet them.
struct digest *sample_plain(void);
struct digest *sample_notice(void);

#endif
