// SPDX-License-Identifier: Apache-2.0
#include <ctype.h>
#include <gmime/gmime.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/str.h"
#include "tests/support/check.h"
#include "tests/unit/digest/sample.h"

static const struct digest_address to[] = {
    {"Ada Lovelace", "ada@example.org"},
    {"J\xc3\xbcrgen M\xc3\xbcller, of the yard", "juergen@example.org"},
};

static struct digest_envelope envelope(void)
{
    return (struct digest_envelope){.id = "digest.2026-W47.0123@example.org",
                                    .list_id = "sslauto-digest.example.org",
                                    .from = {"sslauto", "sslauto@example.org"},
                                    .to = to,
                                    .to_count = 2};
}

static struct buf message_of(const struct digest *digest)
{
    struct digest_envelope by = envelope();
    struct buf out;
    buf_init(&out, LIMIT_MAIL);
    assert_ok(digest_mime(&out, digest, &sample_links, &by), NULL);
    return out;
}

static size_t columns_of(struct span line)
{
    size_t columns = 0;
    for (size_t i = 0; i < line.len; i++) {
        columns += ((unsigned char)line.at[i] & 0xc0) != 0x80;
    }
    return columns;
}

static void text_has_72_columns(void **state)
{
    (void)state;
    struct digest *all[] = {sample_new(), sample_plain(), sample_notice()};
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        struct buf out;
        buf_init(&out, LIMIT_MAIL);
        assert_ok(digest_text(&out, all[i], &sample_links), NULL);
        assert_true(str_is_utf8(buf_span(&out)));
        struct span rest = buf_span(&out);
        while (rest.len > 0) {
            struct span line = span_cut(&rest, '\n');
            bool link = strncmp(line.at, "  https://", 10) == 0 &&
                        memchr(line.at + 2, ' ', line.len - 2) == NULL;
            if (columns_of(line) > DIGEST_TEXT_COLUMNS && !link) {
                fail_msg("%zu columns: %.*s", columns_of(line), (int)line.len, line.at);
            }
            for (size_t c = 0; c < line.len; c++) {
                assert_false(iscntrl((unsigned char)line.at[c]));
            }
        }
        buf_done(&out);
        digest_free(all[i]);
    }
}

static void what_is_left_out_is_counted(void **state)
{
    (void)state;
    OWN(digest_own) struct digest *digest = sample_new();
    struct buf out;
    buf_init(&out, LIMIT_MAIL);
    assert_ok(digest_text(&out, digest, &sample_no_links), NULL);
    assert_non_null(strstr(buf_str(&out), "BLOCKED (43)"));
    assert_non_null(strstr(buf_str(&out), "... and 40 more"));
    assert_null(strstr(buf_str(&out), "http"));
    buf_done(&out);
}

// Nothing of a page, an origin or a store becomes markup, and nothing is fetched.
static void page_asks_for_nothing(void **state)
{
    (void)state;
    static const char *const never[] = {"<script", "<b>no", "<link",       "<style",
                                        "@import", "url(",  "javascript:", "\x1b"};
    OWN(digest_own) struct digest *digest = sample_new();
    struct buf out;
    buf_init(&out, LIMIT_MAIL);
    assert_ok(digest_html(&out, digest, &sample_links, "cid:modes"), NULL);
    assert_true(str_is_utf8(buf_span(&out)));
    for (size_t i = 0; i < COUNT_OF(never); i++) {
        assert_null(strstr(buf_str(&out), never[i]));
    }
    size_t sources = 0;
    for (const char *at = buf_str(&out); (at = strstr(at, " src=\"")) != NULL; at++) {
        assert_int_equal(strncmp(at, " src=\"cid:modes\"", 16), 0);
        sources++;
    }
    assert_int_equal(sources, 1);
    assert_non_null(strstr(buf_str(&out), "alt=\"Zones by mode, from week 2026-W36 to 2026-W47: "));
    buf_done(&out);
}

// Those who read the text get to their zones too, by a link that no line ends in its middle.
static void text_has_links(void **state)
{
    (void)state;
    OWN(digest_own) struct digest *digest = sample_new();
    struct buf out;
    buf_init(&out, LIMIT_MAIL);
    assert_ok(digest_text(&out, digest, &sample_links), NULL);
    size_t zones = 0;
    size_t links = 0;
    for (const char *at = buf_str(&out); (at = strstr(at, "\n* ")) != NULL; at++) {
        zones++;
    }
    for (const char *at = buf_str(&out); (at = strstr(at, "\n  https://")) != NULL; at++) {
        links++;
    }
    assert_true(zones > 4);
    assert_int_equal(links, zones);
    assert_non_null(
        strstr(buf_str(&out), "?name=%3Cscript%3Ealert%281%29%3C%2Fscript%3E.example\n"));
    assert_non_null(strstr(buf_str(&out), "second-label-of-some-length.example\n"));
    buf_done(&out);
}

static void links_are_quoted(void **state)
{
    (void)state;
    OWN(digest_own) struct digest *digest = sample_new();
    struct buf out;
    buf_init(&out, LIMIT_MAIL);
    assert_ok(digest_html(&out, digest, &sample_links, NULL), NULL);
    assert_non_null(
        strstr(buf_str(&out), "?name=%3Cscript%3Ealert%281%29%3C%2Fscript%3E.example\""));
    assert_null(strstr(buf_str(&out), "<img"));
    buf_done(&out);
}

static void chart_is_a_picture_of_the_weeks(void **state)
{
    (void)state;
    OWN(digest_own) struct digest *digest = sample_plain();
    struct buf first;
    struct buf second;
    buf_init(&first, LIMIT_MAIL);
    buf_init(&second, LIMIT_MAIL);
    assert_ok(digest_chart(&first, digest), NULL);
    assert_memory_equal(first.at, "\x89PNG\r\n\x1a\n", 8);
    digest->modes[0].zones[MODE_STRICT] += 50;
    assert_ok(digest_chart(&second, digest), NULL);
    assert_false(span_equal(buf_span(&first), buf_span(&second)));
    digest->mode_count = 1;
    assert_err(digest_chart(&second, digest), ERR_NOT_FOUND);
    digest->mode_count = 2; // no zones at all
    memset(digest->modes, 0, sizeof digest->modes);
    buf_clear(&second);
    assert_ok(digest_chart(&second, digest), NULL);
    buf_done(&first);
    buf_done(&second);
}

// RFC 5322 section 2.1.1 and 2.3: CRLF alone, 998 bytes at most; RFC 2045 section 6.7: 76.
static void message_is_well_formed(void **state)
{
    (void)state;
    OWN(digest_own) struct digest *digest = sample_new();
    struct buf out = message_of(digest);
    bool head = true;
    struct span rest = buf_span(&out);
    while (rest.len > 0) {
        struct span line = span_cut(&rest, '\n');
        assert_true(line.len == 0 ? rest.len == 0 : line.at[line.len - 1] == '\r');
        assert_in_range(line.len, 0, 79);
        for (size_t i = 0; i + 1 < line.len; i++) {
            assert_true(line.at[i] == '\t' || (line.at[i] >= ' ' && line.at[i] < 0x7f));
        }
        head = head && line.len > 1;
        // What an origin said has not become a field.
        assert_false(head && span_starts_nocase(line, span_of("bcc:")));
    }
    assert_false(head);
    buf_done(&out);
}

static void same_message_again(void **state)
{
    (void)state;
    OWN(digest_own) struct digest *digest = sample_new();
    struct buf first = message_of(digest);
    struct buf second = message_of(digest);
    assert_string_equal(buf_str(&first), buf_str(&second));
    buf_done(&first);
    buf_done(&second);
}

// Read back by GMime: fields, nesting, and the text as it was.
static void message_can_be_read(void **state)
{
    (void)state;
    OWN(digest_own) struct digest *digest = sample_new();
    struct buf out = message_of(digest);
    struct buf text;
    buf_init(&text, LIMIT_MAIL);
    assert_ok(digest_text(&text, digest, &sample_links), NULL);
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(out.at, out.len);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
    assert_non_null(message);
    char subject[DIGEST_SUBJECT_SIZE];
    assert_ok(digest_subject(subject, digest), NULL);
    assert_string_equal(g_mime_message_get_subject(message), subject);
    assert_string_equal(g_mime_message_get_message_id(message), envelope().id);
    GMimeObject *object = GMIME_OBJECT(message);
    assert_string_equal(g_mime_object_get_header(object, "List-Id"),
                        "sslauto digest <sslauto-digest.example.org>");
    assert_string_equal(g_mime_object_get_header(object, "Auto-Submitted"), "auto-generated");
    InternetAddressList *list = g_mime_message_get_to(message);
    assert_int_equal(internet_address_list_length(list), 2);
    assert_string_equal(internet_address_get_name(internet_address_list_get_address(list, 1)),
                        to[1].name);
    GMimeMultipart *parts = GMIME_MULTIPART(g_mime_message_get_mime_part(message));
    assert_int_equal(g_mime_multipart_get_count(parts), 2);
    char *plain = g_mime_text_part_get_text(GMIME_TEXT_PART(g_mime_multipart_get_part(parts, 0)));
    size_t kept = 0;
    for (const char *c = plain; *c != '\0'; c++) {
        plain[kept] = *c;
        kept += *c != '\r';
    }
    plain[kept] = '\0';
    assert_string_equal(plain, buf_str(&text));
    GMimeMultipart *related = GMIME_MULTIPART(g_mime_multipart_get_part(parts, 1));
    GMimeObject *picture = g_mime_multipart_get_part(related, 1);
    assert_string_equal(g_mime_object_get_content_id(picture),
                        "modes.digest.2026-W47.0123@example.org");
    g_free(plain);
    g_object_unref(message);
    g_object_unref(parser);
    g_object_unref(stream);
    buf_done(&out);
    buf_done(&text);
}

static void without_a_past_there_is_no_picture(void **state)
{
    (void)state;
    OWN(digest_own) struct digest *digest = sample_notice();
    struct buf out = message_of(digest);
    assert_null(strstr(buf_str(&out), "image/png"));
    assert_non_null(strstr(buf_str(&out), "Subject: Rolled back: api.example stays at Flexible"));
    buf_done(&out);
}

static void id_of(struct buf *out, const struct digest *digest, const struct digest_links *links)
{
    buf_clear(out);
    assert_ok(digest_message_id(out, digest, 3, links, "example.org"), NULL);
}

static void ids_come_from_account_and_week(void **state)
{
    (void)state;
    OWN(digest_own) struct digest *one = sample_plain();
    OWN(digest_own) struct digest *other = digest_new("other", SAMPLE_WEEK, 1);
    OWN(digest_own) struct digest *notice = sample_notice();
    struct buf first;
    struct buf second;
    buf_init(&first, LIMIT_MAIL);
    buf_init(&second, LIMIT_MAIL);
    id_of(&first, one, &sample_links);
    assert_int_equal(strncmp(buf_str(&first), "digest.2026-W47.", 16), 0);
    one->made_at += 1000; // somebody else, at another time
    id_of(&second, one, &sample_links);
    assert_string_equal(buf_str(&first), buf_str(&second));
    id_of(&second, one, &sample_no_links); // another installation
    assert_string_not_equal(buf_str(&first), buf_str(&second));
    id_of(&second, other, &sample_links);
    assert_string_not_equal(buf_str(&first), buf_str(&second));
    id_of(&second, notice, &sample_links);
    assert_non_null(strstr(buf_str(&second), ".3@example.org"));
    buf_done(&first);
    buf_done(&second);
}

static void json_has_every_section(void **state)
{
    (void)state;
    OWN(digest_own) struct digest *digest = sample_new();
    json_t *json = digest_json(digest, &sample_links);
    assert_non_null(json);
    const json_t *sections = json_object_get(json, "sections");
    assert_int_equal(json_object_size(sections), DIGEST_SECTION_COUNT);
    const json_t *blocked = json_object_get(sections, "blocked");
    assert_int_equal(json_integer_value(json_object_get(blocked, "total")), 43);
    assert_int_equal(json_array_size(json_object_get(blocked, "items")), 3);
    assert_int_equal(json_array_size(json_object_get(json, "modes")), DIGEST_WEEKS);
    assert_string_equal(json_string_value(json_object_get(json, "to")), "2026-11-23T00:00:00Z");
    char *text = json_dumps(json, 0);
    assert_non_null(text);
    free(text);
    json_decref(json);
}

static void the_soonest_certificates_are_kept(void **state)
{
    (void)state;
    OWN(digest_own) struct digest *digest = digest_new("a", SAMPLE_WEEK, 1);
    static const int64_t ends[] = {50, 10, 40, 20, 30};
    char name[] = "n";
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        struct digest_item item = {.zone = name, .at = ends[i]};
        assert_ok(digest_add(digest, DIGEST_EXPIRING, &item, 3), NULL);
    }
    const struct digest_part *part = &digest->parts[DIGEST_EXPIRING];
    assert_int_equal(part->count, 3);
    assert_int_equal(part->total, 5);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(part->items[i].at, 10 * (int64_t)(i + 1));
    }
}

int main(void)
{
    g_mime_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_has_72_columns),
        cmocka_unit_test(what_is_left_out_is_counted),
        cmocka_unit_test(page_asks_for_nothing),
        cmocka_unit_test(text_has_links),
        cmocka_unit_test(links_are_quoted),
        cmocka_unit_test(chart_is_a_picture_of_the_weeks),
        cmocka_unit_test(message_is_well_formed),
        cmocka_unit_test(same_message_again),
        cmocka_unit_test(message_can_be_read),
        cmocka_unit_test(without_a_past_there_is_no_picture),
        cmocka_unit_test(ids_come_from_account_and_week),
        cmocka_unit_test(json_has_every_section),
        cmocka_unit_test(the_soonest_certificates_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
