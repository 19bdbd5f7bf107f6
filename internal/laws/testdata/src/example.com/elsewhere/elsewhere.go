// Package elsewhere is neither of Paxon nor of the standard library.
package elsewhere
