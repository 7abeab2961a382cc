// SPDX-License-Identifier: Apache-2.0
// Every command and every option: parsing, --help, the man page and completions are made from
// these tables.
#include "cli/command.h"

#define MODES "off|flexible|full|strict|origin_pull"

static const struct option_row global_options[] = {
    {"config", 0, "FILE", NULL, false,
     "configuration; else $SSLAUTO_CONFIG, else /etc/sslauto/sslauto.conf"},
    {"db", 0, "URL", NULL, false,
     "the store, as sqlite:///PATH; else store.url of the configuration"},
    {"quiet", 'q', NULL, NULL, false, "no remarks, no progress; errors are still told"},
    {"color", 0, "WHEN", "auto|always|never", false,
     "colours; auto: on terminals without NO_COLOR"},
    {"help", 'h', NULL, NULL, false, "this text, or that of the command"},
    {"version", 'V', NULL, NULL, false, "versions of sslauto and its libraries"},
};

static const struct option_row check_options[] = {
    {"origin", 'o', "ADDR", NULL, true,
     "where the site's server is: ADDR or ADDR:HTTP:HTTPS; else the host's own name"},
    {"http-port", 0, "PORT", NULL, false, "the origin's port for HTTP, else 80"},
    {"https-port", 0, "PORT", NULL, false, "the origin's port for HTTPS, else 443"},
    {"host-header", 0, "NAME", NULL, false, "sent as Host, and in SNI, instead of HOST"},
    {"sni", 0, "NAME", NULL, false, "sent in SNI instead of HOST"},
    {"mode", 'm', "MODE", MODES, false, "the mode at the edge now, else flexible"},
    {"ca-file", 0, "FILE", NULL, false, "authorities that replace the public ones (PEM)"},
    {"extra-ca", 0, "NAME=FILE", NULL, true, "a further set of authorities, by name (PEM)"},
    {"replace-roots", 0, NULL, NULL, false, "only the --extra-ca sets count"},
    {"extra-name", 0, "NAME", NULL, true, "a name the certificate may also carry"},
    {"probe", 0, "PATH", NULL, true, "a page that is looked at besides those found"},
    {"allow-net", 0, "CIDR", NULL, true, "a private or loopback network where origins may be"},
    {"allow-origin-pull", 0, NULL, NULL, false, "origin_pull may be recommended"},
    {"timeout", 0, "TIME", NULL, false, "limit of one request, as 20s"},
    {"second-look", 0, "TIME", NULL, false, "pause before findings are confirmed, else 5s"},
    {"json", 'j', NULL, NULL, false, "one JSON object; one per line for several hosts"},
};

// The last row is for `zone set` alone.
static const struct option_row zone_options[] = {
    {"host", 0, "NAME", NULL, false,
     "the host that the next options are about, else the zone's name"},
    {"origin", 'o', "ADDR", NULL, true, "origin of the host: ADDR or ADDR:HTTP:HTTPS"},
    {"http-port", 0, "PORT", NULL, false, "HTTP port of origins given without, else 80"},
    {"https-port", 0, "PORT", NULL, false, "HTTPS port of origins given without, else 443"},
    {"host-header", 0, "NAME", NULL, false, "sent as Host, and in SNI, instead of the host's name"},
    {"sni", 0, "NAME", NULL, false, "sent in SNI instead of the host's name"},
    {"weight", 0, "NUMBER", NULL, false, "the host's share of the zone's traffic, any scale"},
    {"extra-name", 0, "NAME", NULL, true, "a name the certificate may also carry"},
    {"probe", 0, "PATH", NULL, true, "a page of the host that is always looked at"},
    {"account", 0, "NAME", NULL, false, "who the zone belongs to, else default"},
    {"plan", 0, "PLAN", "free|pro|business|enterprise", false, "the zone's plan, else free"},
    {"edge", 0, "NAME", NULL, false, "the edge fleet that serves it, else dryrun"},
    {"mode", 'm', "MODE", MODES, false, "the mode at the edge now, else flexible"},
    {"trust", 0, "NAME", NULL, true, "a set of authorities of [trust] that counts too"},
    {"replace-roots", 0, NULL, NULL, false, "only the --trust sets count, public roots do not"},
    {"no-replace-roots", 0, NULL, NULL, false, "public roots count again"},
    {"allow-origin-pull", 0, NULL, NULL, false, "origin_pull may be recommended"},
    {"no-allow-origin-pull", 0, NULL, NULL, false, "origin_pull is not recommended"},
    {"authenticated-pulls", 0, NULL, NULL, false, "the edge shows the origin a client certificate"},
    {"no-authenticated-pulls", 0, NULL, NULL, false, "the edge shows none"},
    {"custom", 0, NULL, NULL, false, "the mode is your choice: no scans, no changes"},
    {"auto", 0, NULL, NULL, false, "sslauto looks after the mode"},
    {"remove-host", 0, "NAME", NULL, false, "takes this host out of the zone"},
};

#define PERMISSIONS "zone_read|settings_read|settings_write"

// The last row is for `zone opt-in` alone.
static const struct option_row opt_options[] = {
    {"file", 0, "FILE", NULL, false, "ids or names of zones, one a line; - is standard input"},
    {"account", 0, "NAME", NULL, false, "all zones of this account, of the store"},
    {"api", 0, "URL", NULL, false,
     "a server that speaks the API, instead of the store: https://HOST/client/v4"},
    {"token-file", 0, "FILE", NULL, false, "a file with the token for --api"},
    {"ca-file", 0, "FILE", NULL, false, "authorities of that server's certificate (PEM)"},
    {"done", 0, "FILE", NULL, false,
     "zones that are done are noted there, and left out when it is run again"},
    {"until", 0, "DATE", NULL, false,
     "nothing is changed before that day is over: the time to opt out"},
};

static const struct option_row token_options[] = {
    {"permission", 'p', "WORD", PERMISSIONS, true, "what it may do; settings_write may read too"},
    {"account", 0, "NAME", NULL, true, "only zones of this account"},
    {"zone", 0, "ZONE", NULL, true, "only this zone, by name or id"},
    {"owner", 0, "ACCOUNT", NULL, false,
     "the account that owns it: reaches its zones alone; else a user does"},
    {"expires", 0, "WHEN", NULL, false, "a span as 90d, or a date; else never"},
};

static const struct option_row serve_options[] = {
    {"listen", 0, "ADDR", NULL, false, "where: 127.0.0.1:8787, [::1]:8787 or a port (api.listen)"},
};

static const struct option_row import_options[] = {
    {"format", 'f', "FORMAT", "auto|csv|jsonl", false, "auto: by the first line"},
    {"skip-bad", 0, NULL, NULL, false, "import the good zones although some lines are bad"},
    {"update", 0, NULL, NULL, false, "of zones that are there already, change what the file names"},
    {"dry-run", 'n', NULL, NULL, false, "only say what would be done"},
};

static const struct option_row list_options[] = {
    {"format", 'f', "FORMAT", "table|csv|jsonl", false,
     "else table; csv and jsonl can be imported"},
    {"account", 0, "NAME", NULL, false, "only this account"},
    {"mode", 'm', "MODE", MODES, false, "only zones in this mode now"},
    {"recommended", 0, "MODE", MODES, false, "only zones with this recommendation"},
    {"blocked", 0, NULL, NULL, false, "only zones with something in the way"},
    {"after", 0, "NAME", NULL, false, "only names behind this one, for paging"},
    {"limit", 0, "NUMBER", NULL, false, "at most so many"},
};

static const struct option_row recommendations_options[] = {
    {"format", 'f', "FORMAT", "table|csv|jsonl|html", false, "else table; html is one whole page"},
    {"account", 0, "NAME", NULL, false, "only this account"},
    {"mode", 'm', "MODE", MODES, false, "only zones in this mode now"},
    {"recommended", 0, "MODE", MODES, false, "only zones with this recommendation"},
    {"blocked", 0, NULL, NULL, false, "only zones with something in the way"},
    {"after", 0, "NAME", NULL, false, "only names behind this one, for paging"},
    {"limit", 0, "NUMBER", NULL, false, "at most so many"},
};

static const struct option_row json_option[] = {
    {"json", 'j', NULL, NULL, false, "JSON instead of text for people"},
};

static const struct option_row rescan_options[] = {
    {"all", 0, NULL, NULL, false, "every zone that is not custom"},
};

static const struct option_row resync_options[] = {
    {"overwrite", 0, NULL, NULL, false, "also what another program wrote, and stronger modes"},
};

static const struct option_row scan_options[] = {
    {"due", 0, NULL, NULL, false, "what is due; also without any zones or options"},
    {"all", 0, NULL, NULL, false, "every zone that is not custom, due or not"},
    {"jsonl", 'j', NULL, NULL, false, "one JSON object per zone, as it is done"},
    {"concurrency", 0, "N", NULL, false, "origins in work at once (crawl.slots)"},
    {"rate", 0, "R", NULL, false, "requests per second in all, 0 = no limit (crawl.rate)"},
    {"threads", 0, "N", NULL, false, "worker threads (crawl.threads)"},
    {"allow-net", 0, "CIDR", NULL, true, "a private or loopback network where origins may be"},
};

static const struct option_row explain_options[] = {
    {"json", 'j', NULL, NULL, false, "one JSON object"},
    {"replay", 0, NULL, NULL, false, "decide again from the stored evidence and compare"},
};

static const struct option_row compare_options[] = {
    {"control", 0, "FILE", NULL, false, "the HTTP page fetched again: shows its own noise"},
    {"control-https", 0, "FILE", NULL, false, "the HTTPS page fetched again"},
    {"url", 0, "URL", NULL, false, "where the pages come from"},
    {"type-http", 0, "TYPE", NULL, false, "content type of A, else its bytes tell"},
    {"type-https", 0, "TYPE", NULL, false, "content type of B"},
    {"pairs", 0, "FILE", NULL, false, "many comparisons, one a line; - is standard input"},
    {"json", 'j', NULL, NULL, false, "JSON; one object per line with --pairs"},
};

static const struct option_row rollout_start_options[] = {
    {"to", 0, "MODE", MODES, false, "the mode to move to, else the recommended one"},
    {"reason", 0, "TEXT", NULL, false, "why, for the history"},
};

static const struct option_row status_options[] = {
    {"account", 0, "NAME", NULL, false, "only this account"},
    {"edge", 0, "NAME", NULL, false, "only zones of this fleet"},
    {"all", 'a', NULL, NULL, false, "also rollouts that have ended"},
    {"watch", 'w', NULL, NULL, false, "draws it again every two seconds, until Ctrl-C"},
    {"json", 'j', NULL, NULL, false, "one JSON object per zone"},
};

static const struct option_row reason_options[] = {
    {"reason", 0, "TEXT", NULL, false, "why, for the history"},
};

static const struct option_row stop_all_options[] = {
    {"reason", 0, "TEXT", NULL, false, "why, for the history"},
    {"lift", 0, NULL, NULL, false, "ends the stop: rollouts may begin again"},
};

static const struct option_row history_options[] = {
    {"limit", 0, "NUMBER", NULL, false, "at most so many, newest first"},
    {"json", 'j', NULL, NULL, false, "one JSON object per line"},
};

static const struct option_row digest_options[] = {
    {"account", 0, "NAME", NULL, false, "only this account, else all"},
    {"week", 'w', "WEEK", NULL, false, "as 2026-W47; else the last one that has ended"},
    {"print", 'p', NULL, NULL, false, "the text, as of now; also without any of these"},
    {"html", 0, NULL, NULL, false, "the page, for a browser; of one account"},
    {"eml", 0, NULL, NULL, false, "the whole message, as it is sent; of one account"},
    {"json", 'j', NULL, NULL, false, "one JSON object per account, as webhooks get it"},
    {"send", 0, NULL, NULL, false, "send it now to those who have not got it yet"},
    {"list", 'l', NULL, NULL, false, "who was sent what, and what became of it"},
};

static const struct option_row member_options[] = {
    {"account", 0, "NAME", NULL, false, "the account, else default"},
    {"role", 0, "ROLE", "super_administrator|administrator|read_only", false,
     "else super_administrator; digests go to the roles of digest.roles"},
    {"name", 0, "TEXT", NULL, false, "the member's name"},
};

static const struct option_row member_list_options[] = {
    {"account", 0, "NAME", NULL, false, "only this account"},
    {"json", 'j', NULL, NULL, false, "one JSON object per member"},
};

static const struct option_row member_remove_options[] = {
    {"account", 0, "NAME", NULL, false, "the account, else default"},
};

static const struct option_row tick_options[] = {
    {"no-scans", 0, NULL, NULL, false, "no scans"},
    {"no-digests", 0, NULL, NULL, false, "no digests"},
};

static const struct option_row run_options[] = {
    {"metrics", 0, "ADDR", NULL, false,
     "serve Prometheus metrics there: 127.0.0.1:9108, or a port"},
    {"no-scans", 0, NULL, NULL, false, "scans are made elsewhere"},
    {"no-digests", 0, NULL, NULL, false, "digests are sent elsewhere"},
};

#define OPTIONS(rows)          rows, COUNT_OF(rows)
#define OPTIONS_BUT_LAST(rows) rows, COUNT_OF(rows) - 1
#define NO_OPTIONS             NULL, 0

static const struct command commands[] = {
    {"check", "HOST...", 1, -1, NEEDS_CONF, "look at hosts once, without a store",
     "Looks at each host's origin over HTTP and HTTPS and says which encryption mode is the most "
     "secure one that does not break the site, why, and what stands in the way of more.\n"
     "Exit codes: 0 upgrade or keep, with nothing in the way; 3 unknown, at risk, or something "
     "is in the way; 1 the look failed.",
     OPTIONS(check_options), cmd_check},
    {"zone add", "NAME", 1, 1, NEEDS_STORE_CREATE, "add a zone",
     "A zone is one site: a name, one or more hosts, and for each host one or more origins. "
     "Without --host the zone's own name is the host. Add further hosts with `zone set`.",
     OPTIONS_BUT_LAST(zone_options), cmd_zone_add},
    {"zone import", "FILE|-", 1, 1, NEEDS_STORE_CREATE, "add many zones from CSV or JSONL",
     "CSV begins with a line of column names, in any order: name, origin, http_port, https_port, "
     "mode, account, host, plan, edge, automatic, weight, trust, probe_paths, extra_names, "
     "host_header, sni, replace_roots, allow_origin_pull, authenticated_pulls. Only name and "
     "origin "
     "are needed. An origin is ADDR or ADDR:HTTP:HTTPS; several stand in one field between "
     "semicolons, or in rows of the same name that follow each other, which make one zone.\n"
     "JSONL has one object per line, as `zone list --format jsonl` prints it.\n"
     "With --update only what the file names changes; an empty field names nothing. Rows with a "
     "host, or a member hosts, name all hosts. A mode that changes makes the zone custom, as `zone "
     "set "
     "--mode` does, unless automatic is named too.\n"
     "Every bad line is told with its number and reason. Unless --skip-bad is given nothing is "
     "imported then. A bad row leaves out its whole zone, never a part of it.\n"
     "Exit codes: 0 all imported; 1 nothing imported; 3 imported, but lines were bad.",
     OPTIONS(import_options), cmd_zone_import},
    {"zone list", "", 0, 0, NEEDS_STORE_READ, "list zones", "Sorted by name.",
     OPTIONS(list_options), cmd_zone_list},
    {"zone show", "ZONE", 1, 1, NEEDS_STORE_READ, "show one zone's settings",
     "ZONE is a name or an id.", OPTIONS(json_option), cmd_zone_show},
    {"zone set", "ZONE", 1, 1, NEEDS_STORE_WRITE, "change a zone",
     "Only what is named changes. Lists are replaced; an empty value clears one. With --host, a "
     "host that is not there yet is added. --mode is your choice: it is put at the edge, and the "
     "zone becomes custom unless --auto stands beside it.",
     OPTIONS(zone_options), cmd_zone_set},
    {"zone rescan", "[ZONE...]", 0, -1, NEEDS_STORE_WRITE, "let zones be looked at soon",
     "They are due at once, not when their month is over; who looks is `sslauto run`, `tick` or "
     "`scan --due`. All of them, or none when one is not there. A zone set to custom is looked at "
     "once.",
     OPTIONS(rescan_options), cmd_zone_rescan},
    {"zone remove", "ZONE...", 1, -1, NEEDS_STORE_WRITE, "remove zones with their history",
     "All of them, or none when one cannot be removed.", NO_OPTIONS, cmd_zone_remove},
    {"zone opt-out", "[ZONE...]", 0, -1, NEEDS_PLACE, "keep sslauto from changing zones' modes",
     "Sets zones to custom: no scans, and a rollout under way goes back to the old mode at once.\n"
     "Prints one line per zone: its id, tab, \"done\", \"unchanged\" or \"failed\", tab, words. "
     "With "
     "--api the zones are those of a server that speaks the API, and limits of requests are "
     "waited for. It may be ended and run again at any time.\n"
     "Exit codes: 0 all are custom now; 1 some failed.",
     OPTIONS_BUT_LAST(opt_options), cmd_zone_opt_out},
    {"zone opt-in", "[ZONE...]", 0, -1, NEEDS_PLACE, "let sslauto look after zones' modes",
     "Sets zones to auto. With --until nothing is changed until that day is over: whoever opts out "
     "before is never touched. Lines and exit codes are those of `zone opt-out`.",
     OPTIONS(opt_options), cmd_zone_opt_in},
    {"scan", "[ZONE...]", 0, -1, NEEDS_STORE_WRITE, "look at zones and store what is found",
     "Without zones: what is due. With zones: each of them once, due or not; none when one is "
     "not there. Ctrl-C ends it cleanly, a second Ctrl-C at once; what is "
     "finished is stored, and `sslauto scan --due` goes on.\n"
     "Exit codes: 0 every zone was scanned, whatever was found, or is in work in another scan of "
     "the store; 1 not all could be.",
     OPTIONS(scan_options), cmd_scan},
    {"recommendations", "", 0, 0, NEEDS_STORE_READ, "list what the scans recommend",
     "One row per zone, from its last scan.", OPTIONS(recommendations_options),
     cmd_recommendations},
    {"explain", "ZONE", 1, 1, NEEDS_STORE_READ, "tell all about one zone",
     "Verdict, reasons with their sources, what is in the way and its remedy, the evidence, the "
     "next scan and the history. With --replay the decision is made again from what is stored.\n"
     "Exit codes: 0 nothing is in the way; 3 unknown, at risk, or something is in the way. With "
     "--replay: 0 the same answer, 1 another one.",
     OPTIONS(explain_options), cmd_explain},
    {"rollout start", "ZONE...", 1, -1, NEEDS_STORE_WRITE, "let a rollout begin",
     "For zones on auto whose recommendation was not taken up by itself; one that is set to custom "
     "is refused. It still waits for its turn: caps, freeze windows, a confirmed recommendation.",
     OPTIONS(rollout_start_options), cmd_rollout_start},
    {"rollout status", "[ZONE...]", 0, -1, NEEDS_STORE_READ, "where rollouts stand",
     "For each zone the share, what both modes did, the verdict, what comes next and when.",
     OPTIONS(status_options), cmd_rollout_status},
    {"rollout pause", "ZONE...", 1, -1, NEEDS_STORE_WRITE, "hold rollouts where they are",
     "They still go back when the new mode fails.", OPTIONS(reason_options), cmd_rollout_pause},
    {"rollout resume", "ZONE...", 1, -1, NEEDS_STORE_WRITE, "let paused rollouts go on", "",
     OPTIONS(reason_options), cmd_rollout_resume},
    {"rollout promote", "ZONE...", 1, -1, NEEDS_STORE_WRITE, "take the next step now",
     "The step counts as passed, whatever it has seen so far; never when the new mode fails.",
     OPTIONS(reason_options), cmd_rollout_promote},
    {"rollout abort", "ZONE...", 1, -1, NEEDS_STORE_WRITE, "go back to the old mode now",
     "The edge goes back before this returns.", OPTIONS(reason_options), cmd_rollout_abort},
    {"rollout retry", "ZONE...", 1, -1, NEEDS_STORE_WRITE, "end the cool-down after a failure", "",
     OPTIONS(reason_options), cmd_rollout_retry},
    {"rollout history", "ZONE", 1, 1, NEEDS_STORE_READ, "every transition of a zone's rollouts",
     "Newest first: who, when, why.", OPTIONS(history_options), cmd_rollout_history},
    {"rollout stop-all", "", 0, 0, NEEDS_STORE_WRITE, "every rollout goes back, now",
     "Nothing begins until --lift is given.\n"
     "Exit codes: 0 every edge was told; 1 some could not be, and are named.",
     OPTIONS(stop_all_options), cmd_rollout_stop_all},
    {"tick", "", 0, 0, NEEDS_STORE_WRITE, "one pass of everything that is due",
     "For cron, where `sslauto run` is not wanted: scans what is due, looks at every rollout that "
     "is due, sends digests that are due. Rollouts at an edge with leases want a pass at least "
     "every rollout.lease.",
     OPTIONS(tick_options), cmd_tick},
    {"run", "", 0, 0, NEEDS_STORE_WRITE, "the resident controller: scans, rollouts, digests",
     "SIGTERM and Ctrl-C end it cleanly: rollouts stay where they are until their lease at the "
     "edge runs out. SIGHUP reads the configuration again, all of it or nothing.",
     OPTIONS(run_options), cmd_run},
    {"serve", "", 0, 0, NEEDS_STORE_WRITE, "serve the zone-settings API",
     "Existing clients work with the base URL http://ADDR/client/v4 and a token of `sslauto token "
     "add`. Modes that are set by hand are told to the edges by this program. SIGTERM and Ctrl-C "
     "end it cleanly.",
     OPTIONS(serve_options), cmd_serve},
    {"token add", "NAME", 1, 1, NEEDS_STORE_CREATE, "make a token for the API",
     "Prints the secret, once: only its hash is kept. NAME stands in the history of whatever is "
     "done with it.",
     OPTIONS(token_options), cmd_token_add},
    {"token list", "", 0, 0, NEEDS_STORE_READ, "list the tokens of the API", "",
     OPTIONS(json_option), cmd_token_list},
    {"token remove", "NAME...", 1, -1, NEEDS_STORE_WRITE, "remove tokens",
     "NAME is a token's name or id. Requests with it are refused from now on.", NO_OPTIONS,
     cmd_token_remove},
    {"edge list", "", 0, 0, NEEDS_CONF, "the edges of the configuration, and what they can", "",
     NO_OPTIONS, cmd_edge_list},
    {"edge show", "EDGE", 1, 1, NEEDS_CONF, "print a configuration for an edge",
     "EDGE is a fleet of the configuration, or the name of a driver. For haproxy: a complete, "
     "commented haproxy.cfg.",
     NO_OPTIONS, cmd_edge_show},
    {"edge verify", "EDGE [ZONE]", 1, 2, NEEDS_STORE_READ, "does the edge do as it is told?",
     "Reads back what each process has for the zones. Where the edge takes probes, it also sends "
     "one "
     "in the zone's mode, and one in the new mode of a rollout that is under way: through the one "
     "probe_url, so to one process.\n"
     "Exit codes: 0 all as it should be; 3 something is not.",
     NO_OPTIONS, cmd_edge_verify},
    {"edge resync", "EDGE", 1, 1, NEEDS_STORE_READ, "put every zone's mode at the edge",
     "After zones were added or changed by hand, and after an edge was made anew. `sslauto run` "
     "does it when it starts. What another program wrote there and modes that are stronger than "
     "the store's stay and are told, unless --overwrite is given.\n"
     "Exit codes: 0 all zones are as the store says; 1 not all.",
     OPTIONS(resync_options), cmd_edge_resync},
    {"digest", "", 0, 0, NEEDS_STORE_READ, "what a week brought each account",
     "Zones that were upgraded or went back, are at risk, wait, or are blocked, certificates that "
     "end soon, and scans that could say nothing. `sslauto run` and `tick` send it to members and "
     "to the webhook after the week has ended, each once, and only when there is something to "
     "tell.\n"
     "Exit codes: 0 done; with --send 1 when not everything was taken by its receiver, and is "
     "tried "
     "again; with --list 3 when something was given up.",
     OPTIONS(digest_options), cmd_digest},
    {"member add", "ADDRESS", 1, 1, NEEDS_STORE_WRITE, "add a member of an account",
     "ADDRESS is one of mail. Super administrators get the weekly digest.", OPTIONS(member_options),
     cmd_member_add},
    {"member list", "", 0, 0, NEEDS_STORE_READ, "list members", "", OPTIONS(member_list_options),
     cmd_member_list},
    {"member remove", "ADDRESS...", 1, -1, NEEDS_STORE_WRITE, "remove members of an account",
     "All of them, or none when one cannot be removed.", OPTIONS(member_remove_options),
     cmd_member_remove},
    {"compare", "[A B]", 0, 2, 0, "do two files show the same page?",
     "A is the page over HTTP, B over HTTPS. Prints a score from 0 to 1 and same, different or "
     "unsure.\n"
     "--pairs reads lines of 2, 3, 4 or 7 fields between tabs (files: HTTP, HTTPS, HTTP again, "
     "HTTPS again; then URL, content type over HTTP, over HTTPS; empty = none) and prints for "
     "each, in the same order, score, tab, verdict. A file that cannot be read ends it.",
     OPTIONS(compare_options), cmd_compare},
    {"db init", "", 0, 0, NEEDS_PLACE, "make the store",
     "Does nothing when it is there. One of an "
     "older version is refused: sslauto db migrate",
     NO_OPTIONS, cmd_db_init},
    {"db migrate", "", 0, 0, NEEDS_PLACE, "bring the store to this version",
     "Make a backup first: sslauto db backup FILE", NO_OPTIONS, cmd_db_migrate},
    {"db check", "", 0, 0, NEEDS_STORE_READ, "check that the store is sound",
     "Integrity, references, stored evidence, one current scan per zone. Exit code 1 when "
     "something is wrong.",
     NO_OPTIONS, cmd_db_check},
    {"db backup", "FILE", 1, 1, NEEDS_PLACE, "copy the store while it is in use",
     "FILE must not be there yet.", NO_OPTIONS, cmd_db_backup},
    {"config check", "[FILE]", 0, 1, 0, "check a configuration",
     "Keys, values, and that the files it names can be read. Every complaint is told with its "
     "line.",
     NO_OPTIONS, cmd_config_check},
    {"config show", "", 0, 0, NEEDS_CONF, "show every key with its value",
     "With what is allowed, the default, the meaning, and where the value comes from.",
     OPTIONS(json_option), cmd_config_show},
    {"version", "", 0, 0, 0, "versions of sslauto and its libraries", "", OPTIONS(json_option),
     cmd_version},
    {"help", "[COMMAND...]", 0, 2, 0, "help on a command", "", NO_OPTIONS, cmd_help},
};

const struct command *cli_commands(size_t *count)
{
    *count = COUNT_OF(commands);
    return commands;
}

const struct option_row *cli_global_options(size_t *count)
{
    *count = COUNT_OF(global_options);
    return global_options;
}
