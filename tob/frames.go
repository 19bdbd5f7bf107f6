package tob

import (
	"slices"

	"paxon/process"
)

// Pieces of memory that frames are cut from, in bytes: small at first, for those who broadcast
// little, and longer than most of them only where batches are long. A piece is set to zero when it is
// made, and the end of a long one is out of a core's cache again before it is used.
const (
	leastPiece   = 1 << 10
	mostPiece    = 512 << 10
	longestPiece = 2 << 20
)

// frames makes frames, of which many share one piece of memory, one after the other, so that a
// batch of them is there already. A piece goes when all of its frames have gone.
type frames struct {
	piece process.Derived[[]byte] // With what is free behind its end.
	size  process.Derived[int]    // Of the last piece.
	batch process.Derived[int]    // Bytes of the last batch.
}

// of makes the frame of messages of a client, of which the first has a sequence.
func (f *frames) of(c Client, sequence uint64, payloads [][]byte) []byte {
	needs := frameHeader + packedSize(payloads)
	if len(payloads) > 1 {
		needs += runHeader
	}
	most := max(mostPiece, min(2*f.batch.Value, longestPiece))
	if needs > most/4 {
		return AppendRun(make([]byte, 0, needs), c, sequence, payloads)
	}
	piece := f.piece.Value
	begin := len(piece)
	if cap(piece)-begin < needs {
		f.size.Value = min(max(2*f.size.Value, leastPiece, needs), most)
		piece, begin = make([]byte, 0, f.size.Value), 0
	}
	piece = AppendRun(piece, c, sequence, payloads)
	f.piece.Value = piece
	return piece[begin:]
}

// taken says that all frames so far were taken, into a batch of some bytes. If another one like it
// does not fit into the piece, a new piece is begun, so that it is not torn.
func (f *frames) taken(bytes int) {
	f.batch.Value = bytes
	if piece := f.piece.Value; cap(piece)-len(piece) < bytes {
		f.piece.Value = nil
	}
}

// batching is a batch that frames are added to.
type batching struct {
	batch  []byte
	copied bool // It has memory of its own; else it is where its frames are.
	hint   int  // How many bytes it is likely to have.
}

// add adds a frame. It is not copied as long as each stands behind the one before.
func (b *batching) add(frame []byte) {
	n := len(b.batch)
	switch {
	case n == 0:
		b.batch = frame
	case b.copied:
		b.batch = append(b.batch, frame...)
	case cap(b.batch)-n >= len(frame) && &b.batch[:n+1][n] == &frame[0]:
		b.batch = b.batch[:n+len(frame)]
	default:
		own := make([]byte, 0, max(b.hint, 2*n, n+len(frame)))
		b.batch, b.copied = append(append(own, b.batch...), frame...), true
	}
}

// done is the batch, which nothing can be appended to.
func (b *batching) done() []byte { return slices.Clip(b.batch) }
