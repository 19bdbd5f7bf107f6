//go:build unix

package bench

import (
	"os/exec"
	"syscall"
)

// detach gives a child a process group of its own, so that Ctrl-C reaches its parent alone.
func detach(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// killGroup kills a child, and what it may have started. It may have ended already.
func killGroup(c *exec.Cmd) {
	_ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL)
	_ = c.Process.Kill()
}
