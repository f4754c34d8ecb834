package certificate

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("net/http.(*persistConn).readLoop"), goleak.IgnoreTopFunction("net/http.(*persistConn).writeLoop"))
}

const (
	mx  = "mx.bcc.example"
	alt = "in.bcc.example"
)

// log is one that may be read while it is written.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// start runs an ACME against the authority; stop ends it.
func start(t *testing.T, ca *authority, folder string, hosts ...string) (a *ACME, l *log, stop func()) {
	t.Helper()
	l = &log{}
	a, err := NewACME(Options{Hosts: hosts, Hostname: mx, Email: "postmaster@bcc.example", Directory: ca.url("/directory"), Listen: "127.0.0.1:0",
		Folder: folder, Retry: 10 * time.Millisecond, Log: slog.New(slog.NewTextHandler(l, nil))})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Listen(t.Context()); err != nil {
		t.Fatal(err)
	}
	ca.mu.Lock()
	ca.ask = a.Addr().String()
	ca.mu.Unlock()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return a, l, stop
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for range 500 {
		if is() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("not after 5 s: %s", what)
}

// shown is the name of the certificate that a client gets who asks for name.
func shown(t *testing.T, a *ACME, name string) string {
	t.Helper()
	cert, err := a.Get(&tls.ClientHelloInfo{ServerName: name})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(cert.Leaf.DNSNames, " ")
}

func TestACMEGetsACertificateForEachHost(t *testing.T) {
	ca, folder := newAuthority(t), filepath.Join(t.TempDir(), "crm.db.acme")
	a, log, stop := start(t, ca, folder, alt, mx)
	eventually(t, "two certificates", func() bool { return strings.Count(log.String(), "a new certificate") == 2 })

	for asked, want := range map[string]string{mx: mx, alt: alt, "IN.bcc.example.": alt, "": mx, "www.bcc.example": mx} {
		if got := shown(t, a, asked); got != want {
			t.Errorf("asked for %q: got the one of %q, want that of %q", asked, got, want)
		}
	}
	cert, _ := a.Get(&tls.ClientHelloInfo{ServerName: mx})
	roots := x509.NewCertPool()
	roots.AddCert(ca.root)
	if _, err := cert.Leaf.Verify(x509.VerifyOptions{DNSName: mx, Roots: roots}); err != nil || len(cert.Certificate) != 2 || cert.Leaf.PublicKeyAlgorithm != x509.ECDSA {
		t.Errorf("got %d certificates, a key of %v, %v", len(cert.Certificate), cert.Leaf.PublicKeyAlgorithm, err)
	}
	if len(ca.contact) != 1 || ca.contact[0] != "mailto:postmaster@bcc.example" {
		t.Errorf("got the contact %q", ca.contact)
	}
	if body, err := get("http://" + a.Addr().String() + "/.well-known/acme-challenge/" + token); err != nil || !strings.Contains(body, "404") {
		t.Errorf("the answer is still there: %q, %v", body, err)
	}
	stop()

	private(t, folder, 0o700)
	for _, name := range []string{"account.pem", mx + ".pem", alt + ".pem"} {
		private(t, filepath.Join(folder, name), 0o600)
	}
	// The next start asks nobody.
	again, _, _ := start(t, ca, folder, alt, mx)
	if !again.Ready() || shown(t, again, alt) != alt {
		t.Error("what was kept is not shown after a restart")
	}
	if len(ca.orders) != 2 {
		t.Errorf("got the orders %q, want two", ca.orders)
	}
}

func private(t *testing.T, path string, want os.FileMode) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Error(err)
	} else if info.Mode().Perm() != want {
		t.Errorf("%s has the mode %v, want %v", path, info.Mode().Perm(), want)
	}
}

func TestACMEFailureIsOneLineAndTriedAgain(t *testing.T) {
	ca := newAuthority(t)
	ca.refuse = 2
	a, log, _ := start(t, ca, t.TempDir(), mx)
	eventually(t, "a certificate at the third attempt", a.Ready)
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	if len(lines) < 2 {
		t.Fatalf("got the log\n%s", log)
	}
	for _, line := range lines[:2] {
		for _, part := range []string{"level=WARN", "no certificate from the authority", "host=" + mx, "too many certificates for this host"} {
			if !strings.Contains(line, part) {
				t.Errorf("the line %q lacks %q", line, part)
			}
		}
	}
}

// TestACMEThatIsNotReached: port 80 is closed, as a rule, when somebody sets this up.
func TestACMEThatIsNotReached(t *testing.T) {
	ca := newAuthority(t)
	ca.lost = true
	a, log, _ := start(t, ca, t.TempDir(), mx)
	eventually(t, "a line that says why", func() bool { return strings.Contains(log.String(), mx+" answers nothing") })
	if _, err := a.Get(&tls.ClientHelloInfo{ServerName: mx}); err == nil || a.Ready() {
		t.Errorf("got %v, ready %t, of no certificate", err, a.Ready())
	}
	ca.mu.Lock()
	ca.lost = false
	ca.mu.Unlock()
	eventually(t, "a certificate once it is", a.Ready)
}

func TestACMERenewsWhatIsDue(t *testing.T) {
	ca, folder := newAuthority(t), t.TempDir()
	ca.life = 20 * time.Minute // of an hour and twenty minutes: less than a third is left
	_, log, stop := start(t, ca, folder, mx)
	eventually(t, "a certificate", func() bool { return strings.Contains(log.String(), "a new certificate") })
	stop()
	old, err := Kept(folder, mx)
	if err != nil {
		t.Fatal(err)
	}
	ca.mu.Lock()
	ca.life = 90 * 24 * time.Hour
	ca.mu.Unlock()
	a, log, _ := start(t, ca, folder, mx)
	if !a.Ready() {
		t.Error("the old one is not shown meanwhile")
	}
	eventually(t, "a new certificate", func() bool { return strings.Contains(log.String(), "a new certificate") })
	kept, err := Kept(folder, mx)
	if err != nil || !kept.Leaf.NotAfter.After(old.Leaf.NotAfter) || shown(t, a, "") != mx {
		t.Errorf("got %v, %v; want it to end after %v", kept.Leaf.NotAfter, err, old.Leaf.NotAfter)
	}
}

func TestACMEFolder(t *testing.T) {
	dir := t.TempDir()
	open := filepath.Join(dir, "open")
	if err := os.Mkdir(open, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(open, mx+".pem"), []byte("half of a fi"), 0o600); err != nil {
		t.Fatal(err)
	}
	l := &log{}
	o := Options{Hosts: []string{mx}, Folder: open, Log: slog.New(slog.NewTextHandler(l, nil))}
	a, err := NewACME(o)
	if err != nil || a.Ready() || !strings.Contains(l.String(), "cannot be read") {
		t.Errorf("a broken file: got %v, ready %t, log %s", err, a.Ready(), l)
	}
	private(t, open, 0o700)
	o.Folder = filepath.Join(open, mx+".pem", "below")
	if _, err := NewACME(o); err == nil {
		t.Error("a folder below a file was made")
	}
	if cert, err := Kept(dir, mx); cert != nil || err != nil {
		t.Errorf("none: got %v, %v", cert, err)
	}
}
