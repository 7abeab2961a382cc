// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/recommend/situation.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

static const char good[] =
    "{'address':'192.0.2.1','resolved':'192.0.2.1','http_port':80,'https_port':443,"
    "'robots':'none','robots_words':'','requests':6,'second_look':'once','first_look':'',"
    "'overload':false,'more_addresses':false,"
    "'http':{'asked':true,'outcome':'ok','phase':'done','words':'','status':200,"
    "'redirect':'none','final_url':'http://example.org/"
    "','same_site':false,'hops':0,'retry_after_s':-1,"
    "'total_ms':20},"
    "'https':{'asked':true,'outcome':'ok','phase':'done','words':'','status':200,"
    "'redirect':'none','final_url':'https://example.org/"
    "','same_site':false,'hops':0,'retry_after_s':-1,"
    "'total_ms':30,'tls_version':'TLSv1.3','tls_cipher':'TLS_AES_128_GCM_SHA256',"
    "'client_certificate_requested':false},"
    "'certificate':{'subject':'CN=example.org','issuer':'CN=Test CA','common_name':'example.org',"
    "'not_before':'2026-09-01T00:00:00Z','not_after':'2026-12-01T00:00:00Z',"
    "'chain_not_after':'2026-12-01T00:00:00Z','key_type':'EC','key_bits':256,"
    "'signature':'ecdsa-with-SHA256','fingerprint':'00','name_ok':true,"
    "'name_matched':'example.org','self_signed':false,'incomplete_chain':false,"
    "'weak_key':false,'weak_signature':false,'trust':'public','strict_ok':true,"
    "'names':['example.org'],'chain':['CN=example.org','CN=Test CA'],'errors':[]},"
    "'similarity':{'verdict':'same','score':1,'challenge':false,'login':false,"
    "'insecure_resources':0,'http_insecure_resources':0,'pages':["
    "{'path':'/','role':'home','http_outcome':'ok','http_status':200,'https_outcome':'ok',"
    "'https_status':200,'verdict':'same','informative':true,'score':1,'rule':'equal_bytes',"
    "'detail':''},"
    "{'path':'/about','role':'link','http_outcome':'ok','http_status':200,'https_outcome':'ok',"
    "'https_status':200,'verdict':'same','informative':true,'score':1,'rule':'text',"
    "'detail':''}]}}";

static json_t *good_origin(void)
{
    char text[sizeof good];
    for (size_t i = 0; i < sizeof good; i++) {
        text[i] = good[i];
        if (text[i] == '\'') {
            text[i] = '"';
        }
    }
    json_t *json = json_loads(text, 0, NULL);
    assert(json != NULL);
    return json;
}

static json_t *value_of(const char *text)
{
    json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);
    return value != NULL ? value : json_string(text);
}

// Sets what the path leads to; it must be there already.
static void edit(json_t *json, const char *edit_text)
{
    char text[256];
    int len = snprintf(text, sizeof text, "%s", edit_text);
    assert(len > 0 && (size_t)len < sizeof text);
    char *value = strchr(text, '=');
    assert(value != NULL);
    *value++ = '\0';
    struct span rest = span_of(text);
    for (;;) {
        char part[64] = "";
        struct span cut = span_cut(&rest, '.');
        assert(cut.len > 0 && cut.len < sizeof part);
        memcpy(part, cut.at, cut.len);
        if (rest.at == NULL) {
            assert(json_object_get(json, part) != NULL);
            (void)json_object_set_new(json, part, value_of(value));
            return;
        }
        json = json_is_array(json) ? json_array_get(json, (size_t)(part[0] - '0'))
                                   : json_object_get(json, part);
        assert(json != NULL);
    }
}

// "http." and the others of the table's short paths.
static void edit_short(json_t *origin, const char *text)
{
    static const struct {
        const char *prefix, *path;
    } names[] = {{"home.", "similarity.pages.0."},
                 {"page.", "similarity.pages.1."},
                 {"cert.", "certificate."},
                 {"sim.", "similarity."}};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        size_t len = strlen(names[i].prefix);
        if (strncmp(text, names[i].prefix, len) == 0) {
            char whole[256];
            (void)snprintf(whole, sizeof whole, "%s%s", names[i].path, text + len);
            edit(origin, whole);
            return;
        }
    }
    edit(origin, text);
}

static json_t *add_origin(json_t *hosts, bool new_host)
{
    if (new_host) {
        char name[32];
        (void)snprintf(name, sizeof name, "host%zu.example.org", json_array_size(hosts));
        json_t *host = json_pack("{s:s, s:f, s:[]}", "name", name, "weight", 1.0, "origins");
        assert(host != NULL && json_array_append_new(hosts, host) == 0);
    }
    json_t *host = json_array_get(hosts, json_array_size(hosts) - 1);
    json_t *origins = json_object_get(host, "origins");
    json_t *origin = good_origin();
    char address[32];
    (void)snprintf(address, sizeof address, "192.0.2.%zu", json_array_size(origins) + 1);
    (void)json_object_set_new(origin, "address", json_string(address));
    assert(json_array_append_new(origins, origin) == 0);
    return origin;
}

struct evidence *situation_build(const char *edits)
{
    json_t *hosts = json_array();
    json_t *origin = add_origin(hosts, true);
    struct span rest = span_of(edits);
    while (rest.at != NULL) {
        struct span cut = span_cut(&rest, ' ');
        char word[256] = "";
        assert(cut.len < sizeof word);
        if (cut.len > 0) {
            memcpy(word, cut.at, cut.len);
        }
        if (strcmp(word, "|") == 0 || strcmp(word, "||") == 0) {
            origin = add_origin(hosts, word[1] == '|');
        } else if (word[0] != '\0') {
            edit_short(origin, word);
        }
    }
    json_t *json = json_pack("{s:i, s:s, s:I, s:o}", "version", 1, "zone_id", "", "scanned_at",
                             (json_int_t)SITUATION_NOW, "hosts", hosts);
    struct evidence *evidence = NULL;
    struct why why = {""};
    if (evidence_from_json(&evidence, json, &why) != ERR_OK) {
        (void)fprintf(stderr, "%s: %s\n", edits, why.text);
        assert(evidence != NULL);
    }
    json_decref(json);
    return evidence;
}
