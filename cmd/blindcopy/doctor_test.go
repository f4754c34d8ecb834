package main

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/foxcpp/go-mockdns"
)

// doctor examines the world, with DNS and authorities of the test.
func (w *world) doctor(env ...string) *doctor {
	w.t.Helper()
	all := w.env
	for _, entry := range env { // the later one replaces
		name, _, _ := strings.Cut(entry, "=")
		all = append(all.without(name+"="), entry)
	}
	a := newApp(all, strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{})
	a.configFile = w.file()
	cfg, err := a.config()
	if err != nil {
		w.t.Fatal(err)
	}
	d := a.newDoctor(cfg)
	d.resolver, d.policies = &mockdns.Resolver{Zones: goodZones()}, policyAt(goodPolicy)
	return d
}

// wantFinding looks for a line that begins with start and holds the parts.
func wantFinding(t *testing.T, rule string, list []finding, start string, parts ...string) {
	t.Helper()
	if got := findingLines(list); !hasLine(got, start, parts...) {
		t.Errorf("%s: no line %q with %q:\n%s", rule, start, parts, strings.Join(got, "\n"))
	}
}

func TestDoctorOfAHealthyServer(t *testing.T) {
	w := newWorld(t)
	cert, key, roots := w.certificate(certificateOf{names: []string{mxHost}, days: 60})
	w.env = append(w.env, "BLINDCOPY_SMTP_TLS_CERT_FILE="+cert, "BLINDCOPY_SMTP_TLS_KEY_FILE="+key)
	s := w.serve()
	d := w.doctor("BLINDCOPY_SMTP_LISTEN="+s.smtp, "BLINDCOPY_WEB_LISTEN="+s.web)
	d.roots = roots
	list := d.examine(t.Context())
	for _, f := range list {
		if f.Status != statusOK && f.Check != "port 25" {
			t.Errorf("%+v, want ok", f)
		}
	}
	wantFinding(t, "nobody listens on port 25 in a test", list, "port 25 warning: ", `smtp.listen to [":25"]`)
	wantFinding(t, "it is us", list, "smtp "+s.smtp+" ok: blindcopy answers as "+mxHost)
	wantFinding(t, "it encrypts", list, "smtp "+s.smtp+" ok: TLS 1.3, with a certificate until ")
	areas := map[string]bool{}
	for _, f := range list {
		areas[f.Area] = true
	}
	for _, area := range []string{"configuration", "database", "port", "tls", "dns"} {
		if !areas[area] {
			t.Errorf("nothing about %s:\n%s", area, strings.Join(findingLines(list), "\n"))
		}
	}
}

func TestDoctorCommand(t *testing.T) {
	w := emptyWorld(t) // no domain: no question leaves this machine
	if err := os.WriteFile(w.file(), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	r := w.run("doctor", "--json")
	if r.code != exitFailed || r.stderr != "" {
		t.Errorf("without a database: exit %d, want %d, stderr %q", r.code, exitFailed, r.stderr)
	}
	var list []map[string]any
	if err := json.Unmarshal([]byte(r.stdout), &list); err != nil || len(list) == 0 {
		t.Fatalf("no list: %v\n%s", err, r.stdout)
	}
	for _, f := range list {
		for _, name := range []string{"area", "check", "status", "detail", "hint"} {
			if _, ok := f[name]; !ok {
				t.Errorf("%v has no %s", f, name)
			}
		}
	}
	if r := w.run("doctor"); !strings.Contains(r.stdout, "problem  opens") || !strings.Contains(r.stdout, "→ Create it with blindcopy init") {
		t.Errorf("for people:\n%s", r.stdout)
	}
	w.must("dns", "check") // a warning is no problem
	w.env = append(w.env, "BLINDCOPY_SMTP_MAX_RECIPIENTS=many", "BLINDCOPY_LOG_LEVEL=loud")
	r = w.run("doctor", "--json")
	if r.code != exitFailed || strings.Count(r.stdout, `"status": "problem"`) != 2 || !strings.Contains(r.stdout, "max_recipients") {
		t.Errorf("a configuration with two faults: exit %d\n%s", r.code, r.stdout)
	}
}

func TestDoctorOfAConfiguration(t *testing.T) {
	w := newWorld(t)
	test := func(rule, start string, env ...string) {
		t.Helper()
		wantFinding(t, rule, w.doctor(env...).configuration(t.Context()), start)
	}
	test("as init wrote it", "file ok: "+w.file())
	test("a domain that nobody can write to", "domain warning: localhost", "BLINDCOPY_DOMAIN=localhost")
	test("a name that is none", "smtp.hostname warning: ", "BLINDCOPY_SMTP_HOSTNAME=vm17")
	test("trust in everybody", "settings warning: smtp.trusted_networks holds the whole internet", "BLINDCOPY_SMTP_TRUSTED_NETWORKS=0.0.0.0/0")
	test("two LMTP addresses", "settings problem: lmtp.listen", "BLINDCOPY_LMTP_LISTEN=127.0.0.1:24,127.0.0.1:25")
}

func TestDoctorOfADatabase(t *testing.T) {
	w := newWorld(t)
	db := filepath.Join(w.dir, "blindcopy.db")
	list := w.doctor().database(t.Context())
	wantFinding(t, "it opens", list, "opens ok: "+db)
	wantFinding(t, "it is whole", list, "structure ok: ")
	wantFinding(t, "it has a user", list, "content ok: 1 user")
	wantFinding(t, "it can be written", list, "writable ok: ")
	if err := os.Chmod(db, 0o644); err != nil {
		t.Fatal(err)
	}
	wantFinding(t, "others can read it", w.doctor().database(t.Context()), "private warning: ", "chmod o-rwx")

	none := filepath.Join(w.dir, "none.db")
	wantFinding(t, "there is none", w.doctor("BLINDCOPY_DATABASE="+none).database(t.Context()), "opens problem: ", "blindcopy init")
	if _, err := os.Stat(none); err == nil {
		t.Error("the doctor created a database")
	}
	w.must("migrate", "--database", none)
	wantFinding(t, "it has no user", w.doctor("BLINDCOPY_DATABASE="+none).database(t.Context()), "content problem: there is no user", "user add")

	text := filepath.Join(w.dir, "notes.txt")
	if err := os.WriteFile(text, bytes.Repeat([]byte("no database "), 100), 0o600); err != nil {
		t.Fatal(err)
	}
	wantFinding(t, "it is none", w.doctor("BLINDCOPY_DATABASE="+text).database(t.Context()), "opens problem: ")
	if os.Getuid() != 0 { // root may do everything
		if err := os.Chmod(w.dir, 0o500); err != nil {
			t.Fatal(err)
		}
		wantFinding(t, "its folder is closed", w.doctor().database(t.Context()), "writable problem: ")
		_ = os.Chmod(w.dir, 0o700)
	}
	left, err := filepath.Glob(filepath.Join(w.dir, ".doctor-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("the doctor left %v behind, %v", left, err)
	}
}

// answering is a server that says one line to everybody.
func answering(t *testing.T, line string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			fmt.Fprint(conn, line)
			_, _ = bufio.NewReader(conn).ReadString('\n')
			_ = conn.Close()
		}
	}()
	return l.Addr().String()
}

func TestDoctorOfPorts(t *testing.T) {
	w := newWorld(t)
	test := func(rule, start, part string, env ...string) {
		t.Helper()
		d := w.doctor(append([]string{"BLINDCOPY_WEB_LISTEN=none"}, env...)...)
		wantFinding(t, rule, d.ports(t.Context()), start, part)
	}

	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := l.Addr().String()
	l.Close()
	other := answering(t, "220 mail.acme.example ESMTP Postfix\r\n")
	busy := answering(t, "421 4.3.2 too many connections\r\n")
	renamed := answering(t, "220 old.acme.example ESMTP Blindcopy ready\r\n250 hello\r\n")
	test("nobody", "smtp "+closed+" problem: nobody answers", "blindcopy serve", "BLINDCOPY_SMTP_LISTEN="+closed)
	test("another mail server", "smtp "+other+" problem: somebody else answers", "Postfix", "BLINDCOPY_SMTP_LISTEN="+other)
	test("a server that is busy", "smtp "+busy+" warning: answers 421", "too many", "BLINDCOPY_SMTP_LISTEN="+busy)
	test("a server of before the change", "smtp "+renamed+" warning: ", "answers as old.acme.example", "BLINDCOPY_SMTP_LISTEN="+renamed)
	test("any port", "smtp 127.0.0.1:0 warning: any free port", "", "BLINDCOPY_SMTP_LISTEN=127.0.0.1:0")
	test("a port behind a load balancer", "smtp "+other+" warning: takes connections with a PROXY header only", "", "BLINDCOPY_SMTP_LISTEN="+other, "BLINDCOPY_SMTP_PROXY_NETWORKS=127.0.0.0/8")
	test("port 25 for this machine alone", "port 25 warning: ", "Only this machine reaches 127.0.0.1:25", "BLINDCOPY_SMTP_LISTEN=127.0.0.1:25")
	test("a socket that is not there", "lmtp unix:/nowhere/lmtp.sock problem: nobody answers", "", "BLINDCOPY_LMTP_LISTEN=unix:/nowhere/lmtp.sock")
	test("no web server", "web ok: off", "")
	test("a web server that is not there", "web "+closed+" warning: no server answers", "", "BLINDCOPY_WEB_LISTEN="+closed)
	wantFinding(t, "port 25", w.doctor("BLINDCOPY_SMTP_LISTEN=:25", "BLINDCOPY_WEB_LISTEN=none").ports(t.Context()), "port 25 ok: ")

	s := w.serve()
	cert, key, _ := w.certificate(certificateOf{names: []string{mxHost}, days: 60})
	test("a certificate that the server does not know yet", "smtp "+s.smtp+" warning: ", "no STARTTLS",
		"BLINDCOPY_SMTP_LISTEN="+s.smtp, "BLINDCOPY_SMTP_TLS_CERT_FILE="+cert, "BLINDCOPY_SMTP_TLS_KEY_FILE="+key)
	pretends := answering(t, "220 "+mxHost+" ESMTP Blindcopyright ready\r\n")
	test("a name that begins like ours", "smtp "+pretends+" problem: somebody else answers", "Blindcopyright", "BLINDCOPY_SMTP_LISTEN="+pretends)
	if err := os.Rename(filepath.Join(w.dir, "blindcopy.db"), filepath.Join(w.dir, "away.db")); err != nil {
		t.Fatal(err)
	}
	test("a server without its database", "web "+s.web+" problem: the server is not ready", "does not take changes", "BLINDCOPY_WEB_LISTEN="+s.web)
}

func TestDoctorOfLMTP(t *testing.T) {
	w := newWorld(t)
	w.env = append(w.env, "BLINDCOPY_LMTP_LISTEN=unix:"+filepath.Join(t.TempDir(), "lmtp.sock"), "BLINDCOPY_SMTP_LISTEN=none").without("BLINDCOPY_SMTP_LISTEN=127")
	w.serve()
	wantFinding(t, "our socket", w.doctor().ports(t.Context()), "lmtp unix:", "ok: blindcopy answers as "+mxHost)
}

// certificateOf says what certificate to make.
type certificateOf struct {
	names []string
	days  int // until its end
	self  bool
}

// certificate writes the files, and returns who signed.
func (w *world) certificate(of certificateOf) (certFile, keyFile string, roots *x509.CertPool) {
	w.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		w.t.Fatal(err)
	}
	authority := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test Authority"}, IsCA: true,
		BasicConstraintsValid: true, NotBefore: time.Now().AddDate(-1, 0, 0), NotAfter: time.Now().AddDate(1, 0, 0)}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "Test Leaf"}, DNSNames: of.names,
		NotBefore: time.Now().AddDate(0, -3, 0), NotAfter: time.Now().AddDate(0, 0, of.days).Add(time.Hour)}
	parent := authority
	if of.self {
		parent = leaf
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, parent, &key.PublicKey, key)
	if err != nil {
		w.t.Fatal(err)
	}
	rootDER, err := x509.CreateCertificate(rand.Reader, authority, authority, &key.PublicKey, key)
	if err != nil {
		w.t.Fatal(err)
	}
	root, err := x509.ParseCertificate(rootDER)
	if err != nil {
		w.t.Fatal(err)
	}
	roots = x509.NewCertPool()
	roots.AddCert(root)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		w.t.Fatal(err)
	}
	dir := w.t.TempDir()
	certFile, keyFile = filepath.Join(dir, "fullchain.pem"), filepath.Join(dir, "privkey.pem")
	for file, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: der}, keyFile: {Type: "PRIVATE KEY", Bytes: pkcs8}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			w.t.Fatal(err)
		}
	}
	return certFile, keyFile, roots
}

func TestDoctorOfACertificate(t *testing.T) {
	w := newWorld(t)
	test := func(rule string, of certificateOf, start string, parts ...string) {
		t.Helper()
		cert, key, roots := w.certificate(of)
		d := w.doctor("BLINDCOPY_SMTP_TLS_CERT_FILE="+cert, "BLINDCOPY_SMTP_TLS_KEY_FILE="+key)
		d.roots = roots
		wantFinding(t, rule, d.certificate(t.Context()), start, parts...)
	}
	ours := []string{mxHost}
	test("a good one: its files", certificateOf{names: ours, days: 60}, "files ok: ")
	test("a good one: its name", certificateOf{names: ours, days: 60}, "names ok: "+mxHost)
	test("a good one: its days", certificateOf{names: ours, days: 60}, "days left ok: 60 days")
	test("a good one: its authority", certificateOf{names: ours, days: 60}, "signed by ok: Test Authority")
	test("a wildcard", certificateOf{names: []string{"*." + bccDomain}, days: 60}, "names ok: ")
	test("another name", certificateOf{names: []string{"www.acme.example"}, days: 60}, "names warning: the certificate is for www.acme.example", "Get one for "+mxHost)
	test("no name", certificateOf{days: 60}, "names warning: the certificate is for no name")
	test("soon over", certificateOf{names: ours, days: 5}, "days left warning: 5 days", "Renew")
	test("over", certificateOf{names: ours, days: -2}, "days left problem: it ended on ", "Renew")
	test("over, and signed all the same", certificateOf{names: ours, days: -2}, "signed by ok: ")
	test("signed by itself", certificateOf{names: ours, days: 60, self: true}, "signed by warning: ", "MTA-STS")

	cert, key, _ := w.certificate(certificateOf{names: ours, days: 60})
	_, otherKey, _ := w.certificate(certificateOf{names: ours, days: 60})
	look := func(rule, cert, key, start string, parts ...string) {
		t.Helper()
		d := w.doctor("BLINDCOPY_SMTP_TLS_CERT_FILE="+cert, "BLINDCOPY_SMTP_TLS_KEY_FILE="+key)
		d.roots = x509.NewCertPool()
		wantFinding(t, rule, d.certificate(t.Context()), start, parts...)
	}
	look("a key of another", cert, otherKey, "files problem: ", "private key does not match")
	look("a file that is not there", cert+".none", key, "files problem: ", "no such file")
	look("a chain that is not there", cert, key, "signed by warning: Test Authority", "fullchain.pem")
	if err := os.Chmod(key, 0o644); err != nil {
		t.Fatal(err)
	}
	look("a key for all to read", cert, key, "key warning: ", "chmod o-rwx")
	wantFinding(t, "none", w.doctor().certificate(t.Context()), "certificate warning: none is set", mxHost)
	d := w.doctor("BLINDCOPY_SMTP_TLS_CERT_FILE="+cert, "BLINDCOPY_SMTP_TLS_KEY_FILE="+key)
	d.app.now = func() time.Time { return time.Now().AddDate(-1, 0, 0) }
	wantFinding(t, "a clock of last year", d.certificate(t.Context()), "days left problem: it is not valid before", "clock")
}
