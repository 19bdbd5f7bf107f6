package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"

	"paxon/process"
)

// remote is a child as its parent sees it. One request is under way at a time.
type remote struct {
	nodes   []process.ID
	cmd     *exec.Cmd
	stdin   io.WriteCloser // The child ends when this does, even if this program is killed.
	answers chan answer
	said    lastWords
	done    chan struct{} // Closed when it has ended.
	err     error         // Why it ended, once done is closed.
}

type answer struct {
	reply
	err error
}

// startRemote starts a child for some of the processes of a cluster.
func startRemote(program []string, nodes []process.ID) (*remote, error) {
	r := &remote{nodes: nodes, answers: make(chan answer), done: make(chan struct{})}
	r.cmd = exec.Command(program[0], program[1:]...)
	r.cmd.Env = append(os.Environ(), childVariable+"=1")
	r.cmd.Stderr = &r.said
	detach(r.cmd)
	var err error
	if r.stdin, err = r.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	stdout, err := r.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := r.cmd.Start(); err != nil {
		return nil, err
	}
	go r.follow(stdout)
	return r, nil
}

// follow passes answers on until the child ends.
func (r *remote) follow(stdout io.Reader) {
	defer close(r.done)
	lines := bufio.NewScanner(stdout)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		a, err := parseReply(lines.Bytes())
		r.answers <- answer{a, err}
	}
	_, _ = io.Copy(io.Discard, stdout) // What cannot be read is known by lines.Err.
	err := errors.Join(lines.Err(), r.cmd.Wait())
	if err == nil {
		err = errors.New("exit status 0")
	}
	r.err = &DiedError{r.nodes, fmt.Errorf("%w: %s", err, r.said.text())}
}

// ask has the child carry out a request. The error is what it says, a *DiedError or the cause of
// ctx, after which nothing can be asked any more.
func (r *remote) ask(ctx context.Context, asked request) (reply, error) {
	if err := json.NewEncoder(r.stdin).Encode(asked); err != nil {
		select {
		case <-r.done: // Which is the reason.
			return reply{}, r.err
		case <-ctx.Done():
			return reply{}, context.Cause(ctx)
		}
	}
	select {
	case a := <-r.answers:
		return a.reply, a.err
	case <-r.done:
		return reply{}, r.err
	case <-ctx.Done():
		return reply{}, context.Cause(ctx)
	}
}

// kill ends the child at once, and returns when it is gone.
func (r *remote) kill() {
	_ = r.stdin.Close()
	killGroup(r.cmd)
	for {
		select {
		case <-r.answers: // Nobody waits for it any more.
		case <-r.done:
			return
		}
	}
}

// lastWords keeps the end of what a child says.
type lastWords struct {
	mu  sync.Mutex
	end []byte
}

const lastBytes = 2000

// Write keeps the end of p.
func (l *lastWords) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.end = append(l.end, p[max(0, len(p)-lastBytes):]...)
	l.end = l.end[max(0, len(l.end)-lastBytes):]
	return len(p), nil
}

func (l *lastWords) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if text := strings.TrimSpace(string(l.end)); text != "" {
		return text
	}
	return "it said nothing"
}
