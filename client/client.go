package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"paxon/tob"
)

// Names of the API that both sides use.
const (
	headerClient   = "Paxon-Client"
	headerSequence = "Paxon-Sequence"
	typeMsgpack    = "application/msgpack"
	maxErrorBytes  = 64 << 10 // Of an error's body, at most.
	bufferBytes    = 64 << 10
)

// Client talks to one process. Its methods may be called from several goroutines at once.
type Client struct {
	base string
	http *http.Client
}

// New makes a Client of the process whose API is at baseURL, such as "http://127.0.0.1:7201".
// It does not connect. The error is an *AddressError.
func New(baseURL string) (*Client, error) {
	u, err := url.Parse(baseURL)
	switch {
	case err != nil:
		return nil, &AddressError{baseURL, err.Error()}
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, &AddressError{baseURL, "it does not begin with http:// or https://"}
	case u.Host == "":
		return nil, &AddressError{baseURL, "it names no host"}
	case u.RawQuery != "" || u.Fragment != "":
		return nil, &AddressError{baseURL, "it has a query or a fragment"}
	}
	return &Client{
		base: strings.TrimRight(baseURL, "/"),
		http: &http.Client{Transport: &http.Transport{
			Proxy:              http.ProxyFromEnvironment,
			DisableCompression: true,
			WriteBufferSize:    bufferBytes,
			ReadBufferSize:     bufferBytes,
		}},
	}, nil
}

// BaseURL is the address of the process's API, without a slash at the end.
func (c *Client) BaseURL() string { return c.base }

// Close closes the connections that are not in use.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// NewClient has the process name a new client to broadcast as. Nothing is broadcast. The error
// is an *UnreachableError, a *RefusedError or an *AnswerError.
func (c *Client) NewClient(ctx context.Context) (tob.Client, error) {
	var answer struct {
		Client string `json:"client"`
	}
	if err := c.call(ctx, http.MethodPost, "/v1/clients", nil, nil, &answer); err != nil {
		return tob.Client{}, err
	}
	name, err := tob.ParseClient(answer.Client)
	if err != nil {
		return tob.Client{}, &AnswerError{c.base, fmt.Sprintf("client %q", answer.Client), "a client"}
	}
	return name, nil
}

// Broadcast has the process TO-broadcast payload as its own message, and waits until it is
// delivered there. Sent again after an error, it may be delivered twice: see BroadcastAs. The
// error is an *UnreachableError, a *RefusedError or an *AnswerError.
func (c *Client) Broadcast(ctx context.Context, payload []byte) (tob.Position, error) {
	return c.broadcast(ctx, nil, payload)
}

// BroadcastAs is Broadcast of a message with a client and sequence, which may be sent again
// after an error, also to another process, and is still delivered once. A *RefusedError of
// Status "forgotten" says that it was delivered, at a position that is no longer known.
func (c *Client) BroadcastAs(ctx context.Context, m tob.Broadcast) (tob.Position, error) {
	return c.broadcast(ctx, http.Header{
		headerClient:   {m.Client.String()},
		headerSequence: {strconv.FormatUint(m.Sequence, 10)},
	}, m.Payload)
}

func (c *Client) broadcast(
	ctx context.Context, header http.Header, payload []byte,
) (tob.Position, error) {
	var answer tob.Position
	err := c.call(ctx, http.MethodPost, "/v1/broadcast", header, payload, &answer)
	return answer, err
}

// Healthy returns nil if the process says that it is well, and otherwise the errors of
// NewClient.
func (c *Client) Healthy(ctx context.Context) error {
	return c.call(ctx, http.MethodGet, "/healthz", nil, nil, nil)
}

// call makes one request and decodes its answer, if answer is not nil, from JSON.
func (c *Client) call(
	ctx context.Context, method, path string, header http.Header, body []byte, answer any,
) error {
	request, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return &AddressError{c.base, err.Error()}
	}
	if header != nil {
		request.Header = header
	}
	response, err := c.do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close() //nolint:errcheck // It was only read.
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return &UnreachableError{c.base, err}
	}
	if answer == nil {
		return nil
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return &AnswerError{c.base, fmt.Sprintf("%.80q", text), "JSON of " + path}
	}
	return nil
}

// do sends a request. A status other than 200 becomes a *RefusedError, and no answer an
// *UnreachableError.
func (c *Client) do(request *http.Request) (*http.Response, error) {
	response, err := c.http.Do(request)
	if err != nil {
		return nil, &UnreachableError{c.base, err}
	}
	if response.StatusCode == http.StatusOK {
		return response, nil
	}
	defer response.Body.Close() //nolint:errcheck // It was only read.
	text, err := io.ReadAll(io.LimitReader(response.Body, maxErrorBytes))
	if err != nil {
		return nil, &UnreachableError{c.base, err}
	}
	refused := &RefusedError{URL: c.base, Code: response.StatusCode}
	var reason struct {
		Error  string `json:"error"`
		Status string `json:"status"`
	}
	if err := json.Unmarshal(text, &reason); err != nil || reason.Error == "" {
		refused.Message = strings.TrimSpace(string(text)) // It may be no Paxon process at all.
	} else {
		refused.Message, refused.Status = reason.Error, reason.Status
	}
	return nil, refused
}
