package smtpd

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"blindcopy/crm"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// scriptedInbox plays the linker. The local part of a forward path says how Resolve ends,
// and the local part of the reverse path how Take does.
type scriptedInbox struct {
	mu       sync.Mutex
	messages []*crm.Inbound
	resolved []string

	entered chan struct{} // told when Take of slow@ begins
	release chan struct{} // closed to let it go on
}

func (b *scriptedInbox) Resolve(_ context.Context, path string) (crm.Recipient, error) {
	b.mu.Lock()
	b.resolved = append(b.resolved, path)
	b.mu.Unlock()
	local, domain, _ := strings.Cut(path, "@")
	if domain != "bcc.example" {
		return crm.Recipient{}, crm.ErrForeignDomain
	}
	switch strings.ToLower(local) {
	case "unknown", "disabled":
		return crm.Recipient{}, fmt.Errorf("resolve %q: %w", path, crm.ErrUnknownRecipient)
	case "revoked":
		return crm.Recipient{}, crm.ErrRevokedRecipient
	case "locked":
		return crm.Recipient{}, errors.New("database is locked")
	case "panic":
		panic("resolve")
	}
	return crm.Recipient{Path: path, Address: crm.Address(strings.ToLower(path))}, nil
}

func (b *scriptedInbox) Take(ctx context.Context, in *crm.Inbound) (crm.Receipt, error) {
	switch local, _, _ := strings.Cut(in.MailFrom, "@"); local {
	case "locked":
		return crm.Receipt{}, errors.New("database is locked")
	case "busy":
		return crm.Receipt{}, fmt.Errorf("record: %w", crm.ErrBusy)
	case "nospace":
		return crm.Receipt{}, fmt.Errorf("record: %w", crm.ErrNoSpace)
	case "stale":
		return crm.Receipt{}, crm.ErrStale
	case "disabled":
		return crm.Receipt{}, crm.ErrUnknownRecipient
	case "panic":
		panic("take")
	case "slow":
		b.entered <- struct{}{}
		select {
		case <-b.release:
		case <-ctx.Done():
			return crm.Receipt{}, ctx.Err()
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.messages = append(b.messages, in)
	return crm.Receipt{ID: in.ID, Verdict: crm.Filed, Why: "filed on Ünal's\r\ntimeline", Codes: []crm.Code{crm.ContactByAddress}}, nil
}

func (b *scriptedInbox) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.messages)
}

func (b *scriptedInbox) last() *crm.Inbound {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.messages) == 0 {
		return &crm.Inbound{}
	}
	return b.messages[len(b.messages)-1]
}

func paths(in *crm.Inbound) string {
	var p []string
	for _, r := range in.Recipients {
		p = append(p, r.Path)
	}
	return strings.Join(p, " ")
}

// memorySpool keeps a body in memory, and is full at a body that says "disk full".
type memorySpool struct{ bytes.Buffer }

func (m *memorySpool) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte("disk full")) {
		return 0, fmt.Errorf("write: %w", crm.ErrNoSpace)
	}
	return m.Buffer.Write(p)
}

func (m *memorySpool) Finish() (crm.Raw, error) {
	if bytes.Contains(m.Bytes(), []byte("no fsync")) {
		return crm.Raw{}, errors.New("fsync: input/output error")
	}
	return crm.Raw{Bytes: m.Bytes()}, nil
}

func (m *memorySpool) Discard() {}

func testOptions(t *testing.T) Options {
	t.Helper()
	var ids atomic.Int64
	return Options{
		Listen:   []string{"127.0.0.1:0"},
		Hostname: "mx.bcc.example",
		Domain:   "bcc.example",
		Trusted:  []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		NewSpool: func() Spool { return &memorySpool{} },
		NewID:    func() crm.IntakeID { return crm.IntakeID(fmt.Sprintf("ID%d", ids.Add(1))) },
	}
}

// serve runs a server until the test ends, or until stop is called.
func serve(t *testing.T, inbox Inbox, o Options) *Server {
	t.Helper()
	s, _ := serveUntil(t, inbox, o)
	return s
}

func serveUntil(t *testing.T, inbox Inbox, o Options) (s *Server, stop func() error) {
	t.Helper()
	if o.DrainTimeout == 0 {
		o.DrainTimeout = time.Second
	}
	s, err := New(inbox, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Listen(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	stop = sync.OnceValue(func() error {
		cancel()
		return <-done
	})
	t.Cleanup(func() { _ = stop() })
	return s, stop
}

// testTLS is a certificate that signs itself.
func testTLS(t *testing.T) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "mx.bcc.example"},
		NotAfter:     time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}
