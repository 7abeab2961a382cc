// SPDX-License-Identifier: Apache-2.0
#include "similarity/pattern.h"

#include <pthread.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "core/buf.h"
#include "similarity/lexicon.h"

enum {
    SOURCE_BYTES = 64 << 10,
    MATCH_STEPS = 200000, // hostile text ends here and counts as no match
};

// Filled once, then only read: the one state of this room that outlives a call, because compiling
// costs more than comparing.
static struct {
    pcre2_code *codes[PATTERN_COUNT];
    pcre2_match_context *limits;
    bool ready;
} compiled;
static pthread_once_t once = PTHREAD_ONCE_INIT;

// "(*MARK:name)(?:a)|(*MARK:other)(?:b)"
static enum err join(struct buf *source, enum pattern which)
{
    size_t count = 0;
    const struct lexicon_entry *entries = lexicon_entries(which, &count);
    enum err e = ERR_OK;
    for (size_t i = 0; i < count && e == ERR_OK; i++) {
        const char *bar = i == 0 ? "" : "|";
        e = entries[i].name[0] == '\0' ? buf_printf(source, "%s(?:%s)", bar, entries[i].pattern)
                                       : buf_printf(source, "%s(*MARK:%s)(?:%s)", bar,
                                                    entries[i].name, entries[i].pattern);
    }
    return e;
}

static pcre2_code *compile(enum pattern which)
{
    struct buf source;
    buf_init(&source, SOURCE_BYTES);
    pcre2_code *code = NULL;
    if (join(&source, which) == ERR_OK) {
        int number = 0;
        size_t offset = 0;
        uint32_t options = PCRE2_CASELESS | PCRE2_DOTALL | PCRE2_NO_AUTO_CAPTURE;
        options |= lexicon_is_utf(which) ? PCRE2_UTF | PCRE2_MATCH_INVALID_UTF : 0;
        code = pcre2_compile((PCRE2_SPTR)buf_str(&source), source.len, options, &number, &offset,
                             NULL);
        // Without JIT (a kernel that forbids it) the interpreter does the same, slower.
        (void)(code != NULL && pcre2_jit_compile(code, PCRE2_JIT_COMPLETE));
    }
    buf_done(&source);
    return code;
}

static void compile_all(void)
{
    compiled.limits = pcre2_match_context_create(NULL);
    bool ready = compiled.limits != NULL;
    if (ready) {
        (void)pcre2_set_match_limit(compiled.limits, MATCH_STEPS);
    }
    for (enum pattern i = 0; i < PATTERN_COUNT; i++) {
        compiled.codes[i] = compile(i);
        ready = ready && compiled.codes[i] != NULL;
    }
    compiled.ready = ready;
}

enum err pattern_ready(void)
{
    (void)pthread_once(&once, compile_all);
    return compiled.ready ? ERR_OK : ERR_NOMEM;
}

const char *pattern_find(enum pattern which, struct span text)
{
    if (text.len == 0 || pattern_ready() != ERR_OK) {
        return NULL;
    }
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    if (data == NULL) {
        return NULL;
    }
    int rc = pcre2_match(compiled.codes[which], (PCRE2_SPTR)text.at, text.len, 0, 0, data,
                         compiled.limits);
    PCRE2_SPTR mark = rc >= 0 ? pcre2_get_mark(data) : NULL;
    pcre2_match_data_free(data);
    return rc < 0 ? NULL : mark == NULL ? "" : (const char *)mark; // marks live in the code
}
