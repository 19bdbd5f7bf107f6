package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/pprof"
	"slices"

	"golang.org/x/sync/errgroup"

	"paxon/node/link"
	"paxon/process"
)

// childVariable is set in the environment of the processes that Run starts.
const childVariable = "PAXON_BENCH_CHILD"

// IsChild says whether this process was started by Run, to be part of a cluster that is measured.
func IsChild() bool { return os.Getenv(childVariable) != "" }

// ServeChild is all that such a process does, until the program that started it has ended. It
// returns the exit status.
func ServeChild() int {
	signal.Ignore(os.Interrupt) // The parent ends this process, once it has said why.
	if err := serve(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "paxon: %v\n", err)
		return 1
	}
	return 0
}

// maxLine bounds a request and a reply in bytes: a histogram has some ten thousand values.
const maxLine = 8 << 20

// child is what requests are about.
type child struct {
	ctx     context.Context // Its cause is the end of requests, or the first failure.
	fail    context.CancelCauseFunc
	setting Setting
	members []*member
	loads   errgroup.Group
	profile *os.File
}

var errOver = errors.New("there are no more requests")

// serve carries out requests until there are no more, and closes everything.
func serve(r io.Reader, w io.Writer) error {
	ctx, fail := context.WithCancelCause(context.Background())
	c := &child{ctx: ctx, fail: fail}
	requests := make(chan request)
	go func() { fail(readRequests(ctx, r, requests)) }()
	encoder := json.NewEncoder(w)
	for {
		select {
		case asked := <-requests:
			answer, err := c.do(asked)
			if err != nil {
				_, lost := errors.AsType[*link.ListenError](err)
				answer = reply{Error: err.Error(), PortLost: lost}
			}
			if err := encoder.Encode(answer); err != nil {
				fail(err)
			}
		case <-ctx.Done():
			err := context.Cause(ctx)
			if errors.Is(err, errOver) {
				err = nil
			}
			return errors.Join(err, c.close())
		}
	}
}

// readRequests passes requests on until there are no more, which is errOver, or something is wrong.
func readRequests(ctx context.Context, r io.Reader, to chan<- request) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		asked, err := parseRequest(lines.Bytes())
		if err != nil {
			return err
		}
		select {
		case to <- asked:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return errOver
}

// do carries out a request.
func (c *child) do(asked request) (reply, error) {
	if (asked.Do == doOpen) == (c.members != nil) {
		return reply{}, fmt.Errorf("request %q: expected %q first, and once", asked.Do, doOpen)
	}
	switch asked.Do {
	case doOpen:
		return reply{}, c.open(asked.Open)
	case doLeader:
		return c.leaders()
	case doLoad:
		return reply{}, c.load(asked.At)
	case doBegin:
		return c.begin(asked.Profile)
	case doEnd:
		return c.end()
	case doStop:
		return c.stop()
	case doSettle:
		return c.settle(asked.Given)
	}
	return reply{}, fmt.Errorf("request %q: expected one that this program knows", asked.Do)
}

// open runs the nodes, and watches them.
func (c *child) open(o *openRequest) error {
	c.setting = o.Setting.withDefaults()
	for _, id := range o.Nodes {
		m, err := openMember(o, id, c.fail)
		if err != nil {
			return err
		}
		c.members = append(c.members, m)
		go func() {
			<-m.node.Done()
			c.fail(m.node.Err())
		}()
	}
	return nil
}

// leaders asks all nodes.
func (c *child) leaders() (r reply, err error) {
	r.Leaders = make([]process.ID, len(c.members))
	for i, m := range c.members {
		if r.Leaders[i], err = m.account(c.ctx, &r.Used); err != nil {
			return r, err
		}
	}
	return r, nil
}

// load begins to broadcast at those of the processes that are here.
func (c *child) load(at []process.ID) error {
	for _, m := range c.members {
		i := slices.Index(at, m.id)
		if i < 0 {
			continue
		}
		if m.load != nil {
			return fmt.Errorf("request %q: expected it once", doLoad)
		}
		m.load = newBroadcaster(m.node, m.id, c.setting, i, len(at))
		c.loads.Go(func() error { return m.load.run(c.ctx) })
	}
	return nil
}

// broadcasters are the loads that there are.
func (c *child) broadcasters() (all []*broadcaster) {
	for _, m := range c.members {
		if m.load != nil {
			all = append(all, m.load)
		}
	}
	return all
}

// begin begins to measure.
func (c *child) begin(profile string) (reply, error) {
	if profile != "" && c.profile == nil {
		var err error
		if c.profile, err = os.Create(profile); err != nil {
			return reply{}, err
		}
		if err := pprof.StartCPUProfile(c.profile); err != nil {
			return reply{}, err
		}
	}
	u, err := c.used()
	for _, b := range c.broadcasters() {
		b.begin()
	}
	return reply{Used: u}, err
}

// end ends the measurement.
func (c *child) end() (reply, error) {
	for _, b := range c.broadcasters() {
		if err := b.end(c.ctx); err != nil {
			return reply{}, err
		}
	}
	u, err := c.used()
	return reply{Used: u}, errors.Join(err, c.endProfile())
}

func (c *child) endProfile() error {
	if c.profile == nil {
		return nil
	}
	pprof.StopCPUProfile()
	err := c.profile.Close()
	c.profile = nil
	return err
}

// used is what this process and its nodes have used.
func (c *child) used() (usage, error) {
	u, err := used()
	if err != nil {
		return u, err
	}
	for _, m := range c.members {
		if _, err := m.account(c.ctx, &u); err != nil {
			return u, err
		}
	}
	return u, nil
}

// stop ends all loads, and tells what they have measured.
func (c *child) stop() (r reply, err error) {
	for _, b := range c.broadcasters() {
		b.stop()
	}
	if err := c.loads.Wait(); err != nil {
		return r, err
	}
	for _, b := range c.broadcasters() {
		result, err := b.result()
		if err != nil {
			return r, err
		}
		r.Loads = append(r.Loads, result)
	}
	u, err := used()
	r.Peak = u.PeakMemory
	return r, err
}

// settle waits until all processes have delivered everything.
func (c *child) settle(given uint64) (r reply, err error) {
	for _, m := range c.members {
		if err := m.settle(c.ctx, given); err != nil {
			return r, err
		}
		r.Settled = append(r.Settled, settledReply{m.id, m.sequence.count(), m.sequence.digest})
	}
	return r, nil
}

// close ends everything. Nodes are told to stop after the loads, which wait for them.
func (c *child) close() error {
	c.fail(errOver)
	_ = c.loads.Wait() // They say why they ended, which is because this ends.
	err := c.endProfile()
	for _, m := range c.members {
		err = errors.Join(err, m.close())
	}
	return err
}
