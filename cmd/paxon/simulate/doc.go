// Package simulate does the random runs of many seeds on all cores: of total order broadcast, or of
// registers or consensus alone. It reports the first that violates a property.
package simulate
