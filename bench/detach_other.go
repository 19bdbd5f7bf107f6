//go:build !unix

package bench

import "os/exec"

// detach does nothing here.
func detach(*exec.Cmd) {}
