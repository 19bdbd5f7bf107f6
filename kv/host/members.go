package host

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"paxon/node"
	"paxon/process"
)

// UsageError says what is wrong with a PAXON.MEMBERS.
type UsageError struct{ Came, Expected string }

func (e *UsageError) Error() string { return e.Came + ": expected " + e.Expected }

const membersUsage = "LIST, ADD ID HOST:PORT, REMOVE ID, or REPLACE OLD NEW HOST:PORT"

// members is PAXON.MEMBERS.
func (p *Process) members(ctx context.Context, args []string) ([]string, error) {
	if len(args) == 0 {
		return nil, &UsageError{"nothing", membersUsage}
	}
	status, err := p.Status(ctx)
	if err != nil {
		return nil, err
	}
	action := strings.ToUpper(args[0])
	if action == "LIST" && len(args) == 1 {
		return listed(status), nil
	}
	c := status.Configuration
	target := c.Target
	if len(target) == 0 {
		target = c.Acceptors()
	}
	addresses := map[process.ID]string{}
	switch {
	case action == "ADD" && len(args) == 3:
		target, err = with(target, args[1], args[2], addresses)
	case action == "REMOVE" && len(args) == 2:
		target, err = p.without(target, args[1])
	case action == "REPLACE" && len(args) == 4:
		if target, err = p.without(target, args[1]); err == nil {
			target, err = with(target, args[2], args[3], addresses)
		}
	default:
		return nil, &UsageError{strings.Join(args, " "), membersUsage}
	}
	if err != nil {
		return nil, err
	}
	return p.begin(status, target, addresses)
}

// begin begins a change of the membership, unless it is as it should be.
func (p *Process) begin(
	status node.RegistersStatus, target []process.ID, addresses map[process.ID]string,
) ([]string, error) {
	answer := []string{"target " + ids(target)}
	known := true
	for id, address := range addresses {
		known = known && status.Addresses[id] == address
	}
	c := status.Configuration
	if known && (slices.Equal(c.Target, target) ||
		len(c.Target) == 0 && slices.Equal(c.Acceptors(), target)) {
		return answer, nil
	}
	ended := make(chan error, 1)
	p.running.Go(func() {
		err := p.Reconfigure(p.base, target, addresses)
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
	acceptors := c.Acceptors()
	for _, id := range slices.Sorted(maps.Keys(s.Addresses)) {
		part := "none"
		switch {
		case slices.Contains(acceptors, id):
			part = "member"
		case slices.Contains(c.Members(), id):
			part = "learner"
		}
		state := "unreachable"
		switch {
		case id == s.Process:
			state = "here"
		case s.Links.Peers[id].Connected:
			state = "connected"
		}
		lines = append(lines, fmt.Sprintf("%s %d %s %s", part, id, s.Addresses[id], state))
	}
	return lines
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

// without is a target with one process less, which must be another one than this: the last step is
// led by one that stays.
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
