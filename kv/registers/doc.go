// Package registers is the engine of package kv over CASPaxos: an item is the state of the register
// of its key.
//
//	Implements   kv.Engine
//	Uses         node.Registers
//
// Properties: KE1 to KE8 of package kvtest, as far as those of package caspaxos hold. An item that
// was deleted may be collected (§3.1): its key then has version 0 as if it had never been, but the
// versions that follow are higher than those it had.
//
// A cursor is a position: keys have one each, which is a hash of them, and are listed in that order. So
// a cursor means the same at all processes, whatever has come and gone meanwhile, and nobody keeps
// anything for it. It has 53 bits, so that it is exact where a client keeps it in a float64. Keys of one
// position, of which there are a pair among a hundred million on an average, are listed together.
package registers
