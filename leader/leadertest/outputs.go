package leadertest

import (
	"fmt"
	"math/rand/v2"
	"time"

	"paxon/conformance"
	"paxon/leader"
	"paxon/omega"
	"paxon/process"
	"paxon/retransmit"
	"paxon/sim"
)

// outputs checks the election over an Ω that the suite makes up, with every process as the one that
// Ω trusts in the end.
func outputs(f Factory, a conformance.Assumptions, report *conformance.Report) {
	for seed := uint64(0); seed < 20 && !report.Over(); seed++ {
		trusted := process.ID(1 + seed%uint64(a.Processes))
		o := &oracle{random: rand.New(rand.NewPCG(seed, 0)), n: a.Processes, trusted: trusted}
		if a.Unstable {
			o.unstable = a.Processes - process.Majority(a.Processes)
		}
		report.Add(o.check(f, seed))
	}
}

// oracle makes up the outputs of the Ω of all processes.
type oracle struct {
	random   *rand.Rand
	n        int
	trusted  process.ID // In the end, by all that are correct.
	unstable int        // How many processes are unstable: those that come next after trusted.
	settled  bool
}

// anyone is any process, or nobody.
func (o *oracle) anyone() process.ID { return process.ID(o.random.IntN(o.n + 1)) }

// correct says whether p is not unstable.
func (o *oracle) correct(p process.ID) bool {
	after := (int(p) - int(o.trusted) + o.n) % o.n
	return after == 0 || after > o.unstable
}

// check asks every correct process for its leader, before and after Ω has settled.
func (o *oracle) check(f Factory, seed uint64) *conformance.Failure {
	w := sim.NewWorld(o.n, quiet{})
	var asked []leader.Leader
	w.Build = func(h *sim.Host) sim.Actor {
		asked = append(asked, f(h.Offer(), &part{oracle: o, self: h.Net().Self()}))
		return idle{}
	}
	for _, p := range w.All() {
		w.Start(p)
	}
	for turn := range 60 {
		o.settled = turn >= 30
		w.Until(w.Now() + time.Second)
		for i, l := range asked {
			p := process.ID(i + 1)
			now, ok := l.Leader()
			if turn >= 40 && o.correct(p) && (!ok || now != o.trusted) {
				return &conformance.Failure{
					Property: Leadership, Layer: Outputs, Replay: fmt.Sprintf("seed %d", seed),
					Detail: fmt.Sprintf("the leader of %v is %v though every correct process has "+
						"trusted %v for %d s", p, now, o.trusted, turn-30),
				}
			}
		}
	}
	return nil
}

// part is the Ω of one process.
type part struct {
	oracle *oracle
	self   process.ID
}

func (p *part) output(of process.ID) process.ID {
	if p.oracle.settled && p.oracle.correct(of) {
		return p.oracle.trusted
	}
	return p.oracle.anyone()
}

// Trusted is omega.Omega.
func (p *part) Trusted() (process.ID, bool) {
	now := p.output(p.self)
	return now, now != 0
}

// Outputs is omega.Part. All processes are on the trust list, though an unstable one may be silent.
func (p *part) Outputs() []process.ID {
	all := []process.ID{p.output(p.self)}
	for i := range p.oracle.n {
		other := process.ID(i + 1)
		if other != p.self && (p.oracle.correct(other) || p.oracle.random.IntN(2) == 0) {
			all = append(all, p.output(other))
		}
	}
	return all
}

// Epoch is omega.Part: what counts is whom Ω trusts.
func (*part) Epoch(process.ID) process.Incarnation { return 1 }

// Start is omega.Part.
func (*part) Start() {}

// Receive is omega.Part.
func (*part) Receive(process.ID, omega.Heartbeat) {}

// idle is an actor that does nothing: the oracle needs no messages.
type idle struct{}

func (idle) Start()                                {}
func (idle) Receive(process.ID, retransmit.Packet) {}
func (idle) Turn()                                 {}

// quiet is a driver without faults.
type quiet struct{}

func (quiet) Message(process.ID, process.ID, retransmit.Packet) []time.Duration {
	return []time.Duration{time.Millisecond}
}
func (quiet) Disk(process.ID) time.Duration           { return time.Millisecond }
func (quiet) Survives(_ process.ID, underWay int) int { return underWay }
