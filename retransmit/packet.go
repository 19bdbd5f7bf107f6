package retransmit

import "paxon/process"

// Packet is what travels between two processes: one message of a part, or none, with the
// numbers that retransmission keeps. Those of the two directions of a pair of processes ride
// on the same packets.
type Packet struct {
	// From is the sender's incarnation. A packet from an earlier one than the receiver has
	// heard of is dropped.
	From process.Incarnation
	// To is the receiver's incarnation as far as the sender knows, zero if it never heard of
	// it. Ack counts only for the incarnation it was meant for.
	To process.Incarnation
	// Seq numbers the message among those s-sent by From to this receiver; zero if Body was
	// merely sent.
	Seq uint64
	// Base is the lowest number that the sender may still send again: all below it were
	// acknowledged or cancelled.
	Base uint64
	// Ack says that all numbers up to here, from incarnation To, are received or not wanted.
	Ack uint64
	// Body is the message, nil in a packet that only acknowledges.
	Body process.Message
}
