#!/usr/bin/env bash
# Draws a flame graph of CPU profiles, of one process or of several together:
#
#	bash bench/flame.sh FILE.svg TITLE PROFILE...
#
# FLAMEGRAPH  Brendan Gregg's flamegraph.pl; unless set, that of Debian's package libdevel-nytprof-perl
#
# Go's own (go tool pprof -http) is a page for a browser and no picture.
set -euo pipefail

fail() {
	printf 'flame.sh: %s\n' "$1" >&2
	exit 2
}
[[ $# -ge 3 ]] || fail "$# arguments: expected FILE.svg TITLE PROFILE..."
draw=${FLAMEGRAPH:-/usr/share/perl5/Devel/NYTProf/flamegraph.pl}
[[ -f $draw ]] || fail "found no $draw: expected it, or FLAMEGRAPH to say where flamegraph.pl is"
file=$1 title=$2
shift 2

# Of a trace, its leaf comes first, behind the time that it took, and then its callers. Each becomes
# root;...;leaf and the milliseconds. Paths of packages go, for room.
fold() {
	awk '
		/^-+\+-+$/ { if (stack != "") print stack, value; stack = ""; inside = 1; next }
		!inside || /^ *[^ ]+:  / { next } # A label.
		{ sub(/ \(inline\)$/, "") }
		stack == "" { value = $1; sub(/ms$/, "", value); sub(/^ *[^ ]+ +/, ""); stack = short($0); next }
		{ sub(/^ +/, ""); stack = short($0) ";" stack }
		END { if (stack != "") print stack, value }
		function short(name) { sub(/^[^ ()*]*\//, "", name); return name }'
}

trap 'rm -f "$file.new"' EXIT
go tool pprof -traces -unit=ms "$@" 2>/dev/null | fold |
	perl "$draw" --title "$title" --countname ms --hash --width 1200 --minwidth 1 --nametype "" >"$file.new"
mv "$file.new" "$file"
