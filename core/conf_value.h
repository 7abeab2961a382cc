// SPDX-License-Identifier: Apache-2.0
// One value of the configuration: text to typed value by a row of the table. Private to conf.
#ifndef SSLAUTO_CORE_CONF_VALUE_H
#define SSLAUTO_CORE_CONF_VALUE_H

#include "core/conf.h"

struct conf_value {
    char *text;     // owned; as written
    int64_t number; // BOOL, INT, DURATION (ms), SIZE (bytes)
    double real;    // DOUBLE
    char **items;   // owned strings; LIST
    size_t item_count;
};

void conf_value_done(struct conf_value *value);
// Replaces *value. ERR_INVALID says what is allowed; *value is untouched then.
enum err conf_value_parse(struct conf_value *value, const struct conf_key *key, const char *text,
                          struct why *why);
// LIST only: adds the words of text.
enum err conf_value_append(struct conf_value *value, const struct conf_key *key, const char *text,
                           struct why *why);

#endif
