//go:build race

package linker_test

// raceFactor is how much slower the race detector may make us.
const raceFactor = 20
