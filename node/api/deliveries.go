package api

import (
	"bufio"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/vmihailenco/msgpack/v5"

	"paxon/node"
	"paxon/register"
	"paxon/tob"
)

// delivery is a line of NDJSON.
type delivery struct {
	Instance uint64 `json:"instance"`
	Offset   uint32 `json:"offset"`
	Client   string `json:"client"`
	Sequence uint64 `json:"sequence"`
	Payload  []byte `json:"payload"`
}

func (h *handler) deliveries(w http.ResponseWriter, r *http.Request) {
	from, follow, err := rangeOf(r)
	if err != nil {
		answerError(w, err)
		return
	}
	cursor := h.node.Cursor(from)
	_, end := h.node.Bounds()
	first, err := cursor.Next() // Says at once whether from was truncated.
	if err != nil {
		answerError(w, err)
		return
	}
	out := bufio.NewWriterSize(w, 64<<10)
	var encode func(node.Delivery) error
	if acceptsMsgpack(r) {
		w.Header().Set("Content-Type", msgpackType)
		encode = msgpackEncoder(out)
	} else {
		w.Header().Set("Content-Type", "application/x-ndjson")
		encode = jsonEncoder(out)
	}
	control := http.NewResponseController(w)
	flush := func() error {
		if err := out.Flush(); err != nil {
			return err
		}
		return control.Flush()
	}
	// That the reader, or the process, went away in the middle is for the reader to see.
	if follow {
		_ = copyFollowing(r, cursor, first, encode, flush)
		return
	}
	_ = copyUntil(end, cursor, first, encode)
	_ = flush()
}

// copyFollowing encodes deliveries for ever, and flushes when there are no more yet.
func copyFollowing(
	r *http.Request, cursor *node.Cursor, at []node.Delivery,
	encode func(node.Delivery) error, flush func() error,
) error {
	for {
		for _, d := range at {
			if err := encode(d); err != nil {
				return err
			}
		}
		if len(at) == 0 {
			if err := flush(); err != nil {
				return err
			}
			if err := cursor.Wait(r.Context()); err != nil {
				return err
			}
		}
		var err error
		if at, err = cursor.Next(); err != nil {
			return err
		}
	}
}

// copyUntil encodes the deliveries of the instances below end.
func copyUntil(
	end register.Instance, cursor *node.Cursor, at []node.Delivery,
	encode func(node.Delivery) error,
) error {
	for len(at) > 0 {
		for _, d := range at {
			if d.Position.Instance >= end {
				return nil
			}
			if err := encode(d); err != nil {
				return err
			}
		}
		var err error
		if at, err = cursor.Next(); err != nil {
			return err
		}
	}
	return nil
}

// rangeOf reads the query.
func rangeOf(r *http.Request) (from tob.Position, follow bool, err error) {
	query := r.URL.Query()
	follow = true
	for key, values := range query {
		if len(values) != 1 || key != "from" && key != "follow" {
			return from, follow, malformed("query %s=%q: expected from and follow, each at most once",
				key, values)
		}
	}
	if query.Has("from") {
		if from, err = tob.ParsePosition(query.Get("from")); err != nil {
			return from, follow, malformed("query from: %w", err)
		}
	}
	if query.Has("follow") {
		if follow, err = strconv.ParseBool(query.Get("follow")); err != nil {
			return from, follow, malformed("query follow=%q: expected true or false",
				query.Get("follow"))
		}
	}
	return from, follow, nil
}

func acceptsMsgpack(r *http.Request) bool {
	for _, accepted := range r.Header.Values("Accept") {
		for kind := range strings.SplitSeq(accepted, ",") {
			if media, _, err := mime.ParseMediaType(kind); err == nil && media == msgpackType {
				return true
			}
		}
	}
	return false
}

func jsonEncoder(out *bufio.Writer) func(node.Delivery) error {
	e := json.NewEncoder(out)
	return func(d node.Delivery) error {
		return e.Encode(delivery{
			uint64(d.Position.Instance), d.Position.Offset, d.Client.String(), d.Sequence, d.Payload,
		})
	}
}

// msgpackEncoder writes deliveries as arrays. Those of one client often come in a row, so it
// keeps the name.
func msgpackEncoder(out *bufio.Writer) func(node.Delivery) error {
	e := msgpack.NewEncoder(out)
	var client tob.Client
	name := client.String()
	return func(d node.Delivery) error {
		if d.Client != client {
			client, name = d.Client, d.Client.String()
		}
		err := e.EncodeArrayLen(5)
		for _, v := range []uint64{uint64(d.Position.Instance), uint64(d.Position.Offset)} {
			if err == nil {
				err = e.EncodeUint(v)
			}
		}
		if err == nil {
			err = e.EncodeString(name)
		}
		if err == nil {
			err = e.EncodeUint(d.Sequence)
		}
		if err == nil {
			err = e.EncodeBytes(d.Payload)
		}
		if err != nil {
			return fmt.Errorf("delivery %v: %w", d.Position, err)
		}
		return nil
	}
}
