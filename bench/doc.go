// Package bench measures how fast clusters of processes broadcast, next to the limits of the machine
// that they run on.
//
//	Implements   Run: the settings of a Config give the points of a Report
//	Uses         node, in processes of the operating system that are this program again
//	             (IsChild, ServeChild); vfs, for forced writes like those of storage
//	Requests     Run(config); Dimensions.Settings for the product of lists
//	Indications  Progress while it runs; a Report, or the first violation as an error
//
// Properties, of a run that returns a Report:
//
//	B1 Load         a closed loop keeps Outstanding messages on their way at each broadcaster and
//	                sends the next when one is delivered there; an open loop sends each message when
//	                it is due, or as soon after as there is room
//	B2 Honest tail  the measured time of a repetition ends with a delivery, so that a cluster that
//	                hangs shows in the figures, however short Duration is; latencies of an open loop
//	                count from when a message was due, and those due and never sent count too
//	B3 Checked      every process delivered each message of the run once, unaltered, in the order of
//	                its broadcaster, at the same positions as every other process
//	B4 Side by side the limits are measured between the repetitions, on the same disk and while no
//	                cluster runs, so that both see the same machine
//	B5 Alone        each repetition has a new cluster, in new processes and a new directory, so that
//	                nothing of one is left in another; repetitions go round the settings in turn
//	B6 Bound        memory grows with what is outstanding and the number of repetitions, not with
//	                the messages
//	B7 Light        the load runs beside the node that broadcasts, uses its buffers again, and
//	                allocates nothing for a message; each process reads what it delivers, as an
//	                application does, and that is measured too
//
// To measure, for example from a program whose main function calls ServeChild if IsChild says so:
//
//	report, err := bench.Run(ctx, bench.Config{
//		Settings: bench.Dimensions{
//			Processes: []int{3, 5}, Fsync: []bool{true, false}, Sizes: []int{128},
//			Outstandings: []int{1, 1024},
//		}.Settings(),
//		Duration: 3 * time.Second, WarmUp: time.Second, Repeat: 5, Dir: dir,
//	})
//
// Assumptions: the directory is on the disk to be measured, and nothing else needs the machine.
package bench
