package costs

import (
	"time"

	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
	"paxon/seasons"
	"paxon/sim"
)

// sharedDisks is how many disks the processes share, if the composition has any.
const sharedDisks = 3

// share gives a world its disks, and makes of a variant one that tells them what it asks.
func share(v seasons.Variant, w *sim.World) seasons.Variant {
	if !v.Disks {
		return v
	}
	var p pacer
	w.Disks = sim.NewDisks(w, sharedDisks, p.latency)
	registers := v.Registers
	v.Registers = func(
		h seasons.Host, net retransmit.Net[register.Message], c register.Config,
	) register.Array {
		h.Disks = pacedDisks{h.Disks, &p}
		return registers(h, net, c)
	}
	return v
}

// pacer has reads of a shared disk take less than writes, which are forced.
type pacer struct{ reading bool }

func (p *pacer) latency(int) time.Duration {
	if p.reading {
		return read
	}
	return force
}

type pacedDisks struct {
	process.Disks[register.Copy]
	pacer *pacer
}

func (d pacedDisks) Read(
	disk int, key uint64, done func(blocks []process.Block[register.Copy]),
) (cancel func()) {
	d.pacer.reading = true
	defer func() { d.pacer.reading = false }()
	return d.Disks.Read(disk, key, done)
}
