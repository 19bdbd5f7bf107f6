// Package broken is the gallery of compositions that the suite of total order broadcast must catch:
// each breaks a sound one in one way.
package broken
