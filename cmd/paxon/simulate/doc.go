// Package simulate runs many seeds of a simulation on all cores and reports the first that
// violates a property.
package simulate
