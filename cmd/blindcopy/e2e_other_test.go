//go:build unix && !linux

package main_test

import (
	"os/exec"
	"testing"
)

// dieWithUs exists on Linux only.
func dieWithUs(*exec.Cmd) {}

const linuxOnly = "traces, or mounts a small disk, as only Linux does it this way"

func testDiskFull(t *testing.T, _ program)        { t.Skip(linuxOnly) }
func testDiskReserve(t *testing.T, _ program)     { t.Skip(linuxOnly) }
func testReadOnlyDisk(t *testing.T, _ program)    { t.Skip(linuxOnly) }
func testInjectedFaults(t *testing.T, _ program)  { t.Skip(linuxOnly) }
func testDamagedDatabase(t *testing.T, _ program) { t.Skip(linuxOnly) }
func testLockedDatabase(t *testing.T, _ program)  { t.Skip(linuxOnly) }
func testReadOnlyRoot(t *testing.T, _ program)    { t.Skip(linuxOnly) }

func testTwoServersOneDatabase(t *testing.T, _ program) { t.Skip(linuxOnly) }
