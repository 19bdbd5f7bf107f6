package client

import (
	"context"
	"encoding/json"
	"net/http"

	"paxon/process"
	"paxon/register"
)

// Status is what a process says about itself.
type Status struct {
	Process     process.ID          `json:"process"`
	Cluster     string              `json:"cluster"`
	Variant     string              `json:"variant"`
	Incarnation process.Incarnation `json:"incarnation"`
	Leader      process.ID          `json:"leader"` // 0 if it knows none.
	Epoch       process.Incarnation `json:"epoch"`
	NextBatch   register.Instance   `json:"nextBatch"` // The first instance not delivered there.
	Delivered   uint64              `json:"delivered"` // Messages, since it started.
	Pending     int                 `json:"pending"`   // Its own messages that wait for delivery.
	// Raw is the whole answer, as it came: peers, storage and what later versions add.
	Raw json.RawMessage `json:"-"`
}

// Status asks the process how it is. The error is an *UnreachableError, a *RefusedError or an
// *AnswerError.
func (c *Client) Status(ctx context.Context) (Status, error) {
	var s Status
	if err := c.call(ctx, http.MethodGet, "/v1/status", nil, nil, &s.Raw); err != nil {
		return Status{}, err
	}
	if err := json.Unmarshal(s.Raw, &s); err != nil {
		return Status{}, &AnswerError{c.base, err.Error(), "the status of a process"}
	}
	return s, nil
}
