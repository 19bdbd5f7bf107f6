// Package laws holds the source of Paxon to the laws that make one code run the same on real
// machines, in the simulator and in a browser. It is used by its own tests only.
//
//	Implements   Analyzer, over type-checked source; Tidy, over the text of all Go files
//	Uses         golang.org/x/tools/go/analysis
//	Requests     Analyzer on a package without its tests, Tidy on a file tree
//	Indications  findings, each with its position and what to do
//
// Analyzer is for the protocol packages, whose parts are state machines on one loop:
//
//	LI Imports      standard packages from a table, and packages of Paxon
//	LG Goroutines   no go statement, iter.Pull, select, or anything of a channel
//	LT Time         of package time only Duration, its methods and constants
//	LR Randomness   of math/rand/v2 only types and methods: the capability is given, not made
//	LM Map order    no range over a map; maps.Keys only in slices.Sorted and SortedFunc,
//	                maps.Values only in slices.Sorted, maps.DeleteFunc only with a literal that
//	                is one return statement, maps.All and EqualFunc not at all
//	LO Output       no fmt.Print, fmt.Scan, print or println
//	LJ Jumps        no goto
//	LF Files        none that this platform does not build, for nobody would have read them
//
// Tidy is for every Go file of the repository:
//
//	TL Length       at most MaxLines lines
//	TM Marks        no notes of work that is left
//	TD Docs         every package says in doc.go what it is, a command in any file
//	TI Idling       no test sleeps or is skipped
//
// Assumptions: which package of Paxon imports which is depguard's matter, in .golangci.yml. A
// comparison given to slices.SortedFunc tells any two keys apart. A condition that is one return
// statement changes nothing.
package laws
