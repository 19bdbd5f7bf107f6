// Package shrink makes a schedule that fails as short and as plain as it can be while it fails
// still.
//
//	Implements   Task, for a schedule of any elements: interventions in a run, choices of a search,
//	             steps of a script
//	Uses         nothing; whoever has a schedule says how it is played
//	Used by      package sim for its random runs; it is for searches and suites as well
//
// It is delta debugging (Zeller and Hildebrandt, "Simplifying and isolating failure-inducing
// input", 2002), without its tests of single chunks, which hardly ever fail alone:
//
//  1. Chunks are left out, first halves and in the end single elements, the last ones first: what
//     comes later hangs on what came before.
//  2. If few elements are left, pairs are left out as well.
//  3. Elements are replaced by simpler ones, and then all begins anew until nothing changes.
//
// Properties:
//
//	S1   the result fails: it was played as it is returned
//	S2   one-minimal: no element can be left out, unless the budget ended before that was shown
//	S3   the same task has the same result
//	S4   no more is played than the budget allows
package shrink
