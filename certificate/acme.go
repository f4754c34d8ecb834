package certificate

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Options of an ACME.
type Options struct {
	Hosts     []string // what certificates are for, one each; lower-case, at least one
	Hostname  string   // whose certificate a client gets that asks for another name, or for none
	Email     string   // where the authority may write to; may be empty
	Directory string   // URL of the authority (RFC 8555 §7.1.1)
	Listen    string   // host:port where its question is answered; it asks at port 80
	Folder    string   // of certificates and keys; made with mode 0700

	Client *http.Client // nil: http.DefaultClient
	Log    *slog.Logger
	Retry  time.Duration // after a first failure; 0: 5 min. It doubles up to 6 h: authorities count failures
}

const (
	firstRetry = 5 * time.Minute
	lastRetry  = 6 * time.Hour
	checkEvery = time.Hour // whether a certificate is due
	orderTime  = 5 * time.Minute
)

// ACME gets a certificate for each host from an authority, which looks whether we are that host (HTTP-01, RFC 8555
// §8.3), keeps it in a folder, and renews it when a third of its life is left.
type ACME struct {
	opts     Options
	folder   folder
	listener net.Listener

	mu      sync.Mutex
	certs   map[string]*tls.Certificate // by host
	answers map[string]string           // to the question at that path
}

// NewACME reads what is in the folder. It asks nobody: Run does.
func NewACME(o Options) (*ACME, error) {
	if o.Retry == 0 {
		o.Retry = firstRetry
	}
	a := &ACME{opts: o, folder: folder(o.Folder), certs: map[string]*tls.Certificate{}, answers: map[string]string{}}
	if err := a.folder.make(); err != nil {
		return nil, err
	}
	for _, host := range o.Hosts {
		cert, err := a.folder.certificate(host)
		if err != nil {
			o.Log.Warn("a certificate cannot be read, another will be asked for", "host", host, "err", err)
		}
		if cert != nil {
			a.certs[host] = cert
		}
	}
	return a, nil
}

// Listen binds the address at which the authority's question is answered.
func (a *ACME) Listen(ctx context.Context) (err error) {
	a.listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", a.opts.Listen)
	return err
}

// Addr is where it listens.
func (a *ACME) Addr() net.Addr { return a.listener.Addr() }

// Ready tells whether there is a certificate to show. An expired one counts: most servers encrypt without
// looking (RFC 7435), and none is worse.
func (a *ACME) Ready() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.certs) > 0
}

// Get picks the certificate of the name that the client asks for (SNI), else that of Hostname, else any. It is meant
// for tls.Config, and never waits for the authority.
func (a *ACME) Get(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	asked := strings.ToLower(strings.TrimSuffix(hello.ServerName, "."))
	for _, host := range append([]string{asked, a.opts.Hostname}, a.opts.Hosts...) {
		if cert := a.certs[host]; cert != nil {
			return cert, nil
		}
	}
	return nil, errors.New("there is no certificate yet")
}

// Run answers the authority's questions and keeps the certificates fresh until ctx is done. Failing to get one
// is logged and tried again, later each time.
func (a *ACME) Run(ctx context.Context) error {
	const patience = 10 * time.Second
	server := &http.Server{Handler: a, ReadTimeout: patience, WriteTimeout: patience, MaxHeaderBytes: 16 << 10}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(a.listener) }) // until it is closed
	defer serving.Wait()
	defer server.Close()

	for failures := 0; ; {
		wait := checkEvery
		if a.renew(ctx) {
			failures = 0
		} else {
			wait = min(a.opts.Retry<<min(failures, 10), lastRetry)
			failures++
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
	}
}

// renew gets the certificates that are due. It returns false if one of them could not be had.
func (a *ACME) renew(ctx context.Context) bool {
	all := true
	for _, host := range a.opts.Hosts {
		if !a.due(host, time.Now()) {
			continue
		}
		cert, err := a.obtain(ctx, host)
		switch {
		case ctx.Err() != nil:
			return false
		case err != nil:
			all = false
			a.opts.Log.Warn("no certificate from the authority", "host", host, "directory", a.opts.Directory, "err", strings.Join(strings.Fields(err.Error()), " "))
		default:
			a.opts.Log.Info("a new certificate", "host", host, "until", cert.Leaf.NotAfter)
		}
	}
	return all
}

// due: a third of its life is left, as authorities advise, or there is none.
func (a *ACME) due(host string, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	cert := a.certs[host]
	if cert == nil {
		return true
	}
	life := cert.Leaf.NotAfter.Sub(cert.Leaf.NotBefore)
	return cert.Leaf.NotAfter.Sub(now) < life/3
}

// obtain gets a certificate, keeps it and shows it from now on.
func (a *ACME) obtain(ctx context.Context, host string) (*tls.Certificate, error) {
	ctx, cancel := context.WithTimeout(ctx, orderTime)
	defer cancel()
	text, err := a.order(ctx, host)
	if err != nil {
		return nil, err
	}
	cert, err := parse(text, host)
	if err != nil {
		return nil, fmt.Errorf("the authority's certificate: %w", err)
	}
	a.mu.Lock()
	a.certs[host] = cert
	a.mu.Unlock()
	if err := a.folder.keep(host, text); err != nil {
		return cert, fmt.Errorf("in use, and lost at the next restart: %w", err)
	}
	return cert, nil
}

// ServeHTTP answers the authority, and nobody else.
func (a *ACME) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	answer, asked := a.answers[r.URL.Path]
	a.mu.Unlock()
	if !asked {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/plain")
	_, _ = w.Write([]byte(answer)) // whoever asked has gone
}
