package replay

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"paxon/seasons"
	"paxon/seasons/catalog"
	"paxon/sim"
	"paxon/sim/flawed"
)

// Variant finds a composition by the name that a schedule has, also one that is broken on purpose.
// The error is that of catalog.ByName or flawed.ByName.
func Variant(name string) (seasons.Variant, error) {
	if strings.HasPrefix(name, flawed.Prefix) {
		c, err := flawed.ByName(name)
		return c.Variant, err
	}
	return catalog.ByName(name)
}

// Read reads a schedule from its file and finds its composition, which can play it.
func Read(name string) (s sim.Schedule, v seasons.Variant, err error) {
	file, err := os.Open(name)
	if err != nil {
		return s, v, fmt.Errorf("read the schedule: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if s, err = sim.ReadSchedule(file); err != nil {
		return s, v, fmt.Errorf("%s: %w", name, err)
	}
	if v, err = Variant(s.Variant); err == nil {
		err = s.Check(v)
	}
	if err != nil {
		return s, v, fmt.Errorf("%s: %w", name, err)
	}
	return s, v, nil
}

// Holds fails a test if anything is violated in the run of a schedule: it is for what has been
// repaired.
func Holds(t *testing.T, name string) {
	t.Helper()
	if err := holds(name); err != nil {
		t.Error(err)
	}
}

// Falls fails a test unless the property that a schedule names falls in its run: it is for what is
// broken on purpose.
func Falls(t *testing.T, name string) {
	t.Helper()
	if err := falls(name); err != nil {
		t.Error(err)
	}
}

func holds(name string) error {
	s, v, err := Read(name)
	if err != nil {
		return err
	}
	if violation := s.Play(v, nil).Violation; violation != nil {
		return fmt.Errorf("%s: %w", name, violation)
	}
	return nil
}

func falls(name string) error {
	s, v, err := Read(name)
	if err != nil {
		return err
	}
	switch r := s.Play(v, nil); {
	case r.Violation == nil:
		return fmt.Errorf("%s: nothing is violated: expected %q to fall", name, s.Property)
	case r.Violation.Property != s.Property:
		return fmt.Errorf("%s: expected %q to fall, but: %w", name, s.Property, r.Violation)
	}
	return nil
}
