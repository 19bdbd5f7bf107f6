package bench

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/process"
)

func goodOpen() *openRequest {
	return &openRequest{
		Setting: goodSetting(), Nodes: []process.ID{2, 3}, Peers: []string{"a", "b", "c"}, Dir: "d",
	}
}

func TestParseRequest(t *testing.T) {
	good := request{Do: doOpen, Open: goodOpen()}
	line, err := json.Marshal(good)
	require.NoError(t, err)
	got, err := parseRequest(line)
	require.NoError(t, err)
	require.Equal(t, good, got)
	for want, change := range map[string]func(*request){
		"without nodes":               func(r *request) { r.Open = nil },
		"size 0: expected 8":          func(r *request) { r.Open.Setting.Size = 0 },
		"2 peers: expected 3":         func(r *request) { r.Open.Peers = r.Open.Peers[1:] },
		"node 4: expected 1 to 3":     func(r *request) { r.Open.Nodes[1] = 4 },
		"node 0: expected 1 to 3":     func(r *request) { r.Open.Nodes[1] = 0 },
		"node 2: expected 1 to 3, ea": func(r *request) { r.Open.Nodes[1] = 2 },
	} {
		bad := request{Do: doOpen, Open: goodOpen()}
		change(&bad)
		line, err := json.Marshal(bad)
		require.NoError(t, err)
		_, err = parseRequest(line)
		require.ErrorContains(t, err, want)
	}
	_, err = parseRequest([]byte("load"))
	require.ErrorContains(t, err, "expected one line of JSON")
}

func TestParseReply(t *testing.T) {
	r, err := parseReply([]byte(`{"leaders":[1,1]}`))
	require.NoError(t, err)
	require.Equal(t, []process.ID{1, 1}, r.Leaders)
	_, err = parseReply([]byte(`{"error":"no port","portLost":true}`))
	var failed *childError
	require.ErrorAs(t, err, &failed)
	require.True(t, failed.portLost)
	require.EqualError(t, err, "no port")
	_, err = parseReply([]byte("panic: "))
	require.ErrorContains(t, err, "expected one line of JSON")
}

// FuzzParseRequest wants what a child accepts to be fit to open.
func FuzzParseRequest(f *testing.F) {
	line, err := json.Marshal(request{Do: doOpen, Open: goodOpen()})
	require.NoError(f, err)
	f.Add(line)
	f.Add([]byte(`{"do":"settle","given":7}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		r, err := parseRequest(line)
		if err != nil || r.Do != doOpen {
			return
		}
		s := r.Open.Setting
		require.NoError(t, s.Check())
		require.NoError(t, s.withDefaults().options().Check())
		require.Len(t, r.Open.Peers, s.Processes)
	})
}

// FuzzReply has the parent make what it can of what a child says.
func FuzzReply(f *testing.F) {
	f.Add([]byte(`{"used":{"cpu":5},"peak":7,"loads":[{"at":1,"given":9,"counted":3,"elapsed":7,` +
		`"latency":[[1000,3]]}],"settled":[{"process":1,"count":9,"digest":1}]}`))
	f.Fuzz(func(_ *testing.T, line []byte) {
		r, err := parseReply(line)
		if err != nil || len(r.Settled) == 0 {
			return
		}
		all := []reply{r}
		m := measurement{
			before: all, after: all, stopped: all, loads: r.Loads, settled: r.Settled,
		}
		_, _ = m.repetition(goodSetting()) // An error is as good.
	})
}
