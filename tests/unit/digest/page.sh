#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# page.sh PRINT_SAMPLE: the page of a digest has nothing that tidy complains of, and fits into 375
# and 1280 pixels in a browser. Pictures are kept in $KEEP where that is set.
set -eu
print=$1
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
missing=

"$print" html >"$work/hostile.html"
"$print" html plain >"$work/digest.html"
"$print" notice >"$work/notice.html"
if command -v tidy >/dev/null; then
    for page in hostile digest notice; do
        tidy -quiet -errors "$work/$page.html" || {
            echo "tidy complains of $page.html"
            exit 1
        }
    done
else
    missing="$missing tidy"
fi

if command -v chromium >/dev/null; then
    for page in hostile digest notice; do
        for width in 375 1280; do
            # A page that is wider than its window says so in its title. Scripts are no part of it:
            # a frame of that width is measured from outside.
            {
                printf '<!doctype html><title>?</title><body style="margin:0"><iframe id="f" '
                printf 'style="border:0;width:%spx;height:3000px" srcdoc="' "$width"
                sed 's/&/\&amp;/g; s/"/\&quot;/g' "$work/$page.html"
                printf '"></iframe><script>onload=()=>{const d=document.getElementById("f")'
                printf '.contentDocument.documentElement;document.title=d.scrollWidth<=%s?' "$width"
                printf '"fits":"wide "+d.scrollWidth}</script>'
            } >"$work/frame.html"
            timeout 60 chromium --headless --no-sandbox --disable-gpu --user-data-dir="$work/home" \
                --dump-dom "file://$work/frame.html" >"$work/dom" 2>"$work/chromium.log" || {
                cat "$work/chromium.log"
                exit 1
            }
            grep -q '<title>fits</title>' "$work/dom" || {
                echo "$page.html at $width pixels: $(grep -o '<title>[^<]*' "$work/dom")"
                exit 1
            }
            if [ -n "${KEEP-}" ]; then
                timeout 60 chromium --headless --no-sandbox --disable-gpu --hide-scrollbars \
                    --user-data-dir="$work/home" --window-size="$width,2300" \
                    --screenshot="$KEEP/$page-$width.png" "file://$work/$page.html" 2>/dev/null
            fi
        done
    done
else
    missing="$missing chromium"
fi

[ -z "$missing" ] || {
    echo "skipped what needs:$missing"
    exit 77
}
