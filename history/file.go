package history

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"paxon/process"
	"paxon/tob"
)

// maxLine bounds a line of a history or a trace, in bytes: a read of a whole sequence is one.
const maxLine = 64 << 20

// What a result is called.
const (
	resultOK      = "ok"
	resultUnknown = "unknown"
)

// line is an operation as it is written.
type line struct {
	Op      string      `json:"op"`
	Client  int         `json:"client"`
	Process process.ID  `json:"process"`
	Start   int         `json:"start"`
	Call    int64       `json:"call"`
	Return  *int64      `json:"return,omitempty"`
	Result  string      `json:"result"`
	Value   *string     `json:"value,omitempty"`
	At      string      `json:"at,omitempty"`
	From    string      `json:"from,omitempty"`
	To      string      `json:"to,omitempty"`
	Entries []entryLine `json:"entries,omitempty"`
}

type entryLine struct {
	At    string `json:"at"`
	Value string `json:"value"`
}

// Write writes a history as NDJSON.
func Write(w io.Writer, history []Operation) error {
	out := bufio.NewWriter(w)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for _, o := range history {
		if err := encoder.Encode(lineOf(o)); err != nil {
			return fmt.Errorf("write the history: %w", err)
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write the history: %w", err)
	}
	return nil
}

func lineOf(o Operation) line {
	l := line{
		Op: o.Kind.String(), Client: o.Client, Process: o.Process, Start: o.Start, Call: o.Call,
		Result: resultUnknown,
	}
	if !o.Unknown {
		l.Result, l.Return = resultOK, &o.Return
	}
	if o.Kind == Read {
		l.From = o.From.String()
		if o.To.Instance != 0 {
			l.To = o.To.String()
		}
		for _, e := range o.Entries {
			l.Entries = append(l.Entries, entryLine{e.At.String(), e.Value})
		}
		return l
	}
	l.Value = &o.Value
	if o.At.Instance != 0 {
		l.At = o.At.String()
	}
	return l
}

// ReadAll reads a history that Write wrote. The error is an *OperationError, or the reader's.
func ReadAll(r io.Reader) ([]Operation, error) {
	var history []Operation
	err := eachLine(r, func(text []byte) error {
		o, err := parse(text)
		history = append(history, o)
		return err
	})
	if err != nil {
		return nil, err
	}
	return history, nil
}

// eachLine calls do with each line that is not empty. An *OperationError gets its line.
func eachLine(r io.Reader, do func(text []byte) error) error {
	scanner := bufio.NewScanner(r)
	scanner.Buffer(nil, maxLine)
	n := 0
	for scanner.Scan() {
		n++
		if len(bytes.TrimSpace(scanner.Bytes())) == 0 {
			continue
		}
		err := do(scanner.Bytes())
		if wrong, ok := errors.AsType[*OperationError](err); ok {
			wrong.Line = n
		}
		if err != nil {
			return err
		}
	}
	if errors.Is(scanner.Err(), bufio.ErrTooLong) {
		return &OperationError{
			Line: n + 1, Came: "a longer line", Expected: fmt.Sprintf("at most %d bytes", maxLine),
		}
	}
	return scanner.Err()
}

func parse(text []byte) (Operation, error) {
	var l line
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&l); err != nil {
		return Operation{}, &OperationError{Came: err.Error(), Expected: "one operation as JSON"}
	}
	if decoder.More() {
		return Operation{}, &OperationError{Came: "more after an operation", Expected: "one a line"}
	}
	return l.operation()
}

func (l line) operation() (Operation, error) {
	o := Operation{
		Client: l.Client, Process: l.Process, Start: l.Start, Call: l.Call,
		Unknown: l.Result == resultUnknown,
	}
	switch {
	case l.Op == Read.String():
		o.Kind = Read
	case l.Op != Broadcast.String():
		return o, &OperationError{Came: fmt.Sprintf("op %.20q", l.Op), Expected: "broadcast or read"}
	case l.Value == nil:
		return o, &OperationError{Came: "a broadcast without a value", Expected: "one"}
	}
	if l.Value != nil {
		o.Value = *l.Value
	}
	switch {
	case l.Result != resultOK && l.Result != resultUnknown:
		return o, &OperationError{Came: fmt.Sprintf("result %.20q", l.Result), Expected: "ok or unknown"}
	case o.Unknown == (l.Return != nil):
		return o, &OperationError{
			Came: fmt.Sprintf("result %s", l.Result), Expected: "a return for ok, and none for unknown",
		}
	case l.Return != nil:
		o.Return = *l.Return
	}
	var err error
	if o.At, err = position(l.At); err != nil {
		return o, err
	}
	if o.From, err = position(l.From); err != nil {
		return o, err
	}
	if o.To, err = position(l.To); err != nil {
		return o, err
	}
	for _, e := range l.Entries {
		at, err := tob.ParsePosition(e.At)
		if err != nil {
			return o, &OperationError{Came: "an entry", Expected: err.Error()}
		}
		o.Entries = append(o.Entries, Entry{at, e.Value})
	}
	return o, o.check()
}

// position reads a position that may be missing.
func position(s string) (tob.Position, error) {
	if s == "" {
		return tob.Position{}, nil
	}
	at, err := tob.ParsePosition(s)
	if err != nil {
		return at, &OperationError{Came: fmt.Sprintf("position %.40q", s), Expected: "one such as 17/0"}
	}
	return at, nil
}
