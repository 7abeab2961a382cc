// SPDX-License-Identifier: Apache-2.0
#include "crawler/link_filter.h"

#include <stdint.h>

#include "core/attr.h"
#include "core/limits.h"

// Words of a path or query, between anything that is no letter or digit. GET should be safe
// (RFC 9110 section 9.2.1), but on real sites links with these words are not.
static const char *const risky[] = {
    "-logout-",     "-log-out-",  "-logoff-",    "-log-off-",     "-signout-",       "-sign-out-",
    "-signoff-",    "-sign-off-", "-delete-",    "-del-",         "-remove-",        "-destroy-",
    "-erase-",      "-purge-",    "-trash-",     "-unsubscribe-", "-subscribe-",     "-optout-",
    "-opt-out-",    "-add-to-",   "-addtocart-", "-addtobasket-", "-addtowishlist-", "-cart-",
    "-basket-",     "-wishlist-", "-checkout-",  "-purchase-",    "-buy-",           "-pay-",
    "-payment-",    "-vote-",     "-like-",      "-follow-",      "-confirm-",       "-activate-",
    "-deactivate-", "-approve-",  "-reject-",    "-cancel-",      "-revoke-",        "-reset-",
    "-edit-",       "-create-",   "-update-",    "-upload-",      "-import-",        "-export-",
    "-download-",   "-install-",  "-publish-",   "-action-",      "-wp-admin-",      "-wp-login-",
    "-wp-json-",    "-xmlrpc-",   "-cgi-bin-",   "-replytocom-",  "-trackback-",     "-cron-",
};

static const char *const not_pages[] = {
    "pdf",  "zip",  "gz",   "tgz",  "bz2",  "xz",   "rar", "7z",   "tar",     "jpg",   "jpeg",
    "png",  "gif",  "svg",  "webp", "avif", "ico",  "bmp", "tif",  "tiff",    "mp3",   "mp4",
    "m4a",  "m4v",  "avi",  "mov",  "wmv",  "webm", "ogg", "ogv",  "wav",     "flac",  "doc",
    "docx", "xls",  "xlsx", "ppt",  "pptx", "odt",  "ods", "odp",  "rtf",     "csv",   "txt",
    "xml",  "json", "rss",  "atom", "css",  "js",   "mjs", "map",  "woff",    "woff2", "ttf",
    "otf",  "eot",  "exe",  "msi",  "dmg",  "iso",  "img", "apk",  "deb",     "rpm",   "bin",
    "jar",  "swf",  "psd",  "ai",   "eps",  "ics",  "vcf", "epub", "torrent", "wasm",  "sql",
};

static bool is_page_name(struct span path)
{
    const char *query = memchr(path.at, '?', path.len);
    size_t end = query == NULL ? path.len : (size_t)(query - path.at);
    size_t dot = end;
    while (dot > 0 && path.at[dot - 1] != '.' && path.at[dot - 1] != '/') {
        dot--;
    }
    if (dot == 0 || path.at[dot - 1] != '.') {
        return true;
    }
    struct span suffix = {path.at + dot, end - dot};
    for (size_t i = 0; i < COUNT_OF(not_pages); i++) {
        if (span_equal_nocase(suffix, span_of(not_pages[i]))) {
            return false;
        }
    }
    return true;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// "/Cart/addItem?x=log%2Dout" as "-cart-add-item-x-log-out-".
static size_t spell_words(char *out, size_t size, struct span path)
{
    size_t len = 0;
    bool was_lower = false;
    for (size_t i = 0; i < path.len && len + 3 < size; i++) {
        char c = path.at[i];
        if (c == '%' && path.len - i > 2 && hex_value(path.at[i + 1]) >= 0 &&
            hex_value(path.at[i + 2]) >= 0) {
            c = (char)(hex_value(path.at[i + 1]) << 4 | hex_value(path.at[i + 2]));
            i += 2;
        }
        bool upper = c >= 'A' && c <= 'Z';
        bool lower = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if ((upper && was_lower) || !(upper || lower)) {
            if (len == 0 || out[len - 1] != '-') {
                out[len++] = '-';
            }
        }
        if (upper || lower) {
            out[len++] = upper ? (char)(c + 32) : c;
        }
        was_lower = lower;
    }
    if (len == 0 || out[len - 1] != '-') {
        out[len++] = '-';
    }
    return len;
}

bool link_filter_is_harmless_page(struct span path)
{
    if (!is_page_name(path)) {
        return false;
    }
    char words[2 * LIMIT_URL + 4];
    size_t len = spell_words(words, sizeof words, path);
    for (size_t i = 0; i < COUNT_OF(risky); i++) {
        if (memmem(words, len, risky[i], strlen(risky[i])) != NULL) {
            return false;
        }
    }
    return true;
}
