package config

import (
	"encoding/json"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// settings compares what is set and leaves out where it came from.
var settings = cmp.Options{
	cmpopts.IgnoreUnexported(Config{}),
	cmp.Comparer(func(a, b netip.Prefix) bool { return a == b }),
}

// load reads yaml as ./blindcopy.yaml in an environment of nothing but environ.
func load(t *testing.T, yaml string, environ ...string) (*Config, error) {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "blindcopy.yaml"), yaml)
	t.Chdir(dir)
	return Load(Options{Environ: environ, SystemDir: t.TempDir()})
}

func mustLoad(t *testing.T, yaml string, environ ...string) *Config {
	t.Helper()
	c, err := load(t, yaml, environ...)
	if err != nil {
		t.Fatalf("Load: %v\nfile:\n%s\nenvironment: %q", err, yaml, environ)
	}
	return c
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestDefaultsWithoutFile(t *testing.T) {
	c, err := Load(Options{Environ: []string{}, Dir: t.TempDir(), SystemDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	want := Defaults()
	want.SMTP.Hostname = machineName()
	if diff := cmp.Diff(want, c, settings); diff != "" {
		t.Errorf("no file, no environment (-want +got):\n%s", diff)
	}
	if c.File() != "" {
		t.Errorf("File() = %q, want none", c.File())
	}
}

func TestFileIsRead(t *testing.T) {
	c := mustLoad(t, `
domain: BCC.Example.com
internal_domains: [example.com, Müller.example]
database: /var/lib/blindcopy/blindcopy.db
smtp:
  listen: ":25"              # one value is a list of one
  tls:
    cert_file: cert.pem
    key_file: key.pem
    acme: false              # as it was written before it was a list
  trusted_networks:
    - 10.0.0.0/8
    - 192.0.2.7
  max_message_bytes: 10MiB
  read_timeout: 90s
linking:
  sender_auth: off           # a word, whatever YAML 1.1 thought of it
  role_addresses: [Billing, Jobs@Client.Example]
  trusted_senders: [Invoices@Erp.Example, shop.example]
retention.unfiled: 2w        # the dotted name is the same key
limits:
  parts: 300
lmtp:
web: {listen: none}
`)
	want := Defaults()
	want.Domain = "bcc.example.com"
	want.InternalDomains = []string{"example.com", "müller.example"}
	want.Database = "/var/lib/blindcopy/blindcopy.db"
	want.SMTP.Listen = []string{":25"}
	want.SMTP.Hostname = machineName()
	want.SMTP.TLS.CertFile, want.SMTP.TLS.KeyFile = "cert.pem", "key.pem"
	want.SMTP.TrustedNetworks = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.7/32")}
	want.SMTP.MaxMessageBytes = 10 * MiB
	want.SMTP.ReadTimeout = 90 * Second
	want.Linking.SenderAuth = SenderAuthOff
	want.Linking.RoleAddresses = []string{"billing", "jobs@client.example"}
	want.Linking.TrustedSenders = []string{"invoices@erp.example", "shop.example"}
	want.Retention.Unfiled = 14 * Day
	want.Limits.Parts = 300
	want.Web.Listen = ""
	if diff := cmp.Diff(want, c, settings); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFilesThatSetNothing(t *testing.T) {
	for _, yaml := range []string{"", "\n\n", "# only a comment\n", "---\n", "{}", "smtp:\n", "domain:\n", "smtp:\n  tls:\n", "\ufeffdomain: localhost\n"} {
		c := mustLoad(t, yaml)
		want := Defaults()
		want.SMTP.Hostname = machineName()
		if diff := cmp.Diff(want, c, settings); diff != "" {
			t.Errorf("%q (-want +got):\n%s", yaml, diff)
		}
	}
}

func TestFlagsOverEnvironmentOverFileOverDefaults(t *testing.T) {
	file := filepath.Join(t.TempDir(), "other.yaml")
	write(t, file, "domain: file.example\ndatabase: file.db\nlog: {level: warn}\n")
	c, err := Load(Options{
		File:      file,
		Environ:   []string{"BLINDCOPY_DOMAIN=env.example", "BLINDCOPY_DATABASE=env.db", "BLINDCOPY_LOG_LEVEL="},
		Overrides: map[string]string{"domain": "flag.example"},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]Setting{}
	for _, s := range c.Effective() {
		got[s.Key] = s
	}
	for _, want := range []Setting{
		{"domain", "flag.example", FromFlag},
		{"database", "env.db", FromEnvironment},
		{"log.level", LogWarn, FromFile}, // a variable set to nothing is not set
		{"log.format", LogText, FromDefault},
	} {
		if got[want.Key] != want {
			t.Errorf("%s: got %v, want %v", want.Key, got[want.Key], want)
		}
	}
	if c.File() != file {
		t.Errorf("File() = %q, want %q", c.File(), file)
	}
}

func TestEnvironment(t *testing.T) {
	c := mustLoad(t, "smtp: {listen: [':25', ':587']}\n",
		"BLINDCOPY_SMTP_LISTEN= 127.0.0.1:2525 , [::1]:2525,",
		"BLINDCOPY_SMTP_TLS_CERT_FILE=c.pem",
		"BLINDCOPY_SMTP_TLS_KEY_FILE=k.pem",
		"BLINDCOPY_SMTP_TRUSTED_NETWORKS=none",
		"BLINDCOPY_SMTP_MAX_MESSAGE_BYTES=1048576",
		"BLINDCOPY_BCC_ROTATION_GRACE=0",
		"BLINDCOPY_SERVICE_HOST=10.1.2.3", "BLINDCOPY_PORT=tcp://10.1.2.3:2525", "BLINDCOPY_PORT_2525_TCP_PROTO=tcp",
		"HOME=/root", "MALFORMED", "BLINDCOPYCAT=x")
	want := Defaults()
	want.SMTP.Listen = []string{"127.0.0.1:2525", "[::1]:2525"}
	want.SMTP.Hostname = machineName()
	want.SMTP.TLS.CertFile, want.SMTP.TLS.KeyFile = "c.pem", "k.pem"
	want.SMTP.TrustedNetworks = []netip.Prefix{}
	want.SMTP.MaxMessageBytes = 1 * MiB
	want.BCC.RotationGrace = 0
	if diff := cmp.Diff(want, c, settings); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWhichFileIsRead(t *testing.T) {
	work, system := t.TempDir(), t.TempDir()
	named := filepath.Join(t.TempDir(), "named.yaml")
	write(t, named, "domain: named.example")
	fromEnv := filepath.Join(t.TempDir(), "env.yaml")
	write(t, fromEnv, "domain: env.example")

	test := func(rule, want string, opts Options) {
		t.Helper()
		opts.Dir, opts.SystemDir = work, system
		if opts.Environ == nil {
			opts.Environ = []string{}
		}
		c, err := Load(opts)
		if err != nil {
			t.Fatalf("%s: %v", rule, err)
		}
		if c.Domain != want {
			t.Errorf("%s: domain = %q, want %q (file %q)", rule, c.Domain, want, c.File())
		}
	}
	test("no file anywhere", "localhost", Options{})
	write(t, filepath.Join(system, "blindcopy.yaml"), "domain: system.example")
	test("the system's file", "system.example", Options{})
	write(t, filepath.Join(work, "blindcopy.yaml"), "domain: work.example")
	test("the working directory's comes first", "work.example", Options{})
	test("BLINDCOPY_CONFIG names it", "env.example", Options{Environ: []string{"BLINDCOPY_CONFIG=" + fromEnv}})
	test("--config over BLINDCOPY_CONFIG", "named.example", Options{File: named, Environ: []string{"BLINDCOPY_CONFIG=" + fromEnv}})
}

func TestEveryFaultIsTold(t *testing.T) {
	_, err := load(t, "domian: x.example\nlog: {level: loud}\n", "BLINDCOPY_LOG_FORMAT=xml")
	if err == nil {
		t.Fatal("Load accepted three faults")
	}
	if lines := strings.Split(err.Error(), "\n"); len(lines) != 3 {
		t.Errorf("got %d lines, want 3:\n%v", len(lines), err)
	}
	if _, is := errors.AsType[*Error](err); !is {
		t.Errorf("%T holds no *Error", err)
	}
}

func TestEffectiveAsJSON(t *testing.T) {
	c := mustLoad(t, "smtp: {max_message_bytes: 35MiB}")
	asJSON, err := json.Marshal(c.Effective())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`{"key":"smtp.max_message_bytes","value":36700160,"source":"file"}`,
		`{"key":"retention.unfiled","value":"30d","source":"default"}`,
		`{"key":"smtp.trusted_networks","value":["127.0.0.0/8","::1/128"],"source":"default"}`,
		`{"key":"lmtp.listen","value":[],"source":"default"}`,
		`{"key":"smtp.tls.acme","value":[],"source":"default"}`,
	} {
		if !strings.Contains(string(asJSON), want) {
			t.Errorf("missing %s in\n%s", want, asJSON)
		}
	}
}

func TestWarnings(t *testing.T) {
	if got := mustLoad(t, "").Warnings(); len(got) != 0 {
		t.Errorf("the defaults warn: %q", got)
	}
	c := mustLoad(t, "{domain: Acme.example, internal_domains: [acme.example], smtp: {listen: [], trusted_networks: 0.0.0.0/0, proxy_networks: '::/0', authserv_ids: mx.example.com, hostname: mx.acme.example, tls: {acme: [www.acme.example]}}}")
	if got := c.Warnings(); len(got) != 6 {
		t.Errorf("got %d warnings, want 6: %q", len(got), got)
	}
}
