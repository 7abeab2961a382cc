#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# completions.sh SSLAUTO PAGES: each shell that is here reads its file and offers what it should.
set -eu
sslauto=$1
pages=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
LC_ALL=C.UTF-8
HOME=$work
export LC_ALL HOME
unset SSLAUTO_CONFIG XDG_STATE_HOME XDG_CONFIG_HOME XDG_DATA_HOME
mkdir "$work/bin"
ln -s "$sslauto" "$work/bin/sslauto"
PATH=$work/bin:$PATH
sslauto --quiet zone add oak.example --origin 203.0.113.7
failed=0

# The line, then what has to be offered for it, all of it.
cat >"$work/cases" <<'END'
sslauto zone :add import list set
sslauto zone s:set show
sslauto --config /dev/null zone list --format :table csv jsonl
sslauto zone list -f j:jsonl
sslauto check --mode f:flexible full
sslauto --color a:auto always
sslauto rollout start --t:--to
sslauto scan --concu:--concurrency
sslauto explain o:oak.example
sslauto db m:migrate
END

# expect SHELL: the same for each line, with `offer LINE` printing one candidate a line.
expect() {
    while IFS=: read -r line want; do
        offer "$line" >"$work/got"
        for word in $want; do
            grep -qxF -- "$word" "$work/got" || {
                echo "$1: \"$line\" does not offer $word, but: $(tr '\n' ' ' <"$work/got")" >&2
                failed=1
            }
        done
    done <"$work/cases"
}

bash -n "$pages/sslauto.bash" || failed=1
cat >"$work/offer.bash" <<'END'
source "$1"
IFS=' ' read -r -a COMP_WORDS <<<"$2"
[[ $2 != *' ' ]] || COMP_WORDS+=('')
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_sslauto
printf '%s\n' "${COMPREPLY[@]}"
END
offer() { bash "$work/offer.bash" "$pages/sslauto.bash" "$1"; }
expect bash

if command -v fish >/dev/null; then
    fish -n "$pages/sslauto.fish" || failed=1
    offer() {
        fish --no-config -c "source $pages/sslauto.fish; complete -C '$1'" | cut -f1
    }
    expect fish
else
    echo 'no fish here'
fi

if command -v zsh >/dev/null; then
    zsh -n "$pages/_sslauto" || failed=1
    # A real zsh in a terminal of its own: candidates are told from inside, by compadd.
    mkdir "$work/site"
    cp "$pages/_sslauto" "$work/site/"
    cat >"$work/offer.zsh" <<'END'
zmodload zsh/zpty
zpty shell 'TERM=dumb PS1= zsh -f'
zpty -w shell "fpath=($1 \$fpath); autoload -Uz compinit; compinit -u -D"
zpty -w shell "compadd() { if [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd \"\$@\"; return; fi; typeset -a __h; builtin compadd -A __h \"\$@\"; print -l -- \${(q)__h/#/OFFER:} >>$2; builtin compadd \"\$@\"; }"
zpty -w shell 'bindkey "^I" complete-word; zle -C complete-word complete-word _generic'
zpty -w shell 'zstyle ":completion:*" completer _complete; print READY'
zpty -r shell out '*READY*READY*' || true
zpty -n -w shell "$3"$'\t'
sleep 1.5
zpty -d shell
END
    offer() {
        : >"$work/offers"
        zsh -f "$work/offer.zsh" "$work/site" "$work/offers" "$1" >/dev/null 2>&1 </dev/null || true
        sed -n 's/^OFFER://p' "$work/offers"
    }
    expect zsh
else
    echo 'no zsh here'
fi
exit $failed
