//go:build unix

package main

import "syscall"

func setUmask(mask int) (before int) { return syscall.Umask(mask) }
