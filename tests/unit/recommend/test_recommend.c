// SPDX-License-Identifier: Apache-2.0
// One row per situation: what differs from a good origin, and what must be said of it.
#include <stdio.h>
#include <stdlib.h>

#include "recommend/recommend.h"
#include "tests/support/check.h"
#include "tests/unit/recommend/situation.h"

enum {
    ALLOW_PULL = 1,
    ENTERPRISE = 2,
    AOP = 4,
    CUSTOM = 8,
    OLD_TLS_REFUSED = 16, // the edge speaks TLS 1.2 and later
};

struct row {
    const char *name, *edits;
    enum mode current, recommended;
    enum verdict verdict;
    const char *blockers; // all of them, in order
    const char *reasons;  // these must be among them; "!code" must not
    int flags;
};

#define UP   VERDICT_UPGRADE
#define KEEP VERDICT_KEEP
#define HUH  VERDICT_UNKNOWN
#define RISK VERDICT_AT_RISK
#define OFF  MODE_OFF
#define FLEX MODE_FLEXIBLE
#define FULL MODE_FULL
#define STR  MODE_STRICT
#define PULL MODE_ORIGIN_PULL
#define NONE MODE_NONE

#define REFUSED                                                                                    \
    "https.outcome=connect_refused https.status=0 https.final_url=null https.tls_version= "        \
    "certificate=null home.verdict=none home.https_outcome=connect_refused "                       \
    "home.https_status=0 home.informative=false page.verdict=none "                                \
    "page.informative=false page.https_outcome=skipped page.https_status=0 "
#define NO_HTTP                                                                                    \
    "http.outcome=connect_refused http.status=0 http.final_url=null home.verdict=none "            \
    "home.http_outcome=connect_refused home.http_status=0 home.informative=false "                 \
    "similarity.pages.1.verdict=none page.informative=false "
#define TO_HTTPS                                                                                   \
    "http.redirect=to_https http.status=301 http.hops=1 http.final_url=https://example.org/ "      \
    "home.http_status=301 "
#define ELSEWHERE                                                                                  \
    "https.redirect=other_host https.status=301 https.final_url=https://host1.example.org/ "       \
    "home.rule=same_redirect home.https_status=301 "
#define SELF "cert.strict_ok=false cert.self_signed=true cert.errors=[{\"depth\":0,\"code\":18}] "
#define EXPIRED                                                                                    \
    "cert.strict_ok=false cert.not_after=\"2026-09-01T00:00:00Z\" "                                \
    "cert.errors=[{\"depth\":0,\"code\":10}] "
#define DIFFERENT "home.verdict=different home.rule=text "
#define UNSURE    "home.verdict=unsure "
#define NOTHING   "home.informative=false page.informative=false "

// clang-format off
static const struct row rows[] = {
    // A good origin, from every mode.
    {"good", "", FLEX, STR, UP, "", "upgrade_safe https_same certificate_valid origin_pull_not_allowed", 0},
    {"good at off", "", OFF, STR, UP, "", "upgrade_safe", 0},
    {"good at full", "", FULL, STR, UP, "", "upgrade_safe", 0},
    {"good at strict", "", STR, STR, KEEP, "", "strongest_safe origin_pull_not_allowed", 0},
    {"good at origin_pull", "", PULL, PULL, KEEP, "", "strongest_safe", 0},
    {"origin_pull allowed", "", FLEX, PULL, UP, "", "origin_pull_allowed", ALLOW_PULL | ENTERPRISE},
    {"origin_pull from strict", "", STR, PULL, UP, "", "origin_pull_allowed", ALLOW_PULL | ENTERPRISE},
    {"origin_pull on a small plan", "", FLEX, STR, UP, "", "origin_pull_not_enterprise", ALLOW_PULL},
    {"enterprise, not allowed", "", FLEX, STR, UP, "", "origin_pull_not_allowed", ENTERPRISE},
    {"chosen by hand", "", FLEX, STR, UP, "", "custom_zone", CUSTOM},

    // Nothing was seen.
    {"robots disallows", "robots=disallowed", FLEX, NONE, HUH, "robots_disallowed", "no_recommendation", 0},
    {"robots disallows at strict", "robots=disallowed cert.strict_ok=false", STR, NONE, HUH, "robots_disallowed", "no_recommendation", 0},
    {"robots 5xx", "robots=unavailable", FLEX, NONE, HUH, "robots_unavailable", "", 0},
    {"robots allows us by name", "robots=allowed", FLEX, STR, UP, "", "", 0},
    {"our overload", "overload=true", FLEX, NONE, HUH, "scanner_overload", "", 0},
    {"overload on a page", "page.https_outcome=overload", FLEX, NONE, HUH, "scanner_overload", "", 0},
    {"name does not resolve", "http.outcome=dns_failed https.outcome=dns_failed http.status=0 https.status=0", FLEX, NONE, HUH, "origin_unresolved", "", 0},
    {"address refused", "http.outcome=address_refused https.outcome=address_refused", FLEX, NONE, HUH, "address_refused", "", 0},
    {"down: refused", REFUSED NO_HTTP, FLEX, NONE, HUH, "origin_down", "no_recommendation", 0},
    {"down: refused, at strict", REFUSED NO_HTTP, STR, NONE, HUH, "origin_down", "", 0},
    {"down: timeout", REFUSED NO_HTTP "http.outcome=connect_timeout https.outcome=connect_timeout", FLEX, NONE, HUH, "origin_down", "", 0},
    {"down: silent after accept", REFUSED NO_HTTP "http.outcome=timeout https.outcome=tls_timeout", FLEX, NONE, HUH, "origin_down", "", 0},
    {"challenge", "sim.challenge=true", FLEX, NONE, HUH, "bot_challenge", "", 0},
    {"challenge 403 for us", "sim.challenge=true http.status=403 https.status=403", FULL, NONE, HUH, "bot_challenge", "", 0},
    {"429 over HTTP", "http.status=429", FLEX, NONE, HUH, "asked_to_wait", "", 0},
    {"429 over HTTPS", "https.status=429", FLEX, NONE, HUH, "asked_to_wait", "", 0},
    {"503 and Retry-After over HTTP", "http.status=503 http.retry_after_s=60 https.outcome=skipped https.status=0", FLEX, NONE, HUH, "asked_to_wait", "", 0},
    {"HTTPS skipped", "https.outcome=skipped https.asked=false https.status=0", FLEX, NONE, HUH, "not_looked_at", "", 0},
    {"5xx on both", "http.status=502 https.status=503", FLEX, NONE, HUH, "both_server_error", "", 0},
    {"5xx on both, expired, at strict", EXPIRED "http.status=502 https.status=503", STR, STR, RISK, "both_server_error certificate_expired", "at_risk", 0},
    {"client certificate behind AOP", REFUSED "https.outcome=client_certificate", FULL, NONE, HUH, "aop_protected", "", AOP},

    // HTTPS fails.
    {"port closed", REFUSED, FLEX, FLEX, KEEP, "https_refused", "strongest_safe http_answers", 0},
    {"port closed, at off", REFUSED, OFF, FLEX, UP, "https_refused", "upgrade_safe http_answers", 0},
    {"port closed, at full", REFUSED, FULL, FULL, RISK, "https_refused", "at_risk", 0},
    {"port closed, at strict", REFUSED, STR, STR, RISK, "https_refused", "at_risk", 0},
    {"SYN dropped", REFUSED "https.outcome=connect_timeout", FLEX, FLEX, KEEP, "https_timeout", "", 0},
    {"no route", REFUSED "https.outcome=unreachable", FLEX, FLEX, KEEP, "https_unreachable", "", 0},
    {"alert on handshake", REFUSED "https.outcome=tls_failed", FLEX, FLEX, KEEP, "https_handshake_failed", "", 0},
    {"silent handshake", REFUSED "https.outcome=tls_timeout", FLEX, FLEX, KEEP, "https_handshake_failed", "", 0},
    {"client certificate demanded", REFUSED "https.outcome=client_certificate", FLEX, FLEX, KEEP, "client_certificate_demanded", "", 0},
    {"reset", REFUSED "https.outcome=reset", FLEX, FLEX, KEEP, "https_no_answer", "", 0},
    {"empty reply", REFUSED "https.outcome=empty_reply", FLEX, FLEX, KEEP, "https_no_answer", "", 0},
    {"slow drip", REFUSED "https.outcome=timeout", FLEX, FLEX, KEEP, "https_no_answer", "", 0},
    {"two Content-Lengths", REFUSED "https.outcome=invalid_response", FLEX, FLEX, KEEP, "https_no_answer", "", 0},
    {"endless headers", REFUSED "https.outcome=headers_too_large", FLEX, FLEX, KEEP, "https_no_answer", "", 0},
    {"503 over HTTPS alone", "https.status=503 home.verdict=different", FLEX, FLEX, KEEP, "https_server_error", "", 0},
    {"503 over HTTPS alone, Retry-After", "https.status=503 https.retry_after_s=60", FLEX, FLEX, KEEP, "https_server_error", "", 0},
    {"503 over HTTPS alone, at full", "https.status=503", FULL, FULL, RISK, "https_server_error", "at_risk", 0},
    {"5xx once, then fine", "second_look=changed first_look=HTTPS-503", FLEX, STR, UP, "", "passing_failure", 0},
    {"5xx, confirmed", "https.status=503 second_look=confirmed", FLEX, FLEX, KEEP, "https_server_error", "", 0},
    {"HTTPS redirects to HTTP", "https.redirect=to_http https.final_url=http://example.org/", FLEX, FLEX, KEEP, "https_redirects_to_http", "", 0},
    {"HTTPS loops", REFUSED "https.outcome=redirect_loop https.redirect=loop https.hops=2", FLEX, FLEX, KEEP, "https_redirect_loop", "", 0},
    {"too many redirects", REFUSED "https.outcome=redirect_limit https.redirect=limit https.hops=10", FLEX, FLEX, KEEP, "https_too_many_redirects", "", 0},
    {"both loop", REFUSED NO_HTTP "https.outcome=redirect_loop https.redirect=loop https.hops=2 http.outcome=redirect_loop http.redirect=loop http.hops=2", FLEX, NONE, HUH, "https_redirect_loop", "", 0},
    {"HTTP 5xx, HTTPS closed", REFUSED "http.status=500", FLEX, NONE, HUH, "https_refused", "", 0},
    {"HTTPS 500, HTTP closed", NO_HTTP "https.status=500", FULL, NONE, HUH, "https_server_error", "", 0},
    {"redirect to HTTPS that is closed", REFUSED TO_HTTPS, FLEX, FLEX, RISK, "https_refused redirect_needs_https", "redirects_to_https at_risk", 0},
    {"TLS 1.0", "https.tls_version=TLSv1", FLEX, STR, UP, "", "old_protocol", 0},
    {"TLS 1.1", "https.tls_version=TLSv1.1", FLEX, STR, UP, "", "old_protocol", 0},
    {"TLS 1.0 below the edge's", "https.tls_version=TLSv1", FLEX, FLEX, KEEP, "protocol_too_old", "", OLD_TLS_REFUSED},
    {"cipher without forward secrecy", "https.tls_version=TLSv1.2 https.tls_cipher=AES128-SHA", FLEX, STR, UP, "", "weak_cipher !old_protocol", 0},
    {"cipher of 64 bits, at strict", "https.tls_version=TLSv1.2 https.tls_cipher=ECDHE-RSA-DES-CBC3-SHA", STR, STR, KEEP, "", "weak_cipher", 0},
    {"cipher with GCM", "https.tls_version=TLSv1.2 https.tls_cipher=ECDHE-RSA-AES128-GCM-SHA256", FLEX, STR, UP, "", "!weak_cipher", 0},
    {"cipher of TLS 1.3", "", FLEX, STR, UP, "", "!weak_cipher", 0},
    {"weak cipher below the edge's protocol", "https.tls_version=TLSv1 https.tls_cipher=AES128-SHA", FLEX, FLEX, KEEP, "protocol_too_old", "weak_cipher", OLD_TLS_REFUSED},
    {"SSL 3", "https.tls_version=SSLv3", FLEX, FLEX, KEEP, "protocol_too_old", "", 0},
    {"handshake not recorded", "https.tls_version=", FLEX, NONE, HUH, "handshake_unknown", "", 0},
    {"no certificate recorded", "certificate=null", FLEX, NONE, HUH, "handshake_unknown", "", 0},

    // HTTPS serves something else.
    {"other page", DIFFERENT, FLEX, FLEX, KEEP, "content_different", "http_answers", 0},
    {"other page, at full", DIFFERENT, FULL, FULL, RISK, "content_different", "at_risk", 0},
    {"HTTPS to HTTP behind the home page", "page.verdict=different page.rule=https_to_http", FLEX, FLEX, KEEP, "https_redirects_to_http", "", 0},
    {"other page behind the home page", "page.verdict=different page.rule=text", FLEX, FLEX, KEEP, "content_different", "", 0},
    {"default page", DIFFERENT "home.rule=stock_page_https", FLEX, FLEX, KEEP, "https_default_page", "", 0},
    {"default page over HTTP", DIFFERENT "home.rule=stock_page_http", FLEX, NONE, HUH, "http_default_page", "", 0},
    {"default page over HTTP, at strict", DIFFERENT "home.rule=stock_page_http", STR, STR, KEEP, "http_default_page", "", 0},
    {"empty over HTTP", DIFFERENT "home.rule=empty_http", FLEX, NONE, HUH, "content_different", "", 0},
    {"empty over HTTP, at full", DIFFERENT "home.rule=empty_http", FULL, FULL, KEEP, "content_different", "", 0},
    {"a script that fails over HTTPS", "page.role=resource page.verdict=different page.rule=resource_https page.https_status=404", FLEX, FLEX, KEEP, "resource_failed", "http_answers", 0},
    {"a script that is reset over HTTPS", "page.role=resource page.verdict=none page.https_outcome=reset page.https_status=0 page.informative=false", FLEX, FLEX, KEEP, "resource_failed", "", 0},
    {"a script that differs", "page.role=resource page.verdict=unsure page.rule=resource_differs", FLEX, FLEX, KEEP, "content_unsure", "", 0},
    {"a script that is the same", "page.role=resource", FLEX, STR, UP, "", "", 0},
    {"a download over HTTPS", DIFFERENT "home.rule=download_https", FLEX, FLEX, KEEP, "https_download", "http_answers", 0},
    {"a download over HTTP", DIFFERENT "home.rule=download_http", FLEX, NONE, HUH, "content_different", "", 0},
    {"another type over HTTPS", DIFFERENT "home.rule=type_https", FLEX, FLEX, KEEP, "https_type", "", 0},
    {"another charset over HTTPS, not told", DIFFERENT "home.verdict=unsure home.informative=true home.rule=charset_https", FLEX, FLEX, KEEP, "https_type", "", 0},
    {"a policy that blocks, at full", DIFFERENT "home.rule=policy_https", FULL, FULL, RISK, "https_policy", "at_risk", 0},
    {"a policy that may block", DIFFERENT "home.verdict=unsure home.informative=true home.rule=policy_https", FLEX, FLEX, KEEP, "https_policy", "", 0},
    {"a policy that may block, at full", DIFFERENT "home.verdict=unsure home.informative=true home.rule=policy_https", FULL, FULL, KEEP, "https_policy", "", 0},
    {"empty over HTTPS", DIFFERENT "home.rule=empty_https", FLEX, FLEX, KEEP, "content_different", "", 0},
    {"HTTPS refreshes to HTTP", DIFFERENT "home.rule=refresh_to_http", FLEX, FLEX, KEEP, "https_redirects_to_http", "", 0},
    {"HTTPS refreshes elsewhere", DIFFERENT "home.rule=refresh_https", FLEX, FLEX, KEEP, "different_place", "", 0},
    {"a page that HTTP lacks", "page.verdict=different page.rule=status_http page.http_status=404", FLEX, NONE, HUH, "http_status", "", 0},
    {"a page behind a login over HTTPS", "page.verdict=different page.rule=status_https page.https_status=401", FLEX, FLEX, KEEP, "login_wall", "", 0},
    {"login over HTTPS", DIFFERENT "home.rule=login_https sim.login=true", FLEX, FLEX, KEEP, "login_wall", "", 0},
    {"401 over HTTPS", DIFFERENT "https.status=401 home.https_status=401", FLEX, FLEX, KEEP, "login_wall", "", 0},
    {"404 over HTTPS", DIFFERENT "https.status=404 home.https_status=404", FLEX, FLEX, KEEP, "https_status", "", 0},
    {"another path", "https.final_url=https://example.org/welcome https.redirect=same_scheme", FLEX, FLEX, KEEP, "different_place", "", 0},
    {"another host", "https.final_url=https://example.net/ https.redirect=off_zone", FLEX, FLEX, KEEP, "different_place", "", 0},
    {"www is the same place", "https.final_url=https://www.example.org/", FLEX, STR, UP, "", "", 0},
    {"a page closed over HTTPS", "page.verdict=none page.https_outcome=reset page.https_status=0 page.informative=false", FLEX, FLEX, KEEP, "page_failed", "", 0},
    {"a page missing over HTTPS", "page.https_status=404", FLEX, FLEX, KEEP, "page_failed", "", 0},
    {"a page redirected over HTTPS", "page.verdict=different page.rule=redirect_on_one_side", FLEX, FLEX, KEEP, "different_place", "", 0},
    {"a page skipped", "page.verdict=none page.informative=false page.https_outcome=skipped page.https_status=0", FLEX, STR, UP, "", "", 0},

    // Doubt.
    {"unsure", UNSURE, FLEX, FLEX, KEEP, "content_unsure", "http_answers", 0},
    {"unsure at off", UNSURE, OFF, FLEX, UP, "content_unsure", "", 0},
    {"unsure at full", UNSURE, FULL, FULL, KEEP, "content_unsure", "", 0},
    {"unsure at strict", UNSURE, STR, STR, KEEP, "content_unsure", "", 0},
    {"unsure at strict, expired", UNSURE EXPIRED, STR, STR, RISK, "content_unsure certificate_expired", "at_risk", 0},
    {"a page unsure", "page.verdict=unsure", FLEX, FLEX, KEEP, "content_unsure", "", 0},
    {"an empty page unsure", "page.verdict=unsure page.informative=false", FLEX, STR, UP, "", "", 0},
    {"empty body on both", "home.verdict=unsure home.informative=false page.informative=false", FLEX, NONE, HUH, "nothing_to_compare", "", 0},
    {"maintenance on both, at full", "home.verdict=unsure home.informative=false home.rule=stock_page_both", FULL, FULL, KEEP, "nothing_to_compare", "", 0},
    {"only redirects are alike", "home.informative=false page.http_status=301 page.https_status=301", FLEX, NONE, HUH, "nothing_to_compare", "", 0},
    {"the same stock page twice", NOTHING, FLEX, NONE, HUH, "nothing_to_compare", "", 0},
    {"404 on both", NOTHING "http.status=404 https.status=404 home.http_status=404 home.https_status=404", FLEX, NONE, HUH, "nothing_to_compare", "", 0},
    {"401 on both", NOTHING "http.status=401 https.status=401 sim.login=true", FLEX, NONE, HUH, "nothing_to_compare", "", 0},
    {"404 on both, at strict", NOTHING "http.status=404 https.status=404", STR, STR, KEEP, "nothing_to_compare", "", 0},
    {"a probe path tells where the home page does not", "home.informative=false", FLEX, STR, UP, "", "", 0},
    {"home page not compared", "home.verdict=none", FLEX, NONE, HUH, "not_compared", "", 0},
    {"HTTP 403, HTTPS fine", "http.status=403", FLEX, NONE, HUH, "http_status", "", 0},
    {"HTTP 403, HTTPS fine, at strict", "http.status=403", STR, STR, KEEP, "http_status", "", 0},
    {"HTTP 500, HTTPS fine", "http.status=500", FLEX, NONE, HUH, "http_server_error", "", 0},
    {"HTTP closed", NO_HTTP, FLEX, NONE, HUH, "http_unavailable", "", 0},
    {"HTTP closed, at full", NO_HTTP, FULL, STR, UP, "", "https_in_use certificate_valid", 0},
    {"HTTP closed, at full, no pull", NO_HTTP, FULL, STR, UP, "", "https_in_use", ALLOW_PULL | ENTERPRISE},
    {"HTTP closed, at strict", NO_HTTP, STR, STR, KEEP, "", "https_in_use", 0},
    {"HTTP closed, self-signed, at full", NO_HTTP SELF, FULL, FULL, KEEP, "certificate_self_signed", "", 0},
    {"HTTP closed, HTTPS 404, at full", NO_HTTP "https.status=404", FULL, FULL, KEEP, "http_unavailable", "", 0},
    {"HTTP loops", NO_HTTP "http.outcome=redirect_loop http.redirect=loop http.hops=3", FLEX, NONE, HUH, "http_redirect_loop", "", 0},
    {"HTTP takes too many redirects", NO_HTTP "http.outcome=redirect_limit http.redirect=limit http.hops=10", FLEX, NONE, HUH, "http_too_many_redirects", "", 0},
    {"both to another host of the zone", ELSEWHERE "http.redirect=other_host http.final_url=https://host1.example.org/ http.status=301 || ", FLEX, STR, UP, "", "other_host https_same", 0},
    {"to another host by way of HTTPS", ELSEWHERE "http.redirect=to_https http.status=301 http.final_url=https://host0.example.org/ || ", FLEX, STR, UP, "", "other_host redirects_to_https", 0},
    {"to another host that is down", ELSEWHERE "http.redirect=other_host http.final_url=https://host1.example.org/ http.status=301 || " REFUSED, FLEX, NONE, HUH, "other_host_unknown https_refused", "", 0},
    {"to another host that leads back", ELSEWHERE "http.redirect=other_host http.final_url=https://host1.example.org/ http.status=301 || https.redirect=other_host https.status=301 https.final_url=https://host0.example.org/ http.redirect=other_host http.status=301 http.final_url=https://host0.example.org/", FLEX, NONE, HUH, "other_host_unknown other_host_unknown", "", 0},
    {"only HTTPS to another host", ELSEWHERE "home.verdict=different home.rule=other_place || ", FLEX, FLEX, KEEP, "different_place", "", 0},
    {"to another host, a page fails", ELSEWHERE "http.redirect=other_host http.final_url=https://host1.example.org/ http.status=301 page.verdict=different page.rule=https_failed || ", FLEX, FLEX, KEEP, "page_failed", "", 0},
    {"HTTP to HTTPS, then to another path", TO_HTTPS "http.final_url=https://host0.example.org/ https.final_url=https://host0.example.org/en/ https.redirect=same_scheme home.rule=http_redirects_to_https", FLEX, STR, UP, "", "redirects_to_https", 0},
    {"both redirect off the zone", "http.redirect=off_zone https.redirect=off_zone http.status=301 https.status=301 http.final_url=http://other.example/ https.final_url=https://other.example/", FLEX, NONE, HUH, "redirects_elsewhere", "", 0},
    {"places not recorded", "https.final_url=null", FLEX, NONE, HUH, "place_unknown", "", 0},

    // HTTP redirects to HTTPS.
    {"redirect to HTTPS", TO_HTTPS, FLEX, STR, UP, "", "redirects_to_https", 0},
    {"redirect to HTTPS, self-signed", TO_HTTPS SELF, FLEX, FULL, UP, "certificate_self_signed", "redirects_to_https", 0},
    {"redirect to HTTPS of another path", TO_HTTPS "http.final_url=https://example.org/x", FLEX, FLEX, RISK, "different_place redirect_needs_https", "redirects_to_https", 0},
    {"redirect to HTTPS, unsure", TO_HTTPS UNSURE, FLEX, NONE, HUH, "content_unsure redirect_needs_https", "redirects_to_https", 0},
    {"redirect to HTTPS with 404 there", TO_HTTPS NOTHING "https.status=404 home.https_status=404", FLEX, NONE, HUH, "nothing_to_compare redirect_needs_https", "", 0},

    // The certificate.
    {"self-signed", SELF, FLEX, FULL, UP, "certificate_self_signed", "upgrade_safe https_same", 0},
    {"self-signed, at full", SELF, FULL, FULL, KEEP, "certificate_self_signed", "", 0},
    {"self-signed, at strict", SELF, STR, STR, RISK, "certificate_self_signed", "at_risk", 0},
    {"self-signed and trusted as it is", "cert.self_signed=true cert.trust=private", FLEX, STR, UP, "", "certificate_valid", 0},
    {"expired", EXPIRED, FLEX, FULL, UP, "certificate_expired", "", 0},
    {"expired, at strict", EXPIRED, STR, STR, RISK, "certificate_expired", "at_risk", 0},
    {"expired, at origin_pull", EXPIRED, PULL, PULL, RISK, "certificate_expired", "at_risk", 0},
    {"issuer expired", "cert.strict_ok=false cert.errors=[{\"depth\":1,\"code\":10}]", FLEX, FULL, UP, "certificate_expired", "", 0},
    {"expired since the scan", "cert.not_after=\"2026-09-20T00:00:00Z\" cert.chain_not_after=\"2026-09-20T00:00:00Z\"", FLEX, FULL, UP, "certificate_expired", "", 0},
    {"not yet valid", "cert.strict_ok=false cert.not_before=\"2026-10-01T00:00:00Z\" cert.errors=[{\"depth\":0,\"code\":9}]", FLEX, FULL, UP, "certificate_not_yet_valid", "", 0},
    {"wrong name", "cert.strict_ok=false cert.name_ok=false cert.name_matched=null", FLEX, FULL, UP, "certificate_name_mismatch", "", 0},
    {"incomplete chain", "cert.strict_ok=false cert.incomplete_chain=true cert.errors=[{\"depth\":0,\"code\":20},{\"depth\":0,\"code\":21}]", FLEX, FULL, UP, "certificate_incomplete_chain", "", 0},
    {"unknown issuer", "cert.strict_ok=false cert.errors=[{\"depth\":0,\"code\":20}]", FLEX, FULL, UP, "certificate_unknown_issuer", "", 0},
    {"private root sent along", "cert.strict_ok=false cert.errors=[{\"depth\":1,\"code\":19}]", FLEX, FULL, UP, "certificate_unknown_issuer", "", 0},
    {"1024-bit leaf", "cert.strict_ok=false cert.weak_key=true cert.errors=[{\"depth\":0,\"code\":66}]", FLEX, FULL, UP, "certificate_weak_key", "", 0},
    {"SHA-1 leaf", "cert.strict_ok=false cert.weak_signature=true cert.errors=[{\"depth\":0,\"code\":68}]", FLEX, FULL, UP, "certificate_weak_signature", "", 0},
    {"wrong purpose", "cert.strict_ok=false cert.errors=[{\"depth\":0,\"code\":26}]", FLEX, FULL, UP, "certificate_other", "", 0},
    {"refused without a word", "cert.strict_ok=false", FLEX, FULL, UP, "certificate_other", "", 0},
    {"everything wrong", EXPIRED "cert.self_signed=true cert.name_ok=false cert.weak_key=true", FLEX, FULL, UP, "certificate_expired certificate_name_mismatch certificate_self_signed certificate_weak_key", "", 0},
    {"five days left", "cert.not_after=\"2026-09-26T00:00:00Z\"", FLEX, FULL, UP, "certificate_expires_soon", "", 0},
    {"five days left of the issuer", "cert.chain_not_after=\"2026-09-26T00:00:00Z\"", FLEX, FULL, UP, "certificate_expires_soon", "", 0},
    {"five days left, at strict", "cert.not_after=\"2026-09-26T00:00:00Z\"", STR, STR, RISK, "certificate_expires_soon", "", 0},
    {"fifteen days left", "cert.not_after=\"2026-10-07T00:00:00Z\"", FLEX, STR, UP, "", "", 0},

    // Notes.
    {"more addresses than are looked at", "more_addresses=true", FLEX, STR, UP, "", "upgrade_safe more_addresses", 0},
    {"mixed content", "sim.insecure_resources=4", FLEX, STR, UP, "", "mixed_content", 0},
    {"mixed content, at off", "sim.insecure_resources=4", OFF, STR, UP, "", "mixed_content", 0},
    {"mixed content over HTTP alone, at off", "sim.http_insecure_resources=4", OFF, STR, UP, "", "!mixed_content", 0},
    {"mixed content and no HTTPS, at off", REFUSED "sim.http_insecure_resources=4", OFF, FLEX, UP, "https_refused", "upgrade_safe mixed_content", 0},
    {"mixed content and no HTTPS", REFUSED "sim.http_insecure_resources=4", FLEX, FLEX, KEEP, "https_refused", "mixed_content", 0},
    {"mixed content, the other origin has no HTTPS, at off", "sim.http_insecure_resources=4 | " REFUSED, OFF, FLEX, UP, "https_refused", "mixed_content", 0},
    {"mixed content over HTTP alone, at full", "sim.http_insecure_resources=4", FULL, STR, UP, "", "!mixed_content", 0},
    {"optional client certificate", "https.client_certificate_requested=true", FLEX, STR, UP, "", "client_certificate_requested", 0},
    {"another HTTPS port", "https_port=8443", FLEX, STR, UP, "", "other_port", 0},
    {"a port no visitor can use", "https_port=29004", FLEX, STR, UP, "", "!other_port", 0},
    {"AOP under flexible", "", FLEX, STR, UP, "", "aop_needs_full", AOP},

    // Several origins and hosts: the weakest decides.
    {"two good origins", "|", FLEX, STR, UP, "", "", 0},
    {"one of two self-signed", "| " SELF, FLEX, FULL, UP, "certificate_self_signed", "", 0},
    {"one of two closed", "| " REFUSED, FLEX, FLEX, KEEP, "https_refused", "", 0},
    {"one of two down", "| " REFUSED NO_HTTP, FLEX, NONE, HUH, "origin_down", "no_recommendation", 0},
    {"one of two down, the other expired, at strict", EXPIRED "| " REFUSED NO_HTTP, STR, STR, RISK, "origin_down certificate_expired", "at_risk", 0},
    {"two hosts, one closed", "|| " REFUSED, FLEX, FLEX, KEEP, "https_refused", "", 0},
    {"two hosts, one self-signed, one closed", SELF "|| " REFUSED, FLEX, FLEX, KEEP, "https_refused certificate_self_signed", "", 0},
    {"two hosts, one disallowed", "|| robots=disallowed", FULL, NONE, HUH, "robots_disallowed", "", 0},
    {"no mode for both hosts", TO_HTTPS "|| " REFUSED, FLEX, FLEX, RISK, "https_refused", "at_risk redirects_to_https", 0},
    {"no mode for both hosts, at off", TO_HTTPS "|| " REFUSED, OFF, OFF, RISK, "https_refused", "at_risk", 0},
};
// clang-format on

static struct recommendation *decide(const struct evidence *evidence, enum mode current, int flags)
{
    OWN(zone_own) struct zone *zone = zone_new();
    zone->mode = current;
    zone->allow_origin_pull = (flags & ALLOW_PULL) != 0;
    zone->authenticated_pulls = (flags & AOP) != 0;
    zone->automatic = (flags & CUSTOM) != 0 ? AUTOMATIC_CUSTOM : AUTOMATIC_AUTO;
    if ((flags & ENTERPRISE) != 0) {
        free(zone->plan);
        zone->plan = strdup("enterprise");
    }
    struct recommend_policy policy = recommend_policy_default();
    policy.tls_min = (flags & OLD_TLS_REFUSED) != 0 ? 12 : policy.tls_min;
    struct recommendation *out = NULL;
    assert_err(recommend(&out, zone, evidence, &policy, NULL, SITUATION_NOW), ERR_OK);
    return out;
}

static void join(char *out, size_t size, const struct finding *findings, size_t count)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        int n = snprintf(out + used, size - used, "%s%s", i == 0 ? "" : " ", findings[i].code);
        assert_true(n > 0 && (size_t)n < size - used);
        used += (size_t)n;
    }
}

static bool has_word(const char *words, struct span word)
{
    struct span rest = span_of(words);
    while (rest.at != NULL) {
        if (span_equal(span_cut(&rest, ' '), word)) {
            return true;
        }
    }
    return false;
}

static void check_row(const struct row *row)
{
    OWN(evidence_own) struct evidence *evidence = situation_build(row->edits);
    OWN(recommendation_own)
    struct recommendation *out = decide(evidence, row->current, row->flags);
    char blockers[1024];
    char reasons[1024];
    join(blockers, sizeof blockers, out->blockers, out->blocker_count);
    join(reasons, sizeof reasons, out->reasons, out->reason_count);
    bool right = out->recommended == row->recommended && out->verdict == row->verdict &&
                 strcmp(blockers, row->blockers) == 0;
    struct span rest = span_of(row->reasons);
    while (rest.at != NULL) {
        struct span word = span_cut(&rest, ' ');
        bool absent = word.len > 0 && word.at[0] == '!';
        struct span code = absent ? (struct span){word.at + 1, word.len - 1} : word;
        right = right && (code.len == 0 || has_word(reasons, code) != absent);
    }
    if (!right) {
        fail_msg("%s: %s -> %s, %s\n  blockers: %s\n  wanted:   %s\n  reasons: %s", row->name,
                 mode_str(row->current), mode_str(out->recommended), verdict_str(out->verdict),
                 blockers, row->blockers, reasons);
    }
}

static void decides_every_situation(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        check_row(&rows[i]);
    }
    print_message("%zu situations\n", COUNT_OF(rows));
}

// Two origins at one address are told apart by their ports.
static void names_unusual_ports(void **state)
{
    (void)state;
    OWN(evidence_own) struct evidence *usual = situation_build(REFUSED);
    OWN(evidence_own)
    struct evidence *unusual = situation_build(REFUSED "http_port=8080 https_port=8443");
    OWN(recommendation_own) struct recommendation *a = decide(usual, FLEX, 0);
    OWN(recommendation_own) struct recommendation *b = decide(unusual, FLEX, 0);
    assert_null(strchr(a->blockers[0].origin, ':'));
    assert_non_null(strstr(b->blockers[0].origin, ":8080:8443"));
}

static bool says(const struct finding *findings, size_t count, const char *code)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(findings[i].code, code) == 0) {
            return true;
        }
    }
    return false;
}

static bool some_row_says(const char *code)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        OWN(evidence_own) struct evidence *evidence = situation_build(rows[i].edits);
        OWN(recommendation_own)
        struct recommendation *out = decide(evidence, rows[i].current, rows[i].flags);
        if (says(out->reasons, out->reason_count, code) ||
            says(out->blockers, out->blocker_count, code)) {
            return true;
        }
    }
    return false;
}

// Nothing is in the table of reasons that no situation brings up.
static void has_a_situation_for_every_reason(void **state)
{
    (void)state;
    // Tests of their own, below.
    static const char elsewhere[] = "no_evidence more_findings seen_once";
    size_t count = 0;
    const struct reason_row *reasons = recommend_reasons(&count);
    for (size_t i = 0; i < count; i++) {
        if (!has_word(elsewhere, span_of(reasons[i].code)) && !some_row_says(reasons[i].code)) {
            fail_msg("no situation says %s", reasons[i].code);
        }
    }
}

static void keeps_the_answer_of_each_host(void **state)
{
    (void)state;
    OWN(evidence_own)
    struct evidence *evidence =
        situation_build("|| " SELF " || " REFUSED " || robots=disallowed || | " SELF);
    evidence->hosts[1].weight = 0.25;
    OWN(recommendation_own) struct recommendation *out = decide(evidence, FLEX, 0);
    static const enum mode modes[] = {STR, FULL, FLEX, NONE, FULL};
    assert_int_equal(out->host_count, COUNT_OF(modes));
    for (size_t i = 0; i < COUNT_OF(modes); i++) {
        assert_int_equal(out->hosts[i].mode, modes[i]);
        assert_string_equal(out->hosts[i].name, evidence->hosts[i].name);
    }
    assert_true(out->hosts[1].weight < 0.26);
    assert_int_equal(out->recommended, NONE);
    // The host that says nothing is named, and comes first.
    assert_string_equal(out->blockers[0].code, "robots_disallowed");
    assert_string_equal(out->blockers[0].host, "host3.example.org");
    assert_string_equal(out->blockers[0].origin, "192.0.2.1");
}

static void wants_evidence_of_the_whole_zone(void **state)
{
    (void)state;
    OWN(evidence_own) struct evidence *evidence = situation_build("");
    OWN(zone_own) struct zone *zone = zone_new();
    struct host *host = NULL;
    assert_err(zone_add_host(&host, zone, span_of("host0.example.org"), NULL), ERR_OK);
    assert_err(host_add_origin(host, span_of("192.0.2.1"), 80, 443, NULL), ERR_OK);
    struct recommend_policy policy = recommend_policy_default();
    struct recommendation *out = NULL;
    assert_err(recommend(&out, zone, evidence, &policy, NULL, SITUATION_NOW), ERR_OK);
    assert_int_equal(out->verdict, UP);
    recommendation_free(out);
    assert_err(host_add_origin(host, span_of("192.0.2.9"), 80, 443, NULL), ERR_OK);
    assert_err(recommend(&out, zone, evidence, &policy, NULL, SITUATION_NOW), ERR_OK);
    assert_int_equal(out->verdict, HUH);
    assert_string_equal(out->blockers[0].code, "no_evidence");
    assert_string_equal(out->blockers[0].origin, "192.0.2.9");
    recommendation_free(out);
}

static bool has_reason(const struct recommendation *said, const char *code)
{
    bool found = false;
    for (size_t i = 0; i < said->reason_count; i++) {
        found = found || strcmp(said->reasons[i].code, code) == 0;
    }
    return found;
}

static void an_upgrade_is_confirmed_by_the_scan_before(void **state)
{
    (void)state;
    static const struct {
        enum mode current, before;
        bool alone, once, confirmed;
    } cases[] = {
        {MODE_FLEXIBLE, MODE_NONE, true, false, false},
        {MODE_FLEXIBLE, MODE_NONE, false, true, false},
        {MODE_FLEXIBLE, MODE_FULL, false, true, false},
        {MODE_FLEXIBLE, MODE_STRICT, false, false, true},
        {MODE_STRICT, MODE_NONE, false, false, false},
        {MODE_STRICT, MODE_STRICT, false, false, false},
    };
    OWN(evidence_own) struct evidence *evidence = situation_build("");
    struct recommend_policy policy = recommend_policy_default();
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        OWN(zone_own) struct zone *zone = zone_new();
        zone->mode = cases[i].current;
        struct recommend_past past = {.upgrade = cases[i].before};
        OWN(recommendation_own) struct recommendation *out = NULL;
        assert_err(
            recommend(&out, zone, evidence, &policy, cases[i].alone ? NULL : &past, SITUATION_NOW),
            ERR_OK);
        assert_int_equal(out->recommended, MODE_STRICT);
        assert_int_equal(out->confirmed, cases[i].confirmed);
        assert_int_equal(has_reason(out, "seen_once"), cases[i].once);
    }
}

static void says_nothing_from_nothing(void **state)
{
    (void)state;
    struct evidence none = {.scanned_at = SITUATION_NOW};
    OWN(recommendation_own) struct recommendation *out = decide(&none, FLEX, 0);
    assert_int_equal(out->verdict, HUH);
    assert_int_equal(out->recommended, NONE);
    assert_int_equal(out->blocker_count, 1);
    char name[] = "a.example";
    struct host_evidence host = {.name = name, .weight = 1};
    struct evidence bare = {.hosts = &host, .host_count = 1};
    OWN(recommendation_own) struct recommendation *again = decide(&bare, FLEX, 0);
    assert_int_equal(again->verdict, HUH);
    assert_string_equal(again->blockers[0].code, "no_evidence");
}

static void bounds_what_it_says(void **state)
{
    (void)state;
    char edits[16384] = SELF;
    size_t used = strlen(edits);
    for (size_t i = 0; i < 60; i++) {
        used += (size_t)snprintf(edits + used, sizeof edits - used, " | " SELF);
        assert_true(used < sizeof edits);
    }
    OWN(evidence_own) struct evidence *one = situation_build(edits);
    // Many hosts that share their origins' evidence: only lent here.
    struct host_evidence hosts[64];
    for (size_t i = 0; i < COUNT_OF(hosts); i++) {
        hosts[i] = one->hosts[0];
    }
    struct evidence many = {.hosts = hosts, .host_count = COUNT_OF(hosts)};
    OWN(recommendation_own) struct recommendation *out = decide(&many, FLEX, 0);
    assert_int_equal(out->recommended, FULL);
    assert_int_equal(out->blocker_count, 1024);
    assert_string_equal(out->blockers[1023].code, "more_findings");
    assert_non_null(strstr(out->blockers[1023].text, "2881"));
    assert_string_equal(out->reasons[0].code, "upgrade_safe");
}

static void prints_what_the_command_line_promises(void **state)
{
    (void)state;
    OWN(evidence_own) struct evidence *evidence = situation_build(SELF);
    OWN(recommendation_own) struct recommendation *out = decide(evidence, FLEX, 0);
    json_t *json = recommendation_to_json(out);
    assert_non_null(json);
    const char *current = NULL;
    const char *recommended = NULL;
    const char *verdict = NULL;
    const char *code = NULL;
    const char *text = NULL;
    const char *remedy = NULL;
    assert_int_equal(json_unpack(json, "{s:s, s:s, s:s, s:[{s:s, s:s, s:s, s:s}!]}", "mode_current",
                                 &current, "mode_recommended", &recommended, "verdict", &verdict,
                                 "blockers", "code", &code, "text", &text, "remedy", &remedy,
                                 "origin", &(const char *){NULL}),
                     0);
    assert_string_equal(current, "flexible");
    assert_string_equal(recommended, "full");
    assert_string_equal(verdict, "upgrade");
    assert_string_equal(code, "certificate_self_signed");
    assert_string_equal(text, "The certificate is self-signed.");
    assert_non_null(strstr(remedy, "certbot"));
    json_decref(json);
    out->recommended = MODE_NONE;
    json = recommendation_to_json(out);
    assert_true(json_is_null(json_object_get(json, "mode_recommended")));
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decides_every_situation),
        cmocka_unit_test(names_unusual_ports),
        cmocka_unit_test(has_a_situation_for_every_reason),
        cmocka_unit_test(keeps_the_answer_of_each_host),
        cmocka_unit_test(wants_evidence_of_the_whole_zone),
        cmocka_unit_test(an_upgrade_is_confirmed_by_the_scan_before),
        cmocka_unit_test(says_nothing_from_nothing),
        cmocka_unit_test(bounds_what_it_says),
        cmocka_unit_test(prints_what_the_command_line_promises),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
