package host

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

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
	if strings.EqualFold(args[0], "LIST") && len(args) == 1 {
		status, err := p.Status(ctx)
		if err != nil {
			return nil, err
		}
		return listed(status), nil
	}
	e, err := p.edit(args)
	if err != nil {
		return nil, err
	}
	if strings.EqualFold(args[0], "REPLACE") {
		c, err := p.Configuration(ctx)
		if err != nil {
			return nil, err
		}
		if onlyProposes(c, e.Remove[0]) {
			return nil, &UsageError{
				"process " + args[1] + ", which has no copies to replace",
				"ADD-PROPOSER " + args[2] + " " + args[3] + ", and REMOVE " + args[1],
			}
		}
	}
	c, err := p.Edit(ctx, e)
	switch {
	case err == nil:
		return []string{
			fmt.Sprintf("epoch %d", c.Epoch), "target " + ids(c.Target), "proposers " + ids(c.Proposers),
		}, nil
	case ctx.Err() != nil && !errors.Is(err, node.ErrReconfiguring): // It goes on.
		return nil, &UnfinishedError{Command: strings.Join(args, " "), Err: err}
	}
	return nil, err
}

// edit is the edit that a command asks for. It says what is to become of the processes that it names, and
// nothing of the others: what this process knows of them may be old.
func (p *Process) edit(args []string) (e node.Edit, err error) {
	var added, removed []process.ID
	switch action := strings.ToUpper(args[0]); {
	case action == "ADD" && len(args) == 3:
		e.Addresses, added, err = place(args[1], args[2])
		e.Add = added
	case action == "REMOVE" && len(args) == 2:
		removed, err = p.another(args[1])
		e.Remove = removed
	case action == "REPLACE" && len(args) == 4:
		if removed, err = p.another(args[1]); err == nil {
			e.Addresses, added, err = place(args[2], args[3])
		}
		e.Add, e.Remove = added, removed
	case action == "ADD-PROPOSER" && len(args) == 3:
		e.Addresses, added, err = place(args[1], args[2])
		e.Propose = added
	case action == "REMOVE-PROPOSER" && len(args) == 2:
		removed, err = p.another(args[1])
		e.Abstain = removed
	default:
		err = &UsageError{strings.Join(args, " "), membersUsage}
	}
	return e, err
}

// onlyProposes says that a process is a proposer, and neither has copies nor is to get them.
func onlyProposes(c caspaxos.Configuration, id process.ID) bool {
	return part(c, id) == "proposer" && !slices.Contains(c.Target, id)
}

// UnfinishedError says that a change of the membership has begun, and was not found to be in force.
type UnfinishedError struct {
	Command string
	Err     error
}

func (e *UnfinishedError) Error() string {
	return fmt.Sprintf("%s goes on: %v: expected a majority of the acceptors to be up: ask again to wait "+
		"for it", e.Command, e.Err)
}

// Unwrap returns the error below.
func (e *UnfinishedError) Unwrap() error { return e.Err }

// listed is the answer to LIST: "epoch N", "target IDS", if this process is about to rewrite all values how
// many it has done, and for each process its part, id, address and whether it is connected from here.
func listed(s node.RegistersStatus) []string {
	c := s.Configuration
	lines := []string{
		fmt.Sprintf("epoch %d", c.Epoch), "target " + ids(c.Target),
	}
	if s.Scanned > 0 {
		lines = append(lines, fmt.Sprintf("rewritten %d of %d", s.Scanned, max(s.Scanned, s.Copies)))
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

// place is a process, and where it is.
func place(id, address string) (map[process.ID]string, []process.ID, error) {
	added, err := parseID(id)
	return map[process.ID]string{added: address}, []process.ID{added}, err
}

// another is a process which must be another one than this: the last step of a change is led by one that
// stays.
func (p *Process) another(id string) ([]process.ID, error) {
	removed, err := parseID(id)
	if err == nil && removed == p.ID() {
		err = &UsageError{
			fmt.Sprintf("process %d, which is asked itself", removed), "that one that stays is asked",
		}
	}
	return []process.ID{removed}, err
}
