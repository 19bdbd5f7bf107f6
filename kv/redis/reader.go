package redis

import (
	"bufio"
	"errors"
	"io"
	"math"
	"slices"
)

// request is one command with its arguments, or why it cannot be carried out.
type request struct {
	args [][]byte // At least the name of the command, unless err is set.
	err  error    // For the client, which may go on.
}

// protocolError ends a connection, in the words of Redis.
type protocolError string

func (e protocolError) Error() string { return "ERR Protocol error: " + string(e) }

// Bounds of the protocol that no limit changes, as Redis has them.
const (
	maxInline = 64 << 10  // Bytes of a line: a command as text, or a length.
	maxBulk   = 512 << 20 // Bytes of an argument; one that is longer ends the connection.
	maxCount  = 1 << 20   // Arguments of a command; more end the connection.
)

// chunk is how many bytes of an argument are made room for before any of them has come.
const chunk = 64 << 10

// reader takes requests from what a client sends. It makes room for what has come, up to twice
// that, and not for what a client says will come.
type reader struct {
	in     *bufio.Reader
	limits Limits
}

// next reads a request. The error ends the connection: it is a protocolError, or the network's.
func (r *reader) next() (request, error) {
	for {
		line, err := r.line(protocolError("too big inline request"))
		if err != nil {
			return request{}, err
		}
		if len(line) == 0 || line[0] != '*' {
			args, err := split(line)
			if err != nil || len(args) > 0 {
				return r.inline(args), err
			}
			continue // An empty line is nothing.
		}
		count, ok := parseInt(line[1:])
		if !ok || count > maxCount {
			return request{}, protocolError("invalid multibulk length")
		}
		if count > 0 {
			return r.multibulk(int(count))
		}
	}
}

// inline holds a command that came as a line to the same limit as others.
func (r *reader) inline(args [][]byte) request {
	if len(args) > r.limits.Arguments {
		return request{err: errTooMany(len(args), r.limits.Arguments)}
	}
	return request{args: args}
}

// multibulk reads count arguments. If they are too many or too long it passes over the rest.
func (r *reader) multibulk(count int) (request, error) {
	var q request
	if count > r.limits.Arguments {
		q.err = errTooMany(count, r.limits.Arguments)
	}
	left := r.limits.Request
	for range count {
		size, err := r.bulkLength()
		if err != nil {
			return request{}, err
		}
		switch {
		case q.err != nil:
		case size > max(r.limits.Value, r.limits.Key):
			q.err = errTooLong("argument", size, max(r.limits.Value, r.limits.Key))
		case size > left:
			q.err = errRequest(r.limits.Request)
		}
		if q.err != nil {
			q.args = nil
			if _, err := r.in.Discard(size); err != nil {
				return request{}, err
			}
		} else {
			arg, err := r.bytes(size)
			if err != nil {
				return request{}, err
			}
			q.args = append(q.args, arg)
			left -= size
		}
		if _, err := r.in.Discard(2); err != nil { // Redis does not look at these, either.
			return request{}, err
		}
	}
	return q, nil
}

func (r *reader) bulkLength() (int, error) {
	line, err := r.line(protocolError("too big bulk count string"))
	if err != nil {
		return 0, err
	}
	if len(line) == 0 || line[0] != '$' {
		first := byte('\r')
		if len(line) > 0 {
			first = line[0]
		}
		return 0, protocolError("expected '$', got '" + printable([]byte{first}, 1) + "'")
	}
	size, ok := parseInt(line[1:])
	if !ok || size < 0 || size > maxBulk {
		return 0, protocolError("invalid bulk length")
	}
	return int(size), nil
}

// bytes reads size bytes, with room for at most twice what has come.
func (r *reader) bytes(size int) ([]byte, error) {
	b := make([]byte, min(size, chunk))
	for read := 0; ; {
		n, err := io.ReadFull(r.in, b[read:])
		if err != nil {
			return nil, err
		}
		read += n
		if read == size {
			return b, nil
		}
		more := min(size-read, read)
		b = slices.Grow(b, more)[:read+more]
	}
}

// line reads up to a line end, which it takes off. It is valid until the next read.
func (r *reader) line(tooLong error) ([]byte, error) {
	line, err := r.in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		return nil, tooLong
	}
	if err != nil {
		return nil, err
	}
	line = line[:len(line)-1]
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return line, nil
}

// parseInt reads an integer as Redis does: no sign but a minus, no leading zeros, no spaces.
func parseInt(b []byte) (int64, bool) {
	digits := b
	negative := len(b) > 0 && b[0] == '-'
	if negative {
		digits = b[1:]
	}
	if len(digits) == 0 || len(digits) > 19 || digits[0] == '0' && len(b) > 1 {
		return 0, false
	}
	var n uint64 // 19 digits fit.
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + uint64(c-'0')
	}
	if negative {
		return -int64(n), n <= -math.MinInt64
	}
	return int64(n), n <= math.MaxInt64
}
