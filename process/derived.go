package process

// Derived is what a part keeps to be faster and could do without: memory to use again, or the last
// thing that it looked up. It is no state: with any other content that it may have, the part does
// the same. Exhaustive search passes over it.
type Derived[T any] struct{ Value T }
