// Package flawed is compositions that are broken on purpose, each in one way. Random runs must find
// every one of them, in a property that it breaks: a checker that cannot fail shows nothing.
//
//	Uses      seasons, and through it every protocol package; conformance (Flaw)
//	Used by   tests, killboard, and paxon sim --variant broken/NAME
//
// A flaw is a few lines around a sound part, so that nothing but the flaw differs. Where it comes
// from is in Flaw.Source: a trap that the figures of the paper hide, a figure as printed, or a bug
// that others had and told of. All lists the compositions; broken parts on their own are in the
// galleries of the suites, such as register/registertest/broken.
package flawed
