// SPDX-License-Identifier: Apache-2.0
// Every key of the configuration, and the field of the policy that it sets. The presets equal
// pipeline_policy_default(); a test holds them together.
#include "cli/settings.h"

#include <stddef.h>

#define MS_S   1000.0
#define MS_MIN (60 * MS_S)
#define MS_H   (60 * MS_MIN)
#define MS_D   (24 * MS_H)
#define KIB    1024.0
#define MIB    (1024 * KIB)

#define HOSTS_FILE   "/etc/hosts"
#define TRUST_PUBLIC "/etc/ssl/certs/ca-certificates.crt"

static const struct conf_key keys[] = {
    {"store.url", CONF_TEXT, 0, 0, "", "", "sqlite:///PATH",
     "where zones, scans and recommendations are kept"},
    {"log.level", CONF_WORD, 0, 0, "warning", "", "error|warning|info|debug",
     "the most talkative kind of line a scan writes; info tells each zone as it is done"},

    {"crawl.user_agent", CONF_TEXT, 0, 0, "Cloudflare-SSLDetector", "", "any text",
     "how requests name themselves"},
    {"crawl.from", CONF_TEXT, 0, 0, "", "", "a mail address",
     "sent as From, for those who want to reach the operator; empty = not sent"},
    {"crawl.product_token", CONF_TEXT, 0, 0, "Cloudflare-SSLDetector", "", "any text",
     "the name that groups in robots.txt are matched with"},
    {"crawl.threads", CONF_INT, 1, 64, "1", "threads", NULL, "worker threads"},
    {"crawl.slots", CONF_INT, 1, 5000, "200", "origins", NULL,
     "origins in work at once, all threads together"},
    {"crawl.requests_per_host", CONF_INT, 3, 64, "6", "requests", NULL,
     "requests to one origin of a host per scan; redirect hops and probe paths come on top"},
    {"crawl.pages", CONF_INT, 0, 16, "3", "pages", NULL,
     "pages looked at besides the home page, as requests_per_host allows"},
    {"crawl.redirects", CONF_INT, 0, 10, "5", "hops", NULL, "redirects followed per request"},
    {"crawl.per_address", CONF_INT, 1, 64, "4", "connections", NULL,
     "connections at once to one IP address"},
    {"crawl.per_network", CONF_INT, 1, 1024, "4", "connections", NULL,
     "connections at once to one /24 (IPv4) or /48 (IPv6)"},
    {"crawl.gap", CONF_DURATION, 0, MS_MIN, "250ms", "", NULL,
     "pause between two requests to one address"},
    {"crawl.rate", CONF_DOUBLE, 0, 1e6, "0", "requests per second", NULL,
     "requests in all; 0 = no limit"},
    {"crawl.connect_timeout", CONF_DURATION, 100, 5 * MS_MIN, "10s", "", NULL,
     "limit of TCP connection and TLS handshake together"},
    {"crawl.request_timeout", CONF_DURATION, 100, 10 * MS_MIN, "20s", "", NULL,
     "limit of one request"},
    {"crawl.target_timeout", CONF_DURATION, 1 * MS_S, MS_H, "60s", "", NULL,
     "limit of the work on one origin, waiting for its turn not counted"},
    {"crawl.low_speed", CONF_SIZE, 0, MIB, "64B", "per second", NULL,
     "an answer slower than this for low_speed_time is a timeout"},
    {"crawl.low_speed_time", CONF_DURATION, 1 * MS_S, MS_H, "5s", "", NULL,
     "how long an answer may be slower than low_speed"},
    {"crawl.body", CONF_SIZE, 4 * KIB, 8 * MIB, "1MiB", "", NULL,
     "decoded bytes kept of one page; larger pages are cut"},
    {"crawl.headers", CONF_SIZE, 4 * KIB, MIB, "256KiB", "", NULL, "header bytes of one answer"},
    {"crawl.breaker_failures", CONF_INT, 1, 1000, "5", "failures", NULL,
     "connections failed in a row that rest an address"},
    {"crawl.breaker_rest", CONF_DURATION, 0, MS_D, "10m", "", NULL,
     "how long such an address is left alone"},
    {"crawl.loop_lag", CONF_DURATION, 5, 10 * MS_S, "50ms", "", NULL,
     "no new origins are begun while this program lags more than this"},
    {"crawl.allow_nets", CONF_LIST, 0, 0, "", "", "networks as 10.0.0.0/8 or fd00::/8",
     "private, loopback and other special networks where origins may be"},
    {"crawl.deny_nets", CONF_LIST, 0, 0, "", "", "networks as 192.0.2.0/24 or 2001:db8::/32",
     "networks that asked not to be looked at; they stay closed, whatever is allowed"},
    {"crawl.deny_hosts", CONF_LIST, 0, 0, "", "", "names as example.com",
     "hosts that asked not to be looked at, each with all names below it"},
    {"crawl.dns_servers", CONF_TEXT, 0, 0, "", "", "IP[:PORT],...",
     "resolvers for origins given as names; empty = those of the system"},
    {"crawl.hosts_file", CONF_PATH, 0, 0, HOSTS_FILE, "", NULL,
     "names answered from this file, in the form of hosts(5), before DNS"},
    {"crawl.dns_in_flight", CONF_INT, 1, 64, "64", "look-ups", NULL, "look-ups at once"},
    {"crawl.dns_timeout", CONF_DURATION, 100, MS_MIN, "2s", "", NULL,
     "limit of one try of a look-up; there are three"},
    {"crawl.proxy", CONF_TEXT, 0, 0, "", "", "http://HOST:PORT or socks5h://HOST:PORT",
     "proxy for all requests; never taken from the environment"},

    {"scan.second_look", CONF_DURATION, 0, MS_H, "1m", "", NULL,
     "pause before a finding that allows or blocks a change is looked at again"},
    {"scan.analysts", CONF_INT, 1, 64, "1", "threads", NULL, "threads that compare pages"},
    {"scan.lease", CONF_DURATION, 10 * MS_S, MS_D, "5m", "", NULL,
     "how long a zone in work stays reserved for a process that does not answer"},

    {"schedule.interval", CONF_DURATION, MS_H, 365 * MS_D, "30d", "", NULL,
     "time between two scans of a zone"},
    {"schedule.retry", CONF_DURATION, MS_MIN, 365 * MS_D, "1d", "", NULL,
     "time until a scan that could say nothing is tried again; doubles up to interval"},
    {"schedule.certificate_watch", CONF_DURATION, 0, 365 * MS_D, "7d", "", NULL,
     "time between two looks at zones at strict or origin_pull; 0 = they rest"},
    {"schedule.confirm", CONF_DURATION, MS_MIN, 365 * MS_D, "1h", "", NULL,
     "time until an upgrade that was seen once is looked at again"},
    {"schedule.jitter", CONF_INT, 0, 50, "10", "percent", NULL,
     "every span above is moved by up to so much, either way"},
    {"schedule.confirm_gap", CONF_DURATION, 0, MS_D, "5m", "", NULL,
     "shortest time between two scans of which one confirms the other"},

    {"recommend.certificate_margin", CONF_DURATION, 0, 365 * MS_D, "14d", "", NULL,
     "strict needs a certificate that stays valid for at least so long"},
    {"recommend.tls_min", CONF_WORD, 0, 0, "1.0", "", "1.0|1.1|1.2|1.3",
     "oldest TLS version that the edge speaks to origins"},

    {"trust.public", CONF_PATH, 0, 0, TRUST_PUBLIC, "", NULL,
     "public certificate authorities, one PEM file"},
    {"trust.*", CONF_PATH, 0, 0, "", "", NULL,
     "a named set of further authorities (a CDN's origin CA, a private CA) that zones may use"},
};

#define FIELD(key, member, kind) {key, offsetof(struct pipeline_policy, member), kind}

static const struct binding bindings[] = {
    FIELD("crawl.user_agent", crawler.user_agent, BIND_TEXT),
    FIELD("crawl.from", crawler.from, BIND_TEXT),
    FIELD("crawl.product_token", crawler.product_token, BIND_TEXT),
    FIELD("crawl.threads", crawler.threads, BIND_UNSIGNED),
    FIELD("crawl.slots", crawler.slots, BIND_UNSIGNED),
    FIELD("crawl.requests_per_host", crawler.requests_per_host, BIND_UNSIGNED),
    FIELD("crawl.pages", crawler.pages, BIND_UNSIGNED),
    FIELD("crawl.redirects", crawler.redirects, BIND_UNSIGNED),
    FIELD("crawl.per_address", crawler.per_address, BIND_UNSIGNED),
    FIELD("crawl.per_network", crawler.per_network, BIND_UNSIGNED),
    FIELD("crawl.gap", crawler.gap_ms, BIND_INT64),
    FIELD("crawl.rate", crawler.rate, BIND_DOUBLE),
    FIELD("crawl.connect_timeout", crawler.connect_ms, BIND_INT64),
    FIELD("crawl.request_timeout", crawler.total_ms, BIND_INT64),
    FIELD("crawl.target_timeout", crawler.target_ms, BIND_INT64),
    FIELD("crawl.low_speed", crawler.low_speed_bytes, BIND_INT64),
    FIELD("crawl.low_speed_time", crawler.low_speed_s, BIND_SECONDS),
    FIELD("crawl.body", crawler.body_bytes, BIND_SIZE),
    FIELD("crawl.headers", crawler.header_bytes, BIND_SIZE),
    FIELD("crawl.breaker_failures", crawler.breaker_failures, BIND_UNSIGNED),
    FIELD("crawl.breaker_rest", crawler.breaker_ms, BIND_INT64),
    FIELD("crawl.loop_lag", crawler.loop_lag_ms, BIND_INT64),
    FIELD("crawl.dns_servers", crawler.dns_servers, BIND_TEXT),
    FIELD("crawl.hosts_file", crawler.hosts_file, BIND_TEXT),
    FIELD("crawl.dns_in_flight", crawler.dns_in_flight, BIND_UNSIGNED),
    FIELD("crawl.dns_timeout", crawler.dns_timeout_ms, BIND_INT64),
    FIELD("crawl.proxy", crawler.proxy, BIND_TEXT),
    FIELD("scan.second_look", second_look_ms, BIND_INT64),
    FIELD("scan.analysts", analysts, BIND_UNSIGNED),
    FIELD("scan.lease", lease_s, BIND_SECONDS),
    FIELD("schedule.interval", schedule.interval_s, BIND_SECONDS),
    FIELD("schedule.retry", schedule.retry_s, BIND_SECONDS),
    FIELD("schedule.certificate_watch", schedule.certificate_watch_s, BIND_SECONDS),
    FIELD("schedule.confirm", schedule.confirm_s, BIND_SECONDS),
    FIELD("schedule.confirm_gap", schedule.confirm_gap_s, BIND_SECONDS),
    FIELD("schedule.jitter", schedule.jitter_percent, BIND_INT),
    FIELD("recommend.certificate_margin", recommend.certificate_margin_s, BIND_SECONDS),
    FIELD("recommend.tls_min", recommend.tls_min, BIND_TLS),
};

const struct conf_key *settings_keys(size_t *count)
{
    *count = COUNT_OF(keys);
    return keys;
}

const struct binding *settings_bindings(size_t *count)
{
    *count = COUNT_OF(bindings);
    return bindings;
}
