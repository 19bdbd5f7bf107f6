package api

import (
	"errors"
	"io"
	"net/http"
	"time"

	"paxon/node"
	"paxon/tob"
)

// bodyTime is how long the body of a broadcast may take to arrive.
const bodyTime = 30 * time.Second

func (h *handler) broadcast(w http.ResponseWriter, r *http.Request) {
	m, err := messageOf(r)
	if err != nil {
		answerError(w, err)
		return
	}
	at, err := h.broadcastBody(w, r, m)
	if err != nil {
		answerError(w, err)
		return
	}
	answer(w, http.StatusOK, position{uint64(at.Instance), at.Offset})
}

type position struct {
	Instance uint64 `json:"instance"`
	Offset   uint32 `json:"offset"`
}

// broadcastBody reads the payload and broadcasts it. While it does, its size is taken off what
// all bodies may take.
func (h *handler) broadcastBody(
	w http.ResponseWriter, r *http.Request, m tob.Broadcast,
) (tob.Position, error) {
	limit := int64(h.node.PayloadLimit())
	size := limit
	if r.ContentLength >= 0 {
		size = r.ContentLength
	}
	if size > limit {
		return tob.Position{}, &node.TooLargeError{Size: int(size), Limit: int(limit)}
	}
	if err := h.bodies.Acquire(r.Context(), size); err != nil {
		return tob.Position{}, err
	}
	defer h.bodies.Release(size)
	payload, err := readBody(w, r, limit)
	if err != nil {
		return tob.Position{}, err
	}
	m.Payload = payload
	return h.node.BroadcastAs(r.Context(), m)
}

func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	// Where there is no connection to set a deadline for, nobody can be slow on it either.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyTime))
	payload, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		// It has no length, so how long it is nobody knows: at least one byte more.
		return nil, &node.TooLargeError{Size: int(limit) + 1, Limit: int(limit)}
	case err != nil:
		return nil, malformed("the body cannot be read: %w", err)
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	return payload, nil
}
