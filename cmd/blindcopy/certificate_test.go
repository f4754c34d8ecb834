package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// noAuthority is an ACME directory that answers nobody.
func noAuthority(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "closed for the day", http.StatusForbidden)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// extensions are the lines of the reply to EHLO.
func (s *running) extensions() (net.Conn, *bufio.Reader, string) {
	s.t.Helper()
	conn, err := net.Dial("tcp", s.smtp)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	in := bufio.NewReader(conn)
	fmt.Fprint(conn, "EHLO client.example\r\n")
	var said strings.Builder
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			s.t.Fatal(err)
		}
		if said.WriteString(line); strings.HasPrefix(line, "250 ") {
			return conn, in, said.String()
		}
	}
}

// TestServeWithoutACertificateYet: the authority is out of reach. Mail is taken in the clear meanwhile.
func TestServeWithoutACertificateYet(t *testing.T) {
	w := newWorld(t)
	w.env = append(w.env, "BLINDCOPY_SMTP_TLS_ACME="+mxHost, "BLINDCOPY_SMTP_TLS_ACME_LISTEN=127.0.0.1:0", "BLINDCOPY_SMTP_TLS_ACME_DIRECTORY="+noAuthority(t))
	s := w.serve()
	if _, _, said := s.extensions(); strings.Contains(said, "STARTTLS") {
		t.Errorf("STARTTLS is offered without a certificate:\n%s", said)
	}
	s.send(anna, w.bcc(anna), mail(anna, "ben@client.example", "Offer", "1"))
	const line = "no certificate from the authority"
	for deadline := time.Now().Add(10 * time.Second); !strings.Contains(s.stderr.String(), line) && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
	}
	if got := strings.Count(s.stderr.String(), line); got != 1 {
		t.Errorf("%d lines say %q, want one:\n%s", got, line, s.stderr)
	}
	d := w.doctor("BLINDCOPY_SMTP_LISTEN=" + s.smtp)
	wantFinding(t, "no certificate yet", d.certificate(t.Context()), "certificate warning: of "+mxHost+": none yet", "Port 80")
	wantFinding(t, "no STARTTLS yet", d.ports(t.Context()), "smtp "+s.smtp+" warning: ", "no STARTTLS", "log")
	if info, err := os.Stat(filepath.Join(w.dir, "blindcopy.db.acme")); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder of certificates: %v, %v", info, err)
	}
}

// TestServeWithAKeptCertificate: what was got before is shown at once, and TLS is 1.2 at least.
func TestServeWithAKeptCertificate(t *testing.T) {
	w := newWorld(t)
	cert, key, roots := w.certificate(certificateOf{names: []string{mxHost}, days: 90})
	folder := filepath.Join(t.TempDir(), "kept")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	var text []byte
	for _, file := range []string{key, cert} {
		part, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text = append(text, part...)
	}
	if err := os.WriteFile(filepath.Join(folder, mxHost+".pem"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	w.env = append(w.env, "BLINDCOPY_SMTP_TLS_ACME="+mxHost, "BLINDCOPY_SMTP_TLS_ACME_FOLDER="+folder, "BLINDCOPY_SMTP_TLS_ACME_LISTEN=127.0.0.1:0",
		"BLINDCOPY_SMTP_TLS_ACME_DIRECTORY="+noAuthority(t))
	s := w.serve()

	handshake := func(c *tls.Config) error {
		conn, in, said := s.extensions()
		if !strings.Contains(said, "250-STARTTLS\r\n") {
			t.Fatalf("STARTTLS is not offered:\n%s", said)
		}
		fmt.Fprint(conn, "STARTTLS\r\n")
		if line, err := in.ReadString('\n'); err != nil || !strings.HasPrefix(line, "220 ") {
			t.Fatalf("got %q, %v", line, err)
		}
		c.RootCAs = roots
		return tls.Client(conn, c).Handshake()
	}
	if err := handshake(&tls.Config{ServerName: mxHost}); err != nil {
		t.Errorf("the name it has: %v", err)
	}
	if err := handshake(&tls.Config{ServerName: mxHost, MaxVersion: tls.VersionTLS12}); err != nil {
		t.Errorf("TLS 1.2: %v", err)
	}
	if err := handshake(&tls.Config{ServerName: mxHost, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}); err == nil {
		t.Error("TLS 1.1 is taken")
	}
	var shown []string
	other := &tls.Config{ServerName: "www.client.example", InsecureSkipVerify: true, VerifyPeerCertificate: func(raw [][]byte, _ [][]*x509.Certificate) error {
		leaf, err := x509.ParseCertificate(raw[0])
		if err == nil {
			shown = leaf.DNSNames
		}
		return err
	}}
	if err := handshake(other); err != nil || len(shown) != 1 || shown[0] != mxHost {
		t.Errorf("another name: got the certificate of %q, %v; want that of %s", shown, err, mxHost)
	}

	d := w.doctor("BLINDCOPY_SMTP_LISTEN=" + s.smtp)
	d.roots = roots
	for _, want := range []string{"names ok: " + mxHost, "days left ok: 90 days", "signed by ok: Test Authority"} {
		wantFinding(t, "kept", d.certificate(t.Context()), want)
	}
	wantFinding(t, "shown", d.ports(t.Context()), "smtp "+s.smtp+" ok: TLS 1.3")
}
