package bench

import (
	"encoding/json"
	"fmt"
	"slices"

	"paxon/process"
)

// A child is told what to do by lines of JSON on its standard input, and answers each by one on its
// standard output. It ends when its standard input does.
//
//	open     run the nodes                           once, first
//	leader   say whom each node takes for the leader any time
//	load     begin to broadcast                      once
//	begin    begin to measure
//	end      end to measure
//	stop     end to broadcast, and wait for answers
//	settle   wait until everything is delivered      last
const (
	doOpen   = "open"
	doLeader = "leader"
	doLoad   = "load"
	doBegin  = "begin"
	doEnd    = "end"
	doStop   = "stop"
	doSettle = "settle"
)

// request tells a child what to do.
type request struct {
	Do      string       `json:"do"`
	Open    *openRequest `json:"open,omitempty"`
	At      []process.ID `json:"at,omitempty"`      // load: all that broadcast, in the child or not.
	Given   uint64       `json:"given,omitempty"`   // settle: how many messages there were in all.
	Profile string       `json:"profile,omitempty"` // begin: a file for a CPU profile.
}

// openRequest says what nodes to run.
type openRequest struct {
	Setting Setting      `json:"setting"`
	Nodes   []process.ID `json:"nodes"` // Those in this child.
	Peers   []string     `json:"peers"` // Of all processes, by id − 1.
	Dir     string       `json:"dir"`
	Disks   []string     `json:"disks,omitempty"`
}

// reply answers a request. Of a failure it says what, and nothing else.
type reply struct {
	Error    string         `json:"error,omitempty"`
	PortLost bool           `json:"portLost,omitempty"` // open: another program has a port.
	Leaders  []process.ID   `json:"leaders,omitempty"`  // leader, by Nodes.
	Used     usage          `json:"used"`               // begin and end.
	Peak     uint64         `json:"peak,omitempty"`     // stop.
	Loads    []loadResult   `json:"loads,omitempty"`    // stop.
	Settled  []settledReply `json:"settled,omitempty"`  // settle.
}

// settledReply is what one process delivered.
type settledReply struct {
	Process process.ID `json:"process"`
	Count   uint64     `json:"count"`
	Digest  uint64     `json:"digest"`
}

// parseRequest reads a line. The error says what is wrong with it.
func parseRequest(line []byte) (request, error) {
	var r request
	if err := json.Unmarshal(line, &r); err != nil {
		return r, fmt.Errorf("request %.80q: %w: expected one line of JSON", line, err)
	}
	if r.Do != doOpen {
		return r, nil
	}
	if r.Open == nil {
		return r, fmt.Errorf("request %q without nodes: expected some to open", r.Do)
	}
	if err := r.Open.Setting.Check(); err != nil {
		return r, err
	}
	n := r.Open.Setting.Processes
	if len(r.Open.Peers) != n {
		return r, fmt.Errorf("%d peers: expected %d, as there are processes", len(r.Open.Peers), n)
	}
	for i, id := range r.Open.Nodes {
		if id < 1 || int(id) > n || slices.Contains(r.Open.Nodes[:i], id) {
			return r, fmt.Errorf("node %d: expected 1 to %d, each once", id, n)
		}
	}
	return r, nil
}

// parseReply reads a line. The error is what the child says it is, or says what is wrong with it.
func parseReply(line []byte) (reply, error) {
	var r reply
	if err := json.Unmarshal(line, &r); err != nil {
		return r, fmt.Errorf("reply %.80q: %w: expected one line of JSON", line, err)
	}
	if r.Error != "" {
		return r, &childError{r.Error, r.PortLost}
	}
	return r, nil
}

// childError is what a child says went wrong.
type childError struct {
	text     string
	portLost bool
}

func (e *childError) Error() string { return e.text }
