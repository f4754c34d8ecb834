package main_test

import (
	"os/exec"
	"syscall"
)

// dieWithUs ends a process when the test binary dies without cleaning up: prctl(2), PR_SET_PDEATHSIG.
func dieWithUs(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
