// SPDX-License-Identifier: Apache-2.0
// Files of zones, CSV and JSONL.
#include <stdint.h>
#include <stdlib.h>

#include "cli/zone_import.h"
#include "cli/zone_record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// What is taken can be written and read again.
static enum err take(void *ctx, struct zone *zone, const struct zone_before *before,
                     struct why *why)
{
    (void)before;
    size_t *zones = ctx;
    struct zone *again = NULL;
    json_t *json = zone_to_json(zone);
    if (json == NULL || zone_from_json(&again, json, why) != ERR_OK) {
        abort();
    }
    json_decref(json);
    zone_free(again);
    (*zones)++;
    return ERR_OK;
}

static void complain(void *ctx, const char *name, size_t line, const char *reason)
{
    (void)ctx;
    if (name == NULL || line == 0 || reason[0] == '\0') {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t zones = 0;
    struct import_counts counts = {0};
    struct import_sink sink = {.zone = take, .bad = complain, .ctx = &zones};
    struct lines lines = {.name = "fuzz", .max = LIMIT_IMPORT_LINE};
    if (size == 0) {
        return 0;
    }
    lines.stream = fmemopen((void *)(uintptr_t)data, size, "r");
    if (lines.stream == NULL) {
        return 0;
    }
    buf_init(&lines.line, LIMIT_IMPORT_LINE);
    enum err e = zone_import(&counts, &lines, IMPORT_AUTO, &sink, NULL);
    if (e == ERR_OK && counts.zones != zones) {
        abort();
    }
    lines_close(&lines);
    return 0;
}
