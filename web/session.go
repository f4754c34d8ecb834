package web

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"

	"blindcopy/crm"
)

// A session ends after idleFor without a page, and after lifetime whatever happens. When it was last used is noted
// once in seenEvery: a page that is only read costs the database no write.
const (
	lifetime  = 30 * 24 * time.Hour
	idleFor   = 7 * 24 * time.Hour
	seenEvery = time.Hour
)

// Keys of what a session holds.
const (
	keyUser  = "user"
	keySeen  = "seen"
	keyFlash = "flash"
)

// sessions are kept in the database, so that a restart signs nobody out.
type sessions interface {
	WebSession(ctx context.Context, token crm.SecretHash) (data []byte, ok bool, err error)
	SaveWebSession(ctx context.Context, token crm.SecretHash, data []byte, user crm.UserID, expires time.Time) error
	EndWebSession(ctx context.Context, token crm.SecretHash) error
	EndWebSessions(ctx context.Context, user crm.UserID) error
}

func newSessions(keep sessions, secure bool) *scs.SessionManager {
	m := scs.New()
	m.Lifetime = lifetime
	m.Cookie.Name = "blindcopy"
	if secure {
		m.Cookie.Name = "__Host-blindcopy" // only set over https, by this host, for all of it
	}
	m.Cookie.Secure = secure
	m.Store = sessionStore{keep, m.Codec}
	return m
}

// sessionStore joins scs with our table: it keeps the hash of a token, and beside the data whose session it is.
type sessionStore struct {
	keep  sessions
	codec scs.Codec
}

var errNoContext = errors.New("sessions: called without a context")

// Find, Commit and Delete are of the interface, and never called: scs prefers those with a context.
func (sessionStore) Find(string) ([]byte, bool, error)      { return nil, false, errNoContext }
func (sessionStore) Commit(string, []byte, time.Time) error { return errNoContext }
func (sessionStore) Delete(string) error                    { return errNoContext }

func (st sessionStore) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	return st.keep.WebSession(ctx, crm.Secret(token).Hash())
}

func (st sessionStore) CommitCtx(ctx context.Context, token string, data []byte, expires time.Time) error {
	_, values, err := st.codec.Decode(data)
	if err != nil {
		return fmt.Errorf("read our own session: %w", err)
	}
	user, _ := values[keyUser].(int64)
	return st.keep.SaveWebSession(ctx, crm.Secret(token).Hash(), data, crm.UserID(user), expires)
}

func (st sessionStore) DeleteCtx(ctx context.Context, token string) error {
	return st.keep.EndWebSession(ctx, crm.Secret(token).Hash())
}

// signedInUser is whose session it is; the zero User where there is none, it is over, or the user may no longer.
func (s *Server) signedInUser(ctx context.Context) (crm.User, error) {
	id := crm.UserID(s.sessions.GetInt64(ctx, keyUser))
	if id == 0 {
		return crm.User{}, nil
	}
	now, seen := s.Now(), time.Unix(s.sessions.GetInt64(ctx, keySeen), 0)
	if now.Sub(seen) > idleFor {
		return crm.User{}, s.sessions.Destroy(ctx)
	}
	u, err := s.Store.UserByID(ctx, id)
	switch {
	case errors.Is(err, crm.ErrNotFound) || err == nil && !u.Active:
		return crm.User{}, s.sessions.Destroy(ctx)
	case err != nil:
		return crm.User{}, err
	}
	if now.Sub(seen) > seenEvery {
		s.sessions.Put(ctx, keySeen, now.Unix())
	}
	return u, nil
}

// enterAs begins the session of a user. The token is a new one: one that somebody planted before is worth nothing.
func (r *request) enterAs(u crm.User) error {
	m, ctx := r.s.sessions, r.Context()
	if err := m.RenewToken(ctx); err != nil {
		return fmt.Errorf("begin a session: %w", err)
	}
	m.Put(ctx, keyUser, int64(u.ID))
	m.Put(ctx, keySeen, r.s.Now().Unix())
	return nil
}

// flashed is a word about what was just done.
type flashed struct {
	Done     bool
	Text     string
	Warnings []string
}

// flash keeps a word for the next page. What follows on further lines are warnings.
func (r *request) flash(done bool, text string) {
	mark := "-"
	if done {
		mark = "+"
	}
	r.s.sessions.Put(r.Context(), keyFlash, mark+text)
}

// flashed takes the word off the session; nil where there is none.
func (r *request) flashed() *flashed {
	m, ctx := r.s.sessions, r.Context()
	if !m.Exists(ctx, keyFlash) {
		return nil
	}
	lines := strings.Split(m.PopString(ctx, keyFlash), "\n")
	return &flashed{Done: lines[0][0] == '+', Text: lines[0][1:], Warnings: lines[1:]}
}
