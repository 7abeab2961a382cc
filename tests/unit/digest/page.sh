#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# page.sh PRINT_SAMPLE: the page of a digest has no errors that tidy knows, and fits into 375
# and 1280 pixels in a browser.
set -eu
print=$1
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
# shellcheck source=tests/support/browser.sh
. "$(dirname "$0")/../../support/browser.sh"
[ -z "$(page_tools)" ] || {
    echo "skipped: there is no $(page_tools)"
    exit 77
}
"$print" html >"$work/hostile.html"
"$print" html plain >"$work/digest.html"
"$print" notice >"$work/notice.html"
for page in hostile digest notice; do
    page_is_clean "$work/$page.html"
    for width in 375 1280; do
        page_fits "$work/$page.html" $width
    done
done
