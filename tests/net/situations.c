// SPDX-License-Identifier: Apache-2.0
#include "tests/net/situations.h"

#define BOTH       .http = SITE("boatyard"), .https = SITE("boatyard")
#define HTTP_GOOD  .http = SITE("boatyard"), .cert = "good"
#define FROM(m)    .mode = MODE_##m
#define SAYS(v, m) .verdict = VERDICT_##v, .want = MODE_##m
#define NOT_FULL   .breaks = BREAKS_FULL
#define NOT_STRICT .breaks = BREAKS_STRICT
// The four usual ends of a zone at flexible.
#define TO_STRICT TO_STRICT_AND("https_same")
#define TO_STRICT_AND(reason)                                                                      \
    FROM(FLEXIBLE), SAYS(UPGRADE, STRICT), .reasons = "upgrade_safe certificate_valid " reason
#define TO_FULL(why)                                                                               \
    FROM(FLEXIBLE), SAYS(UPGRADE, FULL), NOT_STRICT, .reasons = "upgrade_safe", .blockers = why
#define STAYS(why)                                                                                 \
    FROM(FLEXIBLE), SAYS(KEEP, FLEXIBLE), NOT_FULL, .reasons = "strongest_safe", .blockers = why
#define UNKNOWN(why)                                                                               \
    FROM(FLEXIBLE), SAYS(UNKNOWN, NONE), .reasons = "no_recommendation", .blockers = why

#define AT_RISK(m, why) FROM(m), SAYS(AT_RISK, m), .reasons = "at_risk", .blockers = why
#define PULL_ALLOWED    .more = ",\"plan\":\"enterprise\",\"allow_origin_pull\":true"

#define CHALLENGE                                                                                  \
    "location / { if ($http_user_agent ~ SSLDetector) { return 418; } } "                          \
    "location = /robots.txt { return 404; } error_page 418 =403 @challenge; "                      \
    "location @challenge { add_header cf-mitigated challenge always; return 403 "                  \
    "'<html><head><title>Just a moment...</title></head><body><h1>Checking your browser</h1>"      \
    "<p>Enable JavaScript and cookies to continue</p></body></html>'; }"

#define LOCKED                                                                                     \
    "location = /robots.txt { return 404; } location / { "                                         \
    "add_header WWW-Authenticate 'Basic realm=\"Members\"' always; "                               \
    "return 401 '<html><body><h1>Members only</h1></body></html>'; }"

#define LATER                                                                                      \
    "location = /robots.txt { return 404; } "                                                      \
    "location / { add_header Retry-After 1200 always; return 429; }"

// The boatyard, with one thing put in over HTTPS.
#define WITH(place, text) NGINX("boatyard", "sub_filter '" place "' '" place text "';")

#define TO_WWW                                                                                     \
    "if ($host = redirect-within-zone.test) { "                                                    \
    "return 301 $scheme://www.redirect-within-zone.test$request_uri; }"

#define CHAIN_OF_6                                                                                 \
    "location = / { return 302 /1; } location = /1 { return 302 /2; } "                            \
    "location = /2 { return 302 /3; } location = /3 { return 302 /4; } "                           \
    "location = /4 { return 302 /5; } location = /5 { return 302 /about.html; }"

static const struct situation rows[] = {
    // -- certificates an edge accepts --
    {"good", BOTH, .cert = "good", TO_STRICT},
    {"good-rsa", BOTH, .cert = "rsa", TO_STRICT},
    {"good-p384", BOTH, .cert = "p384", TO_STRICT},
    {"issued-by-root", BOTH, .cert = "direct", TO_STRICT},
    {"root-sent-too", BOTH, .cert = "with-root", TO_STRICT},
    {"chain-out-of-order", BOTH, .cert = "disordered", TO_STRICT},
    {"chain-with-stranger", BOTH, .cert = "unrelated", TO_STRICT},
    {"name-only-in-cn", BOTH, .cert = "cn-only", TO_STRICT},
    {"wildcard-one-level", .host = "a.wild.test", BOTH, .cert = "wildcard", TO_STRICT},
    {"idn-host", .host = "m\303\274nchen.test", BOTH, .cert = "idn", TO_STRICT},
    {"last-of-150-names", BOTH, .cert = "many-names", TO_STRICT},
    {"month-left", BOTH, .cert = "month", TO_STRICT},
    {"ipv6-origin", .address = "::1", BOTH, .cert = "good", TO_STRICT},
    {"origin-by-name", .address = "origin.lab.test", .resolve = "127.20.250.1", BOTH,
     .cert = "good", TO_STRICT},
    {"sni-required", .http = SITE("boatyard"), .https = NGINX_SNI("boatyard"), .cert = "good",
     TO_STRICT},
    {"name-of-target", .in_host = ",\"extra_names\":[\"target.cdn.test\"]", BOTH, .cert = "target",
     TO_STRICT},
    {"extra-root-set", .more = ",\"trust_sets\":[\"corp\"]", BOTH, .cert = "private", TO_STRICT},
    {"extra-root-set-public", .more = ",\"trust_sets\":[\"corp\"]", BOTH, .cert = "good",
     TO_STRICT},
    {"replaced-roots", .more = ",\"trust_sets\":[\"corp\"],\"replace_roots\":true", BOTH,
     .cert = "private", TO_STRICT},

    // -- certificates that only full accepts --
    {"self-signed", BOTH, .cert = "self-signed", TO_FULL("certificate_self_signed")},
    {"self-signed-expired", BOTH, .cert = "self-signed-expired",
     TO_FULL("certificate_self_signed certificate_expired")},
    {"expired", BOTH, .cert = "expired", TO_FULL("certificate_expired")},
    {"not-yet-valid", BOTH, .cert = "not-yet", TO_FULL("certificate_not_yet_valid")},
    {"expires-in-5-days", BOTH, .cert = "soon", TO_FULL("certificate_expires_soon")},
    {"wrong-name", BOTH, .cert = "wrong-name", TO_FULL("certificate_name_mismatch")},
    {"wildcard-two-levels", .host = "a.b.wild.test", BOTH, .cert = "wildcard",
     TO_FULL("certificate_name_mismatch")},
    {"only-ip-address-in-cert", BOTH, .cert = "ip-only", TO_FULL("certificate_name_mismatch")},
    {"incomplete-chain", BOTH, .cert = "incomplete", TO_FULL("certificate_incomplete_chain")},
    {"untrusted-root", BOTH, .cert = "other", TO_FULL("certificate_unknown_issuer")},
    {"private-root-not-listed", BOTH, .cert = "private",
     TO_FULL("certificate_unknown_issuer|certificate_incomplete_chain")},
    {"replaced-roots-public-cert", .more = ",\"trust_sets\":[\"corp\"],\"replace_roots\":true",
     BOTH, .cert = "good", TO_FULL("certificate_unknown_issuer")},
    {"expired-intermediate", BOTH, .cert = "old-intermediate", TO_FULL("certificate_expired")},
    {"issuer-is-no-ca", BOTH, .cert = "not-a-ca", TO_FULL("certificate_other")},
    {"cert-for-clients-only", BOTH, .cert = "client-only", TO_FULL("certificate_other")},
    {"sha1-leaf", .http = SITE("boatyard"),
     .https = NGINX("boatyard", "ssl_ciphers DEFAULT:@SECLEVEL=0;"), .cert = "sha1",
     TO_FULL("certificate_weak_signature")},
    {"rsa-1024-leaf", .http = SITE("boatyard"),
     .https = NGINX("boatyard", "ssl_ciphers DEFAULT:@SECLEVEL=0;"), .cert = "rsa-1024",
     TO_FULL("certificate_weak_key")},

    // -- protocol and handshake --
    {"tls-1.0-only", HTTP_GOOD,
     .https = NGINX("boatyard", "ssl_protocols TLSv1; ssl_ciphers ALL:@SECLEVEL=0;"),
     TO_STRICT_AND("old_protocol")},
    {"tls-1.1-only", HTTP_GOOD,
     .https = NGINX("boatyard", "ssl_protocols TLSv1.1; ssl_ciphers ALL:@SECLEVEL=0;"),
     TO_STRICT_AND("old_protocol")},
    {"old-cipher-only", .http = SITE("boatyard"),
     .https = NGINX("boatyard", "ssl_protocols TLSv1.2; ssl_ciphers AES128-SHA;"), .cert = "rsa",
     TO_STRICT_AND("weak_cipher")},
    {"client-cert-in-handshake", .http = SITE("boatyard"),
     .https = APACHE("boatyard", "SSLVerifyClient require\nSSLCACertificateFile pki/client-ca.pem"),
     .cert = "good", STAYS("client_certificate_demanded")},
    {"client-cert-answer-400", HTTP_GOOD,
     .https = NGINX("boatyard", "ssl_client_certificate pki/client-ca.pem; ssl_verify_client on;"),
     STAYS("client_certificate_demanded")},
    {"client-cert-optional", HTTP_GOOD,
     .https =
         NGINX("boatyard", "ssl_client_certificate pki/client-ca.pem; ssl_verify_client optional;"),
     TO_STRICT_AND("client_certificate_requested")},
    {"alert-on-handshake", .http = SITE("boatyard"), .https = HOSTILE("alert"),
     STAYS("https_handshake_failed")},
    {"plaintext-on-https-port", BOTH, STAYS("https_handshake_failed")},
    {"ssh-on-https-port", .http = SITE("boatyard"), .https = HOSTILE("ssh"),
     STAYS("https_handshake_failed")},
    {"closed-after-connect", .http = SITE("boatyard"), .https = HOSTILE("tcp-close"),
     STAYS("https_handshake_failed")},
    {"reset-in-handshake", .http = SITE("boatyard"), .https = HOSTILE("tcp-reset"),
     STAYS("https_handshake_failed")},
    {"silence-before-tls", .http = SITE("boatyard"), .https = HOSTILE("tcp-silence"),
     STAYS("https_handshake_failed")},
    {"https-port-closed", .http = SITE("boatyard"), .https = NOTHING, STAYS("https_refused")},
    {"https-port-drops-syn", .http = SITE("boatyard"), .https = HOSTILE("syn-dropped"),
     STAYS("https_timeout")},

    // -- answers that are none --
    {"silence-after-tls", HTTP_GOOD, .https = HOSTILE("silence"), STAYS("https_no_answer")},
    {"slow-drip", HTTP_GOOD, .https = HOSTILE("drip"), STAYS("https_no_answer")},
    {"slow-drip-of-headers", HTTP_GOOD, .https = HOSTILE("drip-headers"), STAYS("https_no_answer")},
    {"endless-body", HTTP_GOOD, .https = HOSTILE("endless-body"),
     STAYS("content_different|content_unsure")},
    {"endless-headers", HTTP_GOOD, .https = HOSTILE("endless-headers"), STAYS("https_no_answer")},
    {"endless-100-continue", HTTP_GOOD, .https = HOSTILE("endless-continue"),
     STAYS("https_no_answer")},
    {"header-line-of-1-mib", HTTP_GOOD, .https = HOSTILE("huge-header"), STAYS("https_no_answer")},
    {"gzip-bomb", HTTP_GOOD, .https = HOSTILE("gzip-bomb"),
     STAYS("content_different|content_unsure")},
    {"gzip-that-is-none", HTTP_GOOD, .https = HOSTILE("bad-gzip"), STAYS("https_no_answer")},
    {"two-content-lengths", HTTP_GOOD, .https = HOSTILE("two-lengths"), STAYS("https_no_answer")},
    {"negative-content-length", HTTP_GOOD, .https = HOSTILE("negative-length"),
     STAYS("https_no_answer")},
    {"http-0.9", HTTP_GOOD, .https = HOSTILE("http-0.9"), STAYS("https_no_answer")},
    {"switching-protocols", HTTP_GOOD, .https = HOSTILE("switching"), STAYS("https_no_answer")},
    {"reset-in-body", HTTP_GOOD, .https = HOSTILE("reset-body"), STAYS("https_no_answer")},
    {"body-cut-short", HTTP_GOOD, .https = HOSTILE("short-body"), STAYS("https_no_answer")},
    {"bad-chunk", HTTP_GOOD, .https = HOSTILE("bad-chunk"), STAYS("https_no_answer")},
    {"empty-reply", HTTP_GOOD, .https = HOSTILE("empty-reply"), STAYS("https_no_answer")},
    {"no-length-both", .http = HOSTILE("no-length"), .https = HOSTILE("no-length"), .cert = "good",
     TO_STRICT},

    // -- status codes --
    {"https-503", HTTP_GOOD,
     .https = NGINX(NULL, "location = /robots.txt { return 404; } "
                          "location / { return 503; }"),
     STAYS("https_server_error")},
    {"https-502-by-apache", HTTP_GOOD,
     .https = APACHE("boatyard", "RedirectMatch 502 \"^/($|[^r])\""), STAYS("https_server_error")},
    {"https-404", HTTP_GOOD, .https = NGINX(NULL, "return 404;"), STAYS("https_status")},
    {"https-403", HTTP_GOOD,
     .https = NGINX(NULL, "location = /robots.txt { return 404; } "
                          "location / { return 403; }"),
     STAYS("https_status")},
    {"503-once-then-fine", HTTP_GOOD, .https = HOSTILE("503-once"),
     TO_STRICT_AND("passing_failure")},
    {"503-retry-after-1h", HTTP_GOOD, .https = HOSTILE("retry-after"), STAYS("https_server_error")},
    {"5xx-on-both",
     .http = NGINX(NULL, "location / { return 500; } "
                         "location = /robots.txt { return 404; }"),
     .https = NGINX(NULL, "location / { return 500; } location = /robots.txt { return 404; }"),
     .cert = "good", UNKNOWN("both_server_error")},
    {"503-retry-after-on-both", .http = HOSTILE("retry-after"), .https = HOSTILE("retry-after"),
     .cert = "good", UNKNOWN("asked_to_wait")},
    {"429-on-both", .http = NGINX(NULL, LATER), .https = NGINX(NULL, LATER), .cert = "good",
     UNKNOWN("asked_to_wait")},
    {"https-401", HTTP_GOOD, .https = NGINX(NULL, LOCKED), STAYS("login_wall")},
    {"401-on-both", .http = NGINX(NULL, LOCKED), .https = NGINX(NULL, LOCKED), .cert = "good",
     UNKNOWN("nothing_to_compare")},
    {"403-challenge-for-us", .http = NGINX("boatyard", CHALLENGE),
     .https = NGINX("boatyard", CHALLENGE), .cert = "good", UNKNOWN("bot_challenge")},
    {"404-on-both", .http = NGINX(NULL, "return 404;"), .https = NGINX(NULL, "return 404;"),
     .cert = "good", UNKNOWN("nothing_to_compare")},

    // -- redirects --
    {"http-redirects-to-https", .http = NGINX(NULL, "return 301 https://$host$request_uri;"),
     .https = SITE("boatyard"), .cert = "good", FROM(FLEXIBLE), SAYS(UPGRADE, STRICT),
     .reasons = "upgrade_safe certificate_valid redirects_to_https", .breaks = BREAKS_FLEXIBLE},
    {"http-redirects-self-signed", .http = NGINX(NULL, "return 301 https://$host$request_uri;"),
     .https = SITE("boatyard"), .cert = "self-signed", FROM(FLEXIBLE), SAYS(UPGRADE, FULL),
     .reasons = "upgrade_safe redirects_to_https", .blockers = "certificate_self_signed",
     .breaks = BREAKS_FLEXIBLE | BREAKS_STRICT},
    {"https-redirects-to-http", HTTP_GOOD,
     .https = NGINX(NULL, "return 302 http://$host$request_uri;"),
     STAYS("https_redirects_to_http")},
    {"redirect-chain-of-6", .http = NGINX("boatyard", CHAIN_OF_6),
     .https = NGINX("boatyard", CHAIN_OF_6), .cert = "good", UNKNOWN("https_too_many_redirects")},
    {"redirect-to-other-host", .http = NGINX(NULL, "return 301 https://www.elsewhere.example/;"),
     .https = NGINX(NULL, "return 301 https://www.elsewhere.example/;"), .cert = "good",
     UNKNOWN("redirects_elsewhere")},
    {"https-to-other-host", HTTP_GOOD,
     .https = NGINX(NULL, "return 301 https://www.elsewhere.example/;"), STAYS("different_place")},
    {"https-to-private-address", HTTP_GOOD, .https = NGINX(NULL, "return 302 http://10.0.0.1/;"),
     STAYS("https_redirects_to_http")},
    {"https-to-metadata-address", HTTP_GOOD,
     .https = NGINX(NULL, "return 302 http://169.254.169.254/latest/meta-data/;"),
     STAYS("https_redirects_to_http")},
    {"redirect-within-zone", .same_origin_host = "www.redirect-within-zone.test",
     .http = NGINX("boatyard", TO_WWW), .https = NGINX("boatyard", TO_WWW), .cert = "good",
     TO_STRICT},
    // The other host has an origin of its own: it is looked at there.
    {"redirect-to-host-elsewhere", .second_host = "good",
     .http = NGINX(NULL, "return 301 http://good.test$request_uri;"),
     .https = NGINX(NULL, "return 301 https://good.test$request_uri;"), .cert = "good",
     TO_STRICT_AND("other_host")},
    {"upgrade-then-host-elsewhere", .second_host = "good",
     .http = NGINX(NULL, "return 301 https://$host$request_uri;"),
     .https = NGINX(NULL, "return 301 https://good.test$request_uri;"), .cert = "good",
     TO_STRICT_AND("other_host redirects_to_https"), .breaks = BREAKS_FLEXIBLE},
    {"redirect-to-host-that-is-closed", .second_host = "https-port-closed",
     .http = NGINX(NULL, "return 301 http://https-port-closed.test$request_uri;"),
     .https = NGINX(NULL, "return 301 https://https-port-closed.test$request_uri;"), .cert = "good",
     FROM(FLEXIBLE), SAYS(UNKNOWN, NONE), NOT_FULL, .blockers = "https_refused other_host_unknown"},
    {"https-to-host-elsewhere", .second_host = "good", HTTP_GOOD,
     .https = NGINX(NULL, "return 301 https://good.test$request_uri;"), STAYS("different_place")},
    {"upgrade-then-another-path", .http = NGINX(NULL, "return 301 https://$host$request_uri;"),
     .https = NGINX("boatyard", "location = / { return 302 /about.html; }"), .cert = "good",
     TO_STRICT_AND("redirects_to_https"), .breaks = BREAKS_FLEXIBLE},
    {"redirect-to-guarded-host", .second_host = "private-by-name", HTTP_GOOD,
     .https = NGINX(NULL, "return 302 https://private-by-name.test/;"), UNKNOWN("address_refused"),
     NOT_FULL},
    {"redirect-loop",
     .http = NGINX(NULL, "location = /robots.txt { return 404; } "
                         "location = /a { return 302 /; } return 302 /a;"),
     .https = NGINX(NULL, "location = /robots.txt { return 404; } "
                          "location = /a { return 302 /; } return 302 /a;"),
     .cert = "good", UNKNOWN("https_redirect_loop")},
    {"https-redirect-loop", HTTP_GOOD,
     .https = NGINX(NULL, "location = /robots.txt { return 404; } return 302 https://$host/;"),
     STAYS("https_redirect_loop")},
    {"meta-refresh-both", .http = SITE("refresh"), .https = SITE("refresh"), .cert = "good",
     TO_STRICT},
    {"meta-refresh-to-http", HTTP_GOOD,
     .https = NGINX("boatyard",
                    "location = / { return 200 '<html><head><meta http-equiv=\"refresh\" "
                    "content=\"0;url=http://$host/\"></head><body>Moving on</body></html>'; }"),
     STAYS("https_redirects_to_http")},

    // -- content --
    {"noise-on-every-fetch", .http = NGINX("noise", "ssi on;"), .https = NGINX("noise", "ssi on;"),
     .cert = "good", TO_STRICT},
    {"another-page-every-time", .http = HOSTILE("unstable"), .https = HOSTILE("unstable"),
     .cert = "good", STAYS("content_different|content_unsure")},
    {"nginx-default-page", HTTP_GOOD, .https = SITE("nginx-default"), STAYS("https_default_page")},
    {"apache-default-page", HTTP_GOOD, .https = APACHE("apache-default", ""),
     STAYS("https_default_page")},
    {"openssl-status-page", HTTP_GOOD, .https = S_SERVER("-www"),
     STAYS("content_different|content_unsure")},
    {"other-language", HTTP_GOOD, .https = SITE("german"),
     STAYS("content_different|content_unsure")},
    {"login-only-on-https", HTTP_GOOD, .https = SITE("login"),
     STAYS("login_wall|content_different")},
    {"soft-404-on-https", HTTP_GOOD, .https = SITE("soft404"),
     STAYS("https_default_page|content_different")},
    {"older-copy-on-https", HTTP_GOOD, .https = SITE("old"),
     STAYS("content_different|content_unsure")},
    {"empty-on-https", HTTP_GOOD, .https = SITE("empty"),
     STAYS("content_different|content_unsure")},
    {"script-to-other-host", HTTP_GOOD,
     .https = WITH("</main>", "<script>top.location = \"https://www.elsewhere.example/\"</script>"),
     STAYS("different_place")},
    {"script-back-to-http", HTTP_GOOD,
     .https = WITH("</main>", "<script>location.replace(\"http://$host/\")</script>"),
     STAYS("https_redirects_to_http")},
    {"refresh-of-full-page", HTTP_GOOD,
     .https = WITH("<head>", "<meta http-equiv=\"refresh\" content=\"20;url=http://$host/\">"),
     STAYS("https_redirects_to_http")},
    {"base-elsewhere", HTTP_GOOD,
     .https = WITH("<head>", "<base href=\"https://www.elsewhere.example/\">"),
     STAYS("content_different")},
    {"form-elsewhere", HTTP_GOOD,
     .https = WITH("</main>", "<form action=\"https://www.elsewhere.example/\"></form>"),
     STAYS("content_different")},
    {"frame-elsewhere", HTTP_GOOD,
     .https = WITH("</main>", "<iframe src=\"https://www.elsewhere.example/\"></iframe>"),
     STAYS("content_unsure")},
    {"main-part-hidden", HTTP_GOOD,
     .https = NGINX("boatyard", "sub_filter '<main' '<main hidden';"), STAYS("content_different")},
    {"error-in-title", HTTP_GOOD, .https = WITH("<title>", "Error 500: "),
     STAYS("content_different|content_unsure")},
    {"other-year-in-heading", .http = NGINX("boatyard", "sub_filter '</h1>' ' 2019</h1>';"),
     .https = NGINX("boatyard", "sub_filter '</h1>' ' 2024</h1>';"), .cert = "good",
     STAYS("content_different|content_unsure")},
    {"absolute-links", .http = NGINX("absolute", "ssi on;"), .https = NGINX("absolute", "ssi on;"),
     .cert = "good", TO_STRICT},
    {"relative-and-absolute-links", .http = SITE("boatyard"), .https = NGINX("absolute", "ssi on;"),
     .cert = "good", TO_STRICT},
    {"mixed-content", .http = SITE("mixed"), .https = SITE("mixed"), .cert = "good",
     TO_STRICT_AND("mixed_content")},
    {"compressed", .http = NGINX("boatyard", "gzip on; gzip_min_length 1;"),
     .https = NGINX("boatyard", "gzip on; gzip_min_length 1;"), .cert = "good", TO_STRICT},
    {"empty-on-both", .http = SITE("empty"), .https = SITE("empty"), .cert = "good",
     UNKNOWN("nothing_to_compare")},
    {"json-root", .http = NGINX("json", "index index.json;"),
     .https = NGINX("json", "index index.json;"), .cert = "good", TO_STRICT},
    {"image-root", .http = NGINX("image", "index index.png;"),
     .https = NGINX("image", "index index.png;"), .cert = "good", TO_STRICT},
    {"home-same-links-missing", .http = SITE("boatyard"),
     .https = NGINX("boatyard", "location /boats/ { return 404; } "
                                "location = /repairs.html { return 404; }"),
     .cert = "good", STAYS("https_status")},

    // -- files that make the page --
    {"shell-same-files", .http = SITE("shell"), .https = SITE("shell"), .cert = "good", TO_STRICT},
    {"shell-script-404", .http = SITE("shell"),
     .https = NGINX("shell", "location = /app.js { return 404; }"), .cert = "good",
     STAYS("resource_failed")},
    {"shell-script-503", .http = SITE("shell"),
     .https = NGINX("shell", "location = /app.js { return 503; }"), .cert = "good",
     STAYS("resource_failed")},
    {"shell-script-is-the-shell", .http = SITE("shell"),
     .https = NGINX("shell", "location = /app.js { rewrite ^ /index.html break; "
                             "types { } default_type text/html; }"),
     .cert = "good", STAYS("resource_failed")},
    {"shell-older-script", .http = SITE("shell"),
     .https = NGINX("shell", "location = /app.js { rewrite ^ /old.js break; }"), .cert = "good",
     STAYS("content_unsure")},

    // -- header fields that HTTPS alone sends --
    {"https-attachment", HTTP_GOOD,
     .https = NGINX("boatyard", "add_header Content-Disposition 'attachment; filename=a.html';"),
     STAYS("https_download")},
    {"https-policy-none", HTTP_GOOD,
     .https = NGINX("boatyard", "add_header Content-Security-Policy \"default-src 'none'\";"),
     STAYS("https_policy")},
    {"https-policy-sandbox", HTTP_GOOD,
     .https = NGINX("boatyard", "add_header Content-Security-Policy sandbox;"),
     STAYS("https_policy")},
    {"https-policy-self", HTTP_GOOD,
     .https = NGINX("boatyard", "add_header Content-Security-Policy \"default-src 'self'\";"),
     STAYS("https_policy")},
    {"https-policy-only-reported", HTTP_GOOD,
     .https = NGINX("boatyard",
                    "add_header Content-Security-Policy-Report-Only \"default-src 'none'\"; "
                    "add_header Content-Security-Policy upgrade-insecure-requests; "
                    "add_header X-Frame-Options DENY; add_header X-Content-Type-Options nosniff; "
                    "add_header Strict-Transport-Security max-age=31536000;"),
     TO_STRICT},
    {"https-octet-stream", HTTP_GOOD,
     .https = NGINX("boatyard", "types { } default_type application/octet-stream;"),
     STAYS("https_type")},
    {"https-plain-text", HTTP_GOOD,
     .https = NGINX("boatyard", "types { } default_type text/plain;"),
     STAYS("content_different|https_type")},

    // -- robots.txt --
    {"robots-names-us",
     .http = NGINX("boatyard", "location = /robots.txt { return 200 "
                               "'User-agent: cloudflare-ssldetector\n"
                               "Disallow: /\n'; }"),
     .https = SITE("boatyard"), .cert = "good", UNKNOWN("robots_disallowed")},
    {"robots-allows-us",
     .http = NGINX("boatyard", "location = /robots.txt { return 200 "
                               "'User-agent: Cloudflare-SSLDetector\n"
                               "Allow: /\n\nUser-agent: *\nDisallow: /\n'; }"),
     .https = SITE("boatyard"), .cert = "good", TO_STRICT},
    {"robots-for-everybody",
     .http = NGINX("boatyard", "location = /robots.txt { return 200 "
                               "'User-agent: *\nDisallow: /\n'; }"),
     .https = SITE("boatyard"), .cert = "good", TO_STRICT},
    {"robots-5xx", .http = NGINX("boatyard", "location = /robots.txt { return 500; }"),
     .https = NGINX("boatyard", "location = /robots.txt { return 500; }"), .cert = "good",
     UNKNOWN("robots_unavailable")},
    {"robots-endless", .http = HOSTILE("robots-endless"), .https = SITE("boatyard"), .cert = "good",
     TO_STRICT},

    // -- origins --
    {"origin-down", .http = NOTHING, .https = NOTHING, UNKNOWN("origin_down")},
    {"both-ports-drop-syn", .http = HOSTILE("syn-dropped"), .https = HOSTILE("syn-dropped"),
     UNKNOWN("origin_down")},
    {"both-silent", .http = HOSTILE("all-silence"), .https = HOSTILE("all-silence"), .cert = "good",
     UNKNOWN("robots_unavailable")},
    {"name-does-not-resolve", .address = "nowhere.lab.test", UNKNOWN("origin_unresolved")},
    {"http-port-closed", .http = NOTHING, .https = SITE("boatyard"), .cert = "good",
     UNKNOWN("http_unavailable")},
    {"two-good-origins", .second_origin = "good-rsa", BOTH, .cert = "good", TO_STRICT},
    {"two-origins-one-closed", .second_origin = "https-port-closed", BOTH, .cert = "good",
     STAYS("https_refused")},
    {"two-origins-one-self-signed", .second_origin = "self-signed", BOTH, .cert = "good",
     TO_FULL("certificate_self_signed")},
    {"two-origins-one-other-page", .second_origin = "nginx-default-page", BOTH, .cert = "good",
     STAYS("https_default_page")},
    {"two-addresses-one-ends-soon", .address = "soon.lab.test", .resolve = "127.20.250.2",
     .second_address = "expires-in-5-days", BOTH, .cert = "good",
     TO_FULL("certificate_expires_soon")},
    {"two-addresses-one-old-tls", .address = "old.lab.test", .resolve = "127.20.250.3",
     .second_address = "tls-1.0-only", BOTH, .cert = "good", TO_STRICT_AND("old_protocol")},
    {"two-addresses-one-old-cipher", .address = "cipher.lab.test", .resolve = "127.20.250.4",
     .second_address = "old-cipher-only", BOTH, .cert = "good", TO_STRICT_AND("weak_cipher")},
    {"two-hosts-one-closed", .second_host = "https-port-closed", BOTH, .cert = "good",
     STAYS("https_refused")},
    {"two-hosts-one-expired", .second_host = "expired", BOTH, .cert = "good",
     TO_FULL("certificate_expired")},

    // -- the address guard --
    {"private-address", .address = "10.1.2.3", UNKNOWN("address_refused")},
    {"metadata-by-name", .address = "metadata.lab.test", .resolve = "169.254.169.254",
     UNKNOWN("address_refused")},
    {"private-by-name", .address = "private.lab.test", .resolve = "192.168.7.7",
     UNKNOWN("address_refused")},
    {"mapped-private-by-name", .address = "mapped.lab.test", .resolve = "::ffff:10.0.0.7",
     UNKNOWN("address_refused")},
    {"one-origin-private", .second_origin = "private-address", BOTH, .cert = "good",
     UNKNOWN("address_refused")},

    // -- other current modes --
    {"off-good", .like = "good", FROM(OFF), SAYS(UPGRADE, STRICT)},
    {"off-https-closed", .like = "https-port-closed", FROM(OFF), SAYS(UPGRADE, FLEXIBLE), NOT_FULL,
     .blockers = "https_refused"},
    {"off-mixed-content", .like = "mixed-content", FROM(OFF), SAYS(UPGRADE, STRICT),
     .reasons = "upgrade_safe mixed_content"},
    {"off-mixed-https-closed", .http = SITE("mixed"), .https = NOTHING, FROM(OFF),
     SAYS(UPGRADE, FLEXIBLE), NOT_FULL, .reasons = "upgrade_safe mixed_content",
     .blockers = "https_refused"},
    {"off-http-redirects", .like = "http-redirects-self-signed", FROM(OFF), SAYS(UPGRADE, FULL),
     .reasons = "redirects_to_https", .breaks = BREAKS_FLEXIBLE | BREAKS_STRICT},
    {"full-good", .like = "good", FROM(FULL), SAYS(UPGRADE, STRICT)},
    {"full-self-signed", .like = "self-signed", FROM(FULL), SAYS(KEEP, FULL), NOT_STRICT,
     .blockers = "certificate_self_signed"},
    {"full-expired", .like = "expired", FROM(FULL), SAYS(KEEP, FULL), NOT_STRICT,
     .blockers = "certificate_expired"},
    {"full-https-closed", .like = "https-port-closed", AT_RISK(FULL, "https_refused"), NOT_FULL},
    {"full-https-503", .like = "https-503", AT_RISK(FULL, "https_server_error"), NOT_FULL},
    {"full-redirects-to-http", .like = "https-redirects-to-http",
     AT_RISK(FULL, "https_redirects_to_http"), NOT_FULL},
    {"full-default-page", .like = "nginx-default-page", AT_RISK(FULL, "https_default_page"),
     NOT_FULL},
    {"strict-good", .like = "good", FROM(STRICT), SAYS(KEEP, STRICT)},
    {"strict-expired", .like = "expired", AT_RISK(STRICT, "certificate_expired"), NOT_STRICT},
    {"strict-5-days-left", .like = "expires-in-5-days", AT_RISK(STRICT, "certificate_expires_soon"),
     NOT_STRICT},
    {"strict-wrong-name", .like = "wrong-name", AT_RISK(STRICT, "certificate_name_mismatch"),
     NOT_STRICT},
    {"strict-incomplete-chain", .like = "incomplete-chain",
     AT_RISK(STRICT, "certificate_incomplete_chain"), NOT_STRICT},
    {"strict-https-closed", .like = "https-port-closed", AT_RISK(STRICT, "https_refused"),
     NOT_FULL},
    {"strict-origin-down", .like = "origin-down", FROM(STRICT), SAYS(UNKNOWN, NONE),
     .blockers = "origin_down"},
    {"strict-pull-allowed", .like = "good", PULL_ALLOWED, FROM(STRICT), SAYS(UPGRADE, ORIGIN_PULL),
     .reasons = "origin_pull_allowed"},
    {"flexible-pull-allowed", .like = "good", PULL_ALLOWED, FROM(FLEXIBLE),
     SAYS(UPGRADE, ORIGIN_PULL), .reasons = "origin_pull_allowed"},
    {"flexible-pull-wrong-plan", .like = "good", .more = ",\"allow_origin_pull\":true", TO_STRICT},
    {"pull-good", .like = "good", PULL_ALLOWED, FROM(ORIGIN_PULL), SAYS(KEEP, ORIGIN_PULL)},
    {"pull-expired", .like = "expired", PULL_ALLOWED, AT_RISK(ORIGIN_PULL, "certificate_expired"),
     NOT_STRICT},
};

const struct situation *situations(size_t *count)
{
    *count = COUNT_OF(rows);
    return rows;
}
