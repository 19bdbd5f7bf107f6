package client

import (
	"context"
	"errors"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strconv"

	"paxon/register"
	"paxon/tob"
)

// Delivery is a message that was TO-delivered, and where.
type Delivery struct {
	Position tob.Position
	tob.Broadcast
}

// Next is the position to ask for when everything up to this delivery is known.
func (d Delivery) Next() tob.Position {
	return tob.Position{Instance: d.Position.Instance, Offset: d.Position.Offset + 1}
}

// Deliveries iterates over what the process delivers, in order, from a position on; the zero
// Position stands for the start. If follow is true it goes on until ctx ends or the process
// goes away, otherwise it ends with what is delivered now. An error comes last: an
// *UnreachableError, a *RefusedError (Code 410 if from was truncated) or an *AnswerError.
func (c *Client) Deliveries(
	ctx context.Context, from tob.Position, follow bool,
) iter.Seq2[Delivery, error] {
	return func(yield func(Delivery, error) bool) {
		body, err := c.deliveries(ctx, from, follow)
		if err != nil {
			yield(Delivery{}, err)
			return
		}
		defer body.Close() //nolint:errcheck // It was only read.
		d := &deliveryReader{r: newReader(body, c.base)}
		for {
			delivery, err := d.next()
			if errors.Is(err, io.EOF) && !follow {
				return
			}
			if errors.Is(err, io.EOF) {
				err = &UnreachableError{c.base, io.ErrUnexpectedEOF}
			}
			if !yield(delivery, err) || err != nil {
				return
			}
		}
	}
}

func (c *Client) deliveries(
	ctx context.Context, from tob.Position, follow bool,
) (io.ReadCloser, error) {
	if from.Instance == 0 {
		from = tob.Position{Instance: 1}
	}
	query := url.Values{"from": {from.String()}, "follow": {strconv.FormatBool(follow)}}
	address := c.base + "/v1/deliveries?" + query.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, &AddressError{c.base, err.Error()}
	}
	request.Header.Set("Accept", typeMsgpack)
	response, err := c.do(request)
	if err != nil {
		return nil, err
	}
	return response.Body, nil
}

// deliveryReader reads deliveries. Those of one client often come in a row, so that it parses
// a name only when it changes.
type deliveryReader struct {
	r      *reader
	name   string
	client tob.Client
}

func (d *deliveryReader) next() (Delivery, error) {
	r := d.r
	r.array(5)
	var m Delivery
	m.Position.Instance, m.Position.Offset = register.Instance(r.uint64()), r.uint32()
	name := r.string()
	m.Sequence, m.Payload = r.uint64(), r.bytes()
	if r.err != nil {
		return Delivery{}, r.err
	}
	if name != d.name {
		client, err := tob.ParseClient(name)
		if err != nil {
			return Delivery{}, &AnswerError{r.url, err.Error(), "a client"}
		}
		d.name, d.client = name, client
	}
	m.Client = d.client
	return m, nil
}
