// Package costs counts what a decision of a composition costs in a stable period: communication
// steps, messages and forced logs, which is how the paper compares its variants.
//
//	Implements   Count
//	Uses         sim: a world without faults, in which a message takes a millisecond and a force a
//	             microsecond, so that a duration tells how many of each came after another; shared
//	             disks, which are read in a nanosecond
//
// What is counted are the sends and puts of a trace. Left out are heartbeats, and packets that
// carry nothing but an acknowledgement of retransmission: both depend on time, and not on how
// much is decided. A message or a force is counted where it happens; that of a process to itself
// is no message.
package costs
