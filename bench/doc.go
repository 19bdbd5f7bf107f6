// Package bench measures how fast a cluster of processes broadcasts, next to the limits of the
// machine that it runs on.
//
//	Implements   Run, Report
//	Uses         client, to talk to the processes; vfs, for forced writes like those of storage
//	Requests     Run(config)
//	Indications  Progress while it runs; a Report, or the first violation as an error
//
// Properties, of a run that returns a Report:
//
//	B1 Closed loop  each broadcaster keeps Outstanding messages on their way, sends the next when
//	                one is answered with its position, and counts those answered
//	B2 Honest tail  the measured time of a repetition ends with an answer, so that a cluster
//	                that hangs shows in the figures, however short Duration is
//	B3 Checked      every process delivered each message of the run once, unaltered, in order
//	                of its client, at the same positions as every other process
//	B4 Side by side the limits are measured between the repetitions, in the same directory and
//	                while the cluster is idle, so that both see the same machine
//	B5 Bound        memory grows with Outstanding and the number of repetitions, not with the
//	                messages
//
// Assumptions: the directory is on the disk to be measured, and nothing else needs the machine.
package bench
