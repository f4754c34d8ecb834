package main

import (
	"testing"
	"time"
)

func TestAClockThatWasSetIsNoticedOnce(t *testing.T) {
	start := time.Date(2026, 5, 1, 9, 0, 0, 0, time.UTC)
	c := jumpingClock{wall: start}
	const decade = 10 * 365 * day
	for _, row := range []struct {
		rule    string
		wall    time.Time
		running time.Duration
		want    time.Duration
	}{
		{"an hour passed", start.Add(time.Hour), time.Hour, 0},
		{"it was set ten years ahead", start.Add(2*time.Hour + decade), 2 * time.Hour, decade},
		{"an hour passed since", start.Add(3*time.Hour + decade), 3 * time.Hour, 0},
		{"it was put right", start.Add(4 * time.Hour), 4 * time.Hour, -decade},
		{"an hour passed after that", start.Add(5 * time.Hour), 5 * time.Hour, 0},
	} {
		if got := c.jumped(row.wall, row.running); got != row.want {
			t.Errorf("%s: it jumped by %s, want %s", row.rule, got, row.want)
		}
	}
}
