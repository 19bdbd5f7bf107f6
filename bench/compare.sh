#!/usr/bin/env bash
# Compares two commits on this machine: bash bench/compare.sh REV_A REV_B [flags of paxon bench]
#
# Both are built in temporary worktrees and measured in turns, A B, B A and so on, so that what drifts
# on the machine meets both alike; then benchstat says what differs, and whether noise could. Above
# that are the conditions. Nothing passes or fails by it.
#
# ROUNDS  how often each is measured; 6 unless set, the fewest of which benchstat tells the spread
#
# With no flags: closed loops of 1, 64, 1,024 and 8,192, 128 B at the leader, fsync on and off, 1 s each.
# Do not give --repeat, --benchstat or --json.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() {
	printf 'compare.sh: %s\n' "$1" >&2
	exit 2
}
[[ $# -ge 2 ]] || fail "$# arguments: expected REV_A REV_B [flags of paxon bench]"
rounds=${ROUNDS:-6}
[[ $rounds =~ ^[1-9][0-9]*$ ]] || fail "ROUNDS=$rounds: expected a number above 0"
revisions=("$1" "$2")
shift 2
flags=("$@")
[[ ${#flags[@]} -gt 0 ]] || flags=(--duration 1s --warm-up 500ms)
for r in "${revisions[@]}"; do
	git rev-parse --quiet --verify "$r^{commit}" >/dev/null || fail "$r: expected a commit of this repository"
done

dir=$(mktemp -d)
cleanup() {
	for side in a b; do
		git worktree remove --force "$dir/$side" 2>/dev/null || true
	done
	rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

for i in 0 1; do
	side=$([[ $i == 0 ]] && echo a || echo b)
	git worktree add --quiet --detach "$dir/$side" "${revisions[i]}"
	(cd "$dir/$side" && go build -o "$dir/paxon-$side" ./cmd/paxon)
	help=$("$dir/paxon-$side" bench --help)
	[[ $help == *--benchstat* ]] ||
		fail "${revisions[i]}: its bench has no --benchstat, expected a commit with it"
done

measure() { # side
	"$dir/paxon-$1" bench "${flags[@]}" --repeat 1 --benchstat "$dir/round.txt" >/dev/null
	cat "$dir/round.txt" >>"$dir/$1.txt"
}
load() { uptime | sed 's/.*load average[s]*: *//'; }
before=$(load)
for ((round = 1; round <= rounds; round++)); do
	printf 'round %d of %d\n' "$round" "$rounds" >&2
	order=(a b)
	((round % 2)) || order=(b a)
	for side in "${order[@]}"; do measure "$side"; done
done

# What benchstat passes over: Go, kernel, file system and times, which are the same for both as a rule.
conditions() { # side
	sed -n 's/^# //p' "$dir/$1.txt" | sed 's/^commit [^,]*, //' | sort -u | paste -sd ';' | sed 's/;/; /g'
}
for i in 0 1; do
	side=$([[ $i == 0 ]] && echo a || echo b)
	git log -1 --format="${side^} is ${revisions[i]}, %h of %cs: %s" "${revisions[i]}"
	printf '  %s\n' "$(conditions "$side")"
done
printf 'paxon bench %s, %d rounds in turns on %d cores\n' "${flags[*]}" "$rounds" "$(getconf _NPROCESSORS_ONLN)"
printf 'load average %s before and %s after: what else ran shows there, and in the ranges\n\n' \
	"$before" "$(load)"
go tool -modfile=tools/go.mod benchstat "A ${revisions[0]}=$dir/a.txt" "B ${revisions[1]}=$dir/b.txt"
