package sim_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/seasons"
	"paxon/seasons/catalog"
	"paxon/sim"
)

func written(t *testing.T, s sim.Schedule) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, s.Write(&out))
	return out.String()
}

// TestScheduleFile shows that a schedule is read as it was written.
func TestScheduleFile(t *testing.T) {
	for _, v := range catalog.Variants() {
		for seed := range uint64(3) {
			s, _ := sim.Record(sim.DefaultConfig(v.Variant, 3), seed)
			require.NoError(t, s.Check(v.Variant))
			read, err := sim.ReadSchedule(strings.NewReader(written(t, s)))
			require.NoError(t, err)
			require.Equal(t, s, read)
		}
	}
}

const handmade = `{
  "format": "paxon schedule",
  "version": 1,
  "variant": "paxos",
  "processes": 3,
  "duration": "30ms",
  "bound": "5s",
  "limits": {
    "payload": 64,
    "pending": 6,
    "pendingBytes": 512,
    "batch": 160,
    "window": 1,
    "ahead": 2,
    "update": 288,
    "checkpointBytes": 640,
    "checkpointBatches": 10,
    "clientIdle": 64,
    "clients": 9
  },
  "seed": 0,
  "interventions": [
    {"at":"0s","act":"delay","from":2,"to":1,"message":"WRITE","for":"0s"},
    {"at":"10ms","act":"broadcast","process":2,"payload":"m1"},
    {"at":"12ms","act":"cut","links":[[1,2],[2,1]],"for":"10ms"},
    {"at":"15ms","act":"crash","process":1,"for":"1.5ms"},
    {"at":"16ms","act":"crash","process":3}
  ]
}
`

func TestHandmadeSchedule(t *testing.T) {
	s, err := sim.ReadSchedule(strings.NewReader(handmade))
	require.NoError(t, err)
	require.Equal(t, handmade, written(t, s))
	require.NoError(t, s.Check(seasons.Paxos()))
	r := s.Play(seasons.Paxos(), nil)
	require.Nil(t, r.Violation)
	require.Equal(t, 1, r.Delivered)
}

func TestScheduleErrors(t *testing.T) {
	for _, c := range []struct{ old, other, expected string }{
		{handmade, "", "schedule: line 1: unexpected end of JSON input"},
		{`"act":"crash"`, `"act":crash`, "schedule: line 26: invalid character"},
		{`"processes": 3`, `"processes": "3"`, "schedule: line 5: json: cannot unmarshal string"},
		{"paxon schedule", "paxos", `schedule: format "paxos": expected "paxon schedule"`},
		{`"version": 1`, `"version": 2`, "schedule: version 2: expected 1; play it with"},
		{`"seed"`, `"sead"`, `unknown field "sead"`},
		{`"process":2,`, `"where":2,`, `unknown field "where"`},
		{`"processes": 3`, `"processes": 0`, "schedule: processes 0: expected 1 to 63"},
		{`"processes": 3`, `"processes": 1`, "intervention 1, delay: message"},
		{`"processes": 3`, `"processes": 3, "disks": 99`, "schedule: disks 99: expected 0 to 63"},
		{`"30ms"`, `"soon"`, `time "soon": expected one such as 1.5ms`},
		{`"30ms"`, `"0s"`, "schedule: duration 0s and bound 5s: expected more than 0s"},
		{`"window": 1`, `"window": 0`, "expected 1 to 1048576 each"},
		{`"batch": 160`, `"batch": -1`, "expected 1 to 1048576 each"},
		{`"ahead": 2`, `"ahead": 1`, "ahead above window"},
		{`"act":"cut"`, `"act":"rain"`, "intervention 3, rain: unknown act: expected one of [client"},
		{`"1.5ms"`, `"-1ms"`, "intervention 4, crash: at 15ms for -1ms: expected 0s to 1h0m0s"},
		{`[[1,2],`, `[[1,4],`, "intervention 3, cut: a link from p1 to p4: expected p1 to p3"},
		{`"process":1,`, ``, "intervention 4, crash: process 0: expected 1 to 3"},
		{`"payload":"m1"`, `"payload":""`, `payloads [""] at process 2: expected payloads`},
		{`"payload":"m1"`, `"payload":"m1","more":["m1"]`, `broadcasts "m1" once more`},
		{
			`"payload":"m1"`, `"payload":"m1","more":["m2"],"client":1`,
			`payloads ["m1" "m2"] of client 1: expected one, or no client`,
		},
		{`"act":"delay"`, `"act":"vanish"`, "intervention 1, vanish: disk 0: expected 1 to 0"},
		{`"act":"delay"`, `"act":"disk"`, "process 0, disk 0: expected the one"},
		{`"act":"crash","process":3`, `"act":"broadcast","process":2,"payload":"m1"`, "once more"},
	} {
		_, err := sim.ReadSchedule(strings.NewReader(strings.Replace(handmade, c.old, c.other, 1)))
		require.ErrorContains(t, err, c.expected, c.other)
	}
}

func TestScheduleOfAnother(t *testing.T) {
	summer, err := catalog.ByName("summer")
	require.NoError(t, err)
	winter, err := catalog.ByName("winter=1")
	require.NoError(t, err)
	s, err := sim.ReadSchedule(strings.NewReader(handmade))
	require.NoError(t, err)
	require.ErrorContains(t, s.Check(summer), "no disks: expected some, for summer shares them")
	s.Disks = 2
	require.ErrorContains(t, s.Check(seasons.Paxos()), "disks 2: expected none, for paxos")
	s.Processes = 2
	require.ErrorContains(t, s.Check(winter), "schedule: ")
}

// FuzzSchedule shows that no file does harm: it is refused, or read, written, read and played.
func FuzzSchedule(f *testing.F) {
	f.Add([]byte(handmade))
	s, _ := sim.Record(sim.DefaultConfig(seasons.Paxos(), 2), 3)
	s.Interventions = s.Interventions[:40]
	var out bytes.Buffer
	require.NoError(f, s.Write(&out))
	f.Add(out.Bytes())
	f.Add([]byte(`{"format":"paxon schedule","version":1}`))
	f.Add([]byte("{}"))
	f.Fuzz(func(t *testing.T, file []byte) {
		s, err := sim.ReadSchedule(bytes.NewReader(file))
		if err != nil {
			return
		}
		again, err := sim.ReadSchedule(strings.NewReader(written(t, s)))
		require.NoError(t, err)
		require.Equal(t, s, again)
		if s.Check(seasons.Paxos()) == nil {
			s.Steps, s.Duration, s.Bound = 2000, 50*time.Millisecond, 50*time.Millisecond
			s.Play(seasons.Paxos(), nil)
		}
	})
}
