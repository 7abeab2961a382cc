// SPDX-License-Identifier: Apache-2.0
// sslauto.conf(5) and the example file: every key with type, range, default, unit and help.
#include <string.h>

#include "man/manual.h"
#include "man/roff.h"

// "crawl" of "crawl.threads"; true when it is another one than before.
static bool new_section(char section[64], const char *name)
{
    size_t len = strcspn(name, ".");
    if (strlen(section) == len && strncmp(section, name, len) == 0) {
        return false;
    }
    (void)snprintf(section, 64, "%.*s", (int)len, name);
    return true;
}

static bool is_wildcard(const struct conf_key *key)
{
    return key->name[strlen(key->name) - 1] == '*';
}

static const char *name_in_section(const struct conf_key *key)
{
    return is_wildcard(key) ? "NAME" : strchr(key->name, '.') + 1;
}

static void put_key(FILE *out, const struct conf_key *key)
{
    char range[160];
    (void)fputs(".TP\n", out);
    (void)fprintf(out, is_wildcard(key) ? "\\fI" : "\\fB");
    roff_inline(out, name_in_section(key));
    (void)fputs("\\fR\n", out);
    roff_words(out, key->help, strlen(key->help));
    (void)fputs(".br\n", out);
    roff_inline(out, conf_type_str(key->type));
    (void)fputs(": ", out);
    roff_inline(out, conf_range_print(range, key));
    (void)fputs(key->unit[0] == '\0' ? "" : " ", out);
    roff_inline(out, key->unit);
    (void)fputs(key->preset[0] == '\0' ? "; not set by default" : "; default \\fB", out);
    roff_inline(out, key->preset);
    (void)fputs(key->preset[0] == '\0' ? "\n" : "\\fR\n", out);
}

void man_conf(FILE *out)
{
    (void)fprintf(out,
                  ".\\\" SPDX-License-Identifier: Apache-2.0\n"
                  ".\\\" Printed by print_manual from the table of keys.\n"
                  ".TH SSLAUTO.CONF 5 %s \"sslauto %s\" \"File Formats\"\n",
                  SSLAUTO_DATE, SSLAUTO_VERSION);
    roff_heading(out, "NAME");
    (void)fputs("sslauto.conf \\- configuration of sslauto\n", out);
    roff_heading(out, "DESCRIPTION");
    static const char words[] =
        "Sections in brackets, then one `key = value` a line; `#` and `;` begin remarks. "
        "What is not there has its default. Unknown keys and bad values are errors, told with "
        "file and line; nothing is done then. "
        "`sslauto config check` tells all of them, `sslauto config show` every key with its value "
        "and where it comes from.";
    roff_words(out, words, strlen(words));
    roff_paragraphs(out, "Times are written as 250ms, 20s, 5m, 12h, 30d; sizes as 64B, 64KiB, "
                         "8MiB; lists with spaces or commas between their words. A key that is a "
                         "list may be given several times.\n"
                         "The file is the one of `--config`, else $SSLAUTO_CONFIG, else "
                         "/etc/sslauto/sslauto.conf. `sslauto run` reads it again on SIGHUP: all "
                         "of it, or, when there is an error, nothing.");
    char section[64] = "";
    size_t count = 0;
    const struct conf_key *keys = settings_keys(&count);
    for (size_t i = 0; i < count; i++) {
        if (new_section(section, keys[i].name)) {
            (void)fprintf(out, ".SH \"SECTION [%s]\"\n", section);
        }
        put_key(out, &keys[i]);
    }
    roff_heading(out, "FILES");
    (void)fputs("/etc/sslauto/sslauto.conf\n", out);
    roff_heading(out, "SEE ALSO");
    (void)fputs("sslauto(1)\n", out);
}

static void put_remark(FILE *out, const char *text)
{
    while (*text != '\0') {
        size_t len = strlen(text);
        if (len > 96) {
            len = 96;
            while (len > 0 && text[len] != ' ') {
                len--;
            }
        }
        (void)fprintf(out, "# %.*s\n", (int)len, text);
        text += len + (text[len] == ' ');
    }
}

void conf_example(FILE *out)
{
    (void)fputs("# SPDX-License-Identifier: Apache-2.0\n"
                "# sslauto.conf: every key with its default. To change one, take away the # in "
                "front of it.\n"
                "# Then: sslauto config check\n"
                "# More: man 5 sslauto.conf\n",
                out);
    char section[64] = "";
    size_t count = 0;
    const struct conf_key *keys = settings_keys(&count);
    for (size_t i = 0; i < count; i++) {
        const struct conf_key *key = &keys[i];
        char range[160];
        char line[512];
        if (new_section(section, key->name)) {
            (void)fprintf(out, "\n[%s]\n", section);
        }
        (void)fputc('\n', out);
        put_remark(out, key->help);
        (void)snprintf(line, sizeof line, "%s: %s%s%s%s", conf_type_str(key->type),
                       conf_range_print(range, key), key->unit[0] == '\0' ? "" : " ", key->unit,
                       key->preset[0] == '\0' ? "; not set" : "");
        put_remark(out, line);
        // A row of any name has no default, so its line is a remark and no key.
        (void)fprintf(out, "#%s%s =%s%s\n", is_wildcard(key) ? " " : "", name_in_section(key),
                      key->preset[0] == '\0' ? "" : " ", key->preset);
    }
}
