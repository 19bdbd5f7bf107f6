package bench

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/seasons/catalog"
)

// TestMain lets Run start this program as a child.
func TestMain(m *testing.M) {
	if IsChild() {
		os.Exit(ServeChild())
	}
	os.Exit(m.Run())
}

// smallRun measures for a moment. Nothing may be left of it in its directory.
func smallRun(ctx context.Context, t *testing.T, c Config) (Report, error) {
	t.Helper()
	c.Dir = t.TempDir()
	ctx, cancel := context.WithTimeout(ctx, 4*guard)
	defer cancel()
	r, err := Run(ctx, c)
	left, readErr := os.ReadDir(c.Dir)
	require.NoError(t, readErr)
	require.Empty(t, left)
	return r, err
}

// TestRun measures every way to broadcast, each kind of load, and variants that need something.
func TestRun(t *testing.T) {
	c := Config{
		Duration: 20 * time.Millisecond, WarmUp: 10 * time.Millisecond, Repeat: 1, Profiles: t.TempDir(),
	}
	closed := Setting{Processes: 2, Size: 64, Outstanding: 4, InProcess: true}
	other, all, rate, disks, none := closed, closed, closed, closed, closed
	closed.InProcess, closed.Fsync = false, true
	other.At, other.Window, other.Batch = AtOther, 1, 1
	all.At = AtAll
	rate.At, rate.Outstanding, rate.Rate = AtOthers, 0, 1000
	disks.Variant, disks.Fsync = "summer", true
	none.Variant, none.Outstanding = "crash-stop", 1
	c.Settings = []Setting{closed, other, all, rate, disks, none}
	var progress []int
	c.Progress = func(done, of int, _ Setting) {
		require.Equal(t, 6, of)
		progress = append(progress, done)
	}
	r, err := smallRun(t.Context(), t, c)
	require.NoError(t, err)
	require.Equal(t, []int{0, 1, 2, 3, 4, 5, 6}, progress)
	require.Len(t, r.Points, 6)
	for i, p := range r.Points {
		require.Equal(t, c.Settings[i].withDefaults(), p.Setting)
		require.Len(t, p.Repetitions, 1)
		got := p.Repetitions[0]
		require.Positive(t, got.Messages)
		require.GreaterOrEqual(t, got.Delivered, uint64(got.Messages))
		require.Len(t, got.Digest, 16)
		require.Positive(t, got.CPU)
		require.Positive(t, got.PeakLargest)
		require.Positive(t, p.BandwidthShare)
		require.Positive(t, got.WireBytes)
		require.Equal(t, p.Fsync && p.Variant == catalog.Default, got.Forces > 0, p.Setting)
	}
	require.Greater(t, r.Points[0].Repetitions[0].PeakMemory, r.Points[0].Repetitions[0].PeakLargest)
	profiles, err := filepath.Glob(filepath.Join(c.Profiles, "*.pprof"))
	require.NoError(t, err)
	require.Len(t, profiles, 2+5, "one for each process of the operating system")
}

func TestRunRefuses(t *testing.T) {
	_, err := Run(t.Context(), Config{})
	var wrong *ConfigError
	require.ErrorAs(t, err, &wrong)
	c := goodConfig()
	c.Dir = filepath.Join(t.TempDir(), "missing")
	_, err = Run(t.Context(), c)
	require.ErrorIs(t, err, os.ErrNotExist)
}

// TestRunSeesDeath has a program take the part of a child that is none.
func TestRunSeesDeath(t *testing.T) {
	c := goodConfig()
	for want, script := range map[string]string{
		"exit status 3: oops":       "echo oops >&2; exit 3",
		"exit status 0: it said":    "read line",
		"expected one line of JSON": "echo hello; cat >/dev/null",
	} {
		c.Program = []string{"sh", "-c", script}
		_, err := smallRun(t.Context(), t, c)
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, "processes=3 variant=fall+spring", "it says what was measured")
	}
	c.Program = []string{filepath.Join(t.TempDir(), "missing")}
	_, err := smallRun(t.Context(), t, c)
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestRunIsInterrupted(t *testing.T) {
	c := goodConfig()
	c.Duration = time.Hour
	interrupt := errors.New("interrupt")
	ctx, cancel := context.WithCancelCause(t.Context())
	c.Progress = func(int, int, Setting) { cancel(interrupt) }
	_, err := smallRun(ctx, t, c)
	require.ErrorIs(t, err, interrupt)
}

// TestLosesPorts tries again as often as it may.
func TestLosesPorts(t *testing.T) {
	c := goodConfig()
	c.Settings[0].InProcess = true
	count := filepath.Join(t.TempDir(), "count")
	c.Program = []string{
		"sh", "-c", `read line; echo again >>"$0"
			echo '{"error":"taken","portLost":true}'; cat >/dev/null`, count,
	}
	_, err := smallRun(t.Context(), t, c)
	require.ErrorContains(t, err, "taken")
	text, err := os.ReadFile(count)
	require.NoError(t, err)
	require.Equal(t, "again\nagain\nagain\n", string(text))
}
