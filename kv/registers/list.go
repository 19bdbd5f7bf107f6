package registers

import (
	"context"

	"golang.org/x/sync/errgroup"

	"paxon/caspaxos"
)

// A part of a listing is got in pages of about the keys that are missing, each twice as large as the
// one before: tombstones and long keys take more. After pagesMost pages, and after partMost bytes of
// keys, a part ends with what there is.
const (
	keyBytes  = 64
	pagesMost = 4
	partMost  = 1 << 20
)

// pager gives a page of keys from a place on, of about so many bytes, and where it goes on.
type pager func(
	ctx context.Context, from caspaxos.Place, most int,
) (keys []caspaxos.Listed, next caspaxos.Place, err error)

// part is the keys that exist behind each other, up to a place.
type part struct {
	keys []caspaxos.Listed
	at   caspaxos.Place
}

// List implements kv.Engine.
func (e *Engine) List(
	ctx context.Context, cursor uint64, count int,
) (keys []string, next uint64, err error) {
	return list(ctx, e.page, cursor, max(count, 1))
}

// readsMost is how many keys of a page are read at a time.
const readsMost = 64

// page is a pager. Where the copies do not agree, it reads.
func (e *Engine) page(
	ctx context.Context, from caspaxos.Place, most int,
) (keys []caspaxos.Listed, next caspaxos.Place, err error) {
	keys, next, err = e.process.List(ctx, from, most)
	if err != nil {
		return nil, next, err
	}
	reads, ctx := errgroup.WithContext(ctx)
	reads.SetLimit(readsMost)
	for i := range keys {
		if !keys[i].Unsure {
			continue
		}
		reads.Go(func() error {
			state, err := e.process.Read(ctx, keys[i].Key)
			keys[i].Exists = state.Exists
			return err
		})
	}
	return keys, next, reads.Wait()
}

// list lists from a cursor on, which is the first position that is not listed yet.
func list(
	ctx context.Context, page pager, cursor uint64, count int,
) (keys []string, next uint64, err error) {
	p := part{at: caspaxos.Place{At: cursor, Whole: true}}
	n, bytes := 0, 0
	for pages := 0; ; pages++ {
		var listed []caspaxos.Listed
		listed, p.at, err = page(ctx, p.at, max(count-n, 1)*keyBytes<<min(pages, pagesMost))
		if err != nil {
			return nil, 0, err
		}
		for _, k := range listed {
			if k.Exists {
				p.keys = append(p.keys, k)
				bytes += len(k.Key)
			}
		}
		n, next = p.cut(count)
		if p.at.End() || next > cursor && (n >= count || pages+1 >= pagesMost || bytes >= partMost) {
			break
		}
	}
	for _, k := range p.keys[:n] {
		keys = append(keys, k.Key)
	}
	if next >= caspaxos.Positions {
		next = 0
	}
	return keys, next, nil
}

// cut says how many of the keys are the answer, if count are asked for, and which position follows. Keys
// of one position stay together, because no cursor is between them.
func (p *part) cut(count int) (n int, next uint64) {
	n = len(p.keys)
	for n > 0 && p.keys[n-1].At >= p.at.At { // There may be more at that position.
		n--
	}
	for i := count; i < n; i++ {
		if p.keys[i].At != p.keys[i-1].At {
			return i, p.keys[i].At
		}
	}
	return n, p.at.At
}
