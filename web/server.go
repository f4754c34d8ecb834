package web

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
)

// Options of a Server. Now and Log may be left out. /healthz, /readyz and /metrics are not here: cmd serves them beside
// us, without sessions.
type Options struct {
	Store     Store
	Office    Office
	PublicURL string // what people type to reach us; https makes cookies secure
	Version   string
	Log       *slog.Logger
	Now       func() time.Time

	DealStages []string // the columns of the board of deals, in their order; other stages follow
}

// Server is all pages. It is an http.Handler.
type Server struct {
	Options
	public      *url.URL
	assets      *assets
	templates   *templates
	sessions    *scs.SessionManager
	passwords   *passwords
	limits      *limits
	zones       *zones
	desk        desk
	imports     *imports
	invitations *invitations
	places      *places
	watch       *watch
	handler     http.Handler
}

// New prepares the pages: templates are read and assets compressed here, so that nothing of it can fail later.
func New(o Options) (*Server, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Server{Options: o, passwords: newPasswords(runtime.GOMAXPROCS(0)), limits: newLimits(o.Now), zones: &zones{}, imports: newImports(o.Now), invitations: newInvitations(o.Now)}
	s.places, s.watch = &places{store: o.Store, now: o.Now}, newWatch(o.Store, o.Log)
	var err error
	if s.public, err = url.Parse(o.PublicURL); err != nil {
		return nil, fmt.Errorf("web.public_url: %w", err)
	}
	if s.assets, err = readAssets(); err != nil {
		return nil, err
	}
	if s.templates, err = readTemplates(s.assets); err != nil {
		return nil, err
	}
	s.sessions = newSessions(o.Store, s.secure())
	if s.handler, err = s.chain(s.routes()); err != nil {
		return nil, err
	}
	return s, nil
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Close ends the streams of events, at once. Whoever shuts the HTTP server down calls it first: a stream would keep it
// waiting. What comes later is refused.
func (s *Server) Close() { s.watch.close() }

// secure tells whether people reach us by https only.
func (s *Server) secure() bool { return s.public.Scheme == "https" }

// Link is the whole address of a page such as /setup, for links that leave the browser.
func (s *Server) Link(path string) string { return strings.TrimSuffix(s.PublicURL, "/") + path }
