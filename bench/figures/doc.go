// Package figures measures what the figures of the paper's appendix A show, at two scales.
//
//	Implements   Run: a figure at a scale gives its charts, with all values
//	Uses         model, for the paper's own scale in virtual time; bench, for this machine;
//	             node, for recoveries; plot
//	Requests     ByName, Run(config)
//	Indications  Progress while it runs; Charts, or the first error
//
// Properties:
//
//	F1 Same question  a figure has the same lines at both scales, as far as the machine allows
//	F2 Spread         each value is the median of repetitions, and all of these are kept
//	F3 Final          what is simulated depends on nothing but the program
//
// The scales are Paper, 4 to 20 processes on machines of that time with the costs of model.Paper,
// and Machine, 3 to 9 processes on the machine that this runs on. Conditions are in each chart, and
// the costs and the settings in its lines of JSON.
package figures
