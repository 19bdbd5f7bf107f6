// Package replay plays schedules of simulated runs from their files, so that what was found once
// stays a test.
//
//	Implements   Variant, Read, Holds, Falls
//	Uses         sim.Schedule; seasons/catalog and sim/flawed for the compositions that files name
//	Used by      tests beside a schedule, paxon sim, and package explore/setting
//
// Whoever has a composition of another name gives it to sim.Schedule.Play.
package replay
