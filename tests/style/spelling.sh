#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# spelling.sh ROOT: codespell finds nothing. Words that are right here: words.txt.
set -eu
cd "$1"
command -v codespell >/dev/null || {
    echo 'codespell is not installed: ./run deps'
    exit 1
}
# Fuzz corpora and fixtures are other people's words; the lexicons speak many languages.
skip='./similarity/lexicon.c,./bench/similarity/words.c,./bench/similarity/stock_pages.c'
codespell --ignore-words "$(dirname -- "$0")/words.txt" \
    --skip "$skip,./.git,./build*,./demo-out,./tests/fuzz/corpus,./tests/golden,*.dict,./LICENSE" .
