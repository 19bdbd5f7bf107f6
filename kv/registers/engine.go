package registers

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"paxon/caspaxos"
	"paxon/kv"
	"paxon/node"
)

// Engine is a kv.Engine.
type Engine struct{ process *node.Registers }

// New makes an engine of a process, which the caller closes.
func New(process *node.Registers) *Engine { return &Engine{process} }

// change is a change function of kv as one of the registers.
type change func(kv.Item) (kv.Item, any)

// Apply calls the function on the item that a state is.
func (f change) Apply(s caspaxos.State) caspaxos.Next {
	item := itemOf(s)
	next, result := f(item)
	if item.Same(next) {
		return caspaxos.Next{Result: result}
	}
	return caspaxos.Next{Changes: true, Exists: next.Exists, Value: next.Value, Result: result}
}

func itemOf(s caspaxos.State) kv.Item {
	return kv.Item{Exists: s.Exists, Version: s.Version, Value: s.Value}
}

// Change implements kv.Engine.
func (e *Engine) Change(
	ctx context.Context, key string, f func(kv.Item) (kv.Item, any),
) (kv.Item, any, error) {
	o, err := e.process.Change(ctx, key, change(f))
	return itemOf(o.State), o.Result, err
}

// Begin implements kv.Engine.
func (e *Engine) Begin(
	ctx context.Context, key string, f func(kv.Item) (kv.Item, any),
) (end func() (kv.Item, any, error)) {
	var c caspaxos.Change
	if f != nil {
		c = change(f)
	}
	ended := e.process.Begin(ctx, key, c)
	return func() (kv.Item, any, error) {
		o, err := ended()
		return itemOf(o.State), o.Result, err
	}
}

// Read implements kv.Engine.
func (e *Engine) Read(ctx context.Context, key string) (kv.Item, error) {
	s, err := e.process.Read(ctx, key)
	return itemOf(s), err
}

// Watch implements kv.Engine.
func (e *Engine) Watch(see func(key string, item kv.Item)) {
	e.process.Watch(func(key string, s caspaxos.State) { see(key, itemOf(s)) })
}

// infoTime bounds how long Info waits for the process.
const infoTime = time.Second

// Info implements kv.Engine.
func (e *Engine) Info() []kv.Section {
	ctx, cancel := context.WithTimeout(context.Background(), infoTime)
	defer cancel()
	s, err := e.process.Status(ctx)
	if err != nil {
		return []kv.Section{{Name: "Registers", Fields: []kv.Field{{Name: "error", Value: err.Error()}}}}
	}
	connected := 0
	var sent, received uint64
	for _, p := range s.Links.Peers {
		if p.Connected {
			connected++
		}
		sent += p.BytesSent
		received += p.BytesReceived
	}
	number := func(n uint64) string { return strconv.FormatUint(n, 10) }
	return []kv.Section{{Name: "Registers", Fields: []kv.Field{
		{Name: "cluster", Value: s.Cluster},
		{Name: "process", Value: s.Process.String()},
		{Name: "incarnation", Value: number(uint64(s.Incarnation))},
		{Name: "members", Value: fmt.Sprint(s.Configuration.Acceptors())},
		{Name: "target", Value: fmt.Sprint(s.Configuration.Target)},
		{Name: "epoch", Value: number(s.Configuration.Epoch)},
		{Name: "connected", Value: strconv.Itoa(connected)},
		{Name: "healthy", Value: strconv.FormatBool(s.Healthy)},
		{Name: "copies", Value: strconv.Itoa(s.Copies)},
		{Name: "collections", Value: number(s.Collected)},
		{Name: "pushed_back", Value: number(s.Refused)},
		{Name: "bytes_sent", Value: number(sent)},
		{Name: "bytes_received", Value: number(received)},
	}}, {Name: "Persistence", Fields: []kv.Field{
		{Name: "forces", Value: number(s.Storage.Forces)},
		{Name: "log_segments", Value: strconv.Itoa(s.Storage.Segments)},
		{Name: "log_bytes", Value: strconv.FormatInt(s.Storage.Bytes, 10)},
		{Name: "live_records", Value: strconv.Itoa(s.Storage.Records)},
		{Name: "live_bytes", Value: strconv.FormatInt(s.Storage.RecordBytes, 10)},
		{Name: "backlog_bytes", Value: strconv.Itoa(s.Storage.Backlog)},
	}}}
}
