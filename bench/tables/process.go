package tables

import "os"

// interrupt asks a program to end.
func interrupt(p *os.Process) error { return p.Signal(os.Interrupt) }
