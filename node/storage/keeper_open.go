package storage

import (
	"fmt"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// openKeeper opens the table of rows in dir and makes it what the log says: rows recorded in the
// log are set again, and those that no record has reached are dropped, because their batches
// need not be durable.
func openKeeper(
	fs vfs.FS, dir string, log *forcedLog, opts Options, failure *failure,
) (*keeper, error) {
	k := &keeper{
		log: log, volatile: opts.Volatile, next: 1, recorded: 1,
		tail: &tail{limit: opts.TailBytes}, most: int(memTables * opts.MemTableBytes / rowMemory),
	}
	records, err := k.readRecords()
	if err != nil {
		return nil, err
	}
	if k.next > 1 {
		if found, err := exists(fs, fs.PathDir(dir), fs.PathBase(dir)); err != nil {
			return nil, err
		} else if !found {
			return nil, &CorruptError{File: dir, What: fmt.Sprintf(
				"the history is missing, though it was forced up to instance %d", k.next-1)}
		}
	}
	if k.table, err = openTable(fs, dir, opts, failure); err != nil {
		return nil, err
	}
	if err := k.restore(records); err != nil {
		return nil, closeAfter(err, k.table)
	}
	k.tail.first, k.tail.next = k.next, k.next
	return k, nil
}

// keyed is a record of rows and its key, the instance of the first row.
type keyed struct {
	key uint64
	rowsRecord
}

// readRecords reads the records of rows in the log, and sets recorded, newest, first and next.
func (k *keeper) readRecords() ([]keyed, error) {
	r := segmentReader{handles: k.log.files}
	defer r.close()
	var records []keyed
	for _, f := range k.log.live.sorted()[rowsSpace] {
		e, err := r.entry(f)
		if err != nil {
			return nil, k.log.files.explain(err)
		}
		record, err := decodeRows(e.value)
		if err == nil && (f.key == 0 || len(records) > 0 && f.key != k.next) {
			err = fmt.Errorf("rows from instance %d on where %d is expected", f.key, k.next)
		}
		if err != nil {
			return nil, k.log.files.explain(&damage{f.seg.number, f.at, err.Error()})
		}
		records = append(records, keyed{f.key, record})
		k.newest, k.first = f.key, record.first
		k.next = f.key + uint64(len(record.rows))
		k.records++
		k.rows += len(record.rows)
	}
	k.recorded = k.next
	k.log.first = min(max(k.log.first, k.first), k.next)
	return records, nil
}

// restore makes the table that of the records.
func (k *keeper) restore(records []keyed) error {
	if err := k.table.drop(k.next); err != nil {
		return err
	}
	if len(records) > 0 {
		if err := k.require(records[0].key); err != nil {
			return err
		}
	}
	keep := min(k.log.first, max(k.next, 2)-1) // The last row stays.
	for _, r := range records {
		rows := r.rows
		if r.key < keep {
			rows = rows[min(uint64(len(rows)), keep-r.key):]
		}
		if err := k.table.set(r.key+uint64(len(r.rows)-len(rows)), rows); err != nil {
			return err
		}
	}
	if err := k.table.truncate(keep); err != nil {
		return err
	}
	if err := k.require(k.next); err != nil {
		return err
	}
	first, _, err := k.table.bounds()
	k.log.first = min(max(k.log.first, first), k.next)
	return err
}

// require returns a CorruptError unless the table has the row before that of instance next.
func (k *keeper) require(next uint64) error {
	if _, n, err := k.table.bounds(); err != nil || n >= next || next == 1 {
		return err
	}
	return k.table.corrupt("it holds no instance up to %d, but that was forced", next-1)
}
