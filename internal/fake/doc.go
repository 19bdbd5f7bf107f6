// Package fake has the capabilities of package process made by hand, for tests of single parts:
// nothing happens in them before the test says so.
//
//	Implements   process.Net, Clock and Disk; tob.History
//	Used by      tests
package fake
