// Package broken is the gallery of failure detectors that the suite must catch: each breaks a sound
// one in one way.
package broken
