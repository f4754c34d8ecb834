package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"golang.org/x/time/rate"

	"blindcopy/crm"
)

// eventStream is the type of an answer that does not end (HTML standard, 9.2 server-sent events).
const eventStream = "text/event-stream"

// Times of a stream.
const (
	streamBeat    = 20 * time.Second // a comment, before a proxy thinks that nobody is there
	streamLife    = time.Hour        // then he has to come back, and show who he is
	streamTrust   = time.Second      // as long a stream believes that its user still may, while there is news
	streamComeIn  = 3 * time.Second  // how long a browser waits before it comes back
	streamCatchUp = 200              // mails that are read at once for somebody who has come back
)

// apiEvents answers with what happens from now on, or from the event that the client had last.
func (s *Server) apiEvents(r *request) (answer, error) {
	id := r.Header.Get("Last-Event-ID")
	if id == "" {
		id = r.query("after")
	}
	st := &stream{s: s, r: r, fresh: id == "", waiting: -1, own: make(chan event, 16), pace: rate.NewLimiter(s.watch.pace, s.watch.burst)}
	if st.fresh {
		return st, nil
	}
	at, ok, err := s.places.open(r.Context(), id)
	st.at, st.lost = at, !ok
	return st, err
}

// stream is one client who listens.
type stream struct {
	s       *Server
	r       *request
	at      crm.Position // up to here it was told
	fresh   bool         // it begins now
	lost    bool         // it must be told that it may have missed something: nobody knows where it was, or it is too much
	waiting int          // for review, as it was told last; -1 is not yet
	own     chan event   // what is for its user alone, and forgotten at once

	pace    *rate.Limiter
	trusted time.Time // when it was last looked whether the user still may
	w       http.ResponseWriter
	rc      *http.ResponseController
	out     bytes.Buffer
}

func (st *stream) send(s *Server, w http.ResponseWriter, r *request) error {
	if err := s.watch.join(r.Context(), r.user.ID, st.own); err != nil {
		return err
	}
	defer s.watch.leave(r.user.ID, st.own)
	h := w.Header()
	h.Set("Content-Type", eventStream)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx and those who read its fields: pass each event on at once
	if r.Method == http.MethodHead {
		return nil
	}
	st.w, st.rc = w, http.NewResponseController(w)
	_ = st.rc.SetReadDeadline(time.Time{}) // that of the server is for forms; nothing more comes here
	st.trusted = time.Now()
	fmt.Fprintf(&st.out, "retry: %d\n\n", streamComeIn.Milliseconds())
	if err := st.follow(); err != nil && r.Context().Err() == nil && !errors.Is(err, errStreamOver) {
		s.Log.Debug("web: a stream of events ended", "user", string(r.user.Email), "err", err)
	}
	return nil // the first byte is out
}

// errStreamOver ends a stream whose user may not listen any more.
var errStreamOver = errors.New("the stream is over")

// follow tells what happens until somebody has enough.
func (st *stream) follow() error {
	ctx := st.r.Context()
	beat, life := time.NewTicker(streamBeat), time.After(streamLife)
	defer beat.Stop()
	for {
		turn, err := st.round(ctx)
		if err != nil {
			return err
		}
		select {
		case <-turn:
			continue
		case e := <-st.own:
			if err := st.stillMay(ctx); err != nil {
				return err
			}
			fmt.Fprintf(&st.out, "event: %s\ndata: %s\n\n", e.name, e.data) // without an id: it does not come again
		case <-beat.C:
			st.out.WriteString(": still here\n\n")
		case <-ctx.Done():
			return ctx.Err()
		case <-st.s.watch.end:
			return nil
		case <-life:
			return nil
		}
	}
}

// round writes what came since the last one. turn is closed when there is more.
func (st *stream) round(ctx context.Context) (turn <-chan struct{}, err error) {
	h := st.s.watch.after(st.at)
	if st.fresh || st.lost {
		st.at, h.list, h.whole = h.upto, nil, true
	}
	if st.waiting != st.r.viewer.Waiting(h.tally) || len(h.list) > 0 || !h.whole {
		if err := st.stillMay(ctx); err != nil {
			return nil, err
		}
	}
	if !h.whole {
		if err := st.catchUp(ctx); err != nil {
			return nil, err
		}
		h = st.s.watch.after(st.at)
	}
	if err := st.tell(ctx, h.list); err != nil {
		return nil, err
	}
	st.at = st.at.Later(h.upto)
	if st.lost && st.pace.Allow() { // else with the next beat
		st.lost = false
		if err := st.event(ctx, "reset", apiEventReset{Why: "Not all that happened is told: read the lists again."}); err != nil {
			return nil, err
		}
	}
	st.fresh = false
	if n := st.r.viewer.Waiting(h.tally); n != st.waiting {
		st.waiting = n
		if err := st.event(ctx, "review", apiEventReview{Count: n}); err != nil {
			return nil, err
		}
	}
	return h.turn, st.flush()
}

// catchUp reads what the watch has not kept: after a break, or where the client reads more slowly than mail comes.
func (st *stream) catchUp(ctx context.Context) error {
	for more := true; more && !st.lost; {
		page, err := st.s.Store.News(ctx, st.at, &st.r.viewer, streamCatchUp)
		if err != nil {
			return err
		}
		list := make([]bulletin, len(page.List))
		for i, n := range page.List {
			if list[i], err = newBulletin(n); err != nil {
				return err
			}
		}
		if err := st.tell(ctx, list); err != nil {
			return err
		}
		st.at, more = page.Upto, page.More
		st.lost = st.lost || page.Missed
	}
	return nil
}

// tell writes what of the news the user may see. Where that is more than a client can follow, it says later that there was more.
func (st *stream) tell(ctx context.Context, list []bulletin) error {
	for _, b := range list {
		st.at = st.at.Later(b.At)
		events, err := b.events(st.r.viewer)
		if err != nil {
			return err
		}
		for _, e := range events {
			if st.lost = st.lost || !st.pace.Allow(); st.lost {
				return nil
			}
			if err := st.write(ctx, e.name, e.data); err != nil {
				return err
			}
		}
	}
	return nil
}

func (st *stream) event(ctx context.Context, name string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return st.write(ctx, name, data)
}

// write adds an event. JSON has no line breaks, so that its data is one line.
func (st *stream) write(ctx context.Context, name string, data []byte) error {
	const full = 64 << 10
	id, err := st.s.places.seal(ctx, st.at)
	if err != nil {
		return err
	}
	fmt.Fprintf(&st.out, "event: %s\nid: %s\ndata: %s\n\n", name, id, data)
	if st.out.Len() < full {
		return nil
	}
	return st.flush()
}

// flush sends what was written. It waits for a slow reader, but not for long.
func (st *stream) flush() error {
	if st.out.Len() == 0 {
		return nil
	}
	if err := st.rc.SetWriteDeadline(time.Now().Add(st.s.watch.patience)); err != nil {
		return err
	}
	if _, err := st.out.WriteTo(st.w); err != nil {
		return err
	}
	return st.rc.Flush()
}

// stillMay looks again who listens: a token is revoked, a session ended and a user disabled while a stream is open.
func (st *stream) stillMay(ctx context.Context) error {
	if time.Since(st.trusted) < streamTrust {
		return nil
	}
	u, err := st.r.again(ctx)
	if err != nil {
		return err
	}
	st.trusted, st.r.user, st.r.viewer = time.Now(), u, crm.ViewerOf(u)
	return nil
}

// again is who sent a request, as it is now; errStreamOver for nobody.
func (r *request) again(ctx context.Context) (u crm.User, err error) {
	if token, sent := bearer(r.Request); sent {
		u, err = r.s.Store.UserOfAPIToken(ctx, token)
	} else {
		var ok bool
		_, ok, err = r.s.Store.WebSession(ctx, crm.Secret(r.s.sessions.Token(ctx)).Hash())
		if err == nil && !ok {
			return u, errStreamOver
		}
		if err == nil {
			u, err = r.s.Store.UserByID(ctx, r.user.ID)
		}
	}
	if errors.Is(err, crm.ErrNotFound) || err == nil && !u.Active {
		err = errStreamOver
	}
	return u, err
}
