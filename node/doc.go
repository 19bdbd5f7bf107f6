// Package node is the real host: it runs one process of a variant on sockets, a disk and a
// clock, and is where goroutines meet the loop.
//
//	Implements   process.Net, process.Clock, process.Store, tob.History for the parts;
//	             total order broadcast for programs, by Open; CASPaxos, by OpenRegisters
//	Uses         seasons.Variant, caspaxos, node/link (TCP), node/storage (forced log, history),
//	             wire
//	Requests     Open(config), Broadcast, BroadcastAs, Submit, SubmitAll, NewClient, Truncate,
//	             Status, Healthy, Close;
//	             OpenRegisters(config), Change, Read, Submit, List, Edit, Reconfigure, Status, Close
//	Indications  Config.Deliver, Deliveries, Cursor, Done; Watch
//
// Properties:
//
//	N1 One loop        all methods and callbacks of the parts run one after the other, each to
//	                   completion: in turns, which one goroutine at a time makes
//	N2 Fail-stop       after a failed force no callback runs and nothing is sent; Err says why
//	N3 Silence         nothing of an incarnation runs after Close or a failure
//	N4 Bounded         of peers one batch each waits, of programs Limits.PendingBytes; both are
//	                   pushed back, and so are peers while the disk is behind
//	N5 Same face       what Broadcast returned is in Deliveries at that position, at every process
//	N6 Members         a process of CASPaxos sends to, and hears, all who are in a configuration that
//	                   it has taken over, whether it began with them or not, also after a crash
//
// Assumptions: those of the variant; the disk forces what it says it forced.
//
// A turn of the loop: take all that waits in the inbox, run the handlers, end the turn of the
// parts and hand over what they sent to this process itself until there is none left, then
// hand what was sent to one write for each peer, but for what is long, which goes at once, and what
// was put to one force. Who has received packets makes the turn if nobody else is making one;
// otherwise the loop's own goroutine does. The loop waits for no write, and for a force only if that
// is little and nothing else waits; otherwise the end of a force is mail like any other.
//
//	caller     Submit ──► room ──► ┐                        ┌──► storage (force goroutine) ─┐
//	link       Receive ──────────► │ inbox ──► loop ──► parts ──► link (or its writers)      │
//	clock      timer ────────────► │                        └──► history ──► Cursor          │
//	storage    forced, read ─────► ┘ ◄───────────────────────────────────────────────────────┘
package node
