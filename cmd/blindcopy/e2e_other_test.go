//go:build unix && !linux

package main_test

import (
	"os/exec"
	"testing"
)

// dieWithUs exists on Linux only.
func dieWithUs(*exec.Cmd) {}

func testDiskFull(t *testing.T, _ program) {
	t.Skip("mounts a small disk, as only Linux does it this way")
}
