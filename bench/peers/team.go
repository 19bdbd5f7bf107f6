package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	startTime  = 20 * time.Second // How long a cluster may take to have a leader,
	startTries = 3                // and how often it is started anew if it does not.
	stallTime  = 60 * time.Second // How long anything may take beyond what was asked for.
	// readTimes is how much longer than the load it may take until all is applied everywhere.
	readTimes = 10
)

// team is the child processes that have the members of one cluster.
type team []*mate

// mate is one of them.
type mate struct {
	members []int
	process *exec.Cmd
	orders  *json.Encoder
	input   io.Closer
	replies *json.Decoder
	stderr  *bytes.Buffer
	opened  []time.Duration
}

// startTeam starts the processes of a cell, and waits until their members are open.
func startTeam(ctx context.Context, c cell) (team, error) {
	var t team
	for _, ids := range split(c.Processes) {
		c.Members = ids
		m, err := startMate(ctx, c)
		if err != nil {
			t.kill()
			return nil, err
		}
		t = append(t, m)
	}
	var all errgroup.Group
	for _, m := range t {
		all.Go(func() error {
			r, err := m.hear()
			m.opened = r.Opened
			return err
		})
	}
	if err := all.Wait(); err != nil {
		t.kill()
		return nil, err
	}
	return t, nil
}

// split says which members are in each of so many processes.
func split(processes int) [][]int {
	ids := make([][]int, processes)
	for i := range members {
		ids[i%processes] = append(ids[i%processes], i)
	}
	return ids
}

// startMate starts a process.
func startMate(ctx context.Context, c cell) (*mate, error) {
	asked, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	executable, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := exec.CommandContext(ctx, executable)
	p.Env = append(os.Environ(), childVariable+"="+string(asked))
	p.WaitDelay = stallTime
	m := &mate{members: c.Members, process: p, stderr: &bytes.Buffer{}}
	p.Stderr = m.stderr
	in, err := p.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := p.StdoutPipe()
	if err != nil {
		return nil, err
	}
	m.orders, m.input, m.replies = json.NewEncoder(in), in, json.NewDecoder(out)
	return m, p.Start()
}

// hear takes the next reply. The error of a process that ended is what it said last.
func (m *mate) hear() (r reply, err error) {
	if err := m.replies.Decode(&r); err != nil {
		waited := m.process.Wait()
		return r, fmt.Errorf("a process with members %v, from 0, ended: %w:\n%s", m.members,
			errors.Join(waited, ignoreEOF(err)), tail(m.stderr.Bytes()))
	}
	return r, nil
}

func ignoreEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// ask gives an order and takes the reply.
func (m *mate) ask(o order) (reply, error) {
	// An order that a process cannot take any more shows when it is heard.
	_ = m.orders.Encode(o)
	return m.hear()
}

// askAll asks all at the same time.
func (t team) askAll(o order) ([]reply, error) {
	replies := make([]reply, len(t))
	var all errgroup.Group
	for i, m := range t {
		all.Go(func() (err error) {
			replies[i], err = m.ask(o)
			return err
		})
	}
	return replies, all.Wait()
}

// leader is the member that all follow.
func (t team) leader() (int, error) {
	replies, err := t.askAll(order{Do: doFollow})
	if err != nil {
		return -1, err
	}
	var leaders []int
	for _, r := range replies {
		leaders = append(leaders, r.Follow...)
	}
	return agreed(leaders)
}

// steady is how long all must follow one leader before a load begins. While members start, the
// first of them to lead may not stay.
const steady = 500 * time.Millisecond

// led waits until all follow one leader, and do so for a while.
func (t team) led(ctx context.Context) (leader int, err error) {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	leader = -1
	var since time.Time
	err = until(ctx, "a leader that stays", func() (bool, error) {
		now, err := t.leader()
		if err != nil && !errors.Is(err, errNoLeader) {
			return false, err
		}
		if err != nil || now != leader {
			leader, since = now, time.Now()
		}
		return err == nil && time.Since(since) >= steady, nil
	})
	return leader, err
}

// with is the place in the team of the process that has a member.
func (t team) with(member int) int { return member % len(t) }

// close has all close their members, and waits until they have ended.
func (t team) close() error {
	_, err := t.askAll(order{Do: doClose})
	if err != nil {
		t.kill()
		return err
	}
	for _, m := range t {
		err = errors.Join(err, m.process.Wait())
	}
	return err
}

// kill ends all processes that still run, at once.
func (t team) kill() {
	for _, m := range t {
		if m.process.ProcessState == nil {
			_ = m.process.Process.Kill() // Or it has ended by itself.
			_ = m.process.Wait()         // That it was killed is no error.
		}
	}
}

// within does something that must not take longer than a time, and kills all if it does.
func (t team) within(most time.Duration, do func() error) error {
	var late atomic.Bool
	timer := time.AfterFunc(most, func() {
		late.Store(true)
		for _, m := range t {
			_ = m.process.Process.Kill() // Or it has ended by itself.
		}
	})
	defer timer.Stop()
	err := do()
	if late.Load() {
		return errors.Join(fmt.Errorf("it took longer than %v", most), err)
	}
	return err
}

// tail is the last of what a child said.
func tail(text []byte) []byte {
	const most = 4 << 10
	return text[max(0, len(text)-most):]
}
