// Package link is the links of one real process: TCP connections that carry packets.
//
//	Implements   fair-lossy links (§2.2) between the processes of a cluster, for the host
//	Uses         wire.Codec, TCP
//	Requests     Listen(config), Send(to, packet), SendLate(to, packet), Flush(), Add(p, address),
//	             Rest(p), Stats(), Addr(), Close()
//	Indications  Config.Receive(from, packets), Config.Connected(p)
//
// Properties:
//
//	LK1 No creation   what is received from p was sent by the process that greeted as p; TCP
//	                  keeps it whole, and what does not decode closes its connection
//	LK2 No doubling   a packet is received at most once
//	LK3 Fair loss     a packet is lost only while there is no connection, when one breaks, or
//	                  when Limits.OutBytes are waiting; what is lost before it is written is
//	                  counted
//	LK4 One cluster   processes of another cluster, variant or build, and processes at the wrong
//	                  address, are refused, and both sides log the reason; so are those that
//	                  Config.Recognize does not know by their directory, whoever dials
//	LK5 Bounded       per peer Limits.OutBytes to send and one frame to receive; for strangers
//	                  Limits.Greetings connections of a few hundred bytes each
//
// Assumptions: the network is trusted not to forge (no encryption here); Receive returns, or
// at the latest does so when the host closes down.
//
// A pair talks over one connection, which the process with the lower number dials: so what answers a
// packet takes TCP's acknowledgement along. The other process dials, too, so that it is heard at once when
// it is back; nothing else comes on that connection. A dialer greets, the acceptor answers, and the dialer
// agrees, or neither sends anything:
//
//	greeting   "PAXON", version (1 byte), length (2 bytes), hello, answer or agreement (wire.Codec)
//	frame      length (4 bytes), packet (wire.Codec.AppendPacket); one packet a frame
//
// Integers are big-endian. After the greetings both send frames only. Of several connections from one
// process the newest is kept.
//
// Peers can be added, and found elsewhere, at any time. One that has left is not forgotten, because
// it may have been down and has yet to hear of it: it rests, which is that it is not dialled until
// it greets.
//
// Send encodes on the caller's goroutine, the loop, into the peer's queue, which a long value
// joins without being copied. Flush, at the end of a turn, writes at once what the socket takes,
// so that no goroutine need be woken, and leaves the rest to the peer's writer. So does Send if more
// than 128 KiB wait: the peer takes them in while what follows is made. A reader takes what
// there is in one call, decodes all whole frames and hands them over together; long values stay
// where they were read. While Receive blocks nothing more is read from that peer, and TCP pushes
// back.
package link
