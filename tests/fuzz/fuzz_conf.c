// SPDX-License-Identifier: Apache-2.0
// The configuration file, against the real table of keys.
#include <stdint.h>
#include <stdlib.h>

#include "cli/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum err touch(void *ctx, const struct conf_entry *entry)
{
    size_t *total = ctx;
    char range[160];
    *total += strlen(entry->name) + strlen(entry->value) + strlen(entry->where) +
              strlen(conf_range_print(range, entry->key));
    return ERR_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t count = 0;
    size_t total = 0;
    struct conf *conf = NULL;
    struct why why = {""};
    const struct conf_key *keys = settings_keys(&count);
    FILE *stream = size == 0 ? NULL : fmemopen((void *)(uintptr_t)data, size, "r");
    if (stream == NULL || conf_new(&conf, keys, count) != ERR_OK) {
        return 0;
    }
    enum err e = conf_read(conf, stream, "fuzz", NULL, NULL, &why);
    // Whatever was read, every value is one that its row allows, and a refusal has words.
    if ((e != ERR_OK && why.text[0] == '\0') || conf_int(conf, "crawl.slots") < 1 ||
        conf_int(conf, "crawl.slots") > 5000 || conf_each(conf, touch, &total) != ERR_OK) {
        abort();
    }
    conf_free(conf);
    (void)fclose(stream);
    return 0;
}
