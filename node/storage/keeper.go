package storage

// When the keeper does what costs more than a row.
const (
	setRows      = 256     // rows that are set in the table together,
	setTail      = 4       // or those of this part of what the tail keeps
	recordRows   = 1 << 12 // rows that are recorded without a Force
	flushRecords = 32      // records, and rows in them, until the table is flushed
	flushRows    = 1 << 13
	rowMemory    = 80 // bytes that a row takes in the memory of the table, somewhat more than it does
)

// keeper keeps the rows of the history. It belongs to whoever writes the log.
//
// A row is, one after the other: known, once its batch has a place in the log; set in the
// table, which lets the batch leave the tail; recorded, once it was put into the log, and with
// the next force of that durable; and flushed, once the table has it on the disk, which lets
// the record be forgotten. The newest record stays: it says up to where the history is good.
type keeper struct {
	log      *forcedLog
	table    *rowTable
	tail     *tail
	volatile bool // nothing is ever recovered

	next  uint64 // instance of the next row
	known []row  // the last ones of those below next, which are not yet set
	bytes int    // of their batches

	unrecorded []row  // the last ones of those below next
	recorded   uint64 // the history is recorded below this instance
	newest     uint64 // the key of the newest record, 0 if there is none
	first      uint64 // what the newest record says that the history is truncated below
	buf        []byte

	below uint64 // the history is to be truncated below this instance
	cut   bool   // the table is not yet

	records, rows int             // recorded since the last flush began,
	since         uint32          // from this segment on
	flushed       <-chan struct{} // not nil while the table is flushed
	flushing      uint64          // below which records can be forgotten then

	most       int // rows in the memory of the table, but for one settle's
	set, older int // rows there: set since the last flush began, and before, while it goes on
}

// take does what e asks for.
func (k *keeper) take(e *entry) error {
	switch e.kind {
	case kindRow, kindBatch:
		return k.deliver(e)
	case kindRecord:
		return k.record()
	case kindTruncate:
		k.below = max(k.below, e.key)
		k.truncate()
		return nil
	default:
		_, _, err := k.log.add(e)
		return err
	}
}

// deliver makes the row of a batch, and writes the batch if it is not the value of a put.
func (k *keeper) deliver(e *entry) error {
	var r row
	seg := (*segment)(nil)
	if p, ok := k.log.live.space(BatchSpace).records[e.key]; ok && e.kind == kindRow &&
		int(p.value) == len(e.value) {
		seg = p.seg
		r = row{seg.number, p.at, uint32(p.prefix()) + p.head, p.value}
	} else if len(e.value) > 0 {
		batch := *e
		batch.kind = kindBatch
		at, skip, err := k.log.add(&batch)
		if err != nil {
			return err
		}
		seg = k.log.newest
		r = row{seg.number, at, uint32(skip), uint32(len(e.value))}
	}
	if seg != nil {
		seg.last = max(seg.last, e.key)
	}
	k.known = append(k.known, r)
	k.bytes += len(e.value)
	k.next++
	if k.volatile {
		return nil
	}
	k.unrecorded = append(k.unrecorded, r)
	if len(k.unrecorded) < recordRows {
		return nil
	}
	return k.record()
}

// record puts the rows that are not yet recorded into the log, with the first instance.
func (k *keeper) record() error {
	first := max(k.log.first, min(k.below, k.next))
	if k.volatile || len(k.unrecorded) == 0 && first == k.first && k.newest > 0 {
		return nil
	}
	key := k.next - uint64(len(k.unrecorded))
	k.buf = rowsRecord{first, k.unrecorded}.append(k.buf[:0])
	if _, _, err := k.log.add(&entry{
		kind: kindPut, space: rowsSpace, key: key, value: k.buf,
	}); err != nil {
		return err
	}
	if k.records == 0 {
		k.since = k.log.newest.number
	}
	k.records++
	k.rows += len(k.unrecorded)
	k.unrecorded = emptied(k.unrecorded)
	k.recorded, k.newest, k.first = k.next, key, first
	k.truncate()
	return nil
}

// truncate takes account of below, as far as the history is recorded: a segment must not be
// given up for a history that a crash may take.
func (k *keeper) truncate() {
	if first := min(k.below, k.good()); first > k.log.first {
		k.log.first, k.cut = first, true
	}
}

// good is the instance up to which a crash does not take the history, once the log is forced.
func (k *keeper) good() uint64 {
	if k.volatile {
		return k.next
	}
	return k.recorded
}

// settle sets rows in the table if there are many, or bytes of the tail wait for them. What was
// added to the log must have been flushed.
func (k *keeper) settle() error {
	flush := k.flushed == nil &&
		(k.records >= flushRecords || k.rows >= flushRows || k.set >= k.most/2 || k.holds())
	cut := k.cut && k.log.durable() // The table may be on the disk before the record is.
	if !flush && !cut && len(k.known) < setRows && k.bytes < k.tail.limit/setTail {
		return nil
	}
	if err := k.room(); err != nil {
		return err
	}
	if err := k.table.set(k.next-uint64(len(k.known)), k.known); err != nil {
		return err
	}
	k.set += len(k.known)
	k.known, k.bytes = emptied(k.known), 0
	if cut {
		// The last row that is recorded stays: it shows that the table is the one of this log.
		if err := k.table.truncate(min(k.log.first, max(k.good(), 2)-1)); err != nil {
			return err
		}
		k.cut = false
	}
	k.tail.settle(k.next)
	if !flush {
		return nil
	}
	flushed, err := k.table.flush()
	k.flushed, k.flushing, k.records, k.rows = flushed, k.newest, 0, 0
	k.set, k.older = 0, k.set
	return err
}

// holds reports whether records keep a segment that the next one could overwrite. By the middle of
// the newest one there is time to flush the table before a file is needed.
func (k *keeper) holds() bool {
	return k.records > 0 && k.since < k.log.newest.number && k.log.half()
}

// room waits, while the table has much in memory, for the flush that makes room there, or a failure.
func (k *keeper) room() error {
	if k.flushed == nil || k.set+k.older+len(k.known) <= k.most {
		return nil
	}
	select {
	case <-k.flushed:
		k.older = 0
		return nil
	case <-k.table.failure.broken:
		return k.table.failure.get()
	}
}

// forget forgets the records of rows that the table has on the disk.
func (k *keeper) forget() error {
	select {
	case <-k.flushed:
	default:
		return nil
	}
	k.flushed, k.older = nil, 0
	if k.flushing == 0 {
		return nil
	}
	_, _, err := k.log.add(&entry{kind: kindForget, space: rowsSpace, key: k.flushing})
	return err
}
