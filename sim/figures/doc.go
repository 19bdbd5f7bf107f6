// Package figures is the executions that "Deconstructing Paxos" draws, as scripts that run the real
// parts: Figures 1, 2, 3, 8 (a to d) and 19.
//
//	Implements   nothing: the parts do; the tests compare what happens with testdata
//	Uses         sim, seasons and through them every protocol package
//	Requests     All, Figure.Play
//
// A script steers a sim.World: messages and disks take a millisecond each, or what the script
// says. What comes of it is a transcript, which tests compare, and a trace, of which package draw
// makes the pictures in docs/figures.
package figures
