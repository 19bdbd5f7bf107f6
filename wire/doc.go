// Package wire is the codec between Go values and MessagePack, for what travels on links and
// for what lies on stable storage.
//
//	Implements   the bytes of messages, records and packets
//	Uses         one of two independent MessagePack libraries (Kind)
//	Requests     New(kind, types), Append(v), Decode(b), AppendPacket(p), DecodePacket(b, share),
//	             Fingerprint(); AppendApart and AppendPacketApart, which leave a long value out
//
// Properties:
//
//	W1 Round trip   Decode(Append(v)) = v, for every value of the types given to New
//	W2 One form     if Decode accepts b, then Append of what it returned gives b again
//	W3 Agreement    both kinds write the same bytes, and each reads what the other wrote
//	W4 Strictness   anything else is a DecodeError: no panic, no value half filled in, and no
//	                allocation out of proportion to the input
//	W5 No alias     what Decode returns shares no memory with its input; of what DecodePacket
//	                returns, only byte slices of at least share bytes do, and it says so
//
// Assumptions: both sides list the same types in the same order; Fingerprint tells.
//
// The bytes:
//
//	value    [tag, body]                        tag: the position in the list of New
//	body     [field, field, ...]                the fields of the struct, in order
//	packet   [from, to, seq, base, ack, value]  or nil in the place of the value
//
// A struct field is an integer of any size (in the shortest form), a bool, a string, a byte
// slice (bin), a slice, or a struct of these; a named type goes as what it is underneath. A nil
// slice is nil and an empty one is empty, on both sides. Protocol packages need no tags and no
// methods for it.
//
// Every input is first checked against the layout of its type, in one pass without allocation,
// and only then handed to the library. That makes both libraries, which are lenient in ways of
// their own, equally strict, and never lets a length from outside reach an allocation.
//
// The types that travel or are stored for every batch (byhand.go) have the same bytes set and read
// without a library. Of an input that is not read so, the check then says what is wrong.
package wire
