package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"os"
	"strings"
	"time"

	"blindcopy/certificate"
)

// A certificate is renewed a month before its end, as a rule; when less than this is left,
// the renewal has failed some times.
const renewalIsLate = 14 * 24 * time.Hour

// certificate looks at what STARTTLS shows, where it is kept.
func (d *doctor) certificate(context.Context) []finding {
	f := findings{area: "tls"}
	switch tls := d.cfg.SMTP.TLS; {
	case len(tls.ACME) > 0:
		for _, host := range tls.ACME {
			d.kept(&f, host)
		}
	case tls.CertFile != "":
		d.files(&f, tls.CertFile, tls.KeyFile)
	default:
		f.warning("certificate", "Set smtp.tls.acme to "+d.cfg.SMTP.Hostname+", and one is got by itself; or smtp.tls.cert_file and smtp.tls.key_file, if another program gets them.",
			"none is set: STARTTLS is not offered, and mail arrives readable by everybody on its way")
	}
	return f.list
}

func (d *doctor) files(f *findings, certFile, keyFile string) {
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		f.problem("files", "cert_file is a PEM file with the certificate and its chain, key_file one with its private key; this user must be able to read both.", "%v", err)
		return
	}
	f.ok("files", "%s and its key belong together", certFile)
	if info, err := os.Stat(keyFile); err == nil && info.Mode().Perm()&0o004 != 0 {
		f.warning("key", "chmod o-rwx "+keyFile, "every user of this machine can read %s", keyFile)
	}
	leaf, err := x509.ParseCertificate(pair.Certificate[0]) // pair.Leaf depends on GODEBUG
	if err != nil {
		f.problem("files", "", "read the certificate: %v", err)
		return
	}
	d.names(f, leaf)
	d.dates(f, leaf, "Renew it. The server reads the new files by itself, without a restart.")
	d.signer(f, leaf, pair.Certificate[1:])
}

// kept looks at a certificate that was got by ACME. That it is for its host was made sure of when it was read.
func (d *doctor) kept(f *findings, host string) {
	cert, err := certificate.Kept(acmeFolder(d.cfg), host)
	switch {
	case err != nil:
		f.problem("certificate", "Run doctor as the user of the server. If it is that one: take the file away, and restart the server.", "of %s: %v", host, err)
	case cert == nil:
		f.warning("certificate", "The server asks for it when it runs; its log says why not (\"no certificate from the authority\"). Port 80 of "+host+" has to lead to smtp.tls.acme_listen "+d.cfg.SMTP.TLS.ACMEListen+".",
			"of %s: none yet", host)
	default:
		f.ok("names", "%s", certified(cert.Leaf))
		d.dates(f, cert.Leaf, "The server renews it by itself, if it runs; its log says why not. Port 80 of "+host+" has to lead to smtp.tls.acme_listen "+d.cfg.SMTP.TLS.ACMEListen+".")
		d.signer(f, cert.Leaf, cert.Certificate[1:])
	}
}

// names: servers that check at all compare with the name in the MX record (RFC 8461 §4.1).
func (d *doctor) names(f *findings, leaf *x509.Certificate) {
	host := d.cfg.SMTP.Hostname
	if err := leaf.VerifyHostname(host); err != nil {
		f.warning("names", "Get one for "+host+", or set smtp.hostname to the name it has, if the MX record points there.",
			"the certificate is for %s, and not for smtp.hostname %s", certified(leaf), host)
		return
	}
	f.ok("names", "%s", certified(leaf))
}

func certified(leaf *x509.Certificate) string {
	if len(leaf.DNSNames) == 0 {
		return "no name" // the common name counts no more (RFC 6125 §6.4.4, RFC 9525 §2)
	}
	return strings.Join(leaf.DNSNames, ", ")
}

func (d *doctor) dates(f *findings, leaf *x509.Certificate, renew string) {
	now := d.now()
	left := leaf.NotAfter.Sub(now)
	days := int(left / (24 * time.Hour))
	switch {
	case now.Before(leaf.NotBefore):
		f.problem("days left", "Is the clock of this machine right?", "it is not valid before %s", leaf.NotBefore.UTC().Format(time.RFC3339))
	case left <= 0:
		f.problem("days left", renew, "it ended on %s", leaf.NotAfter.UTC().Format(time.DateOnly))
	case left < renewalIsLate:
		f.warning("days left", renew, "%s, until %s", count(days, "day"), leaf.NotAfter.UTC().Format(time.DateOnly))
	default:
		f.ok("days left", "%s, until %s", count(days, "day"), leaf.NotAfter.UTC().Format(time.DateOnly))
	}
}

// signer: most servers encrypt without asking who signed (RFC 7435); those that honour MTA-STS ask.
func (d *doctor) signer(f *findings, leaf *x509.Certificate, chain [][]byte) {
	between := x509.NewCertPool()
	for _, der := range chain {
		if c, err := x509.ParseCertificate(der); err == nil {
			between.AddCert(c)
		}
	}
	// The dates have a line of their own.
	at := d.now()
	if at.After(leaf.NotAfter) || at.Before(leaf.NotBefore) {
		at = leaf.NotBefore
	}
	_, err := leaf.Verify(x509.VerifyOptions{Roots: d.roots, Intermediates: between, CurrentTime: at})
	var unknown x509.UnknownAuthorityError
	switch {
	case err == nil:
		f.ok("signed by", "%s", issuer(leaf))
	case errors.As(err, &unknown) && len(chain) == 0 && leaf.Issuer.String() != leaf.Subject.String():
		f.warning("signed by", "Put the whole chain into cert_file: most ACME clients call that file fullchain.pem.", "%s, of whom cert_file holds no certificate", issuer(leaf))
	default:
		f.warning("signed by", "Enough for servers that take any certificate. Those that insist on a known authority (MTA-STS) will not deliver.", "%v", err)
	}
}

func issuer(c *x509.Certificate) string {
	if c.Issuer.CommonName != "" {
		return c.Issuer.CommonName
	}
	return c.Issuer.String()
}
