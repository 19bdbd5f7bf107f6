package tob

import "paxon/register"

// History is TO_delivered on stable storage: the batch delivered in each instance, from the
// oldest kept to nextBatch − 1 without a gap. It needs no force of its own for each batch,
// because the registers still hold what a crash takes from its end ([Force] comes before the
// registers forget).
type History interface {
	// Bounds gives the oldest instance kept and the one that the next Append is for. Both are
	// 1 in a new history. After a crash next is at least what the last completed Force had.
	Bounds() (first, next register.Instance)
	// Append adds the batch delivered in instance next, which may be empty.
	Append(batch register.Value)
	// Force calls done once everything appended before the call is durable.
	Force(done func())
	// Read calls done with batches in order from instance from on: at least one if from is
	// within bounds, then as many as fit into maxBytes; none if from is out of bounds.
	Read(from register.Instance, maxBytes int, done func(batches []register.Value))
	// Stored calls yield with the batches from instance from on, in order, until yield
	// returns false. It is for constructors.
	Stored(from register.Instance, yield func(l register.Instance, batch register.Value) bool)
	// Truncate drops the batches below the instance given; a crash may bring them back.
	Truncate(below register.Instance)
}
