package clienttest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/vmihailenco/msgpack/v5"

	"paxon/tob"
)

func (m *Member) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/clients", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{"client": m.cluster.newClient(m.ID).String()})
	})
	mux.HandleFunc("POST /v1/broadcast", m.broadcast)
	mux.HandleFunc("POST /v1/stream", m.stream)
	mux.HandleFunc("GET /v1/deliveries", m.deliveries)
	mux.HandleFunc("GET /v1/status", func(w http.ResponseWriter, _ *http.Request) {
		m.cluster.mu.Lock()
		defer m.cluster.mu.Unlock()
		answer(w, map[string]any{
			"process": m.ID, "cluster": "fake", "leader": 1, "nextBatch": m.cluster.next().Instance + 1,
			"delivered": len(m.cluster.log), "variant": "paxos",
		})
	})
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "ok") // The caller sees for itself whether it came.
	})
	return mux
}

func answer(w http.ResponseWriter, value any) {
	_ = json.NewEncoder(w).Encode(value) // The caller sees for itself whether it came.
}

func refuse(w http.ResponseWriter, code int, status, reason string) {
	w.WriteHeader(code)
	answer(w, map[string]string{"error": reason, "status": status})
}

// gone tells whether a request has ended, and wakes whoever waits when it does.
func (m *Member) gone(ctx context.Context) (gone func() bool, stop func() bool) {
	stop = context.AfterFunc(ctx, func() { m.set(func() {}) })
	return func() bool { return ctx.Err() != nil }, stop
}

func (m *Member) broadcast(w http.ResponseWriter, r *http.Request) {
	payload, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	b := tob.Broadcast{Client: m.cluster.newClient(m.ID), Sequence: 1, Payload: payload}
	if name := r.Header.Get("Paxon-Client"); name != "" {
		var badSequence error
		b.Client, err = tob.ParseClient(name)
		b.Sequence, badSequence = strconv.ParseUint(r.Header.Get("Paxon-Sequence"), 10, 64)
		if err := errors.Join(err, badSequence); err != nil {
			refuse(w, http.StatusBadRequest, "", err.Error())
			return
		}
	}
	gone, stop := m.gone(r.Context())
	defer stop()
	a, ok := m.deliver(b, gone)
	switch {
	case !ok:
		panic(http.ErrAbortHandler)
	case a.Status == tob.TooLarge:
		refuse(w, http.StatusRequestEntityTooLarge, "too large", "payload too large")
	case a.Status != tob.Delivered:
		refuse(w, http.StatusConflict, a.Status.String(), "not delivered now: "+a.Status.String())
	default:
		answer(w, map[string]any{"instance": a.Position.Instance, "offset": a.Position.Offset})
	}
}

func (m *Member) stream(w http.ResponseWriter, r *http.Request) {
	name, err := tob.ParseClient(r.Header.Get("Paxon-Client"))
	if err != nil {
		refuse(w, http.StatusBadRequest, "", err.Error())
		return
	}
	control := http.NewResponseController(w)
	if err := errors.Join(control.EnableFullDuplex(), control.Flush()); err != nil {
		panic(fmt.Sprintf("the test server cannot stream: %v", err))
	}
	gone, stop := m.gone(r.Context())
	defer stop()
	decode, encode := msgpack.NewDecoder(r.Body), msgpack.NewEncoder(w)
	for {
		b := tob.Broadcast{Client: name}
		_, err := decode.DecodeArrayLen()
		if errors.Is(err, io.EOF) {
			return
		}
		if err == nil {
			b.Sequence, err = decode.DecodeUint64()
		}
		if err == nil {
			b.Payload, err = decode.DecodeBytes()
		}
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		a, ok := m.deliver(b, gone)
		if !ok {
			panic(http.ErrAbortHandler)
		}
		if m.isMute() {
			continue
		}
		err = encode.EncodeMulti([]any{
			a.Sequence, a.Status.String(), uint64(a.Position.Instance), uint64(a.Position.Offset),
		})
		if errors.Join(err, control.Flush()) != nil {
			return
		}
	}
}

func (m *Member) deliveries(w http.ResponseWriter, r *http.Request) {
	from, err := tob.ParsePosition(r.URL.Query().Get("from"))
	if err != nil {
		refuse(w, http.StatusBadRequest, "", err.Error())
		return
	}
	if r.Header.Get("Accept") != "application/msgpack" {
		refuse(w, http.StatusNotAcceptable, "", "the test server knows MessagePack alone")
		return
	}
	follow := r.URL.Query().Get("follow") != "false"
	gone, stop := m.gone(r.Context())
	defer stop()
	control, encode := http.NewResponseController(w), msgpack.NewEncoder(w)
	// Like a process, it takes an offset beyond the instance's last for the next instance.
	first := int(from.Instance-1)*perInstance + min(int(from.Offset), perInstance)
	for i := first; control.Flush() == nil; i++ {
		found, ok := m.from(i, follow, gone)
		if !ok {
			break
		}
		for _, d := range found {
			if encode.EncodeMulti([]any{
				uint64(d.Position.Instance), uint64(d.Position.Offset), d.Client.String(),
				d.Sequence, d.Payload,
			}) != nil {
				return
			}
		}
	}
	if follow {
		panic(http.ErrAbortHandler)
	}
}
