// Package broken is registers with one flaw each, which package registertest must catch.
//
//	Uses   registertest (Factory), package register for all that is sound
//
// Each is a few lines around the registers of Fig. 12, or of Fig. 15, so that nothing but the flaw
// differs. Parts lists them with the properties of which one falls.
package broken
