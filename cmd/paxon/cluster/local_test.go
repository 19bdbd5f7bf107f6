package cluster

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paxon/node"
	"paxon/process"
	"paxon/seasons"
)

// TestLocalConfig writes configurations that a process reads.
func TestLocalConfig(t *testing.T) {
	dir := filepath.Join(t.TempDir(), `a "name" with: signs`)
	require.NoError(t, os.Mkdir(dir, 0o700))
	l, err := NewLocal("paxon", dir, seasons.Paxos(), 3)
	require.NoError(t, err)
	addresses := map[string]bool{}
	for id := range 3 {
		c, err := node.ReadConfig(l.path(id+1, ".yaml"))
		require.NoError(t, err)
		assert.EqualValues(t, id+1, c.Process)
		assert.Equal(t, l.path(id+1, ""), c.Dir)
		assert.Len(t, c.Peers, 3)
		addresses[c.API], addresses[c.Peers[c.Process]] = true, true
	}
	assert.Len(t, addresses, 6, "no port is given twice")
}

// TestRoute has processes reach each other through others, and run in another place.
func TestRoute(t *testing.T) {
	l, err := NewLocal("paxon", t.TempDir(), seasons.Paxos(), 3)
	require.NoError(t, err)
	listens := slices.Clone(l.links)
	require.NoError(t, l.Route(func(from, to process.ID, at string) (string, error) {
		require.Equal(t, listens[to-1], at)
		return fmt.Sprintf("via:%d%d", from, to), nil
	}))
	c, err := node.ReadConfig(l.path(2, ".yaml"))
	require.NoError(t, err)
	assert.Equal(t, map[process.ID]string{1: "via:21", 2: listens[1], 3: "via:23"}, c.Peers)

	failure := errors.New("no room")
	require.ErrorIs(t, l.Route(func(process.ID, process.ID, string) (string, error) {
		return "", failure
	}), failure)

	require.NoError(t, l.Place(
		func(id process.ID) string { return fmt.Sprintf("10.0.0.%d", id) },
		func(process.ID) []string { return []string{"enter"} },
	))
	c, err = node.ReadConfig(l.path(3, ".yaml"))
	require.NoError(t, err)
	for id, address := range c.Peers {
		assert.Equal(t, strings.Replace(listens[id-1], "127.0.0.1", fmt.Sprintf("10.0.0.%d", id), 1), address)
	}
	assert.True(t, strings.HasPrefix(c.API, "10.0.0.3:"), c.API)
	_, err = l.Start(t.Context(), 3)
	assert.ErrorContains(t, err, `"enter"`)
}

func TestLocalAgain(t *testing.T) {
	dir := t.TempDir()
	again := func(v seasons.Variant, n int) error {
		_, err := NewLocal("paxon", dir, v, n)
		return err
	}
	require.NoError(t, again(seasons.Paxos(), 3))
	require.NoError(t, again(seasons.Paxos(), 3))
	var bad *DirError
	require.ErrorAs(t, again(seasons.Paxos(), 5), &bad)
	assert.ErrorContains(t, bad, "belongs to 3 processes of paxos: expected 5 of paxos")
	require.ErrorAs(t, again(seasons.CrashStop(), 3), &bad)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "cluster.json"), []byte("?"), 0o600))
	require.ErrorAs(t, again(seasons.Paxos(), 3), &bad)

	dir = t.TempDir()
	require.NoError(t, again(seasons.CrashStop(), 3))
	require.ErrorContains(t, again(seasons.CrashStop(), 3), "does not stand that all")
}

// TestProcessThatEnds starts a program that ends at once, with a last word.
func TestProcessThatEnds(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "program")
	script := "#!/bin/sh\necho '" + strings.Repeat("x", 2*tailBytes) + "the end' >&2\nexit 3\n"
	require.NoError(t, os.WriteFile(program, []byte(script), 0o700))
	l, err := NewLocal(program, dir, seasons.Paxos(), 1)
	require.NoError(t, err)
	_, err = l.Start(t.Context(), 1)
	var died *DiedError
	require.ErrorAs(t, err, &died)
	assert.ErrorContains(t, err, "exit status 3")
	assert.ErrorContains(t, err, "the end")
	assert.Less(t, len(err.Error()), tailBytes+500)
}
