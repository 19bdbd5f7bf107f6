package draw

import (
	"strings"
	"time"

	"paxon/process"
	"paxon/register"
	"paxon/sim"
)

// moment is the place of an event in the trace, from 0. Things that have not ended by the end of
// the trace end at never.
type moment = int

const never moment = 1<<62 - 1

// story is what a trace says, each thing with its beginning and its end.
type story struct {
	times      []time.Duration // By moment.
	processes  map[process.ID]bool
	disks      map[int]bool
	messages   []*message
	puts       []*put
	operations []*operation
	phases     []*phase
	cuts       []*cut
	marks      []mark
	rules      []rule
}

// message is a message with its arrivals; one that has none is still on its way at the end.
type message struct {
	from, to process.ID
	sent     moment
	arrivals []arrival
	text     string
	instance register.Instance
}

// arrival is where one copy of a message ends. Lost says why it did not get there.
type arrival struct {
	at   moment
	lost string
}

// put is a record on its way to stable storage, or to one of the shared disks, from 1.
type put struct {
	process    process.ID
	disk       int
	write      uint64 // Its number, for the end of a write to a shared disk.
	begin, end moment
	lost       bool // A crash came before.
	text       string
	key        uint64
	instance   register.Instance
}

// operation is a read, write or propose.
type operation struct {
	process    process.ID
	instance   register.Instance
	begin, end moment
	call       string // Names it, for its return.
	text       string
	outcome    string
	lost       bool // A crash came before its return.
}

// phaseKind is what a process is for a while.
type phaseKind int

const (
	isDown phaseKind = iota
	isLeader
)

// phase is a time during which a process is something.
type phase struct {
	kind       phaseKind
	process    process.ID
	begin, end moment
}

// cut is a time during which a link is broken.
type cut struct {
	from, to   process.ID
	begin, end moment
}

// mark is something that happens at a process.
type mark struct {
	kind     Kind // Empty for starts and crashes.
	shape    shape
	process  process.ID
	at       moment
	text     string
	instance register.Instance
}

// rule is something that happens to all.
type rule struct {
	at       moment
	violated bool
	text     string
}

// teller turns events into a story.
type teller struct {
	story
	now      moment
	sent     map[uint64]*message
	down     map[process.ID]*phase
	leads    map[process.ID]*phase
	broken   map[[2]process.ID]*cut
	up       map[process.ID]bool
	pending  map[process.ID][]*put
	underWay map[process.ID][]*operation
	elected  map[process.ID]process.ID // Whom each process elects; 0 for nobody.
}

func newTeller() *teller {
	return &teller{
		story:  story{processes: map[process.ID]bool{}, disks: map[int]bool{}},
		sent:   map[uint64]*message{},
		down:   map[process.ID]*phase{},
		leads:  map[process.ID]*phase{},
		broken: map[[2]process.ID]*cut{}, up: map[process.ID]bool{},
		pending: map[process.ID][]*put{}, underWay: map[process.ID][]*operation{},
		elected: map[process.ID]process.ID{},
	}
}

// tell adds the next event.
func (t *teller) tell(e sim.TraceEvent) {
	t.now = len(t.times)
	t.times = append(t.times, time.Duration(e.Nanoseconds))
	for _, p := range []process.ID{e.Process, e.From, e.To} {
		if p != 0 {
			t.processes[p] = true
		}
	}
	if e.Disk != 0 {
		t.disks[e.Disk] = true
	}
	switch e.Event {
	case "start", "crash":
		t.lifecycle(e)
	case "send", "receive", "lost":
		t.message(e)
	case "put", "write":
		t.put(e)
	case "durable", "written":
		t.durable(e)
	case "invoke":
		t.invoke(e)
	case "return":
		t.answer(e)
	case "leader":
		t.elect(e)
	case "link":
		t.link(e)
	case "broadcast":
		t.mark(e, Broadcasts, broadcastMark, "broadcast "+e.Text)
	case "outcome":
		t.mark(e, Broadcasts, outcomeMark, e.Text)
	case "deliver":
		t.mark(e, Deliveries, deliverMark, "deliver L"+number(e.Instance)+" "+e.Text)
	case "heal", "violation":
		t.rules = append(t.rules, rule{at: t.now, violated: e.Event == "violation", text: e.Text})
	}
}

func (t *teller) mark(e sim.TraceEvent, kind Kind, s shape, text string) {
	t.marks = append(t.marks, mark{
		kind: kind, shape: s, process: e.Process, at: t.now, text: text, instance: e.Instance,
	})
}

// lifecycle notes a start, which ends the time down, or a crash, which ends all that is under way.
func (t *teller) lifecycle(e sim.TraceEvent) {
	p := e.Process
	if e.Event == "start" {
		text := "start"
		if e.Incarnation > 1 {
			text = "recover (" + number(e.Incarnation) + ")"
		}
		t.mark(e, "", startMark, text)
		if d := t.down[p]; d != nil {
			d.end = t.now
		} else if !t.up[p] {
			t.phases = append(t.phases, &phase{kind: isDown, process: p, begin: -1, end: t.now})
		}
		delete(t.down, p)
		t.up[p] = true
		return
	}
	t.mark(e, "", crashMark, "crash")
	t.down[p] = &phase{kind: isDown, process: p, begin: t.now, end: never}
	t.phases = append(t.phases, t.down[p])
	t.up[p] = false
	for _, u := range t.pending[p] {
		u.end, u.lost = t.now, true
	}
	for _, o := range t.underWay[p] {
		o.end, o.lost = t.now, true
	}
	delete(t.pending, p)
	delete(t.underWay, p)
	delete(t.elected, p)
	t.unlead(p)
}

func (t *teller) unlead(p process.ID) {
	if l := t.leads[p]; l != nil {
		l.end = t.now
		delete(t.leads, p)
	}
}

func (t *teller) elect(e sim.TraceEvent) {
	if t.elected[e.Process] == e.To {
		return
	}
	t.elected[e.Process] = e.To
	text := "elects " + nobody(e.To)
	if e.To == e.Process {
		text = "leads"
	}
	t.mark(e, Leaders, electMark, text)
	if e.To != e.Process {
		t.unlead(e.Process)
	} else if t.leads[e.Process] == nil {
		t.leads[e.Process] = &phase{kind: isLeader, process: e.Process, begin: t.now, end: never}
		t.phases = append(t.phases, t.leads[e.Process])
	}
}

func (t *teller) message(e sim.TraceEvent) {
	m := t.sent[e.Message]
	// A search gives equal messages one number: one that has arrived may be sent anew.
	anew := e.Event == "send" && m != nil && len(m.arrivals) > 0
	if m == nil || anew { // A receive without its send is drawn as if it was sent before the trace began.
		m = &message{
			from: e.From, to: e.To, sent: t.now, text: e.Text, instance: instanceOf(e.Text),
		}
		if e.Instance != 0 {
			m.instance = e.Instance
		}
		if e.Event != "send" {
			m.sent = -1
		}
		t.sent[e.Message] = m
		t.messages = append(t.messages, m)
	}
	if e.Event != "send" {
		m.arrivals = append(m.arrivals, arrival{t.now, e.Reason})
	}
}

func (t *teller) put(e sim.TraceEvent) {
	u := &put{
		process: e.Process, disk: e.Disk, begin: t.now, end: never, text: e.Text, key: e.Key,
		instance: e.Instance, write: e.Message,
	}
	if u.instance == 0 && strings.HasPrefix(e.Text, "copy(") { // Registers are keyed by instance.
		u.instance = register.Instance(e.Key)
	}
	t.puts = append(t.puts, u)
	t.pending[e.Process] = append(t.pending[e.Process], u)
}

func (t *teller) durable(e sim.TraceEvent) {
	pending := t.pending[e.Process]
	for i, u := range pending {
		if u.disk == e.Disk && u.key == e.Key && u.write == e.Message {
			u.end = t.now
			t.pending[e.Process] = append(pending[:i], pending[i+1:]...)
			return
		}
	}
}

func (t *teller) invoke(e sim.TraceEvent) {
	o := &operation{
		process: e.Process, instance: e.Instance, begin: t.now, end: never, text: e.Text,
	}
	o.call, _ = splitCall(e.Text)
	t.operations = append(t.operations, o)
	t.underWay[e.Process] = append(t.underWay[e.Process], o)
}

func (t *teller) answer(e sim.TraceEvent) {
	call, outcome := splitCall(e.Text)
	underWay := t.underWay[e.Process]
	for i, o := range underWay {
		if o.call == call && o.instance == e.Instance {
			o.end, o.outcome = t.now, outcome
			t.underWay[e.Process] = append(underWay[:i], underWay[i+1:]...)
			return
		}
	}
}

func (t *teller) link(e sim.TraceEvent) {
	link := [2]process.ID{e.From, e.To}
	if c := t.broken[link]; c != nil {
		c.end = t.now
		delete(t.broken, link)
	}
	if e.Reason == "broken" {
		t.broken[link] = &cut{from: e.From, to: e.To, begin: t.now, end: never}
		t.cuts = append(t.cuts, t.broken[link])
	}
}
