package tob

import "paxon/process"

// Pieces of memory that frames are cut from, in bytes: small at first, for those who broadcast
// little.
const (
	leastPiece = 1 << 10
	mostPiece  = 64 << 10
)

// frames makes frames, of which many share one piece of memory. It goes when all of them have gone.
type frames struct {
	piece process.Derived[[]byte] // With what is free behind its end.
}

// of makes the frame of m.
func (f *frames) of(m Broadcast) []byte {
	needs := frameHeader + len(m.Payload)
	if needs > mostPiece/4 {
		return AppendFrame(make([]byte, 0, needs), m)
	}
	piece := f.piece.Value
	begin := len(piece)
	if cap(piece)-begin < needs {
		size := min(max(2*cap(piece), leastPiece, needs), mostPiece)
		piece, begin = make([]byte, 0, size), 0
	}
	piece = AppendFrame(piece, m)
	f.piece.Value = piece
	return piece[begin:len(piece):len(piece)]
}
