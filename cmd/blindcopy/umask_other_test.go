//go:build !unix

package main

func setUmask(int) (before int) { return 0 }
