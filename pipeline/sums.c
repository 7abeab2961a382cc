// SPDX-License-Identifier: Apache-2.0
// What a resident process adds up for its metrics.
#include "pipeline/pipeline.h"

const int64_t latency_bounds_ms[LATENCY_BUCKETS] = {5,    10,   25,   50,    100,   250,   500,
                                                    1000, 2500, 5000, 10000, 30000, 60000, 120000};

void latencies_add(struct latencies *latencies, int64_t ms)
{
    latencies->count++;
    latencies->sum_ms += ms;
    for (size_t i = 0; i < LATENCY_BUCKETS; i++) {
        latencies->up_to[i] += ms <= latency_bounds_ms[i] ? 1 : 0;
    }
}

void scan_sums_add(struct scan_sums *sums, const struct pipeline_result *result)
{
    sums->by_verdict[result->recommendation->verdict]++;
    latencies_add(&sums->took, result->took_ms);
}
