package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"paxon/client"
	"paxon/internal/wait"
	"paxon/tob"
)

// tailOptions are the flags of paxon tail.
type tailOptions struct {
	to       string
	from     string
	noFollow bool
	format   string
}

func newTailCommand() *cobra.Command {
	var o tailOptions
	c := &cobra.Command{
		Use:   "tail",
		Short: "Print what a process delivers, in order",
		Long: `Print what a process delivers, from a position on, and go on as more is delivered. When the
process goes away, wait until it is back and go on with the next message.

The format text prints the payloads, one a line. The format json prints one object a line: the
position, the client, the sequence and the payload in base64.`,
		Example: `  paxon tail
  paxon tail --to http://10.0.0.1:7201 --from 17/0 --no-follow
  paxon tail --format json | jq -r '.payload | @base64d'`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c.Context(), c.OutOrStdout()) },
	}
	f := c.Flags()
	f.StringVar(&o.to, "to", defaultURL, "`URL` of a process's API")
	f.StringVar(&o.from, "from", "1/0", "position to begin at, as `INSTANCE/OFFSET`")
	f.BoolVar(&o.noFollow, "no-follow", false, "end with what is delivered now")
	f.StringVar(&o.format, "format", "text", "text or json")
	return c
}

func (o tailOptions) run(ctx context.Context, w io.Writer) error {
	from, err := tob.ParsePosition(o.from)
	if err != nil {
		return &usageError{fmt.Errorf("--from: %w", err)}
	}
	if o.format != "text" && o.format != "json" {
		return &usageError{fmt.Errorf("--format %q: expected text or json", o.format)}
	}
	c, err := client.New(o.to)
	if err != nil {
		return &usageError{fmt.Errorf("--to: %w", err)}
	}
	for {
		from, err = o.print(ctx, c, from, w)
		if err == nil || o.noFollow || ctx.Err() != nil || !client.Retryable(err) {
			return err
		}
		if err := wait.For(ctx, retryPause); err != nil {
			return err
		}
	}
}

// print prints deliveries from a position on, and returns the one after the last.
func (o tailOptions) print(
	ctx context.Context, c *client.Client, from tob.Position, w io.Writer,
) (tob.Position, error) {
	out := bufio.NewWriter(w)
	for d, err := range c.Deliveries(ctx, from, !o.noFollow) {
		if err != nil {
			return from, err
		}
		if err := o.write(out, d); err != nil {
			return from, err
		}
		// A reader in a pipe sees each message when it comes.
		if err := out.Flush(); err != nil {
			return from, err
		}
		from = d.Next()
	}
	return from, nil
}

// delivery is a line of the format json.
type delivery struct {
	Instance uint64 `json:"instance"`
	Offset   uint32 `json:"offset"`
	Client   string `json:"client"`
	Sequence uint64 `json:"sequence"`
	Payload  []byte `json:"payload"`
}

func (o tailOptions) write(w io.Writer, d client.Delivery) error {
	if o.format == "json" {
		return json.NewEncoder(w).Encode(delivery{
			uint64(d.Position.Instance), d.Position.Offset, d.Client.String(), d.Sequence, d.Payload,
		})
	}
	_, err := fmt.Fprintf(w, "%s\n", d.Payload)
	return err
}
