// Package broken is the gallery of links that the suite must catch: each breaks sound ones in one
// way.
package broken
