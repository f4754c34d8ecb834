//go:build !race

package linker_test

const raceFactor = 1
