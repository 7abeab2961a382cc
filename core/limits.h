// SPDX-License-Identifier: Apache-2.0
// Every hard bound of the program: one line and one reason each. The configuration can ask for
// less, never for more.
#ifndef SSLAUTO_CORE_LIMITS_H
#define SSLAUTO_CORE_LIMITS_H

#define LIMIT_BODY            ((size_t)8 << 20)   // bytes decoded per page: larger pages are cut
#define LIMIT_ROBOTS          ((size_t)500 << 10) // RFC 9309 section 2.5: at least 500 KiB
#define LIMIT_URL             ((size_t)2048)      // bytes of a URL we follow or store
#define LIMIT_HOST_NAME       ((size_t)253)       // RFC 1035 section 2.3.4
#define LIMIT_LABEL           ((size_t)63)        // RFC 1035 section 2.3.4
#define LIMIT_REDIRECTS       ((size_t)10)        // hops; browsers stop at 20, edges earlier
#define LIMIT_PAGES           ((size_t)16)        // pages per host and scan
#define LIMIT_PAGE_LINKS      ((size_t)1024)      // distinct links of a page to choose from
#define LIMIT_LINKS_SEEN      ((size_t)16384)   // links of a page looked at; above they are counted
#define LIMIT_PROBE_PATHS     ((size_t)8)       // operator's paths per host
#define LIMIT_CERT_CHAIN      ((size_t)16)      // certificates as sent that we look at
#define LIMIT_CERT_NAMES      ((size_t)100)     // names of a leaf that we keep (all are matched)
#define LIMIT_CERT_ERRORS     ((size_t)32)      // verification errors that we keep
#define LIMIT_ZONE_HOSTS      ((size_t)256)     // hosts per zone
#define LIMIT_HOST_ORIGINS    ((size_t)64)      // origins per host
#define LIMIT_TRUST_SETS      ((size_t)16)      // extra trust sets in the configuration
#define LIMIT_EXTRA_NAMES     ((size_t)8)       // extra accepted certificate names per host
#define LIMIT_EVIDENCE        ((size_t)4 << 20) // bytes of stored evidence per scan
#define LIMIT_FINDINGS        ((size_t)1024)    // reasons, and blockers, of one recommendation
#define LIMIT_LEASE_S         (24 * 3600)       // longest lease: what a dead worker can hold back
#define LIMIT_CONF_FILE       ((size_t)1 << 20) // bytes of the configuration file
#define LIMIT_CONF_LINE       ((size_t)4096)    // bytes of one of its lines
#define LIMIT_CONF_COMPLAINTS ((size_t)50)      // bad lines reported of one file
#define LIMIT_IMPORT_LINE     ((size_t)64 << 10)  // bytes of one line of an import file
#define LIMIT_SLOTS           ((size_t)5000)      // hosts looked at at once, all threads
#define LIMIT_THREADS         ((size_t)64)        // crawler threads
#define LIMIT_DNS_IN_FLIGHT   ((size_t)64)        // look-ups: c-ares loses packets above that
#define LIMIT_ADDRESSES       ((size_t)8)         // of an origin's name: each costs a whole visit
#define LIMIT_HOSTS_FILE      ((size_t)64 << 20)  // bytes of a hosts file: a million names
#define LIMIT_RETRY_AFTER_S   (24 * 3600)         // longest Retry-After that is obeyed
#define LIMIT_HTML_DEPTH      ((size_t)256)       // nesting that the feature extractor follows
#define LIMIT_HTML_NAMES      ((size_t)16384)     // different tags, attributes: libxml2 keeps all
#define LIMIT_TAG_ATTRIBUTES  ((size_t)32768)     // libxml2 compares each attribute with all before
#define LIMIT_SHINGLES        ((size_t)65536)     // kept per page; above it they are sampled
#define LIMIT_FEATURES        ((size_t)16384)     // of links, of resources, of paths: likewise
#define LIMIT_VISIBLE_TEXT    ((size_t)256 << 10) // bytes kept per page, for the words that differ
#define LIMIT_STOCK_SCAN      ((size_t)32 << 10) // stock pages are small: larger bodies are not one
#define LIMIT_JSON_BODY       ((size_t)1 << 20) // parsed JSON takes 20 times its size; above: as text
#define LIMIT_JSON_MARKS      ((size_t)1 << 17)  // of values, likewise: an object takes 250 bytes
#define LIMIT_ROLLOUT_STEPS   ((size_t)32)       // steps of a plan
#define LIMIT_FREEZE_WINDOWS  ((size_t)16)       // times in which nothing advances
#define LIMIT_EDGE_PROCESSES  ((size_t)16)       // processes of one edge fleet
#define LIMIT_EDGE_NAME       ((size_t)31)       // bytes of the name of a fleet or process
#define LIMIT_EDGE_ANSWER     ((size_t)1 << 20)  // bytes of one answer of an edge
#define LIMIT_EDGE_RAMPS      ((size_t)64 << 20) // bytes of a list of all ramps: 200,000 hosts
#define LIMIT_EDGE_MAP_FILE   ((size_t)1 << 30)  // bytes of a map file: ten million hosts
#define LIMIT_EDGE_DOCUMENT   ((size_t)8 << 20)  // bytes of one zone as told to an edge's program
#define LIMIT_EDGES           ((size_t)64)       // fleets of a configuration, with dryrun
#define LIMIT_DRYRUN_ZONES    ((size_t)1 << 19)  // zones a dry run remembers: 80 MiB at most
#define LIMIT_MAIL_ADDRESS    ((size_t)254)      // RFC 5321 section 4.5.3.1.3 less the brackets
#define LIMIT_MAIL            ((size_t)4 << 20) // bytes of one message; servers take 10 MB and more
#define LIMIT_MAIL_TO         ((size_t)100)     // members named in a message; of more, none is
#define LIMIT_DIGEST_ITEMS    ((size_t)500)     // of one section of a digest; the rest is counted
#define LIMIT_TOKEN_REACH     ((size_t)64)      // accounts, and zones, that one token names
#define LIMIT_TOKEN_NAME      ((size_t)64)      // bytes of its name: it stands in every event
#define LIMIT_API_BODY        ((size_t)64 << 10) // bytes of a request's body
#define LIMIT_API_TARGET      ((size_t)8 << 10)  // bytes of a request's path and query
#define LIMIT_API_HEADERS     ((size_t)64)       // header lines of a request
#define LIMIT_API_DEPTH       ((size_t)16)       // nesting of a request's JSON
#define LIMIT_API_PARAMETERS  ((size_t)64)       // parameters of a query
#define LIMIT_API_PAGE        ((size_t)1000)     // zones, or events, of one page
#define LIMIT_API_HISTORY     ((size_t)10000)    // events that paging can reach
#define LIMIT_API_CLIENTS     ((size_t)65536)    // tokens whose requests a server counts
#define LIMIT_OUTPUT_FIELD    ((size_t)4096)     // bytes of remote text shown in one place

#endif
