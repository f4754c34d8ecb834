//go:build unix

package main_test

import (
	"os"
	"os/exec"
	"syscall"
	"testing"
)

// asNobody takes away from a command the right to write to a folder. Root may write anywhere, so a command
// of his runs as nobody.
func asNobody(t *testing.T, cmd *exec.Cmd, dir string) {
	t.Helper()
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(dir, 0o755) }) // for the folder to be removed
	if os.Geteuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
}
