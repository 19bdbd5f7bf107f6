package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const goodHistory = `{"op":"broadcast","client":1,"process":2,"start":1,"call":5,"return":9,` +
	`"result":"ok","value":"a","at":"7/0"}
{"op":"broadcast","client":2,"process":1,"start":1,"call":6,"result":"unknown","value":"b"}
`

// TestHistory checks a simulated run from outside.
func TestHistory(t *testing.T) {
	dir := t.TempDir()
	trace, picture := filepath.Join(dir, "run.ndjson"), filepath.Join(dir, "history.html")
	r := paxon(t, "", "sim", "--seed", "42", "--trace", trace)
	require.Zero(t, r.status, r.stderr)
	converted := paxon(t, "", "history", "from-trace", trace)
	require.Zero(t, converted.status, converted.stderr)
	r = paxon(t, converted.stdout, "history", "check", "--html", picture, "-")
	require.Zero(t, r.status, r.stderr)
	require.Regexp(t,
		`^ok: \d+ messages, \d+ unknown of which \d+ were delivered, in \d+ calls; \d+ reads\n$`, r.stdout)
	html, err := os.ReadFile(picture)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(html), "<!doctype html>"))
}

func TestHistoryFails(t *testing.T) {
	const forked = goodHistory + `{"op":"read","client":3,"process":1,"start":1,"call":10,"return":11,` +
		`"result":"ok","from":"7/0","entries":[{"at":"7/0","value":"b"}]}` + "\n"
	for _, c := range []struct {
		input, args  string
		status       int
		stdout, want string
	}{
		{goodHistory, "check -", 0, "ok: 2 messages, 1 unknown of which 0 were", ""},
		{forked, "check -", 1, "violation: 2 messages", "violation of total order broadcast: "},
		{goodHistory, "check --timeout 1ns -", 1, "undecided: 2 messages", "undecided after 1ns: expected"},
		{goodHistory, "check --timeout 0s -", 2, "", "expected above 0"},
		{"{", "check -", 1, "", "-: line 1: "},
		{"{", "from-trace -", 1, "", "-: line 1: "},
		{"", "check", 2, "", "0 files: expected one"},
		{"", "check missing", 1, "", "missing: no such file"},
		{"", "frobnicate", 2, "", "expected none"},
	} {
		r := paxon(t, c.input, append([]string{"history"}, strings.Fields(c.args)...)...)
		assert.Equal(t, c.status, r.status, c.args)
		assert.Contains(t, r.stdout, c.stdout, c.args)
		assert.Contains(t, r.stderr, c.want, c.args)
	}
}
