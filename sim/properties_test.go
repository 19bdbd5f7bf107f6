package sim_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/process"
	"paxon/register"
	"paxon/sim"
)

// did is an observation of a process in the round of a number, in instance 1.
func did(kind sim.Kind, p process.ID, number uint64, value string, ok bool) sim.Observation {
	return sim.Observation{
		Kind: kind, Process: p, Incarnation: 1, Instance: 1, OK: ok, Value: register.Value(value),
		Round: register.Round{Number: number, Process: p, Incarnation: 1},
	}
}

func asked(kind sim.Kind, p process.ID, number uint64, value string) sim.Observation {
	return did(kind, p, number, value, false)
}

// Every property falls by the observations that contradict it, and by no others before them.
func TestProperties(t *testing.T) {
	ended := func(kind sim.Kind, p process.ID, number uint64, value string) sim.Observation {
		return did(kind, p, number, value, true)
	}
	for property, seen := range map[string][]sim.Observation{
		sim.ReadWriteAbort: {
			asked(sim.InvokeRead, 1, 1, ""), asked(sim.InvokeRead, 2, 2, ""),
			asked(sim.ReturnRead, 1, 1, ""), asked(sim.ReturnRead, 2, 2, ""),
		},
		sim.ReadWriteCommit: {
			asked(sim.InvokeRead, 1, 1, ""), asked(sim.InvokeRead, 2, 2, ""),
			ended(sim.ReturnRead, 2, 2, ""), ended(sim.ReturnRead, 1, 1, ""),
			asked(sim.InvokeRead, 1, 1, ""), ended(sim.ReturnRead, 1, 1, ""),
		},
		sim.ReadCommit: {
			asked(sim.InvokeWrite, 1, 1, "a"), asked(sim.InvokeRead, 2, 2, ""),
			ended(sim.ReturnRead, 2, 2, "a"), asked(sim.InvokeRead, 2, 3, ""),
			ended(sim.ReturnRead, 2, 3, "b"),
		},
		sim.WriteCommit: {
			asked(sim.InvokeWrite, 1, 1, "a"), asked(sim.InvokeRead, 2, 2, ""),
			ended(sim.ReturnRead, 2, 2, ""), ended(sim.ReturnWrite, 1, 1, "a"),
		},
		sim.RoundOnce: {asked(sim.InvokePropose, 1, 1, "a"), asked(sim.InvokePropose, 1, 1, "a")},
		sim.ConsensusValidity: {
			asked(sim.InvokePropose, 1, 1, "a"), ended(sim.ReturnPropose, 1, 1, "b"),
		},
		sim.ConsensusAgreement: {
			asked(sim.InvokePropose, 1, 1, "a"), asked(sim.InvokePropose, 2, 2, "b"),
			ended(sim.ReturnPropose, 1, 1, "a"), ended(sim.ReturnPropose, 2, 2, "b"),
		},
		sim.ConsensusTermination: {
			asked(sim.InvokePropose, 1, 1, "a"), asked(sim.InvokePropose, 2, 2, "b"),
			asked(sim.ReturnPropose, 1, 1, ""), asked(sim.ReturnPropose, 2, 2, ""),
		},
		sim.TotalOrder: {
			did(sim.Deliver, 1, 0, "", true), did(sim.Deliver, 2, 0, "", true),
			did(sim.Deliver, 2, 0, "", true),
		},
	} {
		p := sim.NewProperties(2)
		for _, o := range seen {
			require.Nil(t, p.Violation(), property)
			p.See(o)
		}
		require.NotNil(t, p.Violation(), property)
		require.Equal(t, property, p.Violation().Property)
	}
}

// That nothing was decided is a decision too.
func TestAgreementOnNothing(t *testing.T) {
	p := sim.NewProperties(2)
	p.Only = sim.ConsensusAgreement
	for _, o := range []sim.Observation{
		asked(sim.InvokePropose, 1, 1, "a"), asked(sim.InvokePropose, 2, 2, "b"),
		{
			Kind: sim.ReturnPropose, Process: 1, Instance: 1, OK: true,
			Round: register.Round{Number: 1, Process: 1, Incarnation: 1},
		},
		did(sim.ReturnPropose, 2, 2, "b", true),
	} {
		p.See(o)
	}
	require.NotNil(t, p.Violation())
}
