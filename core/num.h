// SPDX-License-Identifier: Apache-2.0
// Text to numbers, strictly: the whole span or ERR_INVALID; out is untouched on failure.
#ifndef SSLAUTO_CORE_NUM_H
#define SSLAUTO_CORE_NUM_H

#include <stdint.h>

#include "core/err.h"
#include "core/span.h"

// Decimal, an optional '-' where min < 0. Outside min..max is ERR_LIMIT.
enum err num_parse(int64_t *out, struct span text, int64_t min, int64_t max);
// "0.8", "12", "1e-3"; finite. Outside min..max is ERR_LIMIT.
enum err num_parse_double(double *out, struct span text, double min, double max);
// A TCP port, 1..65535.
enum err num_parse_port(uint16_t *out, struct span text);
// "250ms" "20s" "5m" "12h" "30d", in milliseconds; a bare number is ERR_INVALID, 0 is allowed bare.
enum err num_parse_duration_ms(int64_t *out, struct span text);
// "64", "500KiB", "8MiB", "1GiB", in bytes.
enum err num_parse_size(int64_t *out, struct span text);

#endif
