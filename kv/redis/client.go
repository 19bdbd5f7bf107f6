package redis

import (
	"bufio"
	"context"
	"errors"
	"net"
	"time"

	"github.com/tidwall/redcon"
)

// client is one connection. One goroutine reads, carries out and answers its commands: see batch.
type client struct {
	server *Server
	conn   net.Conn
	id     int64
	name   string
	// base is the context of all commands of this client. It is not the server's, so that clients
	// do not wait for each other where contexts of commands begin and end.
	base context.Context
	stop context.CancelFunc
	in   reader
	out  []byte // Answers that are not written yet.
	quit bool

	batch batch
	byKey bool // The client wants its commands to keep their order at each key, and not between keys.
}

// Answers wait for one write until they are so many bytes, or there is no command left to read.
// Memory for more than keepOut is given back after the write.
const (
	writeAt = 64 << 10
	keepOut = 256 << 10
)

func newClient(s *Server, conn net.Conn) *client {
	c := &client{server: s, conn: conn, id: s.ids.Add(1)}
	c.base, c.stop = context.WithCancel(s.base)
	c.batch.keys = map[string]*access{}
	c.in = reader{in: bufio.NewReaderSize(c, maxInline), limits: s.config.Limits}
	return c
}

// Read reads from the connection, and before it waits for more carries out what there was, and writes
// the answers. It is for the reader.
func (c *client) Read(p []byte) (int, error) {
	if err := c.carryOut(); err != nil {
		return 0, err
	}
	if err := c.flush(); err != nil {
		return 0, err
	}
	return c.conn.Read(p)
}

func (c *client) flush() error {
	if len(c.out) == 0 {
		return nil
	}
	if err := c.conn.SetWriteDeadline(time.Now().Add(c.server.config.Timeout)); err != nil {
		return err
	}
	_, err := c.conn.Write(c.out)
	c.out = c.out[:0]
	if cap(c.out) > keepOut {
		c.out = nil
	}
	return err
}

// serve answers requests until the client goes, breaks the protocol or leaves answers unread, or
// the server closes.
func (c *client) serve() {
	for !c.quit && !c.server.isClosing() {
		q, err := c.in.next()
		if err == nil && q.err == nil {
			if c.take(q.args) != nil {
				return
			}
			continue
		}
		if c.carryOut() != nil {
			return
		}
		if err != nil {
			if wrong, ok := errors.AsType[protocolError](err); ok {
				c.out = redcon.AppendError(c.out, wrong.Error())
			}
			break
		}
		c.out = redcon.AppendError(c.out, q.err.Error())
		if len(c.out) >= writeAt && c.flush() != nil {
			return
		}
	}
	if c.carryOut() == nil {
		_ = c.flush() // The connection ends, whether this is read or not.
	}
}
