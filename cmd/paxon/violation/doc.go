// Package violation leaves a folder with everything that somebody needs who wants to understand why
// a property does not hold in a simulated run, and to keep the run as a test.
//
//	README.txt         what does not hold, what is enough for it, and the commands
//	schedule.json      the shortest schedule found in which it does not hold
//	minimal.ndjson     the trace of that schedule
//	minimal.svg        its space-time diagram; several pages are minimal-1.svg and so on
//	run.ndjson         the trace of the run that was found
//	schedule_test.go   a test that plays the schedule
//
// It is written under another name and renamed when it is complete. Nothing is ever overwritten.
package violation
