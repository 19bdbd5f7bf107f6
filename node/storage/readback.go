package storage

import "fmt"

// record reads a live record back.
func (r *segmentReader) record(f found) ([]byte, error) {
	p := make([]byte, f.prefix()+f.bytes())
	if err := r.read(f.seg.number, p, f.at); err != nil {
		return nil, err
	}
	d := decoder{p: p}
	e, err := decodeEntry(&d)
	if err != nil || e.kind != kindPut || e.space != f.space || e.key != f.key || len(d.p) > 0 {
		return nil, &damage{f.seg.number, f.at, fmt.Sprintf(
			"the record at key %d of space %d is expected, and something else came", f.key, f.space)}
	}
	return p[f.prefix():], nil
}

// entry reads the put of a live record back.
func (r *segmentReader) entry(f found) (entry, error) {
	rec, err := r.record(f)
	if err != nil {
		return entry{}, err
	}
	value, tail := f.head, f.head+f.value
	return entry{
		kind: kindPut, space: f.space, key: f.key,
		head: rec[:value], value: rec[value:tail], tail: rec[tail:],
	}, nil
}

// batch reads the batch of instance l at the end of p, which is as long as the entry up to the
// end of the batch. It returns the batch, within p.
func (r *segmentReader) batch(l uint64, w row, p []byte) ([]byte, error) {
	if w == (row{}) {
		return p[:0], nil
	}
	if err := r.read(w.segment, p, w.at); err != nil {
		return nil, err
	}
	d := decoder{p: p}
	kind, space, key := d.byte(), d.byte(), d.uint64()
	head, value := uint64(0), uint64(0)
	fits := false
	switch kind {
	case kindPut:
		head, value, _ = d.uvarint(), d.uvarint(), d.uvarint()
		fits = space == BatchSpace
	case kindBatch:
		value = d.uvarint()
		fits = true
	}
	prefix := uint64(len(p) - len(d.p))
	if d.err != nil || !fits || key != l || value != uint64(w.length) ||
		prefix+head != uint64(w.skip) {
		return nil, &damage{w.segment, w.at, fmt.Sprintf(
			"the batch of instance %d with %d bytes is expected, and something else came", l, w.length)}
	}
	return p[w.skip:], nil
}
