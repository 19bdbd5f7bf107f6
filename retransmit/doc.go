// Package retransmit is the retransmission module (§5.1, Fig. 11): s-send and s-receive over
// fair-lossy links.
//
//	Implements   Net: s-send with cancel, beside the plain send of the links below
//	Uses         process.Net[Packet], process.Clock
//	Requests     SSend(to, m), Cancel(ticket), Send(to, m), Receive(from, packet), Reconnected(p)
//	Indications  receive(from, m) accepted, restarted(p)
//
// Properties:
//
//	RT1 No creation          a message that is s-received was s-sent, by the process it came from
//	RT2 Finite duplication   a message is s-received at most once by each incarnation
//	RT3 Stubborn delivery    if p s-sends m to q, p does not crash or cancel m, and q is correct,
//	                         then q s-receives m
//	RT4 Bounded              at most Config.Window messages are kept for one peer
//	RT5 Growing              a process has a link as soon as it is among All of the links below
//
// Assumptions: links as in process.Net; the clock only paces what is sent again.
//
// Fig. 11, line by line: s-send keeps the message (lines 4–6) and sends it (7–9), to itself it
// hands it over (10–11); an ACK erases it (13–15); anything else is s-received and
// acknowledged (16–17); the task retransmit (18–21) is the timer of a peer.
//
// Departures from the paper, each for the sake of a bound or of traffic: messages are numbered
// per sender incarnation and receiver, one cumulative number acknowledges all up to it and
// rides on whatever flows back (a packet of its own carries it only when nothing flows for
// Config.AckDelay); what is sent again backs off; a cancelled message is sent no more, and
// Packet.Base tells the receiver not to wait for it; the receiver may push a message back, which
// is then not acknowledged and comes again.
//
// An acknowledgement says that the message was handed over, not that what it caused is
// durable: a peer that acknowledges and then crashes has forgotten it. Restarted tells the owner
// of a message, who sends again what is still unanswered.
package retransmit
