package torture

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"paxon/process"
)

// isolated is the variable of the environment that tells a program that Isolate has run it.
const isolated = "PAXON_ISOLATED"

// hubAddress is where this program is in the network of the namespaces.
const hubAddress = "10.77.0.254"

// Isolated says whether this program has a network namespace of its own, from Isolate.
func Isolated() bool { return os.Getenv(isolated) != "" }

// Isolate runs this program again, with the same arguments, in a network namespace of its own, where
// NewNamespaces works and nothing reaches or changes the network of the machine. It returns the
// exit status. When ctx ends, the program is told so with SIGINT. Who is not root needs a machine
// on which users may make namespaces.
func Isolate(ctx context.Context) (status int, err error) {
	executable, err := os.Executable()
	if err != nil {
		return 0, err
	}
	c := exec.Command(executable, os.Args[1:]...)
	c.Env = append(os.Environ(), isolated+"=1")
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	// The signal comes when the thread ends that started the program.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	c.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGTERM}
	if os.Geteuid() != 0 {
		c.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		c.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Geteuid(), Size: 1}}
		c.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getegid(), Size: 1}}
	}
	if err := c.Start(); err != nil {
		return 0, fmt.Errorf("make a network namespace: %w: expected root, or a machine on which users "+
			"may: use proxies instead", err)
	}
	stop := context.AfterFunc(ctx, func() { _ = c.Process.Signal(os.Interrupt) }) // It may have ended.
	defer stop()
	err = c.Wait()
	if _, exited := errors.AsType[*exec.ExitError](err); exited {
		return c.ProcessState.ExitCode(), nil
	}
	return 0, err
}

// Namespaces are networks of one process each, joined by a bridge. A link is cut by the route from
// one to the other: packets in that direction vanish, those of established connections too,
// and what TCP sends again comes late.
type Namespaces struct {
	mu      sync.Mutex
	holders map[process.ID]*holder
	cuts    map[arrow]int
}

// holder keeps a namespace while no process is in it. It ends when its input does.
type holder struct {
	cmd   *exec.Cmd
	stdin io.WriteCloser
}

// NewNamespaces makes a network for each of n processes. The program must be Isolated. The error
// has what the tool ip says.
func NewNamespaces(ctx context.Context, n int) (*Namespaces, error) {
	s := &Namespaces{holders: map[process.ID]*holder{}, cuts: map[arrow]int{}}
	err := ip(ctx,
		"link set lo up", "link add hub type bridge", "addr add "+hubAddress+"/24 dev hub", "link set hub up")
	for i := range n {
		if err == nil {
			err = s.add(ctx, process.ID(i+1))
		}
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (n *Namespaces) add(ctx context.Context, id process.ID) (err error) {
	h := &holder{cmd: exec.Command("cat")}
	h.cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Setpgid: true}
	if h.stdin, err = h.cmd.StdinPipe(); err != nil {
		return err
	}
	if err := h.cmd.Start(); err != nil {
		return err
	}
	n.holders[id] = h
	pid := h.cmd.Process.Pid
	err = ip(ctx, fmt.Sprintf("link add v%d type veth peer name eth0 netns %d", pid, pid),
		fmt.Sprintf("link set v%d master hub up", pid))
	for _, command := range []string{
		"link set lo up", fmt.Sprintf("addr add %s/24 dev eth0", n.Host(id)), "link set eth0 up",
	} {
		if err == nil {
			err = n.within(ctx, id, command)
		}
	}
	return err
}

// Host is the address of a process.
func (n *Namespaces) Host(id process.ID) string { return fmt.Sprintf("10.77.0.%d", id) }

// Enter is the beginning of a command that is to run in the network of a process.
func (n *Namespaces) Enter(id process.ID) []string {
	return []string{"nsenter", fmt.Sprintf("--net=/proc/%d/ns/net", n.holders[id].cmd.Process.Pid), "--"}
}

// Cut is of Network. What is sent meanwhile is held, or lost with its connection, as TCP will; hold
// makes no difference.
func (n *Namespaces) Cut(from, to process.ID, _ bool) (mend func() error, err error) {
	a := arrow{from, to}
	if err := n.change(a, 1); err != nil {
		return nil, err
	}
	return func() error { return n.change(a, -1) }, nil
}

// change cuts a link at the first of several cuts, and mends it after the last.
func (n *Namespaces) change(a arrow, by int) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	n.mu.Lock()
	defer n.mu.Unlock()
	before := n.cuts[a]
	n.cuts[a] += by
	switch {
	case before == 0:
		return n.within(ctx, a.from, "route add blackhole "+n.Host(a.to)+"/32")
	case n.cuts[a] == 0:
		return n.within(ctx, a.from, "route del blackhole "+n.Host(a.to)+"/32")
	}
	return nil
}

// Delay is of Network. It is not supported.
func (n *Namespaces) Delay(process.ID, process.ID, time.Duration) (func() error, error) {
	return nil, errors.New("delays in namespaces are not supported: expected faults without delay")
}

// Close removes the networks, whose processes must have ended.
func (n *Namespaces) Close() {
	for _, h := range n.holders {
		_ = h.stdin.Close()      // Either of the two ends it, and
		_ = h.cmd.Process.Kill() // there is nobody to tell.
		_ = h.cmd.Wait()
	}
	_ = ip(context.Background(), "link del hub") // It may not have been made.
}

// within runs the tool ip in the network of a process.
func (n *Namespaces) within(ctx context.Context, id process.ID, command string) error {
	return run(ctx, append(append(n.Enter(id), "ip"), strings.Fields(command)...))
}

// ip runs the tool ip with one command after the other.
func ip(ctx context.Context, commands ...string) error {
	for _, command := range commands {
		if err := run(ctx, append([]string{"ip"}, strings.Fields(command)...)); err != nil {
			return err
		}
	}
	return nil
}

func run(ctx context.Context, command []string) error {
	out, err := exec.CommandContext(ctx, command[0], command[1:]...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", strings.Join(command, " "), err, strings.TrimSpace(string(out)))
	}
	return nil
}
