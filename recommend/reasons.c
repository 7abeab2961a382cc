// SPDX-License-Identifier: Apache-2.0
// Everything that can be said about a zone, in one table; docs/reasons.md is printed from it.
#include "recommend/recommend.h"

#define MODES_DOC    "product documentation, \"Encryption modes\""
#define CHECKS_DOC   "product documentation, \"Encryption modes\", error checking before upgrades"
#define FLEXIBLE_DOC "product documentation, \"Flexible\", limitations"
#define STRICT_DOC   "product documentation, \"Full (strict)\", certificate requirements"
#define PULL_DOC     "product documentation, \"Strict (SSL-Only Origin Pull)\""
#define AOP_DOC      "product documentation, \"Authenticated Origin Pulls\""
#define LOOPS_DOC    "product documentation, \"ERR_TOO_MANY_REDIRECTS\""
#define MIXED_DOC    "product documentation, \"Mixed content errors\""
#define SUITES_DOC   "product documentation, \"Cipher suites\", connections to the origin"
#define ERRORS_DOC   "product documentation, \"Cloudflare 5xx errors\""
#define OWN_RULE     "sslauto: unknown is not failure"
#define DOUBT_RULE   "sslauto: in doubt, no upgrade"
#define RENEW        "Renew the certificate (lego or certbot do it by themselves) and reload the server."

static const struct reason_row rows[] = {
    // What was decided.
    {"upgrade_safe", "%s works for every host and every origin of the zone.", MODES_DOC, ""},
    {"strongest_safe",
     "%s is the strongest mode that is known to work for every host and every origin of the zone.",
     MODES_DOC, ""},
    {"no_recommendation", "Nothing is recommended, because something could not be judged.",
     OWN_RULE, ""},
    {"at_risk", "The site no longer meets what %s needs; the mode is not lowered by itself.",
     MODES_DOC ", note on less secure modes", ""},

    // Why a mode works.
    {"http_answers", "The origin answers over HTTP%s.", "product documentation, \"Flexible\"", ""},
    {"https_same", "HTTPS serves the same as HTTP%s.", CHECKS_DOC, ""},
    {"other_host",
     "Both schemes send visitors to another host of the zone, which is judged by itself: %s.",
     CHECKS_DOC, ""},
    {"https_in_use",
     "Port 80 gives no answer (%s), and visitors with HTTPS get the site over HTTPS already.",
     MODES_DOC, ""},
    {"redirects_to_https",
     "The origin redirects HTTP to HTTPS, which loops under Off and Flexible and works with Full "
     "and stronger modes.",
     LOOPS_DOC, ""},
    {"certificate_valid", "An edge in strict mode accepts the certificate: %s.", STRICT_DOC, ""},
    {"origin_pull_allowed", "The operator allows HTTPS to the origin for all visitors.", PULL_DOC,
     ""},

    // Warnings and notes: they block nothing.
    {"old_protocol", "The origin speaks %s at best, which RFC 8996 retired; edges still accept it.",
     "RFC 8996", "Turn on TLS 1.2 and TLS 1.3 at the origin."},
    {"weak_cipher", "The origin chooses a weak cipher suite: %s.", "RFC 9325 sections 4.1 and 4.2",
     "Turn on TLS 1.3, and let the origin prefer ECDHE suites with AES-GCM or ChaCha20-Poly1305."},
    {"mixed_content",
     "Pages load %s by http:// addresses, which browsers block or mark for visitors over HTTPS.",
     MIXED_DOC, "Link sub-resources by https:// or relative addresses."},
    {"passing_failure", "The first look failed and the second did not: %s.",
     "sslauto: findings are confirmed by a second look",
     "Look at the origin's load and logs around the time of the scan."},
    {"more_addresses",
     "The origin's name has more than %s addresses, and the further ones were not looked at.",
     "sslauto: visitors reach any address of a name",
     "Make the addresses origins of the host, each by itself, so that all are looked at."},
    {"client_certificate_requested",
     "The origin asks for a client certificate and does without one.", AOP_DOC, ""},
    {"other_port",
     "Flexible concerns port 443 only: HTTPS on other ports, as on this origin (%s), behaves as "
     "Full.",
     FLEXIBLE_DOC, ""},
    {"aop_needs_full",
     "Authenticated origin pulls are on for the zone and do not work under Off and Flexible.",
     FLEXIBLE_DOC, "Use Full or a stronger mode, or turn authenticated origin pulls off."},
    {"seen_once",
     "The upgrade was seen by one scan; the next one, which comes soon, has to confirm it.",
     "sslauto: findings are confirmed by a second look",
     "Wait for the next scan, or scan the zone again some minutes later."},
    {"origin_pull_not_allowed",
     "Strict (SSL-only origin pull) is not considered: the zone does not allow it.", PULL_DOC,
     "Set allow_origin_pull for the zone when its plan and its visitors permit."},
    {"origin_pull_not_enterprise",
     "Strict (SSL-only origin pull) is not considered: the plan is %s, and it needs enterprise.",
     PULL_DOC, ""},
    {"custom_zone", "The operator chose the mode by hand: nothing is changed by itself.",
     MODES_DOC ", Custom SSL/TLS", "Set automatic to auto to let sslauto change the mode."},
    {"more_findings", "%s more findings like these are left out here.",
     "sslauto: a recommendation is bounded", "Settle those that are listed and look again."},

    // Nothing can be said.
    {"no_evidence", "There is no evidence about %s.", OWN_RULE, "Scan the zone again."},
    {"scanner_overload", "The scanner was overloaded, which may have spoiled what it saw.",
     OWN_RULE, "Scan again, with less concurrency or a lower rate."},
    {"robots_disallowed", "robots.txt names the scanner and disallows the page: %s.",
     "RFC 9309 section 2.2", "Allow the agent Cloudflare-SSLDetector in robots.txt."},
    {"robots_unavailable", "robots.txt could not be had, so nothing may be fetched: %s.",
     "RFC 9309 section 2.3.1.4", "Let /robots.txt answer with its text or with 404."},
    {"origin_unresolved", "The name of the origin does not resolve: %s.", OWN_RULE,
     "Correct the origin's name, or give its address."},
    {"address_refused", "The address guard refuses the origin's address: %s.",
     "RFC 6890, special-purpose addresses",
     "Allow its network in the configuration when it is yours."},
    {"not_looked_at", "The origin was not looked at: %s.", OWN_RULE,
     "Scan the zone again, unless it is left out on purpose."},
    {"bot_challenge", "The origin answers the scanner with a bot challenge.", OWN_RULE,
     "Let the agent Cloudflare-SSLDetector, or the scanner's address, pass the bot protection."},
    {"asked_to_wait", "The origin asks the scanner to come back later: %s.",
     "RFC 6585 section 4, RFC 9110 section 10.2.3",
     "Nothing: the next scan waits. Or exempt the scanner from the rate limit."},
    {"origin_down", "No probe got an answer: %s.", OWN_RULE,
     "Bring the origin up, and let the scanner's address through its firewall."},
    {"aop_protected",
     "The origin demands the edge's client certificate, so the scanner cannot look inside.",
     AOP_DOC, "Set the mode by hand, or exempt the scanner's address at the origin."},
    {"both_server_error", "Both schemes answer with a server error: %s.", CHECKS_DOC,
     "Repair the site and scan again."},

    // HTTPS cannot carry the site.
    {"https_refused", "Nothing listens for HTTPS: %s.", ERRORS_DOC ", error 521",
     "Set up HTTPS at the origin; a self-signed certificate is enough for Full."},
    {"https_timeout", "Connections for HTTPS get no answer: %s.", ERRORS_DOC ", error 522",
     "Open the origin's HTTPS port in its firewall."},
    {"https_unreachable", "There is no route to the origin's HTTPS port: %s.",
     ERRORS_DOC ", error 523", "Repair the route, or correct the origin's address."},
    {"https_handshake_failed", "The TLS handshake fails: %s.", ERRORS_DOC ", error 525",
     "Let the port speak TLS for this host name (SNI), with a certificate and current suites."},
    {"client_certificate_demanded", "The origin demands a client certificate: %s.", AOP_DOC,
     "Stop demanding it, or set up authenticated origin pulls at the edge first."},
    {"https_no_answer", "HTTPS connects and gives no usable answer: %s.",
     ERRORS_DOC ", errors 520 and 524", "Look at the web server's log for the HTTPS site."},
    {"https_server_error", "HTTPS answers with a server error: %s.", CHECKS_DOC,
     "Repair the HTTPS site, then scan again."},
    {"https_redirects_to_http", "HTTPS redirects to HTTP: %s.", LOOPS_DOC,
     "Remove the redirect to HTTP from the HTTPS site."},
    {"https_redirect_loop", "HTTPS redirects without end: %s.", LOOPS_DOC,
     "Let the HTTPS site serve pages instead of redirecting to itself."},
    {"https_too_many_redirects", "HTTPS takes too many redirects: %s.", LOOPS_DOC,
     "Let the HTTPS site redirect to the last place at once."},
    {"different_place", "HTTP and HTTPS lead visitors to different places: %s.", CHECKS_DOC,
     "Let both schemes serve or redirect alike."},
    {"https_status", "HTTPS answers otherwise than HTTP: %s.", CHECKS_DOC,
     "Let the HTTPS site serve what the HTTP site serves."},
    {"https_default_page", "HTTPS shows a default or placeholder page: %s.", CHECKS_DOC,
     "Configure the site itself for HTTPS, not only the server's default."},
    {"login_wall", "One scheme asks for a login that the other does not: %s.", CHECKS_DOC,
     "Protect both schemes alike, or neither."},
    {"content_different", "HTTP and HTTPS serve different pages: %s.", CHECKS_DOC,
     "Let both schemes serve the same site."},
    {"resource_failed",
     "A script or style sheet that makes the page answers over HTTP and not over HTTPS: %s.",
     CHECKS_DOC, "Serve the page's own files over HTTPS as over HTTP, then scan again."},
    {"https_download", "HTTPS offers for download what HTTP shows: %s.", "RFC 6266 section 4.2",
     "Send pages over HTTPS without Content-Disposition: attachment."},
    {"https_type", "HTTPS labels a page otherwise than HTTP: %s.", "RFC 9110 section 8.3",
     "Send the same Content-Type over both schemes."},
    {"https_policy", "HTTPS limits what a page may load or run, and HTTP does not: %s.",
     "W3C Content Security Policy Level 3, section 6",
     "Send the same policy over HTTP, or leave it out, and see that the page works."},
    {"page_failed", "A page answers over HTTP and fails over HTTPS: %s.", CHECKS_DOC,
     "Repair the page over HTTPS, then scan again."},
    {"protocol_too_old", "The origin speaks %s at best, older than the edge accepts.", SUITES_DOC,
     "Turn on TLS 1.2 and TLS 1.3 at the origin."},
    {"redirect_needs_https",
     "HTTP redirects to HTTPS, which loops under Off and Flexible, and HTTPS is not ready.",
     LOOPS_DOC, "Repair HTTPS, or stop redirecting to it."},

    // HTTPS may carry the site, but nothing proves it.
    {"content_unsure", "It is not sure that both schemes serve the same page: %s.", DOUBT_RULE,
     "Compare the pages by eye; name probe paths that change less."},
    {"nothing_to_compare",
     "No page that says something about the site answered over both schemes: %s.", DOUBT_RULE,
     "Name probe paths that show the site's own content without a login."},
    {"not_compared", "The home page could not be compared: %s.", DOUBT_RULE,
     "Let the home page answer over both schemes and scan again."},
    {"http_unavailable", "HTTP gives no answer (%s), so there is nothing to compare HTTPS with.",
     DOUBT_RULE, "Let port 80 answer, if only with a redirect, or set the mode by hand."},
    {"http_server_error", "HTTP answers with a server error: %s.", DOUBT_RULE,
     "Repair the site over HTTP and scan again."},
    {"http_status", "HTTP refuses what HTTPS serves: %s.", DOUBT_RULE,
     "Let HTTP serve the site or redirect to HTTPS."},
    {"http_default_page", "HTTP shows a default or placeholder page: %s.", DOUBT_RULE,
     "Let HTTP serve the site or redirect to HTTPS."},
    {"http_redirect_loop", "HTTP redirects without end: %s.", DOUBT_RULE,
     "Let HTTP serve the site or redirect to HTTPS once."},
    {"http_too_many_redirects", "HTTP takes too many redirects: %s.", DOUBT_RULE,
     "Let the HTTP site redirect to the last place at once."},
    {"redirects_elsewhere", "Visitors are sent outside the zone: %s.", DOUBT_RULE,
     "Add the other host to the zone, name probe paths that this host serves itself, or set the "
     "mode "
     "by hand."},
    {"other_host_unknown",
     "Both schemes send visitors to another host of the zone, which shows no page of its own: %s.",
     DOUBT_RULE, "Let the other host serve its pages, then scan again."},
    {"place_unknown", "It is not known where the redirects end.", DOUBT_RULE,
     "Scan the zone again."},
    {"handshake_unknown", "The evidence has no record of the TLS handshake.", DOUBT_RULE,
     "Scan the zone again."},

    // The certificate would not pass strict mode.
    {"certificate_expired", "The certificate has expired: %s.", "RFC 5280 section 4.1.2.5", RENEW},
    {"certificate_not_yet_valid", "The certificate is not valid yet: %s.",
     "RFC 5280 section 4.1.2.5",
     "Correct the clock of the host that issued it, or issue it again."},
    {"certificate_expires_soon", "The certificate will not last long enough: %s.",
     "sslauto: [recommend] certificate_margin", RENEW},
    {"certificate_self_signed", "The certificate is self-signed.", STRICT_DOC,
     "Get one from a public authority (lego or certbot) or install an Origin CA certificate."},
    {"certificate_name_mismatch", "The certificate does not cover the host: %s.",
     "RFC 9525 section 6, " STRICT_DOC, "Issue one whose subjectAltName lists the host."},
    {"certificate_incomplete_chain", "The chain is incomplete: the certificate%s is not sent.",
     "RFC 8446 section 4.4.2, " ERRORS_DOC ", error 526",
     "Install the full chain file (fullchain.pem), not the leaf alone; for an authority of your "
     "own, "
     "add it as a trust set of the zone."},
    {"certificate_unknown_issuer", "No trusted authority issued the certificate: %s.",
     "RFC 5280 section 6, " STRICT_DOC,
     "Get one from a public authority, or add the issuer as a trust set of the zone."},
    {"certificate_weak_key", "The chain has a key below 112 bits of security: %s.",
     "NIST SP 800-57 part 1, OpenSSL security level 2",
     "Issue a certificate with an EC P-256 or RSA 2048 key."},
    {"certificate_weak_signature", "The chain is signed with MD5 or SHA-1: %s.",
     "RFC 9155, OpenSSL security level 2", "Issue a certificate signed with SHA-256."},
    {"certificate_other", "An edge in strict mode would refuse the certificate: %s.",
     "RFC 5280 section 6", "Issue a server certificate from a trusted authority."},
};

const struct reason_row *recommend_reasons(size_t *count)
{
    *count = COUNT_OF(rows);
    return rows;
}
