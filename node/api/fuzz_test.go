package api

import (
	"context"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// FuzzRequests gives the handlers anything: they answer, and do not panic.
func FuzzRequests(f *testing.F) {
	n := openNode(f)
	client := newClient(f, n)
	for _, seed := range []struct{ method, path, query, client, sequence, kind, body string }{
		{"POST", "/v1/clients", "", "", "", "", ""},
		{"POST", "/v1/broadcast", "", client, "1", "", "a"},
		{"POST", "/v1/stream", "", client, "", "application/msgpack", message(f, 1, "a") + "\x92"},
		{"GET", "/v1/deliveries", "from=1/0&follow=false", "", "", "application/msgpack", ""},
		{"GET", "/v1/status", "", "", "", "", ""},
		{"GET", "/healthz", "", "", "", "", ""},
	} {
		f.Add(seed.method, seed.path, seed.query, seed.client, seed.sequence, seed.kind, seed.body)
	}
	h := New(n)
	f.Fuzz(func(t *testing.T, method, path, query, client, sequence, kind, body string) {
		r := httptest.NewRequest("GET", "/", strings.NewReader(body))
		r.Method = method
		r.URL = &url.URL{Path: path, RawQuery: query}
		r.Header.Set("Paxon-Client", client)
		r.Header.Set("Paxon-Sequence", sequence)
		r.Header.Set("Content-Type", kind)
		r.Header.Set("Accept", kind)
		// What would wait for ever ends with its client.
		ctx, cancel := contextOf(t)
		defer cancel()
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r.WithContext(ctx))
		if w.Code < 200 || w.Code > 599 {
			t.Fatalf("%s %s?%s was answered %d", method, path, query, w.Code)
		}
	})
}

// contextOf is a client that soon goes away.
func contextOf(t *testing.T) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithTimeout(t.Context(), 20*time.Millisecond)
}
