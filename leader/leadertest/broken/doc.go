// Package broken is the gallery of leader elections that the suite must catch.
package broken
