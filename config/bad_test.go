package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestBadInput holds the sentence for each kind of mistake. FILE stands for the
// path of the configuration file.
func TestBadInput(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "blindcopy.yaml")
	test := func(yaml, want string) {
		t.Helper()
		write(t, file, yaml)
		_, err := Load(Options{Environ: []string{}, Dir: dir})
		sameSentence(t, err, strings.ReplaceAll(want, "FILE", file), yaml)
	}

	// Keys that mean nothing.
	test("smtp: {lisen: x}", "smtp.lisen (FILE): is an unknown key; did you mean smtp.listen?")
	test("SMTP: {Lisen: x}", "smtp.lisen (FILE): is an unknown key; did you mean smtp.listen?")
	test("domian: x", "domian (FILE): is an unknown key; did you mean domain?")
	test("smtp: {cert_file: c.pem}", "smtp.cert_file (FILE): is an unknown key; did you mean smtp.tls.cert_file?")
	test("trusted_networks: [10.0.0.0/8]", "trusted_networks (FILE): is an unknown key; did you mean smtp.trusted_networks?")
	test("colour: green", "colour (FILE): is an unknown key; `blindcopy config sample` lists all keys")
	test("smtp: hello", "smtp (FILE): is a section; its settings stand below it, such as smtp.listen")
	test("smtp: {tls: true}", "smtp.tls (FILE): is a section; its settings stand below it, such as smtp.tls.cert_file")
	test("domain: {name: x}", "domain.name (FILE): is an unknown key; `blindcopy config sample` lists all keys")
	test("smtp: {listen: ':25'}\nsmtp.listen: ':26'", "smtp.listen (FILE): is set twice, by its dotted name and inside its section")

	// Values of the wrong kind.
	test("smtp: {max_recipients: many}", `smtp.max_recipients (FILE): "many" is not a whole number`)
	test("smtp: {max_recipients: 1.5}", `smtp.max_recipients (FILE): "1.5" is not a whole number`)
	test("smtp: {max_recipients: [1, 2]}", "smtp.max_recipients (FILE): a list stands where one value is wanted")
	test("smtp: {max_recipients: 0}", "smtp.max_recipients (FILE): 0 is too little; the least is 1")
	test("limits: {depth: 33}", "limits.depth (FILE): 33 is too much; the most is 32")
	test("limits: {depth: 99999999999999999999}", `limits.depth (FILE): "1e+20" is not a whole number`)
	test("internal_domains: [{name: example.com}]", "internal_domains (FILE): a section stands where one value is wanted")
	test("internal_domains: [example.com, ]\nsmtp: {listen: [null]}", "smtp.listen (FILE): an empty value stands where a text is wanted")
	test("smtp: {tls: {cert_file: true}}", "smtp.tls.cert_file (FILE): true is not a text; put it in quotes if it is meant as one")
	test("smtp: {tls: {acme: true}}", "smtp.tls.acme (FILE): true is not a text; put it in quotes if it is meant as one")
	test("smtp: {tls: {acme: localhost}}", `smtp.tls.acme (FILE): "localhost" is not the full name of a host; write for example mx.example.com, with other letters as xn--`)
	test("smtp: {tls: {acme: [mx.bücher.example]}}", `smtp.tls.acme (FILE): "mx.bücher.example" is not the full name of a host; write for example mx.example.com, with other letters as xn--`)
	test("smtp: {tls: {acme_email: example.com}}", `smtp.tls.acme_email (FILE): "example.com" is not an e-mail address`)
	test("database: 2026-01-02", "database (FILE): 2026-01-02 00:00:00 +0000 UTC is not a text; put it in quotes if it is meant as one")

	// Values of the wrong form.
	test("domain: anna@example.com", `domain (FILE): "anna@example.com" is not a domain name; write it alone, such as bcc.example.com`)
	test("domain: ''", `domain (FILE): "" is not a domain name; write it alone, such as bcc.example.com`)
	test("domain: 192.0.2.1", `domain (FILE): "192.0.2.1" ends in a number; write a domain name, not an IP address`)
	test("database: ''", "database (FILE): is empty; write the path of an SQLite database, such as blindcopy.db")
	test("database: mysql://root:s3cret@db/x", "database (FILE): is of a kind that is not known here; write a path (SQLite) or a postgres URL")
	test("database: 'postgres://u:s3%cret@db/x'", "database (FILE): is not a postgres URL; write postgres://user:password@host/name, special characters percent-encoded")
	test("smtp: {listen: 2525}", `smtp.listen (FILE): "2525" is not an address to listen on; write ":2525" or "127.0.0.1:2525"`)
	test("smtp: {listen: ':smtp'}", `smtp.listen (FILE): ":smtp" has no port from 0 to 65535`)
	test("smtp: {listen: ':70000'}", `smtp.listen (FILE): ":70000" has no port from 0 to 65535`)
	test("smtp: {trusted_networks: lan}", `smtp.trusted_networks (FILE): "lan" is not a network; write for example 10.0.0.0/8 or 192.0.2.7`)
	test("smtp: {trusted_networks: 10.1.2.3/8}", `smtp.trusted_networks (FILE): "10.1.2.3/8" has bits beyond its mask; write 10.0.0.0/8 or 10.1.2.3`)
	test("smtp: {read_timeout: 5}", `smtp.read_timeout (FILE): "5" is not a duration; write for example 30s, 5m, 12h or 30d`)
	test("smtp: {read_timeout: -5m}", `smtp.read_timeout (FILE): "-5m" is not a duration; write for example 30s, 5m, 12h or 30d`)
	test("retention: {unfiled: 0}", "retention.unfiled (FILE): 0 is too little; the least is 1s")
	test("smtp: {max_message_bytes: 35M}", `smtp.max_message_bytes (FILE): "35M" is not a size; write bytes, or a unit such as 256KiB or 35MiB`)
	test("smtp: {max_message_bytes: 2GiB}", "smtp.max_message_bytes (FILE): 2GiB is too much; the most is 1GiB")
	test("smtp: {authserv_ids: ['mx one']}", `smtp.authserv_ids (FILE): "mx one" is not a single word`)
	test("linking: {trusted_senders: ['@x.example']}", `linking.trusted_senders (FILE): "@x.example" is neither an address nor a domain`)
	test("linking: {unknown_outgoing: leads}", `linking.unknown_outgoing (FILE): "leads" is not one of ignore, review, lead, contact`)
	test("linking: {sender_auth: false}", `linking.sender_auth (FILE): "false" is not one of off, mark, require`)
	test("web: {public_url: mail.example.com}", `web.public_url (FILE): "mail.example.com" is not the URL of a site; write for example https://mail.example.com`)

	// Settings that do not go together.
	test("smtp: {tls: {cert_file: c.pem}}", "smtp.tls.key_file: is missing, although smtp.tls.cert_file is set")
	test("smtp: {tls: {key_file: k.pem}}", "smtp.tls.cert_file: is missing, although smtp.tls.key_file is set")
	test("smtp: {tls: {acme: mx.example.com, cert_file: c.pem, key_file: k.pem}}", "smtp.tls.acme: stands beside smtp.tls.cert_file; set one of the two")

	// Files that are not YAML.
	test("domain: a: b", "FILE: line 1: mapping values are not allowed in this context")
	test("smtp:\n\tlisten: x", "FILE: line 2: found character that cannot start any token (YAML is indented with spaces)")
	test("domain: a\nlog: b: c", "FILE: line 2: mapping values are not allowed in this context")
	test("log: [1", "FILE: line 1: did not find expected ',' or ']'")
	test("domain: a\ndomain: b", `FILE: line 2: mapping key "domain" already defined at line 1`)
	test("- domain\n- smtp", "FILE: line 1: a list of `key: value` lines is wanted")
	test("hello", "FILE: line 1: a list of `key: value` lines is wanted")
	test("domain: *x", "FILE: unknown anchor 'x' referenced")
	test("# one\ndomain: a\n---\ndomain: b", "FILE: line 3: a second YAML document starts here; only one is read")
	test("a: '"+strings.Repeat("x", maxFile)+"'", "FILE: is larger than 1MiB and so not what is looked for")
}

func TestBadEnvironment(t *testing.T) {
	test := func(entry, want string) {
		t.Helper()
		_, err := Load(Options{Environ: []string{entry}, Dir: t.TempDir(), SystemDir: t.TempDir()})
		sameSentence(t, err, want, entry)
	}
	test("BLINDCOPY_SMTP_LISEN=:25", "BLINDCOPY_SMTP_LISEN (environment): is no setting; did you mean BLINDCOPY_SMTP_LISTEN (smtp.listen)?")
	test("BLINDCOPY_SMTP_LISEN=", "BLINDCOPY_SMTP_LISEN (environment): is no setting; did you mean BLINDCOPY_SMTP_LISTEN (smtp.listen)?")
	test("BLINDCOPY_COLOUR=green", "BLINDCOPY_COLOUR (environment): is no setting; `blindcopy config sample` lists all keys")
	test("BLINDCOPY_LOG_LEVEL=loud", `log.level (environment, BLINDCOPY_LOG_LEVEL): "loud" is not one of debug, info, warn, error`)
	test("BLINDCOPY_SMTP_LISTEN=:25,:x", `smtp.listen (environment, BLINDCOPY_SMTP_LISTEN): ":x" has no port from 0 to 65535`)
	test("BLINDCOPY_CONFIG=/nonexistent.yaml", "/nonexistent.yaml: cannot be read: no such file or directory")
}

func TestBadFlag(t *testing.T) {
	test := func(key, value, want string) {
		t.Helper()
		_, err := Load(Options{Environ: []string{}, Dir: t.TempDir(), Overrides: map[string]string{key: value}})
		sameSentence(t, err, want, key+"="+value)
	}
	test("databse", "x.db", "databse (command line): is an unknown key; did you mean database?")
	test("log.level", "loud", `log.level (command line): "loud" is not one of debug, info, warn, error`)
	test("database", "", "database (command line): is empty; write the path of an SQLite database, such as blindcopy.db")
}

func TestFileThatCannotBeRead(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "blindcopy.yaml"), 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := Load(Options{Environ: []string{}, Dir: dir})
	sameSentence(t, err, filepath.Join(dir, "blindcopy.yaml")+": cannot be read: is a directory", "a directory")

	_, err = Load(Options{Environ: []string{}, File: "/nonexistent.yaml"})
	sameSentence(t, err, "/nonexistent.yaml: cannot be read: no such file or directory", "--config of no file")
}

func sameSentence(t *testing.T, err error, want, input string) {
	t.Helper()
	if len(input) > 100 {
		input = input[:100] + "..."
	}
	switch {
	case err == nil:
		t.Errorf("%s\naccepted, want: %s", input, want)
	case err.Error() != want:
		t.Errorf("%s\n got: %v\nwant: %s", input, err, want)
	case strings.Contains(err.Error(), "s3cret"):
		t.Errorf("%s\nthe error holds the password: %v", input, err)
	}
}
