// Package certificate has the certificates that STARTTLS shows: from two files that somebody else renews
// (Files), or got and renewed by ACME, RFC 8555 (ACME).
//
// Neither makes a handshake wait: what is shown is in memory, and what is newer is looked for beside it. A failure
// to get a new one leaves the old one in use.
package certificate

import (
	"crypto/tls"
	"log/slog"
	"os"
	"sync"
	"time"
)

// Files is the certificate in two PEM files. They are read again when they change, so that a renewal needs no restart.
type Files struct {
	certFile, keyFile string
	log               *slog.Logger

	mu      sync.Mutex
	loaded  *tls.Certificate
	changed time.Time // of the files, when they were read
	looked  time.Time // at the files
}

// lookAgain is how often the files are looked at, at most.
const lookAgain = 10 * time.Second

// OpenFiles reads a certificate with its chain, and its private key.
func OpenFiles(certFile, keyFile string, log *slog.Logger) (*Files, error) {
	f := &Files{certFile: certFile, keyFile: keyFile, log: log}
	return f, f.load(time.Now())
}

// Get returns the certificate, whatever name the client asks for. It is meant for tls.Config.
func (f *Files) Get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now()
	if now.Sub(f.looked) < lookAgain {
		return f.loaded, nil
	}
	f.looked = now
	if changed := f.lastChange(); changed.Equal(f.changed) || changed.IsZero() {
		return f.loaded, nil
	}
	// Half-written files are read again next time; the old certificate is good until then.
	if err := f.load(now); err != nil {
		f.log.Warn("the new certificate cannot be used, the old one stays", "err", err)
	}
	return f.loaded, nil
}

func (f *Files) load(now time.Time) error {
	changed := f.lastChange()
	cert, err := tls.LoadX509KeyPair(f.certFile, f.keyFile)
	if err != nil {
		return err
	}
	f.loaded, f.changed, f.looked = &cert, changed, now
	return nil
}

// lastChange is the later of the two files' times, zero if one of them is not there.
func (f *Files) lastChange() time.Time {
	cert, certErr := os.Stat(f.certFile)
	key, keyErr := os.Stat(f.keyFile)
	if certErr != nil || keyErr != nil {
		return time.Time{}
	}
	if key.ModTime().After(cert.ModTime()) {
		return key.ModTime()
	}
	return cert.ModTime()
}
