# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2154
# Sourced. What a page is to tidy and to headless Chromium. $work is a folder of the caller's.
# Pictures are kept in $KEEP where that is set.

# page_tools: prints those that are missing.
page_tools() {
    for tool in tidy chromium; do
        command -v $tool >/dev/null || printf '%s ' $tool
    done
}

# page_is_clean FILE: no errors (status 2), and no warning but the one from 5.8 on of what mail
# clients need: sizes of tables as attributes.
page_is_clean() {
    page_status=0
    tidy -quiet -errors "$1" >"$work/tidy.log" 2>&1 || page_status=$?
    if [ $page_status -gt 1 ] || grep -v ' not allowed for HTML5$' "$work/tidy.log"; then
        echo "tidy complains of ${1##*/}"
        return 1
    fi
}

page_browser() {
    timeout 60 chromium --headless --no-sandbox --disable-gpu --hide-scrollbars \
        --allow-file-access-from-files --user-data-dir="$work/home" "$@" 2>"$work/chromium.log" || {
        cat "$work/chromium.log"
        return 1
    }
}

# page_fits FILE WIDTH: it is not wider than its window of that many pixels. Chromium's own window
# is never narrower than 500: a frame of that width is measured from outside.
page_fits() {
    printf '<!doctype html><title>?</title><body style="margin:0"><iframe id="f" src="%s"
        style="border:0;width:%spx;height:%spx"></iframe><script>onload=()=>{
        const d=document.getElementById("f").contentDocument.documentElement;
        document.title=d.scrollWidth<=%s?"fits":"wide "+d.scrollWidth}</script>' \
        "file://$1" "$2" "${page_height:-2300}" "$2" >"$work/frame.html"
    page_browser --dump-dom "file://$work/frame.html" >"$work/dom"
    grep -q '<title>fits</title>' "$work/dom" || {
        echo "${1##*/} at $2 pixels: $(grep -o '<title>[^<]*' "$work/dom")"
        return 1
    }
    if [ -n "${KEEP-}" ]; then
        page_name=${1##*/}
        page_browser --window-size="$2,${page_height:-2300}" \
            --screenshot="$KEEP/${page_name%.html}-$2.png" "file://$work/frame.html" >/dev/null
    fi
}
