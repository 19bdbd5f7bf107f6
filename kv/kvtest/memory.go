package kvtest

import (
	"context"
	"slices"
	"strconv"
	"sync"

	"paxon/kv"
)

// Late is a Begin that begins when end is called, by e's Change or Read. It is for engines that are made
// of others, and changes one of the two. It gives changes their order if their ends are called in it.
func Late(
	ctx context.Context, e kv.Engine, key string, f func(kv.Item) (kv.Item, any),
) (end func() (kv.Item, any, error)) {
	return func() (kv.Item, any, error) {
		if f != nil {
			return e.Change(ctx, key, f)
		}
		item, err := e.Read(ctx, key)
		return item, nil, err
	}
}

// Memory is an engine in memory. Its zero value is not ready: use NewMemory.
type Memory struct {
	mu    sync.Mutex
	items map[string]kv.Item
	order []string // All keys that ever were, as they came; a cursor is a place in it.
	see   func(key string, item kv.Item)
}

// NewMemory is an empty engine.
func NewMemory() *Memory { return &Memory{items: map[string]kv.Item{}} }

// Change implements kv.Engine.
func (m *Memory) Change(
	ctx context.Context, key string, f func(kv.Item) (kv.Item, any),
) (kv.Item, any, error) {
	if err := ctx.Err(); err != nil {
		return kv.Item{}, nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	item, known := m.items[key]
	next, result := f(item)
	if item.Same(next) {
		return item, result, nil
	}
	next.Version = item.Version + 1
	if !next.Exists {
		next.Value = nil
	}
	if !known {
		m.order = append(m.order, key)
	}
	m.items[key] = next
	if m.see != nil {
		m.see(key, next)
	}
	return next, result, nil
}

// Begin implements kv.Engine.
func (m *Memory) Begin(
	ctx context.Context, key string, f func(kv.Item) (kv.Item, any),
) (end func() (kv.Item, any, error)) {
	var item kv.Item
	var result any
	var err error
	if f == nil {
		item, err = m.Read(ctx, key)
	} else {
		item, result, err = m.Change(ctx, key, f)
	}
	return func() (kv.Item, any, error) { return item, result, err }
}

// Read implements kv.Engine.
func (m *Memory) Read(ctx context.Context, key string) (kv.Item, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.items[key], ctx.Err()
}

// List implements kv.Engine.
func (m *Memory) List(ctx context.Context, cursor uint64, count int) ([]string, uint64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if cursor >= uint64(len(m.order)) {
		return nil, 0, ctx.Err()
	}
	rest := m.order[cursor:]
	part := rest[:min(max(count, 1), len(rest))]
	next := cursor + uint64(len(part))
	if len(part) == len(rest) {
		next = 0
	}
	exists := slices.DeleteFunc(slices.Clone(part), func(key string) bool { return !m.items[key].Exists })
	return exists, next, ctx.Err()
}

// Watch implements kv.Engine.
func (m *Memory) Watch(see func(key string, item kv.Item)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.see = see
	for _, key := range m.order {
		see(key, m.items[key])
	}
}

// Info implements kv.Engine.
func (m *Memory) Info() []kv.Section {
	m.mu.Lock()
	defer m.mu.Unlock()
	return []kv.Section{{Name: "Memory", Fields: []kv.Field{
		{Name: "keys_ever", Value: strconv.Itoa(len(m.order))},
	}}}
}
