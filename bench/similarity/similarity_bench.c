// SPDX-License-Identifier: Apache-2.0
// similarity_bench            the table: recall, false `same`, peers, speed, memory; fails when a
//                             bar is missed
// similarity_bench --assert   the same without the peers and the bar of speed, which a busy machine
//                             misses (the test)
// similarity_bench --fold0    the fold that limits are chosen on, without its bars
// similarity_bench --misses   besides, a line for each pair that was not judged as labelled
// similarity_bench --write D  the corpus as files in folder D, with pairs.tsv for `sslauto compare`
#include <math.h>
#include <sys/stat.h>

#include "bench/similarity/big_pages.h"
#include "bench/similarity/corpus.h"
#include "bench/similarity/peers.h"
#include "similarity/similarity.h"

enum {
    CATEGORIES_MAX = 128
};
enum method {
    WITH_CONTROL,
    WITHOUT_CONTROL,
    EQUAL_BYTES,
    SIMHASH,
    JACCARD,
    METHOD_COUNT
};
static const double SPEED_MIN = 30;  // MB/s of a core over both bodies, without the control fetch
static const double MEMORY_MAX = 64; // MiB of the process with pages of LIMIT_BODY

struct row {
    const char *category;
    bool same, stock;
    size_t pairs;
    size_t said_same[METHOD_COUNT], said_unsure[METHOD_COUNT];
};

struct table {
    struct row rows[CATEGORIES_MAX];
    size_t count;
    size_t bytes;       // of both bodies, HTTP and HTTPS, of all pairs
    double cpu_s[2];    // of comparing them: WITH_CONTROL, WITHOUT_CONTROL
    double big_rss_mib; // with four pages of LIMIT_BODY
    bool misses, peers;
};

static double cpu_now(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static struct row *row_of(struct table *table, const struct corpus_pair *pair)
{
    for (size_t i = 0; i < table->count; i++) {
        if (strcmp(table->rows[i].category, pair->category) == 0) {
            return &table->rows[i];
        }
    }
    struct row *row = &table->rows[table->count++];
    *row = (struct row){.category = pair->category, .same = pair->same, .stock = pair->stock};
    return row;
}

static struct sim_page page_of(const struct corpus_pair *pair, const struct buf *body)
{
    return (struct sim_page){.body = buf_span(body), .url = pair->url};
}

static void judge(struct table *table, struct row *row, const struct corpus_pair *pair,
                  enum method method)
{
    struct sim_page http = page_of(pair, &pair->http), https = page_of(pair, &pair->https),
                    again = page_of(pair, &pair->http_again);
    struct sim_input input = {.http = &http, .https = &https};
    input.http_again = method == WITH_CONTROL ? &again : NULL;
    struct sim_result result;
    double start = cpu_now();
    if (similarity_compare(&result, &input) != ERR_OK) {
        (void)fputs("no memory\n", stderr);
        exit(1);
    }
    table->cpu_s[method] += cpu_now() - start;
    row->said_same[method] += result.verdict == SAMENESS_SAME;
    row->said_unsure[method] += result.verdict == SAMENESS_UNSURE;
    if (table->misses && (result.verdict == SAMENESS_SAME) != pair->same) {
        (void)printf("miss: %s %s, %s %.3f %s: %s\n", pair->category, pair->url,
                     method == WITH_CONTROL ? "control" : "no control", result.score, result.rule,
                     result.detail);
    }
}

static void judge_all(struct table *table, unsigned fold)
{
    struct corpus_pair pair;
    corpus_init(&pair);
    for (size_t i = 0; i < corpus_size(); i++) {
        if (corpus_fold(i) != fold) {
            continue;
        }
        corpus_make(&pair, i);
        struct row *row = row_of(table, &pair);
        struct span a = buf_span(&pair.http), b = buf_span(&pair.https);
        row->pairs++;
        table->bytes += a.len + b.len;
        judge(table, row, &pair, WITH_CONTROL);
        judge(table, row, &pair, WITHOUT_CONTROL);
        if (!table->peers) {
            continue;
        }
        row->said_same[EQUAL_BYTES] += peer_equal_bytes(a, b);
        row->said_same[SIMHASH] += peer_simhash(a, b);
        row->said_same[JACCARD] += peer_jaccard(a, b);
    }
    corpus_done(&pair);
}

// Upper end of the one-sided 95 % interval of Clopper and Pearson, by bisection.
static double upper_bound(size_t events, size_t n)
{
    double low = (double)events / (double)n, high = 1;
    for (int round = 0; round < 60; round++) {
        double p = (low + high) / 2, term = pow(1 - p, (double)n), sum = term;
        for (size_t k = 1; k <= events; k++) {
            term *= (double)(n - k + 1) / (double)k * p / (1 - p);
            sum += term;
        }
        low = sum > .05 ? p : low;
        high = sum > .05 ? high : p;
    }
    return high;
}

static void print_row(const struct row *row)
{
    (void)printf("%-24s %-9s %5zu", row->category, row->same ? "same" : "different", row->pairs);
    for (int method = 0; method < METHOD_COUNT; method++) {
        (void)printf("  %9.4f", (double)row->said_same[method] / (double)row->pairs);
    }
    (void)printf("  %6zu\n", row->said_unsure[WITH_CONTROL]);
}

static struct row total_of(const struct table *table, bool same)
{
    struct row total = {.category = same ? "all: recall" : "all: false same", .same = same};
    for (size_t i = 0; i < table->count; i++) {
        const struct row *row = &table->rows[i];
        if (row->same != same) {
            continue;
        }
        total.pairs += row->pairs;
        for (int method = 0; method < METHOD_COUNT; method++) {
            total.said_same[method] += row->said_same[method];
            total.said_unsure[method] += row->said_unsure[method];
        }
    }
    return total;
}

static double speed_of(const struct table *table, enum method method)
{
    return (double)table->bytes / 1e6 / table->cpu_s[method];
}

// Of this process, not of the one that started it, as ru_maxrss may be.
static double peak_rss_mib(void)
{
    FILE *status = fopen("/proc/self/status", "re");
    char line[128];
    long kib = 0;
    while (status != NULL && fgets(line, sizeof line, status) != NULL) {
        if (strncmp(line, "VmHWM:", 6) == 0) {
            kib = strtol(line + 6, NULL, 10);
        }
    }
    if (kib == 0 || fclose(status) != 0) {
        (void)fputs("/proc/self/status: no VmHWM\n", stderr);
        exit(1);
    }
    return (double)kib / 1024;
}

static void print_table(const struct table *table)
{
    (void)printf(
        "part judged `same`        label     pairs    control no control      bytes    simhash"
        "    5-grams  unsure\n");
    for (size_t i = 0; i < table->count; i++) {
        print_row(&table->rows[i]);
    }
    struct row same = total_of(table, true), different = total_of(table, false);
    print_row(&same);
    print_row(&different);
    (void)printf("false same: %zu of %zu with control, 95 %% upper bound %.5f; %zu without, %.5f\n",
                 different.said_same[WITH_CONTROL], different.pairs,
                 upper_bound(different.said_same[WITH_CONTROL], different.pairs),
                 different.said_same[WITHOUT_CONTROL],
                 upper_bound(different.said_same[WITHOUT_CONTROL], different.pairs));
    (void)printf("speed over both bodies, HTTP and HTTPS, %.1f MB: %.1f MB/s without control, %.1f "
                 "MB/s with it; peak RSS %.1f MiB\n",
                 (double)table->bytes / 1e6, speed_of(table, WITHOUT_CONTROL),
                 speed_of(table, WITH_CONTROL), peak_rss_mib());
}

static int missed(const char *bar)
{
    (void)printf("missed: %s\n", bar);
    return 1;
}

static int check_speed(const struct table *table)
{
    return speed_of(table, WITHOUT_CONTROL) < SPEED_MIN ? missed("30 MB/s without control") : 0;
}

static int check_memory(const struct table *table)
{
    return table->big_rss_mib > MEMORY_MAX ? missed("64 MiB with pages of 8 MiB") : 0;
}

// The bars of the project, on the reporting fold.
static int check_bars(const struct table *table)
{
    struct row same = total_of(table, true), different = total_of(table, false);
    int failures = 0;
    double all = (double)same.pairs;
    failures += (double)same.said_same[WITH_CONTROL] < .985 * all ? missed("recall .985") : 0;
    failures += (double)same.said_same[WITHOUT_CONTROL] < .93 * all
                    ? missed("recall .93 without control")
                    : 0;
    for (int method = WITH_CONTROL; method <= WITHOUT_CONTROL; method++) {
        failures += (double)different.said_same[method] > .001 * (double)different.pairs
                        ? missed("false same .1 %")
                        : 0;
    }
    for (size_t i = 0; i < table->count; i++) {
        const struct row *row = &table->rows[i];
        bool wrong = row->stock &&
                     (row->said_same[WITH_CONTROL] > 0 || row->said_same[WITHOUT_CONTROL] > 0 ||
                      row->said_unsure[WITH_CONTROL] > 0);
        failures += wrong ? missed(row->category) : 0;
    }
    failures += corpus_size() < 2000 ? missed("2,000 pairs") : 0;
    failures += upper_bound(different.said_same[WITH_CONTROL], different.pairs) > .001
                    ? missed("false same: 95 % bound of .1 %")
                    : 0;
    return failures;
}

static void judge_big(const struct big_pages *pages, size_t fetches)
{
    struct sim_page at[BIG_FETCHES];
    for (size_t i = 0; i < fetches; i++) {
        at[i] = (struct sim_page){.body = buf_span(&pages->bodies[i])};
    }
    struct sim_input input = {.http = &at[0], .https = &at[1]};
    input.http_again = fetches > 2 ? &at[2] : NULL;
    input.https_again = fetches > 3 ? &at[3] : NULL;
    struct sim_result result;
    double start = cpu_now();
    if (similarity_compare(&result, &input) != ERR_OK) {
        (void)fputs("no memory\n", stderr);
        exit(1);
    }
    double bytes = (double)(at[0].body.len + at[1].body.len);
    (void)printf("%zu fetches of a page of 8 MiB: %.1f MB/s over both bodies, %s by %s\n", fetches,
                 bytes / 1e6 / (cpu_now() - start), sameness_str(result.verdict), result.rule);
}

// Speed and memory where pages are as large as they may be.
static void judge_big_pages(struct table *table)
{
    struct big_pages pages;
    big_pages_make(&pages);
    for (size_t fetches = 2; fetches <= BIG_FETCHES; fetches++) {
        judge_big(&pages, fetches);
    }
    big_pages_done(&pages);
    table->big_rss_mib = peak_rss_mib();
    (void)printf("peak RSS with four different bodies of 8 MiB: %.1f MiB\n", table->big_rss_mib);
}

static void write_body(const char *folder, size_t number, const char *side, const struct buf *body)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%05zu.%s", folder, number, side);
    FILE *out = fopen(path, "wbe");
    if (out == NULL || fwrite(buf_str(body), 1, body->len, out) != body->len || fclose(out) != 0) {
        perror(path);
        exit(1);
    }
}

static int write_all(const char *folder)
{
    (void)mkdir(folder, 0755);
    char path[512];
    (void)snprintf(path, sizeof path, "%s/pairs.tsv", folder);
    FILE *pairs = fopen(path, "we");
    (void)snprintf(path, sizeof path, "%s/labels.tsv", folder);
    FILE *labels = fopen(path, "we");
    if (pairs == NULL || labels == NULL) {
        perror(path);
        return 1;
    }
    struct corpus_pair pair;
    corpus_init(&pair);
    for (size_t i = 0; i < corpus_size(); i++) {
        corpus_make(&pair, i);
        write_body(folder, i, "http", &pair.http);
        write_body(folder, i, "https", &pair.https);
        write_body(folder, i, "again", &pair.http_again);
        (void)fprintf(pairs, "%s/%05zu.http\t%s/%05zu.https\t%s/%05zu.again\n", folder, i, folder,
                      i, folder, i);
        (void)fprintf(labels, "%s\t%s\t%u\n", pair.category, pair.same ? "same" : "different",
                      pair.fold);
    }
    corpus_done(&pair);
    return fclose(pairs) == 0 && fclose(labels) == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--write") == 0) {
        return write_all(argv[2]);
    }
    static struct table table;
    bool assert_bars = false;
    unsigned fold = 1;
    for (int i = 1; i < argc; i++) {
        assert_bars |= strcmp(argv[i], "--assert") == 0;
        table.misses |= strcmp(argv[i], "--misses") == 0;
        fold = strcmp(argv[i], "--fold0") == 0 ? 0 : fold;
    }
    table.peers = !assert_bars;
    judge_all(&table, fold);
    print_table(&table);
    judge_big_pages(&table);
    int failures = fold == 1 ? check_bars(&table) + check_memory(&table) : 0;
    failures += fold == 1 && !assert_bars ? check_speed(&table) : 0;
    return failures == 0 ? 0 : 1;
}
