package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"paxon/process"
)

// startTries is how often a cluster is started if other programs take its ports.
const startTries = 3

// run is what Run does.
type run struct {
	Config
	settings []Setting // Without gaps.
	probes   *probes
	points   [][]Repetition // By setting.
}

// Run measures each setting Repeat times, in turn with the others and with the limits in between,
// and checks what was delivered. Whatever comes of it, no process and no file is left, but for
// profiles. The error is a *ConfigError, another of this package, or the cause of ctx.
func Run(ctx context.Context, config Config) (report Report, err error) {
	if err := config.Check(); err != nil {
		return Report{}, err
	}
	if len(config.Program) == 0 {
		executable, err := os.Executable()
		if err != nil {
			return Report{}, err
		}
		config.Program = []string{executable}
	}
	dir, err := os.MkdirTemp(config.Dir, "paxon-bench-")
	if err != nil {
		return Report{}, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	r := &run{Config: config, points: make([][]Repetition, len(config.Settings))}
	r.Dir = dir
	for _, s := range config.Settings {
		r.settings = append(r.settings, s.withDefaults())
	}
	r.probes = newProbes(dir)
	err = errors.Join(r.measure(ctx), r.probes.close())
	if err != nil {
		return Report{}, cause(ctx, err)
	}
	report.Conditions = conditionsOf(config)
	for i, s := range r.settings {
		limits, bandwidths := r.probes.found(s)
		report.Points = append(report.Points, pointOf(s, r.points[i], limits, bandwidths))
	}
	return report, nil
}

// Overhead is about how long one round over the settings takes, besides warm-up and duration, on a
// machine that is not slow: clusters start and end, and the limits are measured.
func Overhead(settings []Setting) time.Duration {
	const start, startOf = 700 * time.Millisecond, 100 * time.Millisecond
	sizes, logs := map[int]bool{}, map[int]bool{}
	var sum time.Duration
	for _, s := range settings {
		sum += start + time.Duration(s.Processes)*startOf
		sizes[s.Size], logs[s.Processes] = true, true
	}
	return sum + time.Duration(len(sizes))*3*limitTime + time.Duration(len(logs))*6*bandwidthTime
}

// measure goes round the settings.
func (r *run) measure(ctx context.Context) error {
	all := r.Repeat * len(r.settings)
	for done := range all {
		round, i := done/len(r.settings), done%len(r.settings)
		s := r.settings[i]
		r.progress(done, all, s)
		repetition, err := r.repetition(ctx, s, fmt.Sprintf("point%d-round%d", i+1, round+1))
		if err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
		r.points[i] = append(r.points[i], repetition)
		if err := r.probes.measure(ctx, round, s); err != nil {
			return err
		}
	}
	r.progress(all, all, Setting{})
	return nil
}

func (r *run) progress(done, all int, next Setting) {
	if r.Progress != nil {
		r.Progress(done, all, next)
	}
}

// repetition measures a setting once, on a cluster of its own.
func (r *run) repetition(ctx context.Context, s Setting, name string) (Repetition, error) {
	for try := 1; ; try++ {
		result, err := r.try(ctx, s, name)
		failed, ok := errors.AsType[*childError](err)
		if !ok || !failed.portLost || try == startTries {
			return result, err
		}
	}
}

func (r *run) try(ctx context.Context, s Setting, name string) (result Repetition, err error) {
	dir := filepath.Join(r.Dir, name)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	c, err := openCluster(ctx, r.Program, dir, s)
	defer c.close()
	if err != nil {
		return result, err
	}
	m, err := c.measure(ctx, r.WarmUp, r.Duration, func(id process.ID) string {
		if r.Profiles == "" {
			return ""
		}
		return filepath.Join(r.Profiles, fmt.Sprintf("%s-%v.pprof", name, id))
	})
	if err != nil {
		return result, err
	}
	return m.repetition(s)
}
