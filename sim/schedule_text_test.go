package sim_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/sim"
)

func TestInterventionText(t *testing.T) {
	const ms = time.Millisecond
	for text, i := range map[string]sim.Intervention{
		"1ms: p2 starts":                    {Act: sim.ActStart, At: ms, Process: 2},
		"0s: client 2 begins, at p1":        {Act: sim.ActClient, Client: 2, Process: 1},
		`0s: p1 broadcasts "m"`:             {Act: sim.ActBroadcast, Process: 1, Payload: "m"},
		`0s: client 1 broadcasts "m" at p1`: {Act: sim.ActBroadcast, Process: 1, Payload: "m", Client: 1},
		`0s: p1 broadcasts "m" and "n"`: {
			Act: sim.ActBroadcast, Process: 1, Payload: "m", More: []string{"n"},
		},
		"0s: client 1 hands its message 2 to p3 as well": {
			Act: sim.ActHand, Client: 1, Sequence: 2, Process: 3,
		},
		"0s: p1 crashes":                                      {Act: sim.ActCrash, Process: 1},
		"0s: p1 crashes, and recovers after 1ms":              {Act: sim.ActCrash, Process: 1, For: ms},
		"0s: p1 is down for good":                             {Act: sim.ActGone, Process: 1},
		"0s: p1 drops what it has delivered from its history": {Act: sim.ActTruncate, Process: 1},
		"0s: the links p1 to p2, p3 to p1 are broken for 1ms": {
			Act: sim.ActCut, Links: []sim.Link{{From: 1, To: 2}, {From: 3, To: 1}}, For: ms,
		},
		"0s: the disk of p1 hangs for 1ms": {Act: sim.ActStall, Process: 1, For: ms},
		"0s: disk 1 hangs for 1ms":         {Act: sim.ActStall, Disk: 1, For: ms},
		"0s: disk 1 is away for 1ms":       {Act: sim.ActVanish, Disk: 1, For: ms},
		"0s: disk 1 is lost for good":      {Act: sim.ActVanish, Disk: 1},
		"0s: the next READ from p1 to p2 is lost": {
			Act: sim.ActLoss, Message: "READ", From: 1, To: 2,
		},
		"0s: the next but 2 READ from p1 to p2 takes 1ms": {
			Act: sim.ActDelay, Message: "READ", From: 1, To: 2, Nth: 3, For: ms,
		},
		"0s: the next READ from p1 to p2 arrives once more, after 1ms": {
			Act: sim.ActCopy, Message: "READ", From: 1, To: 2, For: ms,
		},
		"0s: the next operation of the disk of p1 takes 1ms": {Act: sim.ActDisk, Process: 1, For: ms},
		"0s: of what is under way at a crash of p1, 2 survive": {
			Act: sim.ActKept, Process: 1, Kept: 2,
		},
	} {
		require.Equal(t, text, i.String())
	}
}
