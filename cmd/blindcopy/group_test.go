package main

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"
)

// diary notes the order in which parts stop.
type diary struct {
	mu    sync.Mutex
	lines []string
}

func (d *diary) note(line string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = append(d.lines, line)
}

func (d *diary) String() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return strings.Join(d.lines, " ")
}

// waits is a part that serves until it is stopped, and takes its time.
func (d *diary) waits(name string, takes time.Duration) part {
	return part{name, func(ctx context.Context) error {
		<-ctx.Done()
		time.Sleep(takes)
		d.note(name)
		return nil
	}}
}

func TestPartsStopInReverseOrder(t *testing.T) {
	var d diary
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := runParts(ctx, d.waits("first", 0), d.waits("second", 20*time.Millisecond), d.waits("third", 40*time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if got, want := d.String(), "third second first"; got != want {
		t.Errorf("stopped %q, want %q", got, want)
	}
}

func TestTheFirstFailureStopsAll(t *testing.T) {
	var d diary
	boom := errors.New("boom")
	err := runParts(t.Context(), d.waits("first", 0), part{"second", func(context.Context) error { return boom }}, d.waits("third", 0))
	if !errors.Is(err, boom) || err.Error() != "second: boom" {
		t.Errorf("error %v, want second: boom", err)
	}
	if got, want := d.String(), "third first"; got != want {
		t.Errorf("stopped %q, want %q", got, want)
	}
}

func TestAPartThatEndsEndsAll(t *testing.T) {
	var d diary
	if err := runParts(t.Context(), d.waits("first", 0), part{"second", func(context.Context) error { return nil }}); err != nil {
		t.Errorf("error %v, want none", err)
	}
	if got, want := d.String(), "first"; got != want {
		t.Errorf("stopped %q, want %q", got, want)
	}
}
