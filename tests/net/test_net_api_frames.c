// SPDX-License-Identifier: Apache-2.0
// test_net_api_frames PORT TOKEN ZONE: requests that only a socket can send.
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/attr.h"
#include "core/num.h"
#include "tests/net/api_raw.h"

struct frame {
    const char *what;
    const char *text;     // "%T" is the token, "%Z" the zone
    const char *statuses; // any of these
};

#define AUTHORIZED "Host: h\r\nAuthorization: Bearer %T\r\n"
#define PATCHED    "PATCH /client/v4/zones/%Z/settings/ssl HTTP/1.1\r\n" AUTHORIZED
#define BODY       "{\"value\":\"full\"}"

static const struct frame frames[] = {
    {"a plain one", "GET /client/v4/zones HTTP/1.1\r\n" AUTHORIZED "\r\n", "200"},
    {"HTTP/1.0", "GET /client/v4/zones HTTP/1.0\r\n" AUTHORIZED "\r\n", "200"},
    {"a length and a coding",
     PATCHED "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n" BODY "\r\n0\r\n\r\n",
     "400"},
    {"two lengths", PATCHED "Content-Length: 16\r\nContent-Length: 5\r\n\r\n" BODY, "400"},
    {"two equal lengths", PATCHED "Content-Length: 16\r\nContent-Length: 16\r\n\r\n" BODY, "400"},
    {"two codings",
     PATCHED "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n", "400"},
    {"a negative length", PATCHED "Content-Length: -1\r\n\r\n", "400"},
    {"a length in words", PATCHED "Content-Length: ten\r\n\r\n", "400"},
    {"an endless length", PATCHED "Content-Length: 99999999999999999999\r\n\r\n", "400 413"},
    {"a long length", PATCHED "Content-Length: 99999999\r\n\r\n", "413"},
    {"two tokens", "GET /client/v4/zones HTTP/1.1\r\n" AUTHORIZED "Authorization: Bearer x\r\n\r\n",
     "400"},
    {"no host", "GET /client/v4/zones HTTP/1.1\r\nAuthorization: Bearer %T\r\n\r\n", "400"},
    {"no version", "GET /client/v4/zones\r\n\r\n", "400 404 505 "},
    {"another protocol", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", "400 405 505 "},
    {"a NUL in the target", "GET /client/v4/zones%00 HTTP/1.1\r\n" AUTHORIZED "\r\n", "404"},
    {"an absolute target", "GET http://h/client/v4/zones HTTP/1.1\r\n" AUTHORIZED "\r\n",
     "200 404"},
    {"gzip", PATCHED "Content-Encoding: gzip\r\nContent-Length: 16\r\n\r\n" BODY, "400"},
};

// The three digits of the first answer, "" when the line was cut.
static void status_of(char status[4], uint16_t port, const char *text, size_t length)
{
    char answer[512] = "";
    size_t got = 0;
    int fd = api_raw_connect(port);
    status[0] = '\0';
    if (fd < 0 || send(fd, text, length, MSG_NOSIGNAL) != (ssize_t)length) {
        return;
    }
    while (got < 12) {
        ssize_t count = recv(fd, answer + got, sizeof answer - 1 - got, 0);
        if (count <= 0) {
            break;
        }
        got += (size_t)count;
    }
    (void)close(fd);
    if (got >= 12) {
        (void)snprintf(status, 4, "%.3s", answer + 9);
    }
}

int main(int argc, char **argv)
{
    uint16_t port = 0;
    int failed = 0;
    if (argc != 4 || num_parse_port(&port, span_of(argv[1])) != ERR_OK) {
        return 2;
    }
    for (size_t i = 0; i < COUNT_OF(frames); i++) {
        char text[4096];
        char status[4];
        size_t length = api_raw_fill(text, sizeof text, frames[i].text, argv[2], argv[3]);
        status_of(status, port, text, length);
        // A blank at the end of the list: a cut line is an answer too.
        bool cut_is_fine = frames[i].statuses[strlen(frames[i].statuses) - 1] == ' ';
        if ((status[0] == '\0' && !cut_is_fine) || strstr(frames[i].statuses, status) == NULL) {
            (void)fprintf(stderr, "%s: \"%s\", not %s\n", frames[i].what, status,
                          frames[i].statuses);
            failed = 1;
        }
    }
    return failed;
}
