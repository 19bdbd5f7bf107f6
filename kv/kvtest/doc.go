// Package kvtest checks engines of package kv, and has one in memory for tests of what is above.
//
//	Implements   Memory, kv.Engine without replication; Run, a conformance suite
//	Uses         kv.Engine
//	Requests     NewMemory; Run(t, open)
//	Indications  failures of t, each by the name of a property
//
// Properties that Run checks, in tests of the same names:
//
//	KE1 Versions   each change raises a key's version, also over deletions
//	KE2 Same       an item that is returned as given changes nothing; equal bytes are a change
//	KE3 Once       of concurrent changes each is applied exactly once, and has its own result
//	KE4 Read       a read shows every change that ended before it began
//	KE5 List       keys that exist all the while are listed at least once, deleted ones not
//	KE6 Watch      what changes is seen, and what there is when Watch is called
//	KE7 Context    a call whose context has ended returns its error and changes nothing
//	KE8 Order      changes of a key that are begun one after the other take effect in that order
//
// Assumptions: the engine answers within the time that the tests have.
package kvtest
