//go:build !race

package message

const raceFactor = 1
