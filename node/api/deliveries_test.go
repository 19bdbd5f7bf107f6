package api

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vmihailenco/msgpack/v5"
)

func TestDeliveriesSoFar(t *testing.T) {
	n := openNode(t)
	client := newClient(t, n)
	for i, payload := range []string{"a", "b", "\x00\xff"} {
		w := do(n, http.MethodPost, "/v1/broadcast", payload,
			"Paxon-Client", client, "Paxon-Sequence", fmt.Sprint(i+1))
		require.Equal(t, http.StatusOK, w.Code)
	}
	w := do(n, http.MethodGet, "/v1/deliveries?follow=false", "")
	require.Equal(t, fmt.Sprintf(
		`{"instance":1,"offset":0,"client":%[1]q,"sequence":1,"payload":"YQ=="}`+"\n"+
			`{"instance":2,"offset":0,"client":%[1]q,"sequence":2,"payload":"Yg=="}`+"\n"+
			`{"instance":3,"offset":0,"client":%[1]q,"sequence":3,"payload":"AP8="}`+"\n", client),
		w.Body.String())

	w = do(n, http.MethodGet, "/v1/deliveries?follow=false&from=3/0", "",
		"Accept", "text/plain, application/msgpack;q=0.9")
	d := msgpack.NewDecoder(w.Body)
	length, err := d.DecodeArrayLen()
	require.NoError(t, err)
	require.Equal(t, 5, length)
	for _, want := range []any{uint64(3), uint64(0), client, uint64(3), []byte("\x00\xff")} {
		got, err := d.DecodeInterfaceLoose()
		require.NoError(t, err)
		require.EqualValues(t, want, got)
	}
	for _, beyond := range []string{"3/1", "4/0", "9/9"} {
		w = do(n, http.MethodGet, "/v1/deliveries?follow=false&from="+beyond, "")
		require.Equal(t, http.StatusOK, w.Code)
		require.Empty(t, w.Body.String())
	}
}

func TestDeliveriesAreFollowedUntilTheProcessCloses(t *testing.T) {
	n := openNode(t)
	url := serve(t, n)
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, url+"/v1/deliveries", nil)
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer response.Body.Close()
	lines := bufio.NewScanner(response.Body)
	for i := range 3 {
		w := do(n, http.MethodPost, "/v1/broadcast", strings.Repeat("x", i))
		require.Equal(t, http.StatusOK, w.Code)
		require.True(t, lines.Scan(), "a delivery is flushed as long as there is no other")
		var d delivery
		require.NoError(t, json.Unmarshal(lines.Bytes(), &d))
		require.Len(t, d.Payload, i)
	}
	require.NoError(t, n.Close())
	require.False(t, lines.Scan())
}
