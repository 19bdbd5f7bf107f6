package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"paxon/client"
	"paxon/internal/wait"
	"paxon/tob"
)

const (
	defaultURL = "http://127.0.0.1:7201"
	// retryPause is the time between two rounds of asking all processes.
	retryPause = 200 * time.Millisecond
)

// sendOptions are the flags of paxon send.
type sendOptions struct {
	to       []string
	client   string
	sequence uint64
	rounds   int
}

func newSendCommand() *cobra.Command {
	var o sendOptions
	c := &cobra.Command{
		Use:   "send [TEXT | -]",
		Short: "Broadcast a message, or each line of standard input, and print its position",
		Long: `Broadcast TEXT, or without it (or with "-") each line of standard input, through a process,
which need not be the leader, and print the position INSTANCE/OFFSET of each message.

If the process does not answer, the same message is handed to the next of the processes given,
under the same client and sequence, so that it is delivered once however often it is sent. To
go on after this command itself was interrupted, give the client and sequence that it failed
with.`,
		Example: `  paxon send hello
  paxon send --to http://10.0.0.1:7201 --to http://10.0.0.2:7201 hello
  seq 10 | paxon send -
  paxon send --client p1.2.3.17 --sequence 4 'once more'`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return &usageError{fmt.Errorf("%d arguments: expected one text: put it in quotes", len(args))}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			s, err := o.sender()
			if err != nil {
				return err
			}
			if len(args) == 0 || args[0] == "-" {
				return s.lines(c.Context(), c.InOrStdin(), c.OutOrStdout())
			}
			return s.send(c.Context(), []byte(args[0]), c.OutOrStdout())
		},
	}
	f := c.Flags()
	f.StringArrayVar(&o.to, "to", []string{defaultURL},
		"`URL` of a process's API; repeat it to name others to turn to")
	f.StringVar(&o.client, "client", "", "broadcast as this client (default a new one)")
	f.Uint64Var(&o.sequence, "sequence", 0, "sequence of the first message, with --client")
	f.IntVar(&o.rounds, "attempts", 10, "how often each process is asked before it is given up")
	return c
}

// sender broadcasts as one client, through the first process that answers.
type sender struct {
	processes []*client.Client
	at        int // Index of the one that answered last.
	rounds    int
	name      tob.Client
	named     bool
	sequence  uint64 // Of the next message.
}

func (o sendOptions) sender() (*sender, error) {
	s := &sender{rounds: o.rounds, sequence: 1}
	if o.rounds < 1 {
		return nil, &usageError{fmt.Errorf("--attempts %d: expected at least 1", o.rounds)}
	}
	if (o.client == "") != (o.sequence == 0) {
		return nil, &usageError{errors.New("--client and --sequence: expected both, and a sequence " +
			"of at least 1, or neither")}
	}
	if o.client != "" {
		name, err := tob.ParseClient(o.client)
		if err != nil {
			return nil, &usageError{fmt.Errorf("--client: %w", err)}
		}
		s.name, s.named, s.sequence = name, true, o.sequence
	}
	for _, to := range o.to {
		c, err := client.New(to)
		if err != nil {
			return nil, &usageError{fmt.Errorf("--to: %w", err)}
		}
		s.processes = append(s.processes, c)
	}
	return s, nil
}

// lines broadcasts one line after the other.
func (s *sender) lines(ctx context.Context, r io.Reader, w io.Writer) error {
	in := bufio.NewReader(r)
	for {
		line, err := in.ReadBytes('\n')
		ended := errors.Is(err, io.EOF)
		if err != nil && !ended {
			return fmt.Errorf("standard input: %w", err)
		}
		if ended && len(line) == 0 {
			return nil
		}
		if !ended {
			line = line[:len(line)-1]
		}
		if err := s.send(ctx, line, w); err != nil || ended {
			return err
		}
	}
}

// send broadcasts one message and prints its position.
func (s *sender) send(ctx context.Context, payload []byte, w io.Writer) error {
	if !s.named {
		err := s.try(ctx, func(c *client.Client) (err error) {
			s.name, err = c.NewClient(ctx)
			return err
		})
		if err != nil {
			return err
		}
		s.named = true
	}
	var at tob.Position
	err := s.try(ctx, func(c *client.Client) (err error) {
		at, err = c.BroadcastAs(ctx, tob.Broadcast{
			Client: s.name, Sequence: s.sequence, Payload: payload,
		})
		return err
	})
	var refused *client.RefusedError
	switch {
	case errors.As(err, &refused) && refused.Status == tob.Forgotten.String():
		_, err = fmt.Fprintln(w, "delivered before")
	case err != nil:
		return fmt.Errorf("message %d of client %v: %w", s.sequence, s.name, err)
	default:
		_, err = fmt.Fprintln(w, at)
	}
	s.sequence++
	return err
}

// try asks one process after the other until one answers.
func (s *sender) try(ctx context.Context, ask func(*client.Client) error) error {
	var last error
	for attempt := range s.rounds * len(s.processes) {
		if attempt > 0 && attempt%len(s.processes) == 0 {
			if err := wait.For(ctx, retryPause); err != nil {
				return err
			}
		}
		last = ask(s.processes[s.at])
		if last == nil || !client.Retryable(last) || ctx.Err() != nil {
			return last
		}
		s.at = (s.at + 1) % len(s.processes)
	}
	return last
}
