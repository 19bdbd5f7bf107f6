package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/spf13/cobra"
)

// memberOptions are the flags of paxon kv members.
type memberOptions struct{ to []string }

// membersAsk is how often it is asked how far a change is.
const membersAsk = 200 * time.Millisecond

func newKVMembersCommand() *cobra.Command {
	var o memberOptions
	c := &cobra.Command{
		Use:   "members",
		Short: "List or change the processes of a cluster while it serves",
		Long: `List or change the processes that keep the values of a cluster, while it serves. One process is
added or removed at a time, and everything is copied or rewritten as that needs it; a majority must
be up. The command waits until it is done. If it is interrupted, the cluster goes on with the change
by itself; given again, the command waits for it. Several such commands may run at once, also at
several processes: each is about the processes that it names, and undoes nothing of the others.

A process that is to be added must run, with "join: true" (see "paxon kv node --help"). A process
that was removed can be stopped once this command says so.

A member keeps copies, and proposes: it serves clients. With --proposer the command is about the
second alone, and is refused while others are on their way in or out. A process that is only a
proposer is a way in for clients that no quorum waits for; one that is only an acceptor keeps copies,
and refuses clients. One that does both must always be left, for a cluster whose proposers are all
lost cannot be changed any more.`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.PersistentFlags().StringArrayVar(&o.to, "to", []string{"127.0.0.1:6379"},
		"`ADDRESS` for clients of a process; repeat it to name others to turn to")
	c.AddCommand(&cobra.Command{
		Use: "list", Short: "List the processes, and what part each has",
		Example: "  paxon kv members list", Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error { return o.list(c.Context(), c.OutOrStdout()) },
	}, newAddCommand(&o), newRemoveCommand(&o), &cobra.Command{
		Use: "replace OLD NEW=HOST:PORT", Short: "Add a process and remove another one",
		Example: "  paxon kv members replace 3 4=10.0.0.4:7101 --to 10.0.0.1:6379", Args: arguments(2),
		RunE: func(c *cobra.Command, args []string) error {
			id, address, err := place(args[1])
			if err != nil {
				return err
			}
			old, err := number(args[0])
			if err != nil {
				return err
			}
			return o.change(c, change{added: id, removed: old}, "REPLACE", old, id, address)
		},
	})
	return c
}

func newAddCommand(o *memberOptions) *cobra.Command {
	var proposer bool
	c := &cobra.Command{
		Use: "add ID=HOST:PORT", Short: "Add a process, which has its links there",
		Example: `  paxon kv members add 4=10.0.0.4:7101 --to 10.0.0.1:6379
  paxon kv members add --proposer 5=10.0.0.5:7101 --to 10.0.0.1:6379`,
		Args: arguments(1),
		RunE: func(c *cobra.Command, args []string) error {
			id, address, err := place(args[0])
			if err != nil {
				return err
			}
			command := "ADD"
			if proposer {
				command = "ADD-PROPOSER"
			}
			return o.change(c, change{added: id, proposer: proposer}, command, id, address)
		},
	}
	c.Flags().BoolVar(&proposer, "proposer", false,
		"have it serve clients and keep no copies, so that no quorum needs it")
	return c
}

func newRemoveCommand(o *memberOptions) *cobra.Command {
	var proposer bool
	c := &cobra.Command{
		Use: "remove ID", Short: "Remove a process",
		Example: `  paxon kv members remove 3 --to 10.0.0.1:6379
  paxon kv members remove --proposer 3 --to 10.0.0.1:6379`,
		Args: arguments(1),
		RunE: func(c *cobra.Command, args []string) error {
			id, err := number(args[0])
			if err != nil {
				return err
			}
			command := "REMOVE"
			if proposer {
				command = "REMOVE-PROPOSER"
			}
			return o.change(c, change{removed: id, proposer: proposer}, command, id)
		},
	}
	c.Flags().BoolVar(&proposer, "proposer", false,
		"have it serve clients no more, and keep its copies if it has any")
	return c
}

func arguments(n int) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) != n {
			return &usageError{fmt.Errorf("%d arguments: expected %q", len(args), c.Use)}
		}
		return nil
	}
}

// place is an ID=HOST:PORT.
func place(s string) (id, address string, err error) {
	id, address, _ = strings.Cut(s, "=")
	if id, err = number(id); err == nil {
		_, _, err = net.SplitHostPort(address)
	}
	if err != nil {
		return "", "", &usageError{fmt.Errorf(
			"process %q: expected ID=HOST:PORT, such as 4=10.0.0.4:7101", s)}
	}
	return id, address, nil
}

// number is an ID as processes write it, without zeros before it.
func number(s string) (id string, err error) {
	n, err := strconv.ParseUint(s, 10, 32)
	if err != nil {
		return "", &usageError{fmt.Errorf("process %q: expected an ID, such as 4", s)}
	}
	return strconv.FormatUint(n, 10), nil
}

// change is what the members are to have and not to have, or only the proposers.
type change struct {
	added, removed string
	proposer       bool
}

// membership is an answer to PAXON.MEMBERS.
type membership struct {
	epoch  uint64
	target []string
	parts  map[string]string // By process.
	lines  []string
	scan   string // How many values were rewritten, of how many.
}

// done says that the members are as they should be.
func (m membership) done(c change) bool {
	added, removed := m.parts[c.added], m.parts[c.removed]
	if c.proposer {
		return (c.added == "" || added == "member" || added == "proposer") &&
			removed != "member" && removed != "proposer"
	}
	return len(m.target) == 0 && (c.added == "" || added == "member") &&
		(removed == "" || removed == "none")
}

func parseMembership(lines []string) membership {
	m := membership{parts: map[string]string{}}
	for _, line := range lines {
		fields := strings.Fields(line)
		switch {
		case len(fields) == 0:
		case fields[0] == "epoch" && len(fields) == 2:
			m.epoch, _ = strconv.ParseUint(fields[1], 10, 64) // A process has written it.
		case fields[0] == "target":
			m.target = fields[1:]
		case fields[0] == "rewritten":
			m.scan = strings.Join(fields[1:], " ")
		case fields[0] == "proposers": // Of the answer to a change.
		case len(fields) == 4:
			m.lines = append(m.lines, line)
			m.parts[fields[1]] = fields[0]
		}
	}
	return m
}

// who are those that have a part, separated by spaces.
func (m membership) who(part string) string {
	var ids []string
	for _, line := range m.lines {
		if f := strings.Fields(line); f[0] == part {
			ids = append(ids, f[1])
		}
	}
	return strings.Join(ids, " ")
}

// others are those who keep copies or propose, and do not do both.
func (m membership) others() (text string) {
	for _, part := range [...]string{"acceptor", "proposer"} {
		if ids := m.who(part); ids != "" {
			text += ", only " + part + "s: " + ids
		}
	}
	return text
}

// rewritten says how far the step is that rewrites all values, if it is under way.
func (m membership) rewritten() string {
	if m.scan == "" {
		return ""
	}
	return ", values rewritten: " + m.scan
}

// ask asks the processes in turn, until one answers. The error of one that has answered is a
// redis.Error.
func (o memberOptions) ask(ctx context.Context, args ...any) (answer []string, err error) {
	for _, to := range o.to {
		client := newRedisClient(to)
		answer, err = client.Do(ctx, append([]any{"PAXON.MEMBERS"}, args...)...).StringSlice()
		_ = client.Close() // Nothing is left to be done with it.
		if _, refused := errors.AsType[redis.Error](err); err == nil || refused {
			return answer, err
		}
	}
	return nil, fmt.Errorf("%v do not answer: expected the address for clients of a process that "+
		"runs, by --to: %w", o.to, err)
}

func (o memberOptions) list(ctx context.Context, w io.Writer) error {
	answer, err := o.ask(ctx, "LIST")
	if err != nil {
		return err
	}
	m := parseMembership(answer)
	say(w, "epoch %d\n", m.epoch)
	if len(m.target) > 0 {
		say(w, "on the way to %s%s\n", strings.Join(m.target, " "), m.rewritten())
	}
	for _, line := range m.lines {
		f := strings.Fields(line)
		say(w, "%3s  %-21s  %-8s  %s\n", f[1], f[2], f[0], f[3])
	}
	return nil
}

// change has a change made and waits until it is done.
func (o memberOptions) change(c *cobra.Command, wanted change, command ...string) error {
	ctx, w := c.Context(), c.ErrOrStderr()
	args := make([]any, len(command))
	for i, s := range command {
		args[i] = s
	}
	answer, err := o.ask(ctx, args...)
	if err != nil {
		return err
	}
	made := parseMembership(answer)
	progress := io.Discard
	if file := terminal(w); file != nil {
		progress = file
	}
	ticker := time.NewTicker(membersAsk)
	defer ticker.Stop()
	for {
		answer, err := o.ask(ctx, "LIST")
		m := parseMembership(answer)
		switch {
		case ctx.Err() != nil:
		case err != nil:
			show(progress, "no process answers, trying again: "+err.Error())
		case m.epoch < made.epoch:
			show(progress, "another process answers that has not heard of the change yet")
			o.to = slices.Concat(o.to[1:], o.to[:1]) // It may never, and others are named.
		case m.done(wanted):
			show(progress, "")
			say(c.OutOrStdout(), "members: %s%s\n", m.who("member"), m.others())
			return nil
		case len(m.target) > 0:
			show(progress, fmt.Sprintf("epoch %d: members %s, on the way to %s%s", m.epoch,
				m.who("member"), strings.Join(m.target, " "), m.rewritten()))
		default:
			show(progress, "")
			return fmt.Errorf("the change was made in epoch %d, and in epoch %d another one has undone it: "+
				"members: %s%s: expected nobody else to change the same processes: find out who has, and "+
				"ask again",
				made.epoch, m.epoch, m.who("member"), m.others())
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-ticker.C:
		}
	}
}

// show shows a line of progress in the place of the last.
func show(w io.Writer, line string) { say(w, "\r\x1b[K%s", line) }
