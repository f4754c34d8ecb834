package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"blindcopy/crm"
)

// newsStore is what happened to mail.
type newsStore interface {
	// Commits changes when any process has committed something, and costs no look into the database.
	Commits() int64
	Position(ctx context.Context) (crm.Position, error)
	News(ctx context.Context, after crm.Position, v *crm.Viewer, n int) (crm.NewsPage, error)
	Tally(ctx context.Context) (crm.Tally, error)
	Secret(ctx context.Context, name string) ([]byte, error)
}

// Why a stream is not begun.
var (
	errManyStreams = errors.New("too many streams of events for one user")
	errFullStreams = errors.New("too many streams of events")
	errClosing     = errors.New("the server is stopping")
)

// Bounds of the streams, and of the watch.
const (
	mostStreams     = 1000
	mostStreamsEach = 12
	streamBurst     = 1000             // events that one stream tells at once, and streamPace in a second later:
	streamPace      = 50               // of more it says only that there was more
	streamPatience  = 10 * time.Second // a reader who takes nothing for so long is let go, and comes back
	watchEvery      = 100 * time.Millisecond
	watchAgain      = time.Second // after an error
	newsAPiece      = 200
	newsKept        = 1024
	newsBytes       = 2 << 20 // of JSON that is kept
)

// watch waits for news on behalf of all streams: while there is a stream, one goroutine looks at a number in memory, and
// asks the database once when it has changed. Every stream then takes from the same list what its viewer may see. Without streams
// nothing runs.
type watch struct {
	store    newsStore
	log      *slog.Logger
	most     int // streams
	patience time.Duration
	burst    int // events, and how many a second after that
	pace     rate.Limit

	mu      sync.Mutex
	closed  bool
	end     chan struct{} // closed with it
	streams int
	byUser  map[crm.UserID]map[chan event]bool
	stop    context.CancelFunc // of the goroutine, nil without
	running sync.WaitGroup

	recent      []bulletin
	floor, upto crm.Position // recent is all that came after floor
	tally       crm.Tally
	turn        chan struct{} // closed when there is more
}

func newWatch(store newsStore, log *slog.Logger) *watch {
	return &watch{store: store, log: log, most: mostStreams, patience: streamPatience, burst: streamBurst, pace: streamPace, end: make(chan struct{}), byUser: map[crm.UserID]map[chan event]bool{}, turn: make(chan struct{})}
}

// join counts a stream in; whoever gets no error calls leave. own takes what is for its user alone.
func (w *watch) join(ctx context.Context, user crm.UserID, own chan event) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.closed:
		return errClosing
	case len(w.byUser[user]) >= mostStreamsEach:
		return errManyStreams
	case w.streams >= w.most:
		return errFullStreams
	}
	if w.stop == nil {
		if err := w.begin(ctx); err != nil {
			return err
		}
	}
	w.streams++
	if w.byUser[user] == nil {
		w.byUser[user] = map[chan event]bool{}
	}
	w.byUser[user][own] = true
	return nil
}

// whisper tells a user something on all his streams. One that is busy misses it.
func (w *watch) whisper(user crm.UserID, e event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for own := range w.byUser[user] {
		select {
		case own <- e:
		default:
		}
	}
}

// listens tells whether a user has a stream.
func (w *watch) listens(user crm.UserID) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.byUser[user]) > 0
}

// begin starts the goroutine, from now.
func (w *watch) begin(ctx context.Context) (err error) {
	commits := w.store.Commits()
	if w.upto, err = w.store.Position(ctx); err != nil {
		return err
	}
	if w.tally, err = w.store.Tally(ctx); err != nil {
		return err
	}
	w.floor, w.recent = w.upto, nil
	own, stop := context.WithCancel(context.WithoutCancel(ctx))
	w.stop = stop
	w.running.Go(func() { w.run(own, commits) })
	return nil
}

// leave counts a stream out. The last one ends the watch.
func (w *watch) leave(user crm.UserID, own chan event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.streams--
	if delete(w.byUser[user], own); len(w.byUser[user]) == 0 {
		delete(w.byUser, user)
	}
	if w.streams == 0 {
		w.rest()
	}
}

func (w *watch) rest() {
	if w.stop != nil {
		w.stop()
		w.stop, w.recent, w.tally = nil, nil, nil
	}
}

// close ends all streams, and takes no more.
func (w *watch) close() {
	w.mu.Lock()
	if !w.closed {
		w.closed = true
		close(w.end)
		w.rest()
	}
	w.mu.Unlock()
	w.running.Wait()
}

// run looks for news until nobody wants any. After a look it rests four times as long as that took: a flood of mail costs
// a fifth of a processor at most.
func (w *watch) run(ctx context.Context, seen int64) {
	failed := false
	for pause := watchEvery; ; {
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		pause = watchEvery
		commits := w.store.Commits()
		if commits == seen {
			continue
		}
		begun := time.Now()
		err := w.look(ctx)
		switch {
		case err == nil:
			seen, failed = commits, false
			pause = max(watchEvery, 4*time.Since(begun))
		case ctx.Err() == nil && !failed:
			w.log.Error("web: live updates wait for the database", "err", err)
			failed = true
			fallthrough
		default:
			pause = watchAgain
		}
	}
}

// look reads what is new, and lets the streams have it.
func (w *watch) look(ctx context.Context) error {
	for {
		after := w.place()
		page, err := w.store.News(ctx, after, nil, newsAPiece)
		if err != nil {
			return err
		}
		var tally crm.Tally
		if len(page.List) > 0 || page.Missed {
			if tally, err = w.store.Tally(ctx); err != nil {
				return err
			}
		}
		list := make([]bulletin, len(page.List))
		for i, n := range page.List {
			if list[i], err = newBulletin(n); err != nil {
				return fmt.Errorf("write JSON: %w", err)
			}
		}
		w.publish(ctx, list, page, tally)
		if !page.More {
			return nil
		}
	}
}

// tooMany is how many of the oldest must go.
func tooMany(list []bulletin) int {
	bytes := 0
	for i := len(list) - 1; i >= 0; i-- {
		if bytes += len(list[i].whole); bytes > newsBytes || len(list)-i > newsKept {
			return i + 1
		}
	}
	return 0
}

func (w *watch) place() crm.Position {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.upto
}

// publish adds a piece; the oldest make room. A stream that has not had those asks the database.
func (w *watch) publish(ctx context.Context, list []bulletin, page crm.NewsPage, tally crm.Tally) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if ctx.Err() != nil {
		return // nobody is there any more, or somebody new, who began anew
	}
	w.upto = page.Upto
	if page.Missed {
		w.recent, w.floor = nil, page.Upto
	}
	if len(list) == 0 && !page.Missed {
		return
	}
	if !page.Missed {
		w.recent = append(w.recent, list...)
	}
	if n := tooMany(w.recent); n > 0 {
		w.floor = w.recent[n-1].At
		w.recent = slices.Clone(w.recent[n:])
	}
	w.tally = tally
	close(w.turn)
	w.turn = make(chan struct{})
}

// heard is what a stream gets.
type heard struct {
	list  []bulletin
	upto  crm.Position
	tally crm.Tally
	turn  <-chan struct{} // closed when there is more
	whole bool            // list is all that came after the place that was asked for
}

// after is what came after a place.
func (w *watch) after(at crm.Position) heard {
	w.mu.Lock()
	defer w.mu.Unlock()
	h := heard{upto: w.upto, tally: w.tally, turn: w.turn, whole: at.Intake >= w.floor.Intake && at.Change >= w.floor.Change}
	if !h.whole {
		return h
	}
	from := len(w.recent)
	for from > 0 && w.recent[from-1].after(at) {
		from--
	}
	h.list = w.recent[from:]
	return h
}
