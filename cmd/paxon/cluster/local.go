package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"paxon/client"
	"paxon/internal/ports"
	"paxon/node/durable"
	"paxon/process"
	"paxon/seasons"
)

const (
	startTime = 30 * time.Second // How long a process has until it is healthy.
	askAgain  = 20 * time.Millisecond
	tailBytes = 2000 // Of a dead process's stderr that are shown.
)

// Flags of "paxon node" that are not for people.
const (
	UntilStdinEnds = "until-stdin-ends" // It ends when its standard input does.
	SmallLimits    = "small-limits"     // What else takes long, such as a checkpoint, is due soon.
)

// Local runs the processes of a cluster on this machine, from one directory.
type Local struct {
	executable string
	dir        string
	config     localConfig
	links, api []string // Addresses, by id − 1.
	disks      []string // The shared disks, none if the variant has none.
	enter      func(process.ID) []string
	small      bool
}

// localConfig is what a directory remembers between runs, in cluster.json.
type localConfig struct {
	Variant   string `json:"variant"`
	Processes int    `json:"processes"`
}

// DirError says that a directory cannot be used for a cluster.
type DirError struct {
	Dir            string
	Came, Expected string
}

// Error says both sides.
func (e *DirError) Error() string {
	return fmt.Sprintf("directory %s %s: expected %s", e.Dir, e.Came, e.Expected)
}

// NewLocal prepares a directory, which must exist, for n processes of a program that has the
// command "node". A directory of an earlier run continues its cluster. The error is a
// *DirError, or says that the directory cannot be written to or there are no ports.
func NewLocal(executable, dir string, variant seasons.Variant, n int) (*Local, error) {
	l := &Local{executable: executable, dir: dir, config: localConfig{variant.Name, n}}
	if err := l.remember(mayCrash(variant, n)); err != nil {
		return nil, err
	}
	var err error
	if l.disks, err = shareDisks(dir, variant); err != nil {
		return nil, err
	}
	addresses, err := ports.Free(2 * n)
	if err != nil {
		return nil, err
	}
	l.links, l.api = addresses[:n], addresses[n:]
	l.enter = func(process.ID) []string { return nil }
	if err := l.Route(directly); err != nil {
		return nil, err
	}
	return l, nil
}

// directly has a process reach another where that listens.
func directly(_, _ process.ID, listens string) (string, error) { return listens, nil }

// mayCrash is how many of n processes may all crash and start again, as the end of a run has them
// do: none if they do not recover.
func mayCrash(variant seasons.Variant, n int) int {
	switch {
	case !variant.Recovers:
		return 0
	case variant.Crashes != nil:
		return variant.Crashes(n)
	}
	return n
}

// remember compares with the last run on this directory, or writes down that this is the first. A
// variant that stands the crash of fewer processes than there are cannot go on.
func (l *Local) remember(crash int) error {
	path := filepath.Join(l.dir, "cluster.json")
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		text, err = json.Marshal(l.config)
		if err != nil {
			return err
		}
		return durable.Replace(vfs.Default, path, append(text, '\n'))
	}
	if err != nil {
		return err
	}
	var before localConfig
	switch err := json.Unmarshal(text, &before); {
	case err != nil:
		return &DirError{
			l.dir, "has a cluster.json that cannot be read: " + err.Error(),
			"that of an earlier run, or a new directory",
		}
	case before != l.config:
		return &DirError{
			l.dir,
			fmt.Sprintf("belongs to %d processes of %s", before.Processes, before.Variant),
			fmt.Sprintf("%d of %s: give a new directory", l.config.Processes, l.config.Variant),
		}
	case crash < l.config.Processes:
		return &DirError{
			l.dir,
			fmt.Sprintf("was used by %s, which does not stand that all %d processes start again",
				l.config.Variant, l.config.Processes),
			"a new directory",
		}
	}
	return nil
}

// path is the file of one process with a suffix, or its data directory with none.
func (l *Local) path(id int, suffix string) string {
	return filepath.Join(l.dir, strconv.Itoa(id)+suffix)
}

func (l *Local) yaml(id int, peers []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "cluster: %s\nprocess: %d\nvariant: %s\ndir: %q\napi: %s\n",
		clusterName, id, l.config.Variant, l.path(id, ""), l.api[id-1])
	for i, path := range l.disks {
		if i == 0 {
			b.WriteString("disks:\n")
		}
		fmt.Fprintf(&b, "  - %q\n", path)
	}
	b.WriteString("peers:\n")
	for i, address := range peers {
		fmt.Fprintf(&b, "  %d: %s\n", i+1, address)
	}
	return b.String()
}

// Route has each process reach the others elsewhere than where they listen: address gives, for
// from, where it finds to, which listens at the address given. It is for before the first Start.
func (l *Local) Route(address func(from, to process.ID, listens string) (string, error)) error {
	for from := range l.links {
		peers := slices.Clone(l.links)
		for to := range l.links {
			if to == from {
				continue
			}
			var err error
			if peers[to], err = address(process.ID(from+1), process.ID(to+1), l.links[to]); err != nil {
				return err
			}
		}
		if err := l.configure(from+1, peers); err != nil {
			return err
		}
	}
	return nil
}

// Place has each process run elsewhere than on the loopback interface: host gives its address, and
// enter the beginning of a command that runs there. It is for before the first Start.
func (l *Local) Place(host func(process.ID) string, enter func(process.ID) []string) error {
	l.enter = enter
	for i := range l.links {
		for _, address := range []*string{&l.links[i], &l.api[i]} {
			_, port, err := net.SplitHostPort(*address)
			if err != nil {
				return err
			}
			*address = net.JoinHostPort(host(process.ID(i+1)), port)
		}
	}
	return l.Route(directly)
}

// Shrink has all processes run with SmallLimits. It is for before the first Start.
func (l *Local) Shrink() { l.small = true }

// configure writes the configuration of a process that finds the others at peers.
func (l *Local) configure(id int, peers []string) error {
	return durable.Replace(vfs.Default, l.path(id, ".yaml"), []byte(l.yaml(id, peers)))
}

// Start runs a process and returns once it is healthy.
func (l *Local) Start(ctx context.Context, id process.ID) (Machine, error) {
	c, err := l.Run(ctx, id)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// Run is Start that gives what only a process of this machine can do.
func (l *Local) Run(ctx context.Context, id process.ID) (*Child, error) {
	command := append(l.enter(id),
		l.executable, "node", "--config", l.path(int(id), ".yaml"), "--"+UntilStdinEnds)
	if l.small {
		command = append(command, "--"+SmallLimits)
	}
	m, err := Spawn(command, l.path(int(id), ".stderr"))
	if err != nil {
		return nil, err
	}
	m.url = "http://" + l.api[id-1]
	if err := m.healthy(ctx, id); err != nil {
		m.Kill()
		return nil, err
	}
	return m, nil
}

// Spawn runs a program as a child that is not reached by Ctrl-C, and whose standard input ends with
// this program. What it says goes to the end of a file.
func Spawn(command []string, stderr string) (*Child, error) {
	m := &Child{stderr: stderr, done: make(chan struct{})}
	var err error
	m.file, err = os.OpenFile(m.stderr, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	m.said.file = m.file
	m.cmd = exec.Command(command[0], command[1:]...)
	m.cmd.Stdout, m.cmd.Stderr = &m.said, &m.said
	// A process group of its own, so that Ctrl-C reaches this program alone.
	m.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if m.stdin, err = m.cmd.StdinPipe(); err != nil {
		return nil, errors.Join(err, m.file.Close())
	}
	if err := m.cmd.Start(); err != nil {
		return nil, errors.Join(err, m.file.Close())
	}
	go m.wait()
	return m, nil
}

// Child is a Machine that is a process of this machine.
type Child struct {
	cmd    *exec.Cmd
	url    string
	stderr string   // Path.
	file   *os.File // What stderr names.
	said   said
	stdin  io.WriteCloser // The process ends when this does, even if this program is killed.
	done   chan struct{}
	err    error
}

// URL is the base of its HTTP API.
func (m *Child) URL() string { return m.url }

// Done is closed when it has ended.
func (m *Child) Done() <-chan struct{} { return m.done }

// Err says why it ended, with its last words, once Done is closed.
func (m *Child) Err() error { return m.err }

// Kill ends it with SIGKILL, also while it is paused, and returns once it is gone.
func (m *Child) Kill() {
	_ = m.cmd.Process.Kill() // It may have ended already.
	<-m.done
}

// Terminate asks it to end, with SIGTERM.
func (m *Child) Terminate() { _ = m.cmd.Process.Signal(syscall.SIGTERM) }

// Pause stops it with SIGSTOP, so that it does nothing until Resume. If it ends meanwhile,
// neither does anything.
func (m *Child) Pause() { _ = m.cmd.Process.Signal(syscall.SIGSTOP) }

// Resume lets it go on after Pause.
func (m *Child) Resume() { _ = m.cmd.Process.Signal(syscall.SIGCONT) }

func (m *Child) wait() {
	defer close(m.done)
	err := m.cmd.Wait()
	if err == nil {
		err = errors.New("exit status 0")
	}
	_ = m.file.Close() // What matters of it is in said.
	m.err = fmt.Errorf("%w; the end of %s:\n%s", err, m.stderr, m.said.tail())
}

// healthy waits until the process answers that it is.
func (m *Child) healthy(ctx context.Context, id process.ID) error {
	c, err := client.New(m.url)
	if err != nil {
		return err
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	ticker := time.NewTicker(askAgain)
	defer ticker.Stop()
	for {
		last := c.Healthy(ctx)
		if last == nil {
			return nil
		}
		select {
		case <-m.done:
			return &DiedError{id, m.err}
		case <-ctx.Done():
			return fmt.Errorf("%v is not healthy after %v: %w; the end of %s:\n%s",
				id, startTime, last, m.stderr, m.said.tail())
		case <-ticker.C:
		}
	}
}
