package node

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"paxon/caspaxos"
	"paxon/process"
)

// UnledError says that an edit of the membership was not made, because nobody who keeps copies would propose
// after it.
type UnledError struct{ Acceptors, Proposers []process.ID }

func (e *UnledError) Error() string {
	return fmt.Sprintf("node: of those who keep copies, now %v, nobody would propose any more, as %v do: "+
		"expected one that stays to do both, because others can be lost for good: add another one as a "+
		"member first, and ask for it again", e.Acceptors, e.Proposers)
}

// Reconfigure has the members become those given, whoever is a member now, step by step while the cluster
// serves, and returns once that is so. It takes the place of changes that others have asked for: see Edit.
// Addresses are needed of those that the cluster does not know. If ctx ends, or this process, the others go
// on with it.
//
// The error is a *ConfigError, a *NotMemberError, ErrReconfiguring, ErrNoRegisters, ErrUnreadable, ctx's,
// ErrClosed or the failure of the process.
func (r *Registers) Reconfigure(
	ctx context.Context, target []process.ID, addresses map[process.ID]string,
) error {
	ids := ascending(target)
	of := caspaxos.Configuration.Acceptors
	_, err := r.edit(ctx, caspaxos.Edit{Target: ids}, ids, addresses, of)
	return err
}

// ReconfigureProposers has the proposers become those given, and leaves who keeps copies. It is one step,
// after which nobody else proposes any more. Otherwise it is as Reconfigure; ErrReconfiguring says, too,
// that the acceptors are changing.
func (r *Registers) ReconfigureProposers(
	ctx context.Context, proposers []process.ID, addresses map[process.ID]string,
) error {
	ids := ascending(proposers)
	of := func(c caspaxos.Configuration) []process.ID { return c.Proposers }
	_, err := r.edit(ctx, caspaxos.Edit{Proposers: ids}, ids, addresses, of)
	return err
}

// Edit is a change of membership that is made to whatever the others have made of it: see caspaxos.Edit.
type Edit struct {
	// Add are to keep copies and to propose, and Remove to do neither.
	Add, Remove []process.ID
	// Propose are to propose, and Abstain not to. They keep their copies, or have none.
	Propose, Abstain []process.ID
	// Addresses are those of processes that the cluster does not know, or that are somewhere else now.
	Addresses map[process.ID]string
}

// Edit makes an edit of the membership, and returns once a configuration that has it is in force, with that
// or one that has come after it. The members change step by step after that, and the cluster goes on with it
// whatever becomes of this process. Asked for again it changes nothing. Edits that this process is asked for
// at once are made one after the other.
//
// The error is an *UnledError or one of those of ReconfigureProposers. After ctx's and those that follow it,
// and a *NotMemberError, nobody knows whether the edit was made.
func (r *Registers) Edit(ctx context.Context, e Edit) (caspaxos.Configuration, error) {
	of := caspaxos.Edit{
		Add: ascending(e.Add), Remove: ascending(e.Remove),
		Propose: ascending(e.Propose), Abstain: ascending(e.Abstain),
	}
	in, out := slices.Concat(e.Add, e.Propose), slices.Concat(e.Remove, e.Abstain)
	for _, id := range in {
		if slices.Contains(out, id) {
			return caspaxos.Configuration{}, &ConfigError{
				Key: "members", Came: fmt.Sprintf("%v both to come and to go", id), Expected: "one of these",
			}
		}
	}
	if !r.editing.TryAcquire(1) && r.editing.Acquire(ctx, 1) != nil {
		return caspaxos.Configuration{}, ErrReconfiguring
	}
	defer r.editing.Release(1)
	return r.edit(ctx, of, ascending(slices.Concat(in, out)), e.Addresses, nil)
}

func ascending(ids []process.ID) []process.ID {
	return slices.Compact(slices.Sorted(slices.Values(ids)))
}

// memberChange is an edit on its way to the loop.
type memberChange struct {
	edit      caspaxos.Edit
	ids       []process.ID // That it names.
	addresses map[process.ID]string
	// of gives who is to be those that are named in the end; it is nil for an edit of what there is.
	of func(caspaxos.Configuration) []process.ID
}

func (m memberChange) check() error {
	if len(m.ids) == 0 || m.ids[0] == 0 || m.ids[len(m.ids)-1] > MaxProcesses {
		return &ConfigError{
			Key: "members", Came: fmt.Sprint(m.ids),
			Expected: fmt.Sprintf("some processes from 1 to %d", MaxProcesses),
		}
	}
	for _, id := range slices.Sorted(maps.Keys(m.addresses)) {
		if err := checkAddress(fmt.Sprintf("members: %d", id), m.addresses[id]); err != nil {
			return err
		}
	}
	return nil
}

// changed is how a change of membership ended, and the configuration then.
type changed struct {
	configuration caspaxos.Configuration
	err           error
}

// edit makes a change of membership, and returns once it is made.
func (r *Registers) edit(
	ctx context.Context, edit caspaxos.Edit, ids []process.ID, addresses map[process.ID]string,
	of func(caspaxos.Configuration) []process.ID,
) (c caspaxos.Configuration, err error) {
	if !r.keeps {
		return c, ErrNoRegisters
	}
	m := memberChange{edit, ids, addresses, of}
	if err := m.check(); err != nil {
		return c, err
	}
	answer := make(chan changed, 1)
	r.inbox.post(func() {
		r.beginEdit(m, func(err error) { answer <- changed{r.loop.parts.Configuration(), err} })
	})
	select {
	case a := <-answer:
		return a.configuration, a.err
	case <-ctx.Done():
		return c, context.Cause(ctx)
	case <-r.Done():
		return c, r.Err()
	}
}

// beginEdit begins a change of membership, on the loop.
func (r *Registers) beginEdit(m memberChange, done func(error)) {
	for _, id := range ascending(slices.Concat(r.loop.parts.Configuration().Members(), m.ids)) {
		switch address, given := m.addresses[id]; {
		case given:
			m.edit.At = append(m.edit.At, caspaxos.Address{Process: id, At: address})
		case r.loop.book[id] != "":
			known := caspaxos.Address{Process: id, At: r.loop.book[id]}
			m.edit.Known = append(m.edit.Known, known)
		case !slices.Contains(m.edit.Remove, id) && !slices.Contains(m.edit.Abstain, id):
			done(&ConfigError{
				Key: fmt.Sprintf("members: %d", id), Came: "no address", Expected: "its host:port",
			})
			return
		}
	}
	ended := func(s caspaxos.Status) { done(r.editError(m, s)) }
	if status := r.loop.parts.Edit(m.edit, ended); status != caspaxos.Pending {
		ended(status)
	}
}

// editError is the error of a change of membership, nil if it is made.
func (r *Registers) editError(m memberChange, s caspaxos.Status) error {
	c := r.loop.parts.Configuration()
	switch {
	case s == caspaxos.Full:
		return ErrReconfiguring
	case s == caspaxos.Unreadable:
		return ErrUnreadable
	case s == caspaxos.Unled:
		return &UnledError{c.Acceptors(), c.Proposers}
	case s == caspaxos.Done && m.of != nil && !slices.Equal(m.of(c), m.ids):
		return ErrReconfiguring // Another one came after it.
	case s == caspaxos.Done:
		return nil
	case s == caspaxos.NotMember && m.of != nil && !slices.Contains(m.ids, r.id):
		return nil // It was removed, as it was asked for; the others go on if there is more to do.
	default:
		return &NotMemberError{r.id, c.Proposers}
	}
}
