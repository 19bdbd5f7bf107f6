package bench

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
)

// probes measure the limits that settings are compared with, each once in a round: latencies by the
// size of messages, bandwidths by the number of logs.
type probes struct {
	dir        string
	latencies  map[int]*probe[*Prober]
	bandwidths map[int]*probe[*BandwidthProber]
}

type prober interface {
	Measure(ctx context.Context) error
	Close() error
}

// probe is a prober and how often it has measured.
type probe[P prober] struct {
	prober P
	rounds int
}

func newProbes(dir string) *probes {
	return &probes{dir, map[int]*probe[*Prober]{}, map[int]*probe[*BandwidthProber]{}}
}

// measure measures what a setting is compared with, unless this was done in this round, from 0.
func (p *probes) measure(ctx context.Context, round int, s Setting) error {
	return errors.Join(
		measureOnce(ctx, p.latencies, s.Size, round, filepath.Join(p.dir, "latency"), NewProber),
		measureOnce(ctx, p.bandwidths, s.Processes, round, filepath.Join(p.dir, "bandwidth"),
			NewBandwidthProber))
}

// measureOnce measures what belongs to a key, with a prober that is made if there is none.
func measureOnce[P prober](
	ctx context.Context, all map[int]*probe[P], key, round int, dir string,
	newProber func(dir string, key int) (P, error),
) error {
	found := all[key]
	if found == nil {
		dir += strconv.Itoa(key)
		if err := os.Mkdir(dir, 0o700); err != nil {
			return err
		}
		made, err := newProber(dir, key)
		if err != nil {
			return err
		}
		found = &probe[P]{prober: made}
		all[key] = found
	}
	if found.rounds > round {
		return nil
	}
	found.rounds = round + 1
	return found.prober.Measure(ctx)
}

// found is what a setting is compared with.
func (p *probes) found(s Setting) (Limits, Bandwidths) {
	return p.latencies[s.Size].prober.Limits(), p.bandwidths[s.Processes].prober.Bandwidths()
}

// close ends the use of all.
func (p *probes) close() (err error) {
	for _, l := range p.latencies {
		err = errors.Join(err, l.prober.Close())
	}
	for _, b := range p.bandwidths {
		err = errors.Join(err, b.prober.Close())
	}
	return err
}
