package main

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"blindcopy/config"
)

// certificate is the one for STARTTLS. It is read again when its files change, so that a
// renewal needs no restart.
type certificate struct {
	certFile, keyFile string
	log               *slog.Logger

	mu      sync.Mutex
	loaded  *tls.Certificate
	changed time.Time // of the files, when they were read
	looked  time.Time // at the files
}

// lookAgain is how often the files are looked at, at most.
const lookAgain = 10 * time.Second

// tlsConfig loads the certificate; nil where none is configured.
func tlsConfig(cfg *config.Config, log *slog.Logger) (*tls.Config, error) {
	files := cfg.SMTP.TLS
	if files.CertFile == "" {
		return nil, nil
	}
	c := &certificate{certFile: files.CertFile, keyFile: files.KeyFile, log: log}
	if err := c.load(time.Now()); err != nil {
		return nil, withHint(fmt.Errorf("smtp.tls: %w", err),
			"cert_file is a PEM file with the certificate and its chain, key_file one with its private key.")
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.get}, nil
}

// get is called for each handshake.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if now.Sub(c.looked) < lookAgain {
		return c.loaded, nil
	}
	c.looked = now
	if changed := c.lastChange(); changed.Equal(c.changed) || changed.IsZero() {
		return c.loaded, nil
	}
	// Half-written files are read again next time; the old certificate is good until then.
	if err := c.load(now); err != nil {
		c.log.Warn("the new certificate cannot be used, the old one stays", "err", err)
	}
	return c.loaded, nil
}

func (c *certificate) load(now time.Time) error {
	changed := c.lastChange()
	cert, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return err
	}
	c.loaded, c.changed, c.looked = &cert, changed, now
	return nil
}

// lastChange is the later of the two files' times, zero if one of them is not there.
func (c *certificate) lastChange() time.Time {
	cert, certErr := os.Stat(c.certFile)
	key, keyErr := os.Stat(c.keyFile)
	if certErr != nil || keyErr != nil {
		return time.Time{}
	}
	if key.ModTime().After(cert.ModTime()) {
		return key.ModTime()
	}
	return cert.ModTime()
}
