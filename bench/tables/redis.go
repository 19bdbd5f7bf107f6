package tables

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"paxon/internal/wait"
)

// MissingError says that a program is not installed that a table needs.
type MissingError struct {
	Program string
	Err     error
}

func (e *MissingError) Error() string {
	return fmt.Sprintf("%s is not installed (%v): expected it in PATH; on Debian it comes with "+
		"apt-get install redis-tools redis-server", e.Program, e.Err)
}

// Unwrap returns the error below.
func (e *MissingError) Unwrap() error { return e.Err }

// find finds a program.
func find(program string) (string, error) {
	path, err := exec.LookPath(program)
	if err != nil {
		return "", &MissingError{program, err}
	}
	return path, nil
}

// redisStore is a server, or several of one cluster, that speak the protocol of Redis.
type redisStore struct {
	addresses []string // Of the members, by ID − 1.
	benchmark string   // The path of redis-benchmark.
	stop      func() error
}

// Close is of Store.
func (s *redisStore) Close() error { return s.stop() }

// sharedKey is the one key that redis-benchmark uses where it is not told how many there are.
const sharedKey = "key:__rand_int__"

// Fill is of Store.
func (s *redisStore) Fill(ctx context.Context, keys, size int) (err error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", s.addresses[0])
	if err != nil {
		return err
	}
	defer c.Close() //nolint:errcheck // All answers have come.
	defer context.AfterFunc(ctx, func() { _ = c.Close() })()
	in, out := bufio.NewReader(c), bufio.NewWriter(c)
	value := strings.Repeat("x", size)
	const together = 500
	for first := -1; first < keys; first += together {
		last := min(first+together, keys)
		for k := first; k < last; k++ {
			key := sharedKey
			if k >= 0 {
				key = fmt.Sprintf("key:%012d", k)
			}
			// Flush tells what went wrong.
			_, _ = fmt.Fprintf(out, "*3\r\n$3\r\nSET\r\n$%d\r\n%s\r\n$%d\r\n%s\r\n",
				len(key), key, size, value)
		}
		if err := out.Flush(); err != nil {
			return err
		}
		for range last - first {
			line, err := in.ReadString('\n')
			if err != nil {
				return err
			}
			if line != "+OK\r\n" {
				return fmt.Errorf("%s answered %q to SET: expected OK", s.addresses[0], line)
			}
		}
	}
	return nil
}

// Load is of Store. How many requests take the time is found by a few.
func (s *redisStore) Load(ctx context.Context, l Load) (Speed, error) {
	const few = 20
	trial, err := s.run(ctx, l, few*l.Clients)
	if err != nil {
		return trial, err
	}
	if l.WarmUp > 0 {
		if trial, err = s.run(ctx, l, requests(trial, l.WarmUp, few*l.Clients)); err != nil {
			return trial, err
		}
	}
	return s.run(ctx, l, requests(trial, l.Duration, few*l.Clients))
}

// requests is how many take a time at a speed.
func requests(s Speed, d time.Duration, least int) int {
	return max(least, int(s.PerSecond*d.Seconds()))
}

// run makes so many requests. Of several redis-benchmarks at a time all requests count over the time
// of the one that took the longest, for whoever is done makes it easier for the others; and the
// latencies are the highest.
func (s *redisStore) run(ctx context.Context, l Load, requests int) (all Speed, err error) {
	at := s.addresses[:1]
	if l.Spread {
		at = s.addresses
	}
	found := make([]Speed, len(at))
	each := max(1, requests/len(at))
	group, ctx := errgroup.WithContext(ctx)
	for i, address := range at {
		l := l
		l.Clients = l.Clients/len(at) + oneIf(i < l.Clients%len(at))
		group.Go(func() (err error) {
			found[i], err = runBenchmark(ctx, s.benchmark, address, l, each)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return all, err
	}
	all.PerSecond = math.Inf(1)
	for _, f := range found {
		all.PerSecond = min(all.PerSecond, f.PerSecond*float64(len(at)))
		all.P50, all.P99 = max(all.P50, f.P50), max(all.P99, f.P99)
	}
	return all, nil
}

func oneIf(b bool) int {
	if b {
		return 1
	}
	return 0
}

// runBenchmark runs redis-benchmark once.
func runBenchmark(
	ctx context.Context, path, address string, l Load, requests int,
) (s Speed, err error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return s, err
	}
	args := []string{
		"-h", host, "-p", port, "-t", operation(l), "-n", strconv.Itoa(requests),
		"-c", strconv.Itoa(l.Clients), "-d", strconv.Itoa(l.Size), "--csv", "--precision", "3",
	}
	if l.Keys > 1 {
		args = append(args, "-r", strconv.Itoa(l.Keys))
	}
	c := exec.CommandContext(ctx, path, args...)
	var complaints bytes.Buffer
	c.Stderr = &complaints
	out, err := c.Output()
	if err != nil {
		return s, fmt.Errorf("%s %s: %w: %.300s", path, strings.Join(args, " "), err, complaints.String())
	}
	return parseBenchmark(bytes.NewReader(out), operation(l))
}

func operation(l Load) string {
	if l.Write {
		return "set"
	}
	return "get"
}

// BenchmarkError says that the output of redis-benchmark is not understood.
type BenchmarkError struct{ Came, Expected string }

func (e *BenchmarkError) Error() string {
	return fmt.Sprintf("redis-benchmark printed %.200q: expected %s", e.Came, e.Expected)
}

// parseBenchmark reads what redis-benchmark --csv prints: a line of names and one for each test.
func parseBenchmark(r io.Reader, test string) (s Speed, err error) {
	in := csv.NewReader(r)
	in.FieldsPerRecord = -1 // There may be warnings before.
	lines, err := in.ReadAll()
	if err != nil {
		return s, &BenchmarkError{err.Error(), "CSV"}
	}
	header := slices.IndexFunc(lines, func(line []string) bool { return slices.Contains(line, "rps") })
	if header < 0 {
		return s, &BenchmarkError{fmt.Sprint(lines), "a line with rps, as versions from 6.2 on have"}
	}
	row := slices.IndexFunc(lines, func(line []string) bool { return strings.EqualFold(line[0], test) })
	if row < 0 {
		return s, &BenchmarkError{fmt.Sprint(lines), "a line for " + test}
	}
	for name, to := range map[string]*float64{
		"rps": &s.PerSecond, "p50_latency_ms": &s.P50, "p99_latency_ms": &s.P99,
	} {
		column := slices.Index(lines[header], name)
		if column < 0 || column >= len(lines[row]) {
			return s, &BenchmarkError{fmt.Sprint(lines[header]), "a column " + name}
		}
		if *to, err = strconv.ParseFloat(lines[row][column], 64); err != nil {
			return s, &BenchmarkError{lines[row][column], "a number for " + name}
		}
	}
	return s, nil
}

// startTime bounds how long a store takes until it serves.
const startTime = 30 * time.Second

// serving waits until there are answers at all addresses.
func serving(ctx context.Context, addresses ...string) error {
	ctx, stop := context.WithTimeoutCause(ctx, startTime,
		fmt.Errorf("no answer at %v within %v", addresses, startTime))
	defer stop()
	for _, a := range addresses {
		for !ping(ctx, a) {
			if err := wait.For(ctx, 20*time.Millisecond); err != nil {
				return err
			}
		}
	}
	return nil
}

func ping(ctx context.Context, address string) bool {
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return false
	}
	defer c.Close() //nolint:errcheck // It was a question only.
	_ = c.SetDeadline(time.Now().Add(time.Second))
	// A value can be read only where a quorum answers.
	if _, err := io.WriteString(c, "*2\r\n$3\r\nGET\r\n$1\r\nx\r\n"); err != nil {
		return false
	}
	line, err := bufio.NewReader(c).ReadString('\n')
	return err == nil && strings.HasPrefix(line, "$")
}

// openRedis starts a single server that forces each write.
func openRedis(ctx context.Context, benchmark, dir string) (Store, error) {
	path, err := find("redis-server")
	if err != nil {
		return nil, err
	}
	addresses, err := Addresses(1)
	if err != nil {
		return nil, err
	}
	_, port, err := net.SplitHostPort(addresses[0])
	if err != nil {
		return nil, err
	}
	c := exec.CommandContext(ctx, path, "--port", port, "--bind", "127.0.0.1", "--dir", dir,
		"--appendonly", "yes", "--appendfsync", "always", "--save", "", "--daemonize", "no")
	return startStore(ctx, c, benchmark, addresses)
}

// startStore runs a program until the store is closed, and waits until it serves.
func startStore(ctx context.Context, c *exec.Cmd, benchmark string, addresses []string) (Store, error) {
	var said bytes.Buffer
	c.Stdout, c.Stderr = &said, &said
	c.Cancel = func() error { return interrupt(c.Process) }
	c.WaitDelay = startTime
	if err := c.Start(); err != nil {
		return nil, err
	}
	s := &redisStore{addresses: addresses, benchmark: benchmark}
	s.stop = func() error {
		err := interrupt(c.Process)
		ended := c.Wait()
		if _, ok := errors.AsType[*exec.ExitError](ended); ok {
			ended = nil // It was told to.
		}
		return errors.Join(err, ended)
	}
	if err := serving(ctx, addresses...); err != nil {
		return nil, fmt.Errorf("%s: %w: %.1000s", c.Path, errors.Join(err, s.Close()), said.String())
	}
	return s, nil
}

// interrupt asks a program to end.
func interrupt(p *os.Process) error { return p.Signal(os.Interrupt) }
