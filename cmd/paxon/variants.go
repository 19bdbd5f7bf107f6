package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"paxon/seasons"
	"paxon/seasons/catalog"
	"paxon/sim/costs"
)

// addVariantFlag has a command take a composition by name.
func addVariantFlag(f *pflag.FlagSet, variant *string) {
	f.StringVar(variant, "variant", catalog.Default,
		"which composition, its seasons in any order: "+strings.Join(catalog.Names(), ", ")+
			"; winter=2 for winter says how many processes may be faulty")
}

// hosted finds a composition that real processes are to run, and refuses a number of them outside
// its assumptions. The error is a *usageError.
func hosted(name string, processes int) (seasons.Variant, error) {
	v, err := catalog.ByName(name)
	if err != nil {
		return v, &usageError{fmt.Errorf("--variant: %w", err)}
	}
	if err := v.Check(processes); err != nil {
		return v, &usageError{err}
	}
	return v, nil
}

// The period in which costs are counted for the table.
const (
	countedProcesses = 3
	countedWindow    = 4
)

func newVariantsCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "variants",
		Short: "List the compositions, with what they assume and what a decision costs",
		Long: fmt.Sprintf(`List the compositions that --variant takes, with what each assumes, and what a
decision costs in a stable period.

The costs are counted in a simulated run of %d processes that decide %d instances at a time. A path
is what comes one after another: "2 steps, 1 force" is a message and its answer, with one forced
log on the way; a read is one of a shared disk. It leads to the decision from its proposal, at the
leader, and to the delivery from the broadcast, at another process. Messages and forced logs are all
that one decision takes, at all processes together. With --json there are those of
a broadcast by the leader, too.`,
			countedProcesses, countedWindow),
		Example: `  paxon variants
  paxon variants --json`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			variants, err := listVariants()
			if err != nil {
				return err
			}
			if asJSON {
				encoder := json.NewEncoder(c.OutOrStdout())
				encoder.SetIndent("", "  ")
				return encoder.Encode(variants)
			}
			return printVariants(c.OutOrStdout(), variants)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print the list as JSON")
	return c
}

// jsonVariant is a composition for programs.
type jsonVariant struct {
	Name    string      `json:"name"`
	Default bool        `json:"default"`
	Assumes []string    `json:"assumes"`
	Leader  costs.Costs `json:"leaderBroadcasts"`
	Another costs.Costs `json:"anotherBroadcasts"`
}

// listVariants counts the costs of all compositions.
func listVariants() ([]jsonVariant, error) {
	var all []jsonVariant
	for _, e := range catalog.Variants() {
		v := jsonVariant{Name: e.Name, Default: e.Name == catalog.Default, Assumes: e.Assumes}
		config := costs.Config{
			Variant: e.Variant, Processes: countedProcesses, Window: countedWindow, Leader: true,
		}
		var err error
		if v.Leader, err = costs.Count(config); err != nil {
			return nil, fmt.Errorf("count the costs of %s: %w", e.Name, err)
		}
		config.Leader = false
		if v.Another, err = costs.Count(config); err != nil {
			return nil, fmt.Errorf("count the costs of %s: %w", e.Name, err)
		}
		all = append(all, v)
	}
	return all, nil
}

// printVariants prints the list for people.
func printVariants(w io.Writer, variants []jsonVariant) error {
	const widest = 44
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.Style().Options.SeparateRows = true
	t.SetColumnConfigs([]table.ColumnConfig{
		{Number: 2, WidthMax: widest, WidthMaxEnforcer: text.WrapSoft},
	})
	t.AppendHeader(table.Row{
		"variant", "assumes", "decision", "delivery", "messages", "forced\nlogs",
	})
	for _, v := range variants {
		name := v.Name
		if v.Default {
			name += "\n(default)"
		}
		t.AppendRow(table.Row{
			name, strings.Join(v.Assumes, ";\n"), v.Leader.Decision, v.Another.Delivery,
			v.Another.Messages, v.Another.Forced,
		})
	}
	_, err := fmt.Fprintln(w, t.Render())
	return err
}
