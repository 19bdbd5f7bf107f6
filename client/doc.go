// Package client broadcasts through a running process and reads what it delivers, over the
// process's HTTP API.
//
//	Implements   Client, Stream
//	Uses         the HTTP API of a process (package node/api), tob for names and positions
//	Requests     NewClient, Broadcast, BroadcastAs, Stream, Deliveries, Status, Healthy
//	Indications  answers of a Stream, in the order of delivery
//
// Properties:
//
//	CL1 Once    what is broadcast under one client and sequence is delivered at most once, at
//	            whatever processes and however often it is sent
//	CL2 Order   the messages of one client are delivered in the order of their sequence
//	CL3 Bound   a Stream holds one buffer of at most 64 KiB and the message that is being sent;
//	            when the process does not take more, Send waits
//
// Assumptions: the process keeps the API. The package sends nothing again by itself: whoever
// gets an *UnreachableError does not know whether its message got through, and sends the same
// client and sequence again, there or at another process.
package client
