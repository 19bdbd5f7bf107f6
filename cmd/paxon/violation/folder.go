package violation

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"paxon/draw"
	"paxon/sim"
	"paxon/sim/shrink"
)

// The names of the files.
const (
	readmeFile   = "README.txt"
	scheduleFile = "schedule.json"
	testFile     = "schedule_test.go"
	minimalTrace = "minimal.ndjson"
	minimalImage = "minimal.svg"
	runTrace     = "run.ndjson"
)

// Bounds of minimising: so many runs, but not more events than that.
const (
	mostPlays  = 3000
	mostEvents = 40_000_000
	leastPlays = 50
)

// Case is a run in which a property does not hold.
type Case struct {
	Run  sim.Config
	Seed uint64
	// Broken says what is broken in the composition on purpose, if anything is.
	Broken string
	// Command is the one that does the run again.
	Command string
	// Progress hears of each run that is done to find a shorter one, and of how many at most, and
	// says whether to go on. It may be nil.
	Progress func(p shrink.Progress, most int) (more bool)
}

// ErrSound says that there is nothing to leave, because no property falls in the run.
var ErrSound = errors.New("nothing is violated in the run: expected a violation")

// ExistsError says that there is something of the folder's name.
type ExistsError struct{ Dir string }

func (e *ExistsError) Error() string {
	return fmt.Sprintf("%s exists: expected a name for a folder that does not", e.Dir)
}

// Free is a name for the folder of a case that nothing has yet: violation-VARIANT-SEED, with a
// number if that is taken.
func (c Case) Free() string {
	return FreeFor(fmt.Sprintf("%s-%d", c.Run.Variant.Name, c.Seed))
}

// FreeFor is a name that nothing has yet for the folder of what is named.
func FreeFor(what string) string {
	name := "violation-" + strings.ReplaceAll(what, "/", "-")
	dir := name
	for n := 2; Missing(dir) != nil; n++ {
		dir = name + "-" + strconv.Itoa(n)
	}
	return dir
}

// Missing gives an *ExistsError if there is something of a name.
func Missing(dir string) error {
	if _, err := os.Lstat(dir); !errors.Is(err, os.ErrNotExist) {
		return &ExistsError{dir}
	}
	return nil
}

// Leave makes the folder. It says what of the run is enough. The error is ErrSound, an
// *ExistsError, or one of writing, after which there is no folder.
func (c Case) Leave(dir string) (report shrink.Report, err error) {
	err = leave(dir, func(partial string) (err error) {
		report, err = c.fill(partial)
		return err
	})
	return report, err
}

// leave makes a folder that is there only when it is filled.
func leave(dir string, fill func(partial string) error) error {
	if err := Missing(dir); err != nil {
		return err
	}
	partial, err := os.MkdirTemp(filepath.Dir(dir), filepath.Base(dir)+".partial-")
	if err != nil {
		return fmt.Errorf("leave the violation: %w", err)
	}
	if err = fill(partial); err == nil {
		err = errors.Join(os.Chmod(partial, 0o755), os.Rename(partial, dir))
	}
	if err != nil {
		return fmt.Errorf("leave the violation: %w", errors.Join(err, os.RemoveAll(partial)))
	}
	return nil
}

// fill writes the files of the folder.
func (c Case) fill(dir string) (shrink.Report, error) {
	s, result := sim.Record(c.Run, c.Seed)
	if result.Violation == nil {
		return shrink.Report{}, ErrSound
	}
	report := story{Case: c, Violation: result.Violation}
	err := traced(filepath.Join(dir, runTrace), func(t *sim.Trace) { sim.Run(c.Run, c.Seed, t) })
	if err != nil {
		return shrink.Report{}, err
	}
	most := int(min(mostPlays, max(leastPlays, mostEvents/max(1, result.Steps))))
	var progress func(shrink.Progress) bool
	if c.Progress != nil {
		progress = func(p shrink.Progress) bool { return c.Progress(p, most) }
	}
	// A schedule that does not show what the run has shown is kept as it is, and the README says
	// so.
	report.Schedule, report.Report, report.sound = s.Minimal(c.Run.Variant, most, progress)
	if err := c.write(dir, &report); err != nil {
		return report.Report, err
	}
	text := report.text()
	return report.Report, os.WriteFile(filepath.Join(dir, readmeFile), []byte(text), 0o644)
}

// write writes the schedule and what comes of it.
func (c Case) write(dir string, r *story) error {
	var schedule strings.Builder
	if err := r.Schedule.Write(&schedule); err != nil {
		return err
	}
	err := os.WriteFile(filepath.Join(dir, scheduleFile), []byte(schedule.String()), 0o644)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, testFile), []byte(r.test()), 0o644); err != nil {
		return err
	}
	trace := filepath.Join(dir, minimalTrace)
	if err := traced(trace, func(t *sim.Trace) { r.Schedule.Play(c.Run.Variant, t) }); err != nil {
		return err
	}
	late := r.Violation.At > c.Run.Duration+enough
	r.images, err = drawn(dir, trace, r.Schedule, late)
	return err
}

// traced writes the trace of a run.
func traced(name string, run func(t *sim.Trace)) (err error) {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	out := bufio.NewWriter(file)
	trace := sim.NewTrace(out)
	run(trace)
	return errors.Join(trace.Err(), out.Flush())
}

// enough is for how long after the faults a run is drawn: nothing new happens in one that waits
// for what never comes.
const enough = 50 * time.Millisecond

// drawn draws a trace and gives the names of the images. Late is a violation that it does not come
// to.
func drawn(dir, trace string, s sim.Schedule, late bool) (names []string, err error) {
	options := draw.DefaultOptions()
	options.Title = fmt.Sprintf("%s: %s", s.Variant, s.Property)
	if late {
		options.Title += ": " + s.Detail // What shows it is beyond the picture.
	}
	options.To = s.Duration + enough
	return pages(dir, trace, options)
}

// pages draws a trace and gives the names of the images.
func pages(dir, trace string, options draw.Options) (names []string, err error) {
	file, err := os.Open(trace)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	drawn, err := draw.Pages(sim.ReadTrace(io.Reader(file), trace), options)
	if err != nil {
		return nil, err
	}
	names = draw.PageNames(minimalImage, len(drawn))
	for i, name := range names {
		if err := os.WriteFile(filepath.Join(dir, name), drawn[i], 0o644); err != nil {
			return nil, err
		}
	}
	return names, nil
}
