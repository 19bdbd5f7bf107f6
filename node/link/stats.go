package link

import (
	"sync/atomic"

	"paxon/process"
)

// Stats counts what the links did since Listen.
type Stats struct {
	Peers map[process.ID]PeerStats
	// Strangers is the number of accepted connections that were closed because they did not
	// greet, in time or at all, or were too many.
	Strangers uint64
	// Refused is the number of greetings that were answered with a refusal.
	Refused uint64
}

// PeerStats counts what went to one peer and came from it. Bytes include the frames'.
type PeerStats struct {
	// Connected says whether packets to this peer go out now.
	Connected bool
	// Connects is how often it was connected to: one more than there were reconnects.
	Connects uint64
	// PacketsSent and BytesSent were written to the connection.
	PacketsSent, BytesSent uint64
	// PacketsReceived and BytesReceived were handed to Receive.
	PacketsReceived, BytesReceived uint64
	// Dropped is the number of packets that were not written, or were being written when the
	// connection broke.
	Dropped uint64
	// Broken is the number of connections with this peer that were closed for their bytes.
	Broken uint64
}

type counters struct {
	connects                       atomic.Uint64
	packetsSent, bytesSent         atomic.Uint64
	packetsReceived, bytesReceived atomic.Uint64
	dropped, broken                atomic.Uint64
}

// Stats returns the counts so far. Any goroutine may call it.
func (l *Links) Stats() Stats {
	s := Stats{
		Peers:     map[process.ID]PeerStats{},
		Strangers: l.strangers.Load(),
		Refused:   l.refused.Load(),
	}
	for id, known := range *l.peers.Load() {
		p := known.outgoing
		s.Peers[id] = PeerStats{
			Connected:       p.connected(),
			Connects:        p.counters.connects.Load(),
			PacketsSent:     p.counters.packetsSent.Load(),
			BytesSent:       p.counters.bytesSent.Load(),
			PacketsReceived: p.counters.packetsReceived.Load(),
			BytesReceived:   p.counters.bytesReceived.Load(),
			Dropped:         p.counters.dropped.Load(),
			Broken:          p.counters.broken.Load(),
		}
	}
	return s
}
