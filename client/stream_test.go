package client_test

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"paxon/client"
	"paxon/process"
	"paxon/tob"
)

func processID(i int) process.ID { return process.ID(i) }

// TestStream sends far more than its buffer holds and reads the answers and the deliveries:
// CL2, CL3.
func TestStream(t *testing.T) {
	const messages = 2000
	_, _, clients := start(t)
	name, err := clients[0].NewClient(t.Context())
	require.NoError(t, err)
	s, err := clients[0].Stream(t.Context(), name)
	require.NoError(t, err)
	defer s.Close()

	payload := func(sequence uint64) []byte {
		return bytes.Repeat(fmt.Appendln(nil, sequence), int(sequence%100))
	}
	var g errgroup.Group
	g.Go(func() error {
		for sequence := range uint64(messages) {
			if err := s.Send(sequence+1, payload(sequence+1)); err != nil {
				return err
			}
		}
		return s.CloseSend()
	})
	positions := map[uint64]tob.Position{}
	for sequence := range uint64(messages) {
		a, err := s.Receive()
		require.NoError(t, err)
		require.Equal(t, sequence+1, a.Sequence)
		require.Equal(t, tob.Delivered, a.Status)
		positions[a.Sequence] = a.Position
	}
	_, err = s.Receive()
	require.ErrorIs(t, err, io.EOF)
	require.NoError(t, g.Wait())

	var sequence uint64
	for d, err := range clients[1].Deliveries(t.Context(), tob.Position{}, false) {
		require.NoError(t, err)
		sequence++
		require.Equal(t, sequence, d.Sequence)
		require.Equal(t, name, d.Client)
		require.Equal(t, positions[sequence], d.Position)
		require.Equal(t, string(payload(sequence)), string(d.Payload))
	}
	assert.EqualValues(t, messages, sequence)
}

// TestStreamEmptyPayload sends nil, which must arrive as no bytes and not as nil.
func TestStreamEmptyPayload(t *testing.T) {
	cluster, _, clients := start(t)
	name, err := clients[0].NewClient(t.Context())
	require.NoError(t, err)
	s, err := clients[0].Stream(t.Context(), name)
	require.NoError(t, err)
	defer s.Close()
	require.NoError(t, s.Send(1, nil))
	require.NoError(t, s.CloseSend())
	_, err = s.Receive()
	require.NoError(t, err)
	assert.Equal(t, []byte{}, cluster.Log()[0].Payload)
}

// TestStreamBreaks kills the process under a stream and under one who reads deliveries.
func TestStreamBreaks(t *testing.T) {
	_, members, clients := start(t)
	name, err := clients[0].NewClient(t.Context())
	require.NoError(t, err)
	s, err := clients[0].Stream(t.Context(), name)
	require.NoError(t, err)
	defer s.Close()
	require.NoError(t, s.Send(1, []byte("a")))
	require.NoError(t, s.Flush())
	_, err = s.Receive()
	require.NoError(t, err)

	var unreachable *client.UnreachableError
	var seen int
	for d, err := range clients[0].Deliveries(t.Context(), tob.Position{}, true) {
		if seen++; seen == 1 {
			require.NoError(t, err)
			assert.Equal(t, tob.Position{Instance: 1, Offset: 1}, d.Next())
			members[0].Kill()
			continue
		}
		require.ErrorAs(t, err, &unreachable)
	}
	assert.Equal(t, 2, seen, "one delivery and the error")
	_, err = s.Receive()
	require.ErrorAs(t, err, &unreachable)
	err = s.CloseSend()
	for err == nil { // The connection may take a little more before it shows that it is broken.
		err = s.Send(2, make([]byte, 1<<20))
	}
	require.ErrorAs(t, err, &unreachable)
}

// TestDeliveriesFrom resumes in the midst of an instance.
func TestDeliveriesFrom(t *testing.T) {
	_, _, clients := start(t)
	for i := range 8 {
		_, err := clients[i%2].Broadcast(t.Context(), fmt.Append(nil, i))
		require.NoError(t, err)
	}
	var seen []string
	for d, err := range clients[0].Deliveries(t.Context(), tob.Position{Instance: 2, Offset: 1}, false) {
		require.NoError(t, err)
		seen = append(seen, string(d.Payload))
	}
	assert.Equal(t, []string{"4", "5", "6", "7"}, seen)
}
