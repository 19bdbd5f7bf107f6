package register

// Held is how many instances there are copies of, and operations on.
func (r *Registers) Held() (copies, operations int) { return len(r.copies), len(r.operations) }
