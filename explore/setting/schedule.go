package setting

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"paxon/explore"
	"paxon/sim"
)

// Schedule is a sequence of choices in a search.
type Schedule struct {
	Setting Setting
	// Violates is the full name of the property that falls after the last choice, empty for none.
	Violates string
	Choices  []string
	lines    []int // Of Choices, in the file that was read.
	file     string
}

// longest is how many bytes a line of a file has at most, and most how many choices there are.
const (
	longest = 1 << 16
	most    = 1 << 16
)

// field is a line of the head of a file, and how it is written and read.
type field struct {
	name  string
	write func(s *Schedule) string
	read  func(s *Schedule, text string) error
}

func number(name string, of func(s *Schedule) *int) field {
	return field{
		name, func(s *Schedule) string { return strconv.Itoa(*of(s)) },
		func(s *Schedule, text string) (err error) {
			*of(s), err = natural(text)
			return err
		},
	}
}

// some is a number that is not written if it is 0.
func some(name string, of func(s *Schedule) *int) field {
	f := number(name, of)
	write := f.write
	f.write = func(s *Schedule) string {
		if *of(s) == 0 {
			return ""
		}
		return write(s)
	}
	return f
}

func list(name string, of func(s *Schedule) *[]int) field {
	return field{
		name, func(s *Schedule) string { return Numbers(*of(s)) },
		func(s *Schedule, text string) (err error) {
			*of(s), err = ParseNumbers(text)
			return err
		},
	}
}

func flag(name string, of func(s *Schedule) *bool) field {
	return field{
		name, func(s *Schedule) string { return strconv.FormatBool(*of(s)) },
		func(s *Schedule, text string) (err error) {
			if *of(s), err = strconv.ParseBool(text); err != nil {
				return fmt.Errorf("%q: expected true or false", text)
			}
			return nil
		},
	}
}

func word(name string, of func(s *Schedule) *string) field {
	return field{
		name, func(s *Schedule) string { return *of(s) },
		func(s *Schedule, text string) error {
			*of(s) = text
			return nil
		},
	}
}

func property(name string, of func(s *Schedule) *string) field {
	f := word(name, of)
	f.read = func(s *Schedule, text string) (err error) {
		*of(s), err = Property(text)
		return err
	}
	return f
}

// fields are the lines of a head in the order in which they are written.
func fields() []field {
	return []field{
		word("variant", func(s *Schedule) *string { return &s.Setting.Variant }),
		word("part", func(s *Schedule) *string { return (*string)(&s.Setting.Part) }),
		number("processes", func(s *Schedule) *int { return &s.Setting.Processes }),
		list("rounds", func(s *Schedule) *[]int { return &s.Setting.Rounds }),
		number("instances", func(s *Schedule) *int { return &s.Setting.Instances }),
		number("crashes", func(s *Schedule) *int { return &s.Setting.Crashes }),
		number("recoveries", func(s *Schedule) *int { return &s.Setting.Recoveries }),
		list("broadcasts", func(s *Schedule) *[]int { return &s.Setting.Broadcasts }),
		some("together", func(s *Schedule) *int { return &s.Setting.Together }),
		some("handed", func(s *Schedule) *int { return &s.Setting.Handed }),
		list("elections", func(s *Schedule) *[]int { return &s.Setting.Elections }),
		list("beats", func(s *Schedule) *[]int { return &s.Setting.Beats }),
		word("changes", func(s *Schedule) *string { return &s.Setting.Changes }),
		some("members", func(s *Schedule) *int { return &s.Setting.Members }),
		list("quorums", func(s *Schedule) *[]int { return &s.Setting.Quorums }),
		some("waits", func(s *Schedule) *int { return &s.Setting.Waits }),
		flag("as-printed", func(s *Schedule) *bool { return &s.Setting.AsPrinted }),
		flag("timers", func(s *Schedule) *bool { return &s.Setting.Timers }),
		{
			"without", func(s *Schedule) string { return strings.Join(s.Setting.Without, ",") },
			func(s *Schedule, text string) error {
				s.Setting.Without = strings.Split(text, ",")
				return nil
			},
		},
		property("property", func(s *Schedule) *string { return &s.Setting.Property }),
		property("violates", func(s *Schedule) *string { return &s.Violates }),
	}
}

func natural(text string) (int, error) {
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return 0, fmt.Errorf("%q: expected a number of 0 to 65535", text)
	}
	return int(n), nil
}

// Numbers writes a list as "2,1".
func Numbers(list []int) string {
	words := make([]string, len(list))
	for i, n := range list {
		words[i] = strconv.Itoa(n)
	}
	return strings.Join(words, ",")
}

// ParseNumbers reads a list such as "2,1"; "" is an empty one.
func ParseNumbers(text string) (list []int, err error) {
	if text == "" {
		return nil, nil
	}
	for word := range strings.SplitSeq(text, ",") {
		n, err := natural(word)
		if err != nil {
			return nil, err
		}
		list = append(list, n)
	}
	return list, nil
}

// Write writes the schedule as a file.
func (s *Schedule) Write(w io.Writer) error {
	var out bytes.Buffer
	out.WriteString("# What is searched, and after an empty line the choices, one a line, that\n" +
		"# paxon explore --schedule makes again. Lines like these are comments.\n")
	for _, f := range fields() {
		if text := f.write(s); text != "" && text != "false" {
			out.WriteString(f.name + ": " + text + "\n")
		}
	}
	out.WriteString("\n")
	for _, choice := range s.Choices {
		out.WriteString(choice + "\n")
	}
	_, err := out.WriteTo(w)
	return err
}

// Error is what is wrong with a line of a file.
type Error struct {
	File string
	Line int // From 1.
	Err  error
}

func (e *Error) Error() string { return fmt.Sprintf("%s:%d: %v", e.File, e.Line, e.Err) }
func (e *Error) Unwrap() error { return e.Err }

// ReadFile reads a schedule from its file.
func ReadFile(name string) (s Schedule, err error) {
	file, err := os.Open(name)
	if err != nil {
		return s, fmt.Errorf("read the schedule: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return Read(file, name)
}

// Read reads a schedule; name is what the errors call it. The error is an *Error, or one of
// reading. Whether the choices are possible, Replay says.
func Read(from io.Reader, name string) (Schedule, error) {
	s := Schedule{file: name}
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, longest)
	head, at := true, 0
	for lines.Scan() {
		at++
		text := strings.TrimSpace(lines.Text())
		switch {
		case strings.HasPrefix(text, "#"):
		case text == "":
			head = head && s.Setting.Variant == ""
		case head:
			if err := s.readField(text); err != nil {
				return s, &Error{name, at, err}
			}
		case len(s.Choices) == most:
			return s, &Error{name, at, fmt.Errorf("expected at most %d choices", most)}
		default:
			s.Choices, s.lines = append(s.Choices, text), append(s.lines, at)
		}
	}
	if err := lines.Err(); err != nil {
		return s, &Error{name, at + 1, err}
	}
	if _, err := s.Setting.Config(); err != nil {
		return s, &Error{name, max(at, 1), err}
	}
	return s, nil
}

func (s *Schedule) readField(line string) error {
	name, text, found := strings.Cut(line, ":")
	all := fields()
	i := slices.IndexFunc(all, func(f field) bool { return f.name == name })
	if !found || i < 0 {
		var names []string
		for _, f := range all {
			names = append(names, f.name)
		}
		return fmt.Errorf("%q: expected one of %s with a colon, or an empty line before the choices",
			line, strings.Join(names, ", "))
	}
	if err := all[i].read(s, strings.TrimSpace(text)); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// Replay makes the choices, and writes the events to a trace, which may be nil. The error says
// which line is no choice that there is.
func (s *Schedule) Replay(trace *sim.Trace) (*sim.Violation, error) {
	c, err := s.Setting.Config()
	if err != nil {
		return nil, err
	}
	violation, err := explore.Replay(c, s.Choices, trace)
	if missing, ok := errors.AsType[*explore.ScheduleError](err); ok && s.lines != nil {
		return nil, &Error{s.file, s.lines[missing.Line-1], fmt.Errorf(
			"%q is none of the %d choices there are: %q", missing.Text, len(missing.Choices),
			missing.Choices)}
	}
	return violation, err
}

// failer is a *testing.T.
type failer interface {
	Helper()
	Error(args ...any)
}

// Holds fails a test if anything is violated after the choices of a file. That some of them are not
// there any more is no failure: it is for what has been repaired.
func Holds(t failer, name string) {
	t.Helper()
	s, err := ReadFile(name)
	if err != nil {
		t.Error(err)
		return
	}
	violation, err := s.Replay(nil)
	_, gone := errors.AsType[*Error](err)
	switch {
	case violation != nil:
		t.Error(violation)
	case !gone && err != nil:
		t.Error(err)
	}
}

// Falls fails a test unless the property that a file names falls after its choices: it is for what
// is broken on purpose.
func Falls(t failer, name string) {
	t.Helper()
	s, err := ReadFile(name)
	var violation *sim.Violation
	if err == nil {
		violation, err = s.Replay(nil)
	}
	switch {
	case err != nil:
		t.Error(err)
	case violation == nil || violation.Property != s.Violates:
		t.Error(fmt.Sprintf("%s: %v is violated: expected %q", name,
			cmp.Or(violation, &sim.Violation{Property: "nothing"}).Property, s.Violates))
	}
}
