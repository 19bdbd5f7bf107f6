package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"
)

// group is the members of a cluster that are in this process.
type group struct {
	ids     []int // Which members these are, from 0.
	members []Member
	applied []*Sequence
	opened  []time.Duration // How long each took to open.
}

// openGroup opens the members of a cell that are in this process, at the same time.
func openGroup(ctx context.Context, system System, c cell) (*group, error) {
	g := &group{
		ids: c.Members, members: make([]Member, len(c.Members)),
		applied: make([]*Sequence, len(c.Members)), opened: make([]time.Duration, len(c.Members)),
	}
	opening, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	all, opening := errgroup.WithContext(opening)
	for i, id := range c.Members {
		s := Setup{
			Member: id, Addresses: c.Addresses, Fsync: c.Fsync, Outstanding: c.Outstanding,
			Dir: filepath.Join(c.Dir, fmt.Sprintf("member-%d", id+1)),
		}
		if !c.Again {
			g.applied[i] = newSequence(c.Size)
			s.Applied = g.applied[i]
		}
		all.Go(func() (err error) {
			begun := time.Now()
			g.members[i], err = system.Open(opening, s)
			g.opened[i] = time.Since(begun)
			return err
		})
	}
	if err := all.Wait(); err != nil {
		return nil, errors.Join(err, g.close())
	}
	return g, nil
}

// leaders are those whom the members of this process follow.
func (g *group) leaders() ([]int, error) {
	var leaders []int
	for _, m := range g.members {
		l, err := m.Leader()
		if err != nil {
			return nil, err
		}
		leaders = append(leaders, l)
	}
	return leaders, nil
}

// at is a member of this process, given its number in the cluster.
func (g *group) at(id int) (Member, error) {
	for i := range g.ids {
		if g.ids[i] == id {
			return g.members[i], nil
		}
	}
	return nil, fmt.Errorf("member %d is not in this process, which has %v, from 0", id, g.ids)
}

// settle waits until all members here have applied count messages.
func (g *group) settle(ctx context.Context, count uint64) error {
	for i, m := range g.members {
		if err := m.Settle(ctx, count); err != nil {
			return fmt.Errorf("member %d: %w", g.ids[i]+1, err)
		}
	}
	return nil
}

// digests checks that each member here, when nothing is applied any more, has applied messages
// 0 to count − 1, each once, and gives the digests of the sequences.
func (g *group) digests(count uint64) ([]string, error) {
	var digests []string
	for i, s := range g.applied {
		d, err := s.whole(count)
		if err != nil {
			return nil, fmt.Errorf("member %d %w", g.ids[i]+1, err)
		}
		digests = append(digests, d)
	}
	return digests, nil
}

// close closes all members that were opened.
func (g *group) close() error {
	var all errgroup.Group
	for _, m := range g.members {
		if m != nil {
			all.Go(m.Close)
		}
	}
	return all.Wait()
}
