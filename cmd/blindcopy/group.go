package main

import (
	"context"
	"fmt"
	"time"
)

// stopWithin bounds a stop: what is not done by then is cut off.
const stopWithin = 15 * time.Second

// part is one long-lived piece of the server. Run returns when ctx is done, or when it fails.
type part struct {
	name string
	run  func(ctx context.Context) error
}

// runningPart is a part that was started.
type runningPart struct {
	part
	stop context.CancelFunc
	done chan struct{}
	err  error // set before done is closed
}

// runParts runs all parts until ctx is done or one of them ends, for good or ill, then stops
// them in reverse order, each before the next: what was started first serves the others to the
// end. The error is that of the first part that failed.
func runParts(ctx context.Context, parts ...part) error {
	ended := make(chan *runningPart, len(parts))
	var running []*runningPart
	for _, p := range parts {
		running = append(running, start(ctx, p, ended))
	}
	var first error
	select {
	case <-ctx.Done():
	case r := <-ended:
		first = r.err
	}
	deadline := time.After(stopWithin)
	for i := len(running) - 1; i >= 0; i-- {
		r := running[i]
		r.stop()
		select {
		case <-r.done:
		case <-deadline:
			return fmt.Errorf("%s did not stop within %s", r.name, stopWithin)
		}
		if first == nil {
			first = r.err
		}
	}
	return first
}

// start runs a part in a goroutine of its own, with a context that only stop ends: the
// order of the stop is the group's business.
func start(ctx context.Context, p part, ended chan<- *runningPart) *runningPart {
	own, stop := context.WithCancel(context.WithoutCancel(ctx))
	r := &runningPart{part: p, stop: stop, done: make(chan struct{})}
	go func() {
		if err := p.run(own); err != nil {
			r.err = fmt.Errorf("%s: %w", p.name, err)
		}
		ended <- r
		close(r.done)
	}()
	return r
}
