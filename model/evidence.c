// SPDX-License-Identifier: Apache-2.0
#include "model/evidence.h"

#include <stdlib.h>

void origin_evidence_done(struct origin_evidence *origin)
{
    free(origin->address);
    free(origin->http.final_url);
    free(origin->https.final_url);
    certificate_free(origin->certificate);
    for (size_t i = 0; origin->pages != NULL && i < origin->page_count; i++) {
        free(origin->pages[i].path);
    }
    free(origin->pages);
    *origin = (struct origin_evidence){0};
}

void evidence_free(struct evidence *evidence)
{
    if (evidence == NULL) {
        return;
    }
    for (size_t h = 0; evidence->hosts != NULL && h < evidence->host_count; h++) {
        struct host_evidence *host = &evidence->hosts[h];
        for (size_t o = 0; host->origins != NULL && o < host->origin_count; o++) {
            origin_evidence_done(&host->origins[o]);
        }
        free(host->origins);
        free(host->name);
    }
    free(evidence->hosts);
    free(evidence);
}

const char *sameness_str(enum sameness sameness)
{
    static const char *const words[SAMENESS_COUNT] = {
        [SAMENESS_NONE] = "none",
        [SAMENESS_SAME] = "same",
        [SAMENESS_DIFFERENT] = "different",
        [SAMENESS_UNSURE] = "unsure",
    };
    return sameness < SAMENESS_COUNT ? words[sameness] : "none";
}

const char *redirect_str(enum redirect redirect)
{
    static const char *const words[REDIRECT_COUNT] = {
        [REDIRECT_NONE] = "none",         [REDIRECT_SAME_SCHEME] = "same_scheme",
        [REDIRECT_TO_HTTPS] = "to_https", [REDIRECT_TO_HTTP] = "to_http",
        [REDIRECT_OFF_ZONE] = "off_zone", [REDIRECT_OTHER_HOST] = "other_host",
        [REDIRECT_LOOP] = "loop",         [REDIRECT_LIMIT] = "limit",
    };
    return redirect < REDIRECT_COUNT ? words[redirect] : "none";
}

const char *second_look_str(enum second_look look)
{
    static const char *const words[LOOK_COUNT] = {
        [LOOK_ONCE] = "once",
        [LOOK_CONFIRMED] = "confirmed",
        [LOOK_CHANGED] = "changed",
    };
    return look < LOOK_COUNT ? words[look] : "none";
}
