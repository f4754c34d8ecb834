package smtpd

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"blindcopy/crm"
)

func TestConnectionCaps(t *testing.T) {
	loopback := []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
	tests := map[string]struct {
		perIP, total   int
		trusted, relay []netip.Prefix
		second         string
	}{
		"per address":                          {perIP: 1, second: "421 4.3.2 *"},
		"per address, a trusted network":       {perIP: 1, trusted: loopback, second: "220 *"},
		"per address, a relay":                 {perIP: 1, relay: loopback, second: "220 *"},
		"in all":                               {total: 1, second: "421 4.3.2 *"},
		"in all, a trusted network":            {total: 1, trusted: loopback, second: "220 *"},
		"in all, a relay":                      {total: 1, relay: loopback, second: "220 *"},
		"neither":                              {second: "220 *"},
		"per address, some other address ours": {perIP: 1, relay: []netip.Prefix{netip.MustParsePrefix("127.0.0.2/32")}, second: "421 4.3.2 *"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := testOptions(t)
			o.MaxPerIP, o.MaxConnections, o.Trusted, o.Relay = test.perIP, test.total, test.trusted, test.relay
			s := serve(t, &scriptedInbox{}, o)
			first := &dialog{t: t, addr: s.Addrs()[0].String()}
			first.run("EHLO c", "250 SIZE *")
			second := &dialog{t: t, addr: first.addr}
			if err := errors.Join(second.open(), second.expect(test.second)); err != nil {
				t.Error(err)
			}
			// Who leaves makes room.
			first.run("QUIT", "221 *")
			_ = first.conn.Close()
			_ = second.conn.Close()
			for range 100 {
				if s.Stats().Open == 0 {
					break
				}
				time.Sleep(10 * time.Millisecond)
			}
			third := &dialog{t: t, addr: first.addr}
			third.run("EHLO c", "250 SIZE *")
		})
	}
}

func TestProxyProtocol(t *testing.T) {
	o := testOptions(t)
	o.Proxy = o.Trusted
	o.Trusted = []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")}
	o.MaxPerIP = 1
	o.ReadTimeout = 500 * time.Millisecond
	inbox := &scriptedInbox{}
	s := serve(t, inbox, o)

	d := &dialog{t: t, addr: s.Addrs()[0].String()}
	if err := d.step("C: PROXY TCP4 198.51.100.7 127.0.0.1 40000 25"); err != nil {
		t.Fatal(err)
	}
	if err := d.expect("220 *"); err != nil {
		t.Fatal(err)
	}
	d.run(envelope+"\r\nDATA", "354 *", "x\r\n.", "250 2.0.0 ID1 filed*")
	if got := inbox.last().Remote.String(); got != "198.51.100.7" {
		t.Errorf("got the remote address %s, want the one of the header", got)
	}
	for _, c := range []struct{ from, want string }{{"2001:db8::1", "220 *"}, {"2001:db8::2", "421 4.3.2 *"}, {"2001:db8:0:1::1", "220 *"}} {
		other := &dialog{t: t, addr: d.addr}
		if err := errors.Join(other.step("C: PROXY TCP6 "+c.from+" ::1 40000 25"), other.expect(c.want)); err != nil {
			t.Errorf("one connection for each /64, from %s: %v", c.from, err)
		}
	}
	silent := &dialog{t: t, addr: d.addr}
	if err := errors.Join(silent.step("C: EHLO c"), silent.expectClosed()); err != nil {
		t.Errorf("without a header: %v", err)
	}
}

func TestUnixSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lmtp.sock")
	o := testOptions(t)
	o.Listen, o.LMTP = nil, path
	// One that a killed program left behind.
	stale, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	stale.SetUnlinkOnClose(false)
	_ = stale.Close()

	inbox := &scriptedInbox{}
	s, stop := serveUntil(t, inbox, o)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o660 {
		t.Errorf("got the mode %v, %v; want 0660", info.Mode(), err)
	}
	c, err := net.Dial("unix", s.Addrs()[0].String())
	if err != nil {
		t.Fatal(err)
	}
	d := &dialog{t: t}
	d.use(c)
	// What a mail server in front passes on is not its own guessing, and not its own mail.
	if err := d.expect("220 * LMTP *"); err != nil {
		t.Fatal(err)
	}
	d.run("LHLO mx", "250 SIZE *", "MAIL FROM:<a@example.com>"+strings.Repeat("\r\nRCPT TO:<unknown@bcc.example>", 9)+
		"\r\nRCPT TO:<anna@bcc.example>\r\nDATA", "354 *", "x\r\n.", "250 2.0.0 ID1 accepted", "QUIT", "221 *")
	if m := inbox.last(); m.Via != crm.ViaLMTP || m.Trusted || m.Remote.IsValid() {
		t.Errorf("got %+v", m)
	}
	_ = c.Close()

	other, err := New(inbox, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Listen(t.Context()); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("a second server on the same socket: got %v, want one that says in use", err)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket is still there: %v", err)
	}
}

func TestListenSaysWhatToDo(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	file := filepath.Join(t.TempDir(), "precious")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	address := taken.Addr().String()
	_, port, _ := net.SplitHostPort(address)

	test := func(o Options, want, hint string) {
		t.Helper()
		o.NewSpool, o.NewID = testOptions(t).NewSpool, testOptions(t).NewID
		s, err := New(&scriptedInbox{}, o)
		if err != nil {
			t.Fatal(err)
		}
		err = s.Listen(t.Context())
		var le *ListenError
		if !errors.As(err, &le) || !strings.Contains(le.Error(), want) || !strings.Contains(le.Hint(), hint) {
			t.Errorf("got %v, want it to say %q with the hint %q", err, want, hint)
		}
		if len(s.Addrs()) != 0 {
			t.Errorf("still bound: %v", s.Addrs())
		}
	}
	test(Options{Listen: []string{"127.0.0.1:0", address}}, "cannot listen on "+address+": the address is in use", "sport = :"+port)
	test(Options{Listen: []string{"192.0.2.1:0"}}, "no such address", "ip address")
	test(Options{LMTP: file}, "not a socket", "")
	if _, err := os.Stat(file); err != nil {
		t.Errorf("the file is gone: %v", err)
	}
}
