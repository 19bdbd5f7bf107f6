package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"golang.org/x/sync/semaphore"

	"paxon/node"
	"paxon/tob"
)

// The headers that make a broadcast safe to repeat.
const (
	clientHeader   = "Paxon-Client"
	sequenceHeader = "Paxon-Sequence"
)

// msgpackType is the media type of streams.
const msgpackType = "application/msgpack"

// bodyBytes is how much the bodies of broadcast requests may take together, in bytes.
const bodyBytes = 64 << 20

type handler struct {
	node   *node.Node
	bodies *semaphore.Weighted
}

// New is the API of a process.
func New(n *node.Node) http.Handler {
	h := &handler{n, semaphore.NewWeighted(max(bodyBytes, int64(n.PayloadLimit())))}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/clients", h.clients)
	mux.HandleFunc("POST /v1/broadcast", h.broadcast)
	mux.HandleFunc("POST /v1/stream", h.stream)
	mux.HandleFunc("GET /v1/deliveries", h.deliveries)
	mux.HandleFunc("GET /v1/status", h.status)
	mux.HandleFunc("GET /healthz", h.health)
	return mux
}

// problem is a request that is answered with an error.
type problem struct {
	code   int    // Of HTTP.
	status string // One word for programs.
	err    error
}

func (p *problem) Error() string { return p.err.Error() }
func (p *problem) Unwrap() error { return p.err }

func malformed(format string, args ...any) error {
	return &problem{http.StatusBadRequest, "malformed", fmt.Errorf(format, args...)}
}

// problemOf says how an error is answered.
func problemOf(err error) *problem {
	var (
		known     *problem
		tooLarge  *node.TooLargeError
		truncated *node.TruncatedError
	)
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &tooLarge):
		return &problem{http.StatusRequestEntityTooLarge, tob.TooLarge.String(), err}
	case errors.As(err, &truncated):
		return &problem{http.StatusGone, "truncated", err}
	case errors.Is(err, node.ErrExpired):
		return &problem{http.StatusConflict, tob.Expired.String(), err}
	case errors.Is(err, node.ErrForgotten):
		return &problem{http.StatusConflict, tob.Forgotten.String(), err}
	case errors.Is(err, node.ErrClosed):
		return &problem{http.StatusServiceUnavailable, "closed", err}
	default:
		return &problem{http.StatusServiceUnavailable, "failed", err}
	}
}

// answerError answers a request that has no answer yet. That nobody may be there to read it
// does not matter.
func answerError(w http.ResponseWriter, err error) {
	p := problemOf(err)
	answer(w, p.code, struct {
		Error  string `json:"error"`
		Status string `json:"status"`
	}{p.Error(), p.status})
}

// answer answers a request with JSON.
func answer(w http.ResponseWriter, code int, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("api: %T is no JSON: %v", v, err)) // They are all types of this package.
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_, _ = w.Write(append(text, '\n'))
}

func (h *handler) clients(w http.ResponseWriter, r *http.Request) {
	client, err := h.node.NewClient(r.Context())
	if err != nil {
		answerError(w, err)
		return
	}
	answer(w, http.StatusOK, struct {
		Client string `json:"client"`
	}{client.String()})
}

// clientOf reads the header that names a client.
func clientOf(r *http.Request) (tob.Client, error) {
	client, err := tob.ParseClient(r.Header.Get(clientHeader))
	if err != nil {
		return tob.Client{}, malformed("header %s: %w", clientHeader, err)
	}
	if client.Process == 0 {
		return tob.Client{}, malformed("header %s: %v: expected a client that a process named, "+
			"by POST /v1/clients", clientHeader, client)
	}
	return client, nil
}

// messageOf reads the headers of a broadcast: both, or neither.
func messageOf(r *http.Request) (tob.Broadcast, error) {
	sequence := r.Header.Get(sequenceHeader)
	if r.Header.Get(clientHeader) == "" && sequence == "" {
		return tob.Broadcast{}, nil
	}
	client, err := clientOf(r)
	if err != nil {
		return tob.Broadcast{}, err
	}
	number, err := strconv.ParseUint(sequence, 10, 64)
	if err != nil || number == 0 {
		return tob.Broadcast{}, malformed("header %s: %q: expected a number, 1 for the first message",
			sequenceHeader, sequence)
	}
	return tob.Broadcast{Client: client, Sequence: number}, nil
}
