// SPDX-License-Identifier: Apache-2.0
#include "edge/haproxy/config.h"

#include <stddef.h>

// clang-format off: one line here is one line there
const char *const config_lines[] = {
    "# haproxy.cfg for the fleet \"@name@\", as `sslauto edge show @name@` prints it. For "
    "HAProxy 2.6 to 3.2.",
    "#",
    "# Before the first start:",
    "#   mkdir -p @maps@ && touch @maps@/zone.map @maps@/origin.map @maps@/ramp.map",
    "#   put the edge's own certificates, each with its key, into @certs@",
    "#   let the user of sslauto write in @maps@ and use the socket below",
    "# and after it:  sslauto edge resync @name@",
    "#",
    "# What is yours to change: the addresses it listens at, its certificates, timeouts, "
    "logs, caches, and",
    "# everything between visitors and the rules of \"sslauto\". What sslauto counts on is "
    "marked so.",
    "",
    "global",
    "    log /dev/log local0",
    "    user haproxy",
    "    group haproxy",
    "    # sslauto: the Runtime API, with permission to change maps.",
    "    stats socket @socket@",
    "*    # The process at @place@ is the same but for:  stats socket @socket@",
    "    stats timeout 30s",
    "    ssl-default-bind-options ssl-min-ver TLSv1.2",
    "",
    "# Only for origins that are given by a name. Each request asks: a resolver with a cache "
    "belongs in",
    "# front of them.",
    "resolvers names",
    "    parse-resolv-conf",
    "    resolve_retries 2",
    "    timeout resolve 1s",
    "    timeout retry 500ms",
    "    hold valid 10s",
    "    hold nx 3s",
    "    accepted_payload_size 1232",
    "",
    "defaults",
    "    mode http",
    "    log global",
    "    option forwardfor",
    "    option http-keep-alive",
    "    # A black hole on port @https_port@ costs a visitor this long before the old mode serves.",
    "    timeout connect 3s",
    "    timeout client 30s",
    "    timeout server 60s",
    "    timeout http-request 10s",
    "    timeout http-keep-alive 60s",
    "    timeout tunnel 1h",
    "    # A failed connection is not tried again: what failed must be seen. Where the old "
    "mode can take",
    "    # over, the backends below say so themselves.",
    "    retries 0",
    "    http-reuse safe",
    "",
    "# sslauto: what is counted per host, attempt and cohort. It begins anew with each "
    "process, also at a",
    "# reload: sslauto takes it over every few seconds. (Handing it on through a `peers` "
    "section would",
    "# mix the counters of two processes that both take visitors during a reload.)",
    "#   gpc0 requests           gpc1 answers 5xx of the origin   gpc2 redirects",
    "#   gpc3 no answer          gpc4 TLS failed                  gpc5 served by the old "
    "mode instead",
    "#   gpc6 answered by the cache",
    "backend sslauto",
    "    stick-table type string len 300 size 200k expire 8d store gpc(7)",
    "",
    "# One cache per scheme of the origin, so that a page of one never stands for the other. "
    "Without",
    "# these two sections, and the cache-use and cache-store rules, nothing is cached.",
    "cache http",
    "    total-max-size 64",
    "    max-age 60",
    "cache https",
    "    total-max-size 64",
    "    max-age 60",
    "",
    "frontend edge",
    "    bind :@visit_http@",
    "    bind :@visit_https@ ssl crt @certs@ alpn h2,http/1.1",
    "    # Where this machine has IPv6:",
    "    # bind :::@visit_http@ v6only",
    "    # bind :::@visit_https@ v6only ssl crt @certs@ alpn h2,http/1.1",
    "",
    "    # -- sslauto: what is to be done for this host "
    "----------------------------------------------",
    "    # old:new:share:attempt:lease. ramp.map has the few hosts that a rollout moves; it "
    "is empty in the",
    "    # file, so that a restart ends every ramp. zone.map has the steady mode of all.",
    "    http-request set-var(txn.host) req.hdr(host),host_only,lower",
    "    http-request set-var(txn.state) var(txn.host),map_str(@maps@/ramp.map)",
    "    http-request set-var(txn.state) var(txn.host),map_str(@maps@/zone.map) unless { "
    "var(txn.state) -m found }",
    "    http-request return status 421 content-type text/plain string \"This host is not "
    "served here.\\n\" unless { var(txn.state) -m found }",
    "    http-request set-var(txn.old) var(txn.state),field(1,:)",
    "    http-request set-var(txn.new) var(txn.state),field(2,:)",
    "    http-request set-var(txn.share) var(txn.state),field(3,:),add(0)",
    "    http-request set-var(txn.attempt) var(txn.state),field(4,:),add(0)",
    "    http-request set-var(txn.lease) var(txn.state),field(5,:),add(0)",
    "    acl ramping var(txn.attempt) -m int gt 0",
    "",
    "    # -- sslauto: probes with the secret choose their cohort "
    "------------------------------------",
    "    # This file must not be readable by others.",
    "?    http-request set-var(txn.probe) str(old) if { req.hdr(X-Sslauto-Probe) -m str "
    "@secret@:old }",
    "?    http-request set-var(txn.probe) str(new) if { req.hdr(X-Sslauto-Probe) -m str "
    "@secret@:new }",
    "!    # (No probe secret is set: there are no probes. Set probe_secret and print this again.)",
    "    http-request del-header X-Sslauto-Probe",
    "    acl probe var(txn.probe) -m found",
    "",
    "    # -- sslauto: the cohort "
    "--------------------------------------------------------------------",
    "    # By client, host and attempt: whoever is in at 1 % is in at 10 %, and another "
    "attempt begins with",
    "    # others. IPv6 clients count as one per /56. No new mode without a lease that holds.",
    "    http-request set-var(txn.now) date",
    "    http-request set-var(txn.client) src,ipmask(32,56)",
    "    http-request set-var-fmt(txn.draw) "
    "\"%[var(txn.client)]|%[var(txn.host)]|%[var(txn.attempt)]\"",
    "    http-request set-var(txn.draw) var(txn.draw),xxh32,mod(10000)",
    "    acl drawn var(txn.draw),sub(txn.share) -m int lt 0",
    "    acl leased var(txn.now),sub(txn.lease) -m int lt 0",
    "    http-request set-var(txn.cohort) str(old)",
    "    http-request set-var(txn.cohort) str(new) if ramping leased drawn !probe",
    "    http-request set-var(txn.cohort) str(probe_old) if probe",
    "    http-request set-var(txn.cohort) str(probe_new) if ramping leased { var(txn.probe) "
    "-m str new }",
    "    acl uses_new var(txn.cohort) -m str new probe_new",
    "    http-request set-var(txn.mode) var(txn.old)",
    "    http-request set-var(txn.mode) var(txn.new) if uses_new",
    "",
    "    # -- sslauto: the way to the origin "
    "---------------------------------------------------------",
    "    # http, full (TLS, any certificate) or strict (TLS, a valid one). Visitors without "
    "TLS go by http in",
    "    # every mode but origin_pull; they are no part of a comparison of the other modes. "
    "Probes count as",
    "    # visitors with TLS.",
    "    acl secure ssl_fc",
    "    acl secure var(txn.probe) -m found",
    "    http-request set-var(txn.cohort) str(plain) if !secure !{ var(txn.new) -m str "
    "origin_pull }",
    "    http-request set-var(txn.way) str(http) if { var(txn.mode) -m str off flexible }",
    "    http-request set-var(txn.way) str(http) if !secure { var(txn.mode) -m str full strict }",
    "    http-request set-var(txn.way) str(full) if secure { var(txn.mode) -m str full }",
    "    http-request set-var(txn.way) str(strict) if secure { var(txn.mode) -m str strict }",
    "    http-request set-var(txn.way) str(strict) if { var(txn.mode) -m str origin_pull }",
    "    http-request set-var(txn.back) str(http) if { var(txn.old) -m str off flexible }",
    "    http-request set-var(txn.back) str(http) if !secure { var(txn.old) -m str full strict }",
    "    http-request set-var(txn.back) str(full) if secure { var(txn.old) -m str full }",
    "    http-request set-var(txn.back) str(strict) if secure { var(txn.old) -m str strict }",
    "    http-request set-var(txn.back) str(strict) if { var(txn.old) -m str origin_pull }",
    "",
    "    # Mode off: visitors with TLS are sent to http. Nobody may remember that: the mode "
    "can change.",
    "    http-request return status 301 hdr Location "
    "\"http://%[req.hdr(host),host_only]%[pathq]\" hdr Cache-Control no-store if { ssl_fc } "
    "!probe { var(txn.mode) -m str off }",
    "",
    "    # -- sslauto: the origin "
    "--------------------------------------------------------------------",
    "    # origin.map: HOST -> how many; HOST/0, HOST/1 ... -> address or name; a client "
    "stays with its one.",
    "    http-request set-var(txn.origins) var(txn.host),map_str(@maps@/origin.map),add(0)",
    "    http-request set-var-fmt(txn.nth) \"%[var(txn.client)]|%[var(txn.host)]\"",
    "    http-request set-var(txn.nth) var(txn.nth),xxh32,mod(txn.origins)",
    "    http-request set-var(txn.origin) "
    "var(txn.host),concat(/,txn.nth),map_str(@maps@/origin.map)",
    "    acl address var(txn.origin) -m ip 0.0.0.0/0 ::/0",
    "    http-request do-resolve(txn.ip,names,ipv4) var(txn.origin) if { var(txn.origin) -m "
    "found } !address",
    "    acl resolved var(txn.ip) -m found",
    "    # A name may not lead into your own network. Take out the networks where origins "
    "really are.",
    "    acl inside var(txn.ip) -m ip 0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 "
    "169.254.0.0/16 172.16.0.0/12 192.168.0.0/16 ::/96 64:ff9b::/96 fc00::/7 fe80::/10",
    "    http-request return status 530 content-type text/plain string \"The name of the "
    "origin leads nowhere.\\n\" if resolved inside",
    "    http-request return status 530 content-type text/plain string \"The origin has no "
    "address.\\n\" if !address !resolved",
    "    # The server lines below have no address but this one, and their own port.",
    "    http-request set-dst var(txn.origin) if address",
    "    http-request set-dst var(txn.ip) if resolved",
    "    http-request set-var(txn.sni) var(txn.host),concat(/sni),map_str(@maps@/origin.map)",
    "    http-request set-var(txn.sni) var(txn.host) unless { var(txn.sni) -m found }",
    "    http-request set-var(txn.as) var(txn.host),concat(/host),map_str(@maps@/origin.map)",
    "    http-request set-header Host %[var(txn.as)] if { var(txn.as) -m found }",
    "    http-request set-header X-Forwarded-Proto http",
    "    http-request set-header X-Forwarded-Proto https if secure",
    "",
    "    # -- sslauto: counters "
    "----------------------------------------------------------------------",
    "    acl counted var(txn.cohort) -m str old new probe_old probe_new",
    "    http-request set-var-fmt(txn.row) "
    "\"%[var(txn.host)]|%[var(txn.attempt)]|%[var(txn.cohort)]\"",
    "    http-request track-sc0 var(txn.row) table sslauto if ramping counted",
    "    http-request sc-inc-gpc(0,0) if ramping counted",
    "    http-response set-var(txn.status) status",
    "    http-response sc-inc-gpc(1,0) if { status 500:599 }",
    "    http-response sc-inc-gpc(2,0) if { status 300:399 } { res.hdr(location) -m found }",
    "    # The server of a canary backend that is not named like the way is the old mode.",
    "    acl on_its_way srv_name,strcmp(txn.way) -m int eq 0",
    "    http-response sc-inc-gpc(5,0) if uses_new !on_its_way !{ res.cache_hit }",
    "    http-response sc-inc-gpc(6,0) if { res.cache_hit }",
    "    # No answer of the origin. http-response rules do not see those; bc_err 24 to 38 "
    "and 43 are TLS.",
    "    acl answered var(txn.status) -m found",
    "    acl gave_up status 502:504",
    "    acl tls_failed bc_err 24:38 43",
    "    http-after-response set-var(txn.none) sc_inc_gpc(4,0,sslauto) if !answered gave_up "
    "tls_failed",
    "    http-after-response set-var(txn.none) sc_inc_gpc(3,0,sslauto) if !answered gave_up "
    "!tls_failed",
    "",
    "    # Probes learn which mode they had; nobody else does, and no origin can say it.",
    "    http-response del-header X-Sslauto-Mode",
    "    http-after-response set-header X-Sslauto-Mode \"%[var(txn.cohort)] "
    "%[var(txn.mode)]\" if probe",
    "",
    "    # Statuses that tell what failed between edge and origin, if you like them:",
    "    # http-after-response set-status 526 if !answered { ssl_bc_err_str -m sub "
    "\"certificate verify failed\" }",
    "    # http-after-response set-status 525 if !answered tls_failed !{ ssl_bc_err_str -m "
    "sub \"certificate verify failed\" }",
    "",
    "    # -- caches "
    "---------------------------------------------------------------------------------",
    "    http-request cache-use http if !probe { var(txn.way) -m str http }",
    "    http-request cache-use https if !probe !{ var(txn.way) -m str http }",
    "    http-response cache-store http if !probe on_its_way { var(txn.way) -m str http }",
    "    http-response cache-store https if !probe on_its_way !{ var(txn.way) -m str http }",
    "",
    "    log-format \"%ci:%cp [%tr] host=%[var(txn.host)] cohort=%[var(txn.cohort)] "
    "mode=%[var(txn.mode)] share=%[var(txn.share)] attempt=%[var(txn.attempt)] "
    "origin=%[var(txn.origin)] server=%b/%s status=%ST end=%ts tries=%rc "
    "times=%TR/%Tw/%Tc/%Tr/%Ta error=%[bc_err_str] tls=%[ssl_bc_err_str] %{+Q}r\"",
    "",
    "    # -- sslauto: six backends for all zones "
    "----------------------------------------------------",
    "    # Below 100 % of visitors, the old mode serves whom the new one cannot connect. "
    "Probes, and",
    "    # visitors at 100 %, meet the new mode as it is. An unknown mode is an error, never "
    "plaintext.",
    "    acl same_way var(txn.way),strcmp(txn.back) -m int eq 0",
    "    use_backend to_%[var(txn.way)]_or_%[var(txn.back)] if uses_new !probe !same_way { "
    "var(txn.share) -m int lt 10000 }",
    "    use_backend to_%[var(txn.way)] if { var(txn.way) -m found }",
    "    default_backend to_nowhere",
    "",
    "backend to_nowhere",
    "    http-request return status 500 content-type text/plain string \"This host has no "
    "mode that the edge knows.\\n\"",
    "",
    "# sslauto: a server without an address takes that of the request. no-ssl-reuse: a "
    "resumed TLS session",
    "# would skip the check of a certificate that has become bad. The name that is checked "
    "is that of SNI;",
    "# authorities of single zones (their trust sets) have to be in the ca-file of all.",
    "backend to_http",
    "    server http 0.0.0.0:@http_port@",
    "",
    "backend to_full",
    "    server full 0.0.0.0:@https_port@ ssl no-ssl-reuse verify none sni var(txn.sni)",
    "",
    "backend to_strict",
    "    server strict 0.0.0.0:@https_port@ ssl no-ssl-reuse verify required ca-file "
    "@ca_file@ sni var(txn.sni)",
    "",
    "# sslauto: the new mode first, although it has no weight; when its connection fails, "
    "the one retry goes",
    "# to the old mode. That is there twice: with one server left HAProxy would wait a "
    "second before it.",
    "# No connection of another visitor is used, so that a certificate that has become bad "
    "is seen.",
    "backend to_full_or_http",
    "    balance roundrobin",
    "    retries 1",
    "    option redispatch 1",
    "    http-reuse never",
    "    use-server full if TRUE",
    "    server full 0.0.0.0:@https_port@ weight 0 ssl no-ssl-reuse verify none sni var(txn.sni)",
    "    server http 0.0.0.0:@http_port@",
    "    server http.b 0.0.0.0:@http_port@",
    "",
    "backend to_strict_or_http",
    "    balance roundrobin",
    "    retries 1",
    "    option redispatch 1",
    "    http-reuse never",
    "    use-server strict if TRUE",
    "    server strict 0.0.0.0:@https_port@ weight 0 ssl no-ssl-reuse verify required "
    "ca-file @ca_file@ sni var(txn.sni)",
    "    server http 0.0.0.0:@http_port@",
    "    server http.b 0.0.0.0:@http_port@",
    "",
    "backend to_strict_or_full",
    "    balance roundrobin",
    "    retries 1",
    "    option redispatch 1",
    "    http-reuse never",
    "    use-server strict if TRUE",
    "    server strict 0.0.0.0:@https_port@ weight 0 ssl no-ssl-reuse verify required "
    "ca-file @ca_file@ sni var(txn.sni)",
    "    server full 0.0.0.0:@https_port@ ssl no-ssl-reuse verify none sni var(txn.sni)",
    "    server full.b 0.0.0.0:@https_port@ ssl no-ssl-reuse verify none sni var(txn.sni)",
    NULL,
};
// clang-format on
