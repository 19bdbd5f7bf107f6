package bench

import "io"

// zerosPiece is how much FillZeros writes at a time. Linux keeps a file in its memory in pieces as
// large as the writes that have made them, and each later write goes through all blocks of the
// pieces that it touches: with pieces of 1 MiB a small one takes twice as long.
const zerosPiece = 64 << 10

// FillZeros writes so many zero bytes, in pieces such as the storage makes its files of.
func FillZeros(w io.Writer, size int) error {
	zeros := make([]byte, min(size, zerosPiece))
	for left := size; left > 0; left -= zerosPiece {
		if _, err := w.Write(zeros[:min(left, zerosPiece)]); err != nil {
			return err
		}
	}
	return nil
}
