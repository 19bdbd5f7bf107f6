// Package laws holds the source of Paxon to the laws that make one code run the same on real
// machines, in the simulator and in a browser. It is used by its own tests only.
//
//	Implements   Analyzer, over type-checked source; Tidy, over the text of all Go files
//	Uses         golang.org/x/tools/go/analysis
//	Requests     Analyzer.Run on a package, Tidy on a file tree
//	Indications  findings, each with its position and what to do
//
// Analyzer is for the protocol packages, whose parts are state machines on one loop:
//
//	LI Imports      a table of standard packages, and packages of Paxon
//	LG Goroutines   no go statement, iter.Pull, select, or anything of a channel
//	LT Time         of package time only Duration and its constants
//	LR Randomness   of math/rand/v2 only types: the capability is given, not made
//	LM Map order    no range over a map; maps.Keys, Values and All only in slices.Sorted and
//	                its like; maps.DeleteFunc only with a literal that is one return statement
//	LO Output       no fmt.Print, fmt.Scan, print or println
//	LJ Jumps        no goto
//	LF Files        none that this platform does not build, for nobody would have read them
//
// Tidy is for every Go file of the repository:
//
//	TL Length       at most MaxLines lines
//	TM Marks        no notes of work to be done later
//	TD Docs         every package says in its doc.go what it is
//	TS Sleep, skip  no test sleeps or is skipped
//
// Assumptions: which package of Paxon may import which is kept by depguard, in .golangci.yml.
// Test files of protocol packages are not held to the laws of Analyzer.
package laws
