package tob

// PieceBytes is pieceBytes.
const PieceBytes = pieceBytes

// Held is how many decisions wait for their turn, how many proposals are open, and how many
// instances have a number of their last round.
func (t *TOB) Held() (awaiting, open, numbers int) {
	return len(t.awaiting), len(t.open), len(t.numbers)
}
