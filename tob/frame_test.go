package tob

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// A frame is made in one piece: its header takes frameHeader bytes at most, and that much only
// where all of its numbers are of the longest form.
func TestFrameHeaderIsTheMost(t *testing.T) {
	longest := Broadcast{
		Client:   Client{math.MaxUint32, math.MaxUint64, math.MaxUint64, math.MaxUint64},
		Sequence: math.MaxUint64, Payload: make([]byte, math.MaxUint16+1),
	}
	frame := newFrame(longest)
	require.Len(t, frame, frameHeader+len(longest.Payload))
	require.Equal(t, len(frame), cap(frame))
	require.Equal(t, frameHeader+100, cap(newFrame(Broadcast{Payload: make([]byte, 100)})))
}
