package api

import (
	"context"
	"net/http"
	"time"

	"paxon/node"
)

// healthTime is how long the loop may take to answer in a process that is healthy.
const healthTime = 2 * time.Second

type status struct {
	Process     uint32  `json:"process"`
	Cluster     string  `json:"cluster"`
	Variant     string  `json:"variant"`
	Incarnation uint64  `json:"incarnation"`
	Leader      uint32  `json:"leader"` // 0 if there is none.
	Epoch       uint64  `json:"epoch"`  // The leader's.
	FirstBatch  uint64  `json:"firstBatch"`
	NextBatch   uint64  `json:"nextBatch"`
	Delivered   uint64  `json:"delivered"` // Messages, since the start.
	Pending     int     `json:"pending"`
	Healthy     bool    `json:"healthy"`
	Peers       []peer  `json:"peers"`
	Strangers   uint64  `json:"strangers"` // Connections of others than processes.
	Refused     uint64  `json:"refused"`   // Of processes that do not belong here.
	Storage     storage `json:"storage"`
	Disks       []disk  `json:"disks,omitempty"` // Those that all processes share.
	Uptime      float64 `json:"uptime"`          // In seconds.
}

type disk struct {
	Path    string  `json:"path"`
	Failure string  `json:"failure,omitempty"`
	Waiting int     `json:"waiting"` // Operations that are not done.
	Busy    float64 `json:"busy"`    // Seconds for which the present one has been tried.
}

type peer struct {
	ID              uint32 `json:"id"`
	Address         string `json:"address"`
	Connected       bool   `json:"connected"`
	Epoch           uint64 `json:"epoch"`
	Next            uint64 `json:"next"` // Its nextBatch, 0 if it was not heard yet.
	Kept            int    `json:"kept"` // Messages to be sent again.
	Connects        uint64 `json:"connects"`
	PacketsSent     uint64 `json:"packetsSent"`
	BytesSent       uint64 `json:"bytesSent"`
	PacketsReceived uint64 `json:"packetsReceived"`
	BytesReceived   uint64 `json:"bytesReceived"`
	Dropped         uint64 `json:"dropped"` // Packets.
	Broken          uint64 `json:"broken"`  // Connections closed for what came on them.
}

type storage struct {
	Segments    int    `json:"segments"`
	Bytes       int64  `json:"bytes"`
	Records     int    `json:"records"`
	RecordBytes int64  `json:"recordBytes"`
	Forces      uint64 `json:"forces"`
	Backlog     int    `json:"backlog"` // Bytes put and not yet durable.
}

func (h *handler) status(w http.ResponseWriter, r *http.Request) {
	s, err := h.node.Status(r.Context())
	if err != nil {
		answerError(w, err)
		return
	}
	answer(w, http.StatusOK, statusOf(s))
}

func statusOf(s node.Status) status {
	out := status{
		Process: uint32(s.Process), Cluster: s.Cluster, Variant: s.Variant,
		Incarnation: uint64(s.Incarnation), Leader: uint32(s.Leader), Epoch: uint64(s.Epoch),
		FirstBatch: uint64(s.FirstBatch), NextBatch: uint64(s.NextBatch),
		Delivered: s.Delivered, Pending: s.Pending, Healthy: s.Healthy,
		Peers: []peer{}, Strangers: s.Links.Strangers, Refused: s.Links.Refused,
		Storage: storage{
			s.Storage.Segments, s.Storage.Bytes, s.Storage.Records, s.Storage.RecordBytes,
			s.Storage.Forces, s.Storage.Backlog,
		},
		Uptime: s.Uptime.Seconds(),
	}
	for _, d := range s.Disks {
		failure := ""
		if d.Err != nil {
			failure = d.Err.Error()
		}
		out.Disks = append(out.Disks, disk{d.Path, failure, d.Waiting, d.Busy.Seconds()})
	}
	for _, p := range s.Peers {
		out.Peers = append(out.Peers, peer{
			ID: uint32(p.ID), Address: p.Address, Connected: p.Connected, Epoch: uint64(p.Epoch),
			Next: uint64(p.Next), Kept: p.Kept, Connects: p.Connects,
			PacketsSent: p.PacketsSent, BytesSent: p.BytesSent,
			PacketsReceived: p.PacketsReceived, BytesReceived: p.BytesReceived,
			Dropped: p.Dropped, Broken: p.Broken,
		})
	}
	return out
}

func (h *handler) health(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), healthTime)
	defer cancel()
	if err := h.node.Healthy(ctx); err != nil {
		answerError(w, err)
		return
	}
	_, _ = w.Write([]byte("ok\n"))
}
