// SPDX-License-Identifier: Apache-2.0
// How much worse the new mode may still be, given what a step has shown.
#include <math.h>

#include "rollout/judge.h"

static double wilson(double x, double n, double z)
{
    double p = x / n;
    double centre = p + z * z / (2 * n);
    double half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    return (centre + half) / (1 + z * z / n);
}

double wilson_upper(double x, double n, double z)
{
    return n > 0 ? fmin(wilson(x, n, fabs(z)), 1) : 1;
}

double wilson_lower(double x, double n, double z)
{
    return n > 0 ? fmax(1 - wilson(n - x, n, fabs(z)), 0) : 0;
}

double excess_upper(const struct stratum *s, double z)
{
    double upper = wilson_upper(s->new_x, s->new_n, z);
    if (s->new_n <= 0 || s->old_n <= 0) {
        return upper;
    }
    double share_new = s->new_x / s->new_n;
    double share_old = s->old_x / s->old_n;
    double above = upper - share_new;
    double below = share_old - wilson_lower(s->old_x, s->old_n, z);
    return share_new - share_old + sqrt(above * above + below * below);
}
