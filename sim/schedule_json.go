package sim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"paxon/process"
	"paxon/tob"
)

// The first two fields of a schedule's file.
const (
	scheduleFormat  = "paxon schedule"
	scheduleVersion = 1
)

// mostScheduleBytes is how long a schedule's file may be.
const mostScheduleBytes = 1 << 26

// span is a time in a file, such as "1.5ms".
type span time.Duration

func (s span) MarshalText() ([]byte, error) { return []byte(time.Duration(s).String()), nil }

func (s *span) UnmarshalText(text []byte) error {
	d, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("time %q: expected one such as 1.5ms", text)
	}
	*s = span(d)
	return nil
}

// jsonSchedule is a schedule's file without its interventions.
type jsonSchedule struct {
	Format    string     `json:"format"`
	Version   int        `json:"version"`
	Variant   string     `json:"variant"`
	Processes int        `json:"processes"`
	Disks     int        `json:"disks,omitempty"`
	Duration  span       `json:"duration"`
	Bound     span       `json:"bound"`
	Steps     uint64     `json:"steps,omitempty"`
	Limits    jsonLimits `json:"limits"`
	Seed      uint64     `json:"seed"`
	Property  string     `json:"property,omitempty"`
	Detail    string     `json:"detail,omitempty"`
}

type jsonLimits struct {
	Payload           int    `json:"payload"`
	Pending           int    `json:"pending"`
	PendingBytes      int    `json:"pendingBytes"`
	Batch             int    `json:"batch"`
	Window            uint64 `json:"window"`
	Ahead             uint64 `json:"ahead"`
	Update            int    `json:"update"`
	CheckpointBytes   int    `json:"checkpointBytes"`
	CheckpointBatches uint64 `json:"checkpointBatches"`
	ClientIdle        uint64 `json:"clientIdle"`
	Clients           int    `json:"clients"`
}

type jsonIntervention struct {
	At       span       `json:"at"`
	Act      Act        `json:"act"`
	Process  process.ID `json:"process,omitempty"`
	Disk     int        `json:"disk,omitempty"`
	From     process.ID `json:"from,omitempty"`
	To       process.ID `json:"to,omitempty"`
	Message  string     `json:"message,omitempty"`
	Nth      int        `json:"nth,omitempty"`
	Links    []jsonLink `json:"links,omitempty"`
	Client   int        `json:"client,omitempty"`
	Sequence uint64     `json:"sequence,omitempty"`
	Payload  string     `json:"payload,omitempty"`
	More     []string   `json:"more,omitempty"`
	Kept     int        `json:"kept,omitempty"`
	For      *span      `json:"for,omitempty"` // Nil for none; 0 is a time as well.
}

type jsonLink [2]process.ID

// Write writes the schedule as JSON, with a line for each intervention.
func (s Schedule) Write(out io.Writer) error {
	head, err := encoded(jsonSchedule{
		Format: scheduleFormat, Version: scheduleVersion, Variant: s.Variant,
		Processes: s.Processes, Disks: s.Disks, Duration: span(s.Duration), Bound: span(s.Bound),
		Steps: s.Steps, Limits: jsonLimits(s.Limits), Seed: s.Seed, Property: s.Property,
		Detail: s.Detail,
	}, "  ")
	if err != nil {
		return fmt.Errorf("write the schedule: %w", err)
	}
	lines := make([]string, 0, len(s.Interventions))
	for _, i := range s.Interventions {
		line, err := encoded(i.toJSON(), "")
		if err != nil {
			return fmt.Errorf("write the schedule: %w", err)
		}
		lines = append(lines, "    "+line)
	}
	_, err = fmt.Fprintf(out, "%s,\n  \"interventions\": [\n%s\n  ]\n}\n",
		strings.TrimSuffix(head, "\n}"), strings.Join(lines, ",\n"))
	if err != nil {
		return fmt.Errorf("write the schedule: %w", err)
	}
	return nil
}

func encoded(value any, indent string) (string, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", indent)
	err := encoder.Encode(value)
	return strings.TrimSuffix(out.String(), "\n"), err
}

func (i Intervention) toJSON() jsonIntervention {
	j := jsonIntervention{
		At: span(i.At), Act: i.Act, Process: i.Process, Disk: i.Disk, From: i.From, To: i.To,
		Message: i.Message, Nth: i.Nth, Client: i.Client, Sequence: i.Sequence,
		Payload: i.Payload, More: i.More, Kept: i.Kept,
	}
	if length := span(i.For); length != 0 || i.lasts() {
		j.For = &length
	}
	for _, l := range i.Links {
		j.Links = append(j.Links, jsonLink{l.From, l.To})
	}
	return j
}

// lasts says whether an intervention cannot be without a time that it lasts.
func (i Intervention) lasts() bool {
	switch i.Act {
	case ActDelay, ActCopy, ActDisk, ActCut, ActStall:
		return true
	default:
		return false
	}
}

func (j jsonIntervention) intervention() Intervention {
	i := Intervention{
		At: time.Duration(j.At), Act: j.Act, Process: j.Process, Disk: j.Disk, From: j.From,
		To: j.To, Message: j.Message, Nth: j.Nth, Client: j.Client, Sequence: j.Sequence,
		Payload: j.Payload, More: j.More, Kept: j.Kept,
	}
	if j.For != nil {
		i.For = time.Duration(*j.For)
	}
	for _, l := range j.Links {
		i.Links = append(i.Links, Link{l[0], l[1]})
	}
	return i
}

// ReadSchedule reads what Write has written. What it gives is played without a panic by every
// composition for which Check finds nothing.
func ReadSchedule(in io.Reader) (Schedule, error) {
	text, err := io.ReadAll(io.LimitReader(in, mostScheduleBytes+1))
	if err != nil {
		return Schedule{}, fmt.Errorf("read the schedule: %w", err)
	}
	if len(text) > mostScheduleBytes {
		return Schedule{}, fmt.Errorf("schedule: more than %d bytes: expected at most that many",
			mostScheduleBytes)
	}
	var kind struct {
		Format  string `json:"format"`
		Version int    `json:"version"`
	}
	if err := json.Unmarshal(text, &kind); err != nil {
		return Schedule{}, fmt.Errorf("schedule: %w", at(text, err))
	}
	if kind.Format != scheduleFormat {
		return Schedule{}, fmt.Errorf("schedule: format %q: expected %q", kind.Format, scheduleFormat)
	}
	if kind.Version != scheduleVersion {
		return Schedule{}, fmt.Errorf("schedule: version %d: expected %d; "+
			"play it with the paxon that wrote it", kind.Version, scheduleVersion)
	}
	var file struct {
		jsonSchedule
		Interventions []jsonIntervention `json:"interventions"`
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&file); err != nil {
		return Schedule{}, fmt.Errorf("schedule: %w", at(text, err))
	}
	s := Schedule{
		Variant: file.Variant, Processes: file.Processes, Disks: file.Disks,
		Duration: time.Duration(file.Duration), Bound: time.Duration(file.Bound),
		Steps: file.Steps, Limits: tob.Limits(file.Limits), Seed: file.Seed,
		Property: file.Property, Detail: file.Detail,
	}
	for _, j := range file.Interventions {
		s.Interventions = append(s.Interventions, j.intervention())
	}
	return s, s.valid()
}

// at adds to an error of the decoder in which line it is, where that is known.
func at(text []byte, err error) error {
	offset := int64(-1)
	if syntax, is := errors.AsType[*json.SyntaxError](err); is {
		offset = syntax.Offset
	}
	if mismatch, is := errors.AsType[*json.UnmarshalTypeError](err); is {
		offset = mismatch.Offset
	}
	if offset < 0 || offset > int64(len(text)) {
		return err
	}
	return fmt.Errorf("line %d: %w", 1+bytes.Count(text[:offset], []byte("\n")), err)
}
