package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"blindcopy/smtpd"
)

// health is the HTTP server: it says whether all is well, and has the pages.
type health struct {
	listener net.Listener
	pages    http.Handler                       // nil has none
	reasons  func(ctx context.Context) []string // why mail cannot be taken; none if it can
	metrics  http.Handler
	stopping atomic.Bool
}

// state is the answer of /healthz and /readyz.
type state struct {
	Status  string   `json:"status"` // ok, ready or not ready
	Reasons []string `json:"reasons"`
}

// listenHealth binds the address.
func listenHealth(ctx context.Context, address string, reasons func(context.Context) []string, metrics http.Handler) (*health, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, withHint(fmt.Errorf("web.listen %s: %w", address, err), "Set web.listen to another address, or to none.")
	}
	return &health{listener: l, reasons: reasons, metrics: metrics}, nil
}

// addr is where it listens.
func (h *health) addr() string { return h.listener.Addr().String() }

// routes is the site map.
func (h *health) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", h.healthz)
	mux.HandleFunc("GET /readyz", h.readyz)
	mux.Handle("GET /metrics", h.metrics)
	if h.pages != nil {
		mux.Handle("/", h.pages)
	}
	return mux
}

// healthz: the process lives. It says nothing of the database, for a restart heals none.
func (h *health) healthz(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, state{Status: "ok"})
}

// readyz: mail can be taken.
func (h *health) readyz(w http.ResponseWriter, r *http.Request) {
	const patience = 2 * time.Second
	if h.stopping.Load() {
		answer(w, http.StatusServiceUnavailable, state{"not ready", []string{"stopping"}})
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	if reasons := h.reasons(ctx); len(reasons) > 0 {
		answer(w, http.StatusServiceUnavailable, state{"not ready", reasons})
		return
	}
	answer(w, http.StatusOK, state{Status: "ready"})
}

func answer(w http.ResponseWriter, code int, s state) {
	s.Reasons = orEmpty(s.Reasons)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(s) // whoever asked has gone
}

// run serves until ctx is done.
func (h *health) run(ctx context.Context) error {
	const patience = time.Second
	// A file goes up, or a large attachment down, over a line as slow as a telephone's; a page that takes longer says so.
	server := &http.Server{Handler: h.routes(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 2 * time.Minute,
		WriteTimeout: 2 * time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10}
	if pages, ok := h.pages.(interface{ Close() }); ok {
		server.RegisterOnShutdown(pages.Close) // streams of events end by themselves never
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(h.listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		_ = server.Close() // a client that will not let go has no claim on us
	}
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// drains wraps the SMTP server's Run: from the moment it stops, we are not ready.
func (h *health) drains(server *smtpd.Server) func(context.Context) error {
	return func(ctx context.Context) error {
		defer context.AfterFunc(ctx, func() { h.stopping.Store(true) })()
		return server.Run(ctx)
	}
}
