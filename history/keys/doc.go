// Package keys checks what callers of registers that can be changed saw, key by key: whether there is an
// order of the changes that agrees with all that they were told.
//
//	Implements   Check, of one key's Operations
//	Uses         Porcupine
//	Used by      caspaxos/caspaxostest; for histories of real clusters as well
//
// The model is a state that exists or not, with a version and a value. A value is the changes that it
// was made of, by name, so that one that got lost, or was made twice, shows. A change of what exists has
// the next version; one of what does not has a higher version than all before, because the tombstone may
// have been collected. A call of which no answer came may have taken effect at any time since, or not
// at all.
package keys
