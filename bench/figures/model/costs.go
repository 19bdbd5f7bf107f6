package model

import "time"

// Costs is the price of work on every machine.
type Costs struct {
	// Processor time.
	Message    time.Duration // To send or to receive one message, whatever its size.
	Byte       time.Duration // And for each byte of it.
	Local      time.Duration // For a message of a process to itself.
	Broadcast  time.Duration // For one call of the application.
	Quantum    time.Duration // Of the processor for calls of the application in a row.
	Deliver    time.Duration // To hand one message to the application.
	Completion time.Duration // To take note that a forced write is done.
	Record     time.Duration // To read one stored record at a recovery.
	// Launch is what the task launch takes for each message that waits at the leader, whenever it
	// begins an instance. Paxon keeps a queue and takes its front, so it is 0; a launch that
	// computes which of all messages are not delivered yet looks at each.
	Launch time.Duration
	// Jitter is how much each use of the processor varies, as a share, both ways: 0 to 1.
	Jitter float64

	// Network.
	Bandwidth   float64       // Of an interface, each way, in bits a second.
	Propagation time.Duration // Through the switch.
	Header      int           // Bytes that a message has besides what it carries.
	Frame       int           // Bytes of a message in one frame, at most,
	FrameHeader int           // and what each frame has besides.

	// Disk.
	Force         time.Duration // A forced write, without its bytes. 0 with DiskBandwidth 0 is no disk.
	DiskBandwidth float64       // In bytes a second, to write and to read.
	Seek          time.Duration // To begin to read.
	// ReadEach says that each record is read by itself, with a Seek, rather than one log from its
	// beginning to its end.
	ReadEach bool
}

// Paper is a machine like those of the paper's appendix: Sun Ultra 10, Java 1.3, Fast Ethernet, and
// an IDE disk of 9 GB. The paper has none of these numbers but the bandwidth:
//
//   - Message: sending or receiving an object over a socket took 0.5 to 2 ms in Java of those days on
//     processors of some 400 MHz: a remote method call without arguments, four of these with a thread
//     switch on each side, took 1 to 3 ms. With 1 ms, a leader of six processes that handles the 17
//     messages of one instance for each broadcast does 59 a second; the paper tells of 60 (10 a second
//     for each of six) as the peak.
//   - Byte: serialising and copying at 10 MB/s.
//   - Broadcast: fitted. The paper finds that a process that broadcasts is slower for it than one that
//     receives another's broadcast, so it is more than Message.
//   - Force: the disk turns 5,400 to 7,200 times a minute; a forced write of a file that grows
//     waits for most of a turn, or a seek and half a turn.
//   - Bandwidth, Propagation, frames: Ethernet with TCP/IP over one switch that stores and forwards.
func Paper() Costs {
	return Costs{
		Message: time.Millisecond, Byte: 100 * time.Nanosecond, Local: 100 * time.Microsecond,
		Broadcast: 4 * time.Millisecond, Deliver: 100 * time.Microsecond,
		Quantum:    10 * time.Millisecond,
		Completion: 100 * time.Microsecond, Record: 500 * time.Microsecond,
		Jitter: 0.2,

		Bandwidth: 100e6, Propagation: 50 * time.Microsecond,
		Header: 40, Frame: 1460, FrameHeader: 78,

		Force: 10 * time.Millisecond, DiskBandwidth: 10e6, Seek: 9 * time.Millisecond,
	}
}

// WithoutForce is the same machine with a disk on which nothing is forced.
func (c Costs) WithoutForce() Costs {
	c.Force, c.DiskBandwidth, c.Completion = 0, 0, 0
	return c
}

// wire is how long a message of a number of bytes occupies an interface.
func (c Costs) wire(bytes int) time.Duration {
	frames := (bytes + c.Frame - 1) / c.Frame
	bits := float64(8 * (bytes + frames*c.FrameHeader))
	return time.Duration(bits / c.Bandwidth * float64(time.Second))
}

// handle is processor time to send or to receive a message of a number of bytes.
func (c Costs) handle(bytes int) time.Duration {
	return c.Message + time.Duration(bytes)*c.Byte
}

// write is how long the disk takes to force a number of bytes.
func (c Costs) write(bytes int) time.Duration { return c.Force + c.transfer(bytes) }

func (c Costs) transfer(bytes int) time.Duration {
	if c.DiskBandwidth == 0 {
		return 0
	}
	return time.Duration(float64(bytes) / c.DiskBandwidth * float64(time.Second))
}

// read is how long a recovery takes to get a number of records from the disk and to decode them.
func (c Costs) read(records, bytes int) time.Duration {
	seeks := 1
	if c.ReadEach {
		seeks = records
	}
	return time.Duration(seeks)*c.Seek + c.transfer(bytes) +
		time.Duration(records)*c.Record + time.Duration(bytes)*c.Byte
}
