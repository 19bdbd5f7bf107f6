package process

// Disks are disks that all processes share (§6.3), and that fail independently of them. On each
// disk every process has a block of its own for each key. No operation fails: one on a disk that
// hangs, returns errors or is gone is done when the disk is back, with what it held.
type Disks[B any] interface {
	// Count is how many disks there are, the same at all processes. They are numbered from 0.
	Count() int
	// Write replaces this process's block of key on a disk, and calls done once it is durable
	// there. Whoever reads sees the old block or the new one. After a crash before done it is
	// either, and stays so.
	Write(disk int, key uint64, block B, done func()) (cancel func())
	// Read calls done with the blocks of key on a disk, of all processes that have written one,
	// in ascending order of their owners.
	//
	// What a process asks for one key of one disk happens in the order in which it asks. After
	// cancel, done is not called; a write may happen all the same, but in its turn.
	Read(disk int, key uint64, done func(blocks []Block[B])) (cancel func())
	// Forget says that this process needs no block of a key below any more, not even after a
	// crash. Blocks that no process needs disappear, sooner or later.
	Forget(below uint64)
}

// Block is what a process has written on one of the Disks.
type Block[B any] struct {
	Owner ID
	Block B
}
