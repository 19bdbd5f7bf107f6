package tables

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// Peer is another system with three members, as a program beside this one runs it for Program.
type Peer interface {
	// Open opens a cluster that the first member leads.
	Open(ctx context.Context, l Layout, t Timing) (Cluster, error)
	// OpenStore opens a store that forces what it acknowledges.
	OpenStore(ctx context.Context, dir string) (Store, error)
}

// Timing is how often a leader is heard, and when others take it for gone.
type Timing struct{ Heartbeat, Election time.Duration }

// Store is three members that a load can be put on.
type Store interface {
	// Fill writes so many keys, with values of so many bytes.
	Fill(ctx context.Context, keys, size int) error
	Load(ctx context.Context, l Load) (Speed, error)
	Close() error
}

// Load is a closed loop of clients, each with one operation at a time.
type Load struct {
	Write    bool // Of values; or reads.
	Keys     int  // Out of so many, at random; 1 is contended.
	Clients  int
	Size     int  // Of a value, in bytes.
	Spread   bool // The clients are spread over all members; otherwise they are at the first.
	WarmUp   time.Duration
	Duration time.Duration
}

// Speed is what came of a load.
type Speed struct {
	PerSecond float64
	P50, P99  float64 // Milliseconds.
}

// order is what a program is asked for, a line of JSON; it answers each with a reply.
type order struct {
	Do         string        `json:"do"`
	Dir        string        `json:"dir,omitempty"` // It exists, and is empty.
	Scale      float64       `json:"scale,omitempty"`
	Region     *[Regions]int `json:"region,omitempty"`
	Timing     *Timing       `json:"timing,omitempty"`
	Times      *Times        `json:"times,omitempty"`
	Isolation  *Isolation    `json:"isolation,omitempty"`
	Keys, Size int           `json:",omitempty"`
	Load       *Load         `json:"load,omitempty"`
}

// What is asked for.
const (
	doLatencies = "latencies"
	doIsolate   = "isolate"
	doOpen      = "open"
	doFill      = "fill"
	doLoad      = "load"
	doClose     = "close"
)

type reply struct {
	Error   string                 `json:"error,omitempty"`
	Mean    [Regions]time.Duration `json:"mean"`
	Longest time.Duration          `json:"longest,omitempty"`
	Speed   Speed                  `json:"speed"`
}

// Serve is all that a program with a peer does: it carries out orders until there are no more.
func Serve(ctx context.Context, r io.Reader, w io.Writer, p Peer) error {
	orders, answers := json.NewDecoder(r), json.NewEncoder(w)
	s := server{peer: p}
	for {
		var o order
		err := orders.Decode(&o)
		if errors.Is(err, io.EOF) {
			return s.close()
		}
		if err != nil {
			return errors.Join(fmt.Errorf("no order: %w: this program is started by paxon bench --etcd", err),
				s.close())
		}
		a, err := s.carryOut(ctx, o)
		if err != nil {
			a.Error = err.Error()
		}
		if err := answers.Encode(a); err != nil {
			return errors.Join(err, s.close())
		}
	}
}

// server is what orders are about.
type server struct {
	peer  Peer
	store Store // nil if none is open.
}

func (s *server) close() error {
	if s.store == nil {
		return nil
	}
	err := s.store.Close()
	s.store = nil
	return err
}

func (s *server) carryOut(ctx context.Context, o order) (a reply, err error) {
	switch {
	case o.Do == doLatencies && o.Region != nil && o.Timing != nil && o.Times != nil:
		err = s.with(ctx, o, func(c Cluster) (err error) {
			a.Mean, err = c.Latencies(ctx, *o.Times)
			return err
		})
		return a, err
	case o.Do == doIsolate && o.Timing != nil && o.Isolation != nil:
		err = s.with(ctx, o, func(c Cluster) (err error) {
			a.Longest, err = c.Unavailable(ctx, *o.Isolation)
			return err
		})
		return a, err
	case o.Do == doOpen && s.store == nil:
		store, err := s.peer.OpenStore(ctx, o.Dir)
		if err == nil {
			s.store = store
		}
		return a, err
	case o.Do == doClose:
		return a, s.close()
	case o.Do == doFill && s.store != nil:
		return a, s.store.Fill(ctx, o.Keys, o.Size)
	case o.Do == doLoad && s.store != nil && o.Load != nil:
		a.Speed, err = s.store.Load(ctx, *o.Load)
		return a, err
	}
	return a, fmt.Errorf("order %q: expected one that this program knows, with all that it needs", o.Do)
}

// with opens a cluster for what is done with it.
func (s *server) with(ctx context.Context, o order, do func(Cluster) error) error {
	c, err := s.peer.Open(ctx, layoutOf(o.Region, o.Scale, o.Dir), *o.Timing)
	if err != nil {
		return err
	}
	return errors.Join(do(c), c.Close())
}

// Program is a program that runs a peer, started for orders.
type Program struct {
	command *exec.Cmd
	orders  io.WriteCloser
	answers *bufio.Reader
}

// startProgram starts one.
func startProgram(ctx context.Context, path string) (*Program, error) {
	c := exec.CommandContext(ctx, path)
	c.Stderr = os.Stderr
	orders, err := c.StdinPipe()
	if err != nil {
		return nil, err
	}
	answers, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, fmt.Errorf("%w: expected the program of bench/etcd, which go build -C bench/etcd "+
			"-o FILE makes", err)
	}
	return &Program{c, orders, bufio.NewReader(answers)}, nil
}

// ask gives an order, and waits until it is carried out.
func (p *Program) ask(o order) (a reply, err error) {
	line, err := json.Marshal(o)
	if err != nil {
		return a, err
	}
	if _, err := p.orders.Write(append(line, '\n')); err != nil {
		return a, fmt.Errorf("%s takes no order: %w", p.command.Path, err)
	}
	line, err = p.answers.ReadBytes('\n')
	if err != nil {
		return a, fmt.Errorf("%s does not answer: %w", p.command.Path, err)
	}
	if err := json.Unmarshal(line, &a); err != nil {
		return a, fmt.Errorf("%s answered %.80q: %w", p.command.Path, line, err)
	}
	if a.Error != "" {
		return a, fmt.Errorf("%s: %s", p.command.Path, a.Error)
	}
	return a, nil
}

// close has the program end.
func (p *Program) close() error {
	return errors.Join(p.orders.Close(), p.command.Wait())
}

// layoutOf is three processes in regions at a scale of the paper's distances, or with no regions
// beside each other.
func layoutOf(regions *[Regions]int, scale float64, dir string) Layout {
	l := Layout{Dir: dir, RoundTrip: func(a, b int) time.Duration {
		return time.Duration(float64(RoundTrip(a, b)) * scale)
	}}
	if regions == nil {
		l.Region = [Regions]int{0, 1, 2}
		l.RoundTrip = beside
		return l
	}
	l.Region = *regions
	return l
}

// beside is the round trip between processes on one network.
func beside(a, b int) time.Duration {
	if a == b {
		return 0
	}
	return time.Millisecond
}
