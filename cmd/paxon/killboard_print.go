package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"paxon/conformance"
	"paxon/killboard"
)

// printBoard prints a board for people.
func printBoard(w io.Writer, b killboard.Board) error {
	const widest = 40
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.SetColumnConfigs([]table.ColumnConfig{
		{Number: 2, WidthMax: widest, WidthMaxEnforcer: text.WrapSoft},
	})
	header := table.Row{"broken part", "what is broken"}
	for _, checker := range killboard.Columns() {
		header = append(header, checker)
	}
	t.AppendHeader(header)
	part := ""
	for _, row := range b.Rows {
		if part != "" && row.Part != part {
			t.AppendSeparator()
		}
		part = row.Part
		line := table.Row{row.ID(), row.Broken}
		for _, checker := range killboard.Columns() {
			line = append(line, cell(row.Of(checker)))
		}
		t.AppendRow(line)
	}
	_, err := fmt.Fprintf(w, "%s\n%s", t.Render(), summary(b, ""))
	return err
}

// printBoardMarkdown prints it as docs/killboard.md has it.
func printBoardMarkdown(w io.Writer, b killboard.Board) error {
	var s strings.Builder
	columns := killboard.Columns()
	fmt.Fprintf(&s, "%s\n| broken part | what is broken | from | %s |\n|%s\n", boardIntroduction,
		strings.Join(columns, " | "), strings.Repeat(" --- |", len(columns)+3))
	for _, row := range b.Rows {
		fmt.Fprintf(&s, "| %s | %s | %s |", row.ID(), row.Broken, row.Source)
		for _, checker := range columns {
			fmt.Fprintf(&s, " %s |", cell(row.Of(checker)))
		}
		s.WriteString("\n")
	}
	fmt.Fprintf(&s, "\n%s", summary(b, "- "))
	_, err := io.WriteString(w, s.String())
	return err
}

const boardIntroduction = `# The kill board

Written by ` + "`paxon killboard --markdown`" + `; a test compares the names with what there is.

Every checker against everything that is kept broken: the parts in the galleries of the conformance
suites (` + "`register/registertest/broken`" + ` and so on), and whole compositions (` + "`sim/flawed`" + `).
A cell such as "WC 14" is a property that the flaw breaks and how many scripts, schedules, seeds,
crashes or states it took; in brackets it is a property that the flaw is not known to break; a dot
is for a checker that found nothing, and a blank for one that cannot be applied.

The checkers are the layers of the suites; sim: whole random runs of a composition with the part in
it; and explore: all states of a composition's consensus, or of CASPaxos, in small bounds. What must
happen in the end, and did not in a script, is in the column progress.
`

// cell is a verdict in a few letters.
func cell(v killboard.Verdict) string {
	switch v.Result {
	case killboard.Killed:
		return fmt.Sprintf("%s %d", short(v.Property), v.After)
	case killboard.Other:
		return fmt.Sprintf("(%s %d)", short(v.Property), v.After)
	case killboard.Survived:
		return "·"
	default:
		return ""
	}
}

// short is the letters of a property that has some, and otherwise its first word.
func short(property string) string {
	first, _, _ := strings.Cut(property, " ")
	return strings.TrimSuffix(first, ":")
}

// summary tells what the board comes to, each line after a mark.
func summary(b killboard.Board, mark string) string {
	var s strings.Builder
	survivors := "no survivors"
	if n := len(b.Survivors()); n > 0 {
		survivors = fmt.Sprintf("%d survivors", n)
	}
	fmt.Fprintf(&s, "%s%d broken parts, %s.\n", mark, len(b.Rows), survivors)
	for _, checker := range []string{
		conformance.Exhaustive, conformance.Seeds, killboard.Sim, killboard.Explore,
	} {
		worst, found := b.Worst(checker, false)
		if !found {
			continue
		}
		fmt.Fprintf(&s, "%s%s: at most %d to kill (%s)", mark, checker, worst.Of(checker).After, worst.ID())
		if alone, found := b.Worst(checker, true); found {
			fmt.Fprintf(&s, "; %d where nothing else does (%s)", alone.Of(checker).After, alone.ID())
		}
		s.WriteString(".\n")
	}
	return s.String()
}

// jsonKill is a row for programs.
type jsonKill struct {
	ID         string              `json:"id"`
	Broken     string              `json:"broken"`
	Source     string              `json:"source,omitempty"`
	Properties []string            `json:"properties"`
	Killed     bool                `json:"killed"`
	Verdicts   []killboard.Verdict `json:"verdicts"`
}

// printBoardJSON prints a board for programs.
func printBoardJSON(w io.Writer, b killboard.Board) error {
	rows := make([]jsonKill, 0, len(b.Rows))
	for _, row := range b.Rows {
		rows = append(rows, jsonKill{
			ID: row.ID(), Broken: row.Broken, Source: row.Source, Properties: row.Properties,
			Killed: len(row.Killers()) > 0, Verdicts: row.Verdicts,
		})
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(rows)
}
