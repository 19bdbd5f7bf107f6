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
// A cursor is the number of a bucket of keys; a part of a listing is whole buckets.
package registers
