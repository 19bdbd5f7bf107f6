// Package draw makes space-time diagrams, as SVG, of the traces that package sim writes.
//
//	Implements   the pictures of "Deconstructing Paxos", Figures 1 to 3, 8 and 19, for any run
//	Uses         sim.TraceEvent; nothing outside the standard library
//	Requests     Pages; ShiViz, which writes a log for another program that draws
//
// Each process has a horizontal line, time goes from left to right, and an arrow is a message.
// Time is not to scale: a column is a moment at which something drawn happens, and is as wide as
// what must be read there. When a strip is full, the next one begins below it, as in a score; when
// a page is full, the next page begins. Nothing is left out for want of room.
//
//	story    what the events say: operations with begin and end, messages with all their arrivals, …
//	select   which of that is drawn, by process, instance, time and kind
//	layout   the columns and strips, and a place for each label, so that none lies on another
//	render   the pages
//
// Text is set in a font of fixed width, so that how much room it takes does not depend on the
// fonts of the machine. Colours differ in brightness too: the diagrams can be printed in grey.
package draw
