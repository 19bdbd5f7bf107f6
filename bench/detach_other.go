//go:build !unix

package bench

import "os/exec"

// detach does nothing here.
func detach(*exec.Cmd) {}

// killGroup kills a child. It may have ended already.
func killGroup(c *exec.Cmd) { _ = c.Process.Kill() }
