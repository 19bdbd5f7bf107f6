package main

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"paxon/cmd/paxon/cluster"
)

// printTable prints what came of a run for people.
func printTable(w io.Writer, variant string, r cluster.Report) error {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.AppendHeader(table.Row{"process", "delivered", "sha-256", "messages/s", "p50", "p99", "restarts"})
	for _, m := range r.Members {
		restarts := fmt.Sprint(m.Restarts)
		if m.Crashed {
			restarts = "left dead"
		}
		t.AppendRow(table.Row{
			m.Process, m.Delivered, m.SHA256, fmt.Sprintf("%.0f", m.PerSecond),
			m.P50.Round(10 * time.Microsecond), m.P99.Round(10 * time.Microsecond), restarts,
		})
	}
	_, err := fmt.Fprintf(w, "%s\n%d lines, %d bytes, %s, %v: every process that is up delivered "+
		"each line once, in one order\nsequences: %s\n",
		t.Render(), r.Lines, r.Bytes, variant, r.Elapsed.Round(time.Millisecond), files(r))
	return err
}

func files(r cluster.Report) string {
	if len(r.Members) == 1 {
		return r.Members[0].File
	}
	return r.Members[0].File + " to " + r.Members[len(r.Members)-1].File
}

// jsonReport is the result for programs. Times are in seconds.
type jsonReport struct {
	Variant   string       `json:"variant"`
	Lines     uint64       `json:"lines"`
	Bytes     int64        `json:"bytes"`
	Seconds   float64      `json:"seconds"`
	Processes []jsonMember `json:"processes"`
}

type jsonMember struct {
	Process   uint32  `json:"process"`
	Crashed   bool    `json:"crashed"`
	Restarts  int     `json:"restarts"`
	Delivered uint64  `json:"delivered"`
	SHA256    string  `json:"sha256"`
	File      string  `json:"file"`
	PerSecond float64 `json:"messagesPerSecond"`
	P50       float64 `json:"latencyP50Seconds"`
	P99       float64 `json:"latencyP99Seconds"`
}

// printJSON prints what came of a run for programs.
func printJSON(w io.Writer, variant string, r cluster.Report) error {
	result := jsonReport{
		Variant: variant, Lines: r.Lines, Bytes: r.Bytes, Seconds: r.Elapsed.Seconds(),
	}
	for _, m := range r.Members {
		result.Processes = append(result.Processes, jsonMember{
			Process: uint32(m.Process), Crashed: m.Crashed, Restarts: m.Restarts,
			Delivered: m.Delivered, SHA256: m.SHA256, File: m.File, PerSecond: m.PerSecond,
			P50: m.P50.Seconds(), P99: m.P99.Seconds(),
		})
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(result)
}
