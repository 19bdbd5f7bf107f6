// Package model runs the real parts of Paxon in virtual time, on machines whose work has a price.
//
//	Implements   Run: what a cluster of a composition delivers under a load; Recover: how long a
//	             crashed process takes to be where it was
//	Uses         seasons and catalog, for the parts; nothing that knows the time
//	Requests     Run(setting), Recover(setting)
//	Indications  messages delivered a second; the time of a recovery
//
// Properties:
//
//	M1 Determinism   the same setting gives the same result, on every machine
//	M2 Real parts    what is run is what seasons.Variant.Build builds; the model has no algorithm of
//	                 its own but for Costs.Launch, which stands for one that Paxon does not have
//	M3 Conservation  nothing is lost: each message that was broadcast is delivered once at every
//	                 process, if the run is long enough
//
// The model. A process is a machine with one processor, one network interface and one disk, each
// a queue that does one thing after the other:
//
//   - the processor takes Costs.Message and Costs.Byte for each message between two processes that
//     it sends or receives, Costs.Local for one to itself, Costs.Broadcast and Costs.Deliver for
//     what the application asks for and gets, Costs.Completion for each interrupt of the disk;
//   - the interface sends and receives Costs.Bandwidth at once, each way, through a switch that adds
//     Costs.Propagation; a message is in frames with Costs.FrameHeader bytes of overhead each;
//   - the disk takes Costs.Force for a forced write and its bytes at Costs.DiskBandwidth, and forces
//     all that was put meanwhile together, as the real host does.
//
// Applications are threads of their own: one broadcast of each process is in the queue of the
// processor at a time. A closed loop keeps a number of messages on their way, an open loop has them
// due at a rate and sends what is due as soon as it can.
//
// Assumptions: a stable period. Links lose nothing, nobody crashes but in Recover, and p1 leads.
package model
