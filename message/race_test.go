//go:build race

package message

// raceFactor is how much slower the race detector may make us.
const raceFactor = 8
