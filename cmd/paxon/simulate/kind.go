package simulate

import (
	"hash/fnv"
	"sync"

	"paxon/caspaxos/caspaxostest"
	"paxon/conformance"
	"paxon/consensus/consensustest"
	"paxon/register/registertest"
	"paxon/register/registertest/stage"
	"paxon/seasons"
	"paxon/sim"
)

// Kind is a kind of run.
type Kind struct {
	Variant   seasons.Variant
	Processes int
	Part      sim.Part
	// Do does the run of a seed, which determines it. Calls may overlap.
	Do func(seed uint64, coverage bool) Result
	// Trace does the same and writes a trace; it is nil for registers and consensus alone.
	Trace func(seed uint64, coverage bool, trace *sim.Trace) Result
}

// Result is what one run showed.
type Result struct {
	Violation *sim.Violation // Nil if all properties held.
	Log       string         // The last events, if a part alone violates a property.
	Steps     uint64         // Events that happened.
	Received  uint64         // Messages that processes received.
	Delivered uint64         // Messages that total order broadcast delivered, each counted once.
	Batches   uint64         // In how many instances.
	Marks     sim.Marks      // Zero without coverage.
}

// Broadcast is runs of total order broadcast.
func Broadcast(c sim.Config) Kind {
	memories := sync.Pool{New: func() any { return new(sim.Memory) }}
	run := func(seed uint64, coverage bool, trace *sim.Trace) Result {
		run := c
		run.Coverage = coverage
		memory, ok := memories.Get().(*sim.Memory)
		if !ok {
			panic("simulate: the pool of memories holds something else")
		}
		defer memories.Put(memory)
		r := memory.Run(run, seed, trace)
		return Result{
			Violation: r.Violation, Steps: r.Steps, Received: r.Received,
			Delivered: uint64(r.Delivered), Batches: uint64(r.Batches), Marks: r.Marks,
		}
	}
	return Kind{
		Variant: c.Variant, Processes: c.Processes, Part: sim.OfBroadcast, Trace: run,
		Do: func(seed uint64, coverage bool) Result { return run(seed, coverage, nil) },
	}
}

// Consensus is runs of a variant's consensus over its registers, with some shared disks if it has
// those.
func Consensus(v seasons.Variant, processes, disks int) Kind {
	a := registertest.Assumptions(v, processes, disks)
	run := func(seed uint64, coverage bool) Result {
		return result(consensustest.Hunt(consensustest.Of(v), registertest.Of(v), a,
			salted(seed, v), coverage))
	}
	return Kind{Variant: v, Processes: processes, Part: sim.OfConsensus, Do: run}
}

// Registers is runs of a variant's registers, with some shared disks if it has those.
func Registers(v seasons.Variant, processes, disks int) Kind {
	a := registertest.Assumptions(v, processes, disks)
	run := func(seed uint64, coverage bool) Result {
		return result(registertest.Hunt(registertest.Of(v), a, salted(seed, v), coverage))
	}
	return Kind{Variant: v, Processes: processes, Part: sim.OfRegister, Do: run}
}

// CASPaxos is runs of CASPaxos on the registers of plain Paxos, with so many acceptors to begin with at
// most.
func CASPaxos(processes int) Kind {
	a := conformance.CrashRecovery()
	a.Processes = processes
	run := func(seed uint64, coverage bool, trace *sim.Trace) Result {
		hunt := caspaxostest.Hunt
		if coverage {
			hunt = caspaxostest.Cover
		}
		o := hunt(caspaxostest.Ours, a, seed, trace)
		r := Result{Steps: o.Events, Received: o.Received, Marks: o.Marks}
		if len(o.Failures) > 0 {
			f := o.Failures[0]
			r.Violation = &sim.Violation{Property: f.Property, Detail: f.Detail, At: o.Time}
		}
		return r
	}
	return Kind{
		Variant: seasons.Paxos(), Processes: processes, Part: sim.OfCASPaxos, Trace: run,
		Do: func(seed uint64, coverage bool) Result { return run(seed, coverage, nil) },
	}
}

// salted makes of a seed another for each variant: those that differ above the part would do the
// same runs of it otherwise.
func salted(seed uint64, v seasons.Variant) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(v.Name)) // It never fails.
	return seed ^ h.Sum64()
}

func result(o stage.Outcome) Result {
	return Result{
		Violation: o.Violation, Log: o.Log, Steps: o.Events, Received: o.Received, Marks: o.Marks,
	}
}
