// Package browser holds the tests that drive Chromium against the real program. It is a module of its own: what it
// needs, the program does not.
package browser
