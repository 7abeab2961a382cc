# SPDX-License-Identifier: Apache-2.0
# Reads "name address" lines, writes a configuration with which `curl -Z` sends the requests of a
# scan. Asked for by rounds over all hosts, so that a host's connections stand when they are wanted again.
# Set: http, https (ports), page, control (1 = the home page once more).
function ask(scheme, port, path,   i)
{
    for (i = 0; i < hosts; i++) {
        if (requests++) {
            print "next"
        }
        printf "url = \"%s://%s:%d%s\"\n", scheme, name[i], port, path
        printf "connect-to = \"::%s:%d\"\n", address[i], port
        print "output = \"/dev/null\""
        print "insecure"
        print "write-out = \"%{http_code} %{num_connects}\\n\""
    }
}

{
    name[hosts] = $1
    address[hosts++] = $2
}

END {
    ask("http", http, "/robots.txt")
    ask("http", http, "/")
    ask("https", https, "/")
    ask("https", https, page)
    if (control) {
        ask("http", http, "/")
    }
    ask("http", http, page)
}
