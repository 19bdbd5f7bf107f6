// Package setting says in words what a search is of, so that a command line, a file and a table
// all mean the same search.
//
//	Implements   Setting, from which a configuration of a search comes; Schedule, the choices
//	             that a search has found, with their setting, in a file; Table, the searches whose
//	             numbers of states are known
//	Uses         explore; the compositions by name, also those that are broken on purpose
//	Used by      paxon explore, and tests beside a schedule: Holds, Falls
package setting
