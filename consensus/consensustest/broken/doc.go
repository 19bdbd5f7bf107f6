// Package broken is round-based consensus with one flaw each, which package consensustest must
// catch.
//
//	Uses   consensustest (Factory), packages consensus and seasons/fall for all that is sound
//
// Parts lists them with the properties of which one falls.
package broken
