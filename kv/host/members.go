package host

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"paxon/caspaxos"
	"paxon/node"
	"paxon/process"
)

// UsageError says what is wrong with a PAXON.MEMBERS.
type UsageError struct{ Came, Expected string }

func (e *UsageError) Error() string { return e.Came + ": expected " + e.Expected }

const membersUsage = "LIST, ADD ID HOST:PORT, REMOVE ID, REPLACE OLD NEW HOST:PORT, " +
	"ADD-PROPOSER ID HOST:PORT, or REMOVE-PROPOSER ID"

// members is PAXON.MEMBERS.
func (p *Process) members(ctx context.Context, args []string) ([]string, error) {
	if len(args) == 0 {
		return nil, &UsageError{"nothing", membersUsage}
	}
	status, err := p.Status(ctx)
	if err != nil {
		return nil, err
	}
	if strings.EqualFold(args[0], "LIST") && len(args) == 1 {
		return listed(status), nil
	}
	w, err := p.wanted(status.Configuration, args)
	if err != nil {
		return nil, err
	}
	if w.proposers != nil {
		return p.propose(ctx, w)
	}
	return p.begin(status, w)
}

// wanted is what a command asks for: a target, or, if there are any, proposers.
type wanted struct {
	target, proposers []process.ID
	addresses         map[process.ID]string
}

// wanted is what becomes of a configuration by a command.
func (p *Process) wanted(c caspaxos.Configuration, args []string) (w wanted, err error) {
	target := c.Target
	if len(target) == 0 {
		target = c.Acceptors()
	}
	w.addresses = map[process.ID]string{}
	switch action := strings.ToUpper(args[0]); {
	case action == "ADD" && len(args) == 3:
		w.target, err = with(target, args[1], args[2], w.addresses)
		if id, _ := parseID(args[1]); part(c, id) == "acceptor" && len(c.Target) == 0 {
			w.proposers, err = with(c.Proposers, args[1], args[2], w.addresses)
		}
	case action == "REMOVE" && len(args) == 2:
		if onlyProposes(c, target, args[1]) {
			w.proposers, err = p.without(c.Proposers, args[1])
		} else {
			w.target, err = p.without(target, args[1])
		}
	case action == "REPLACE" && len(args) == 4:
		if onlyProposes(c, target, args[1]) {
			return w, &UsageError{
				"process " + args[1] + ", which has no copies to replace",
				"ADD-PROPOSER " + args[2] + " " + args[3] + ", and REMOVE " + args[1],
			}
		}
		if w.target, err = p.without(target, args[1]); err == nil {
			w.target, err = with(w.target, args[2], args[3], w.addresses)
		}
	case action == "ADD-PROPOSER" && len(args) == 3:
		w.proposers, err = with(c.Proposers, args[1], args[2], w.addresses)
	case action == "REMOVE-PROPOSER" && len(args) == 2:
		w.proposers, err = p.without(c.Proposers, args[1])
	default:
		err = &UsageError{strings.Join(args, " "), membersUsage}
	}
	return w, err
}

// onlyProposes says that a process is a proposer, and neither has copies nor is to get them.
func onlyProposes(c caspaxos.Configuration, target []process.ID, id string) bool {
	q, err := parseID(id)
	return err == nil && slices.Contains(c.Proposers, q) && !slices.Contains(target, q) &&
		!slices.Contains(c.Acceptors(), q)
}

// propose changes the proposers, which is one step, and waits until nobody else proposes. It is done
// also where the configuration has them already: that may not be in force yet.
func (p *Process) propose(ctx context.Context, w wanted) ([]string, error) {
	ended := make(chan error, 1)
	p.running.Go(func() { ended <- p.ReconfigureProposers(p.base, w.proposers, w.addresses) })
	select {
	case err := <-ended:
		return []string{"proposers " + ids(w.proposers)}, err
	case <-ctx.Done(): // It goes on.
		return nil, &UnfinishedError{Proposers: w.proposers, Err: context.Cause(ctx)}
	}
}

// UnfinishedError says that a change of the proposers has begun, and was not found to be in force.
type UnfinishedError struct {
	Proposers []process.ID
	Err       error
}

func (e *UnfinishedError) Error() string {
	return fmt.Sprintf("the change to the proposers %s goes on: %v: expected a majority of the "+
		"acceptors to be up: ask again to wait for it", ids(e.Proposers), e.Err)
}

// Unwrap returns the error below.
func (e *UnfinishedError) Unwrap() error { return e.Err }

// begin begins a change of the acceptors, unless it is as it should be.
func (p *Process) begin(status node.RegistersStatus, w wanted) ([]string, error) {
	answer := []string{"target " + ids(w.target)}
	known := true
	for id, address := range w.addresses {
		known = known && status.Addresses[id] == address
	}
	c := status.Configuration
	if known && (slices.Equal(c.Target, w.target) ||
		len(c.Target) == 0 && slices.Equal(c.Acceptors(), w.target)) {
		return answer, nil
	}
	ended := make(chan error, 1)
	p.running.Go(func() {
		err := p.Reconfigure(p.base, w.target, w.addresses)
		if err != nil {
			p.log.WithError(err).Warn("a change of the membership has not ended here")
		}
		ended <- err
	})
	select {
	case err := <-ended:
		return answer, err
	case <-time.After(beginTime): // It goes on.
		return answer, nil
	}
}

// beginTime is how long a change is waited for, in case that it is refused.
const beginTime = 100 * time.Millisecond

// listed is the answer to LIST: "epoch N", "target IDS", and for each process its part, id, address and
// whether it is connected from here.
func listed(s node.RegistersStatus) []string {
	c := s.Configuration
	lines := []string{
		fmt.Sprintf("epoch %d", c.Epoch), "target " + ids(c.Target),
	}
	for _, id := range slices.Sorted(maps.Keys(s.Addresses)) {
		state := "unreachable"
		switch {
		case id == s.Process:
			state = "here"
		case s.Links.Peers[id].Connected:
			state = "connected"
		}
		lines = append(lines, fmt.Sprintf("%s %d %s %s", part(c, id), id, s.Addresses[id], state))
	}
	return lines
}

// part is what a process does in a configuration: a member keeps copies and proposes, an acceptor or
// a proposer does the one alone, a learner is on its way to be a member.
func part(c caspaxos.Configuration, id process.ID) string {
	accepts, proposes := slices.Contains(c.Acceptors(), id), slices.Contains(c.Proposers, id)
	switch {
	case accepts && proposes:
		return "member"
	case accepts:
		return "acceptor"
	case proposes:
		return "proposer"
	case slices.Contains(c.Members(), id):
		return "learner"
	default:
		return "none"
	}
}

// ids are numbers of processes, separated by spaces.
func ids(of []process.ID) string {
	var b strings.Builder
	for i, id := range of {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(strconv.FormatUint(uint64(id), 10))
	}
	return b.String()
}

func parseID(s string) (process.ID, error) {
	id, err := strconv.ParseUint(s, 10, 32)
	if err != nil || id == 0 || id > node.MaxProcesses {
		return 0, &UsageError{
			fmt.Sprintf("process %q", s), fmt.Sprintf("a number from 1 to %d", node.MaxProcesses),
		}
	}
	return process.ID(id), nil
}

// with is a target with one more process, whose address goes into addresses.
func with(
	target []process.ID, id, address string, addresses map[process.ID]string,
) ([]process.ID, error) {
	added, err := parseID(id)
	if err != nil {
		return nil, err
	}
	addresses[added] = address
	if !slices.Contains(target, added) {
		target = slices.Sorted(slices.Values(append(slices.Clone(target), added)))
	}
	return target, nil
}

// without is a target, or proposers, with one process less, which must be another one than this: the
// last step is led by one that stays.
func (p *Process) without(target []process.ID, id string) ([]process.ID, error) {
	removed, err := parseID(id)
	if err != nil {
		return nil, err
	}
	left := slices.DeleteFunc(slices.Clone(target), func(q process.ID) bool { return q == removed })
	switch {
	case removed == p.ID():
		return nil, &UsageError{
			fmt.Sprintf("process %d, which is asked itself", removed),
			"that one that stays is asked: " + ids(left),
		}
	case len(left) == 0:
		return nil, &UsageError{fmt.Sprintf("the last process, %d", removed), "one that is left"}
	}
	return left, nil
}
