package main

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"strings"

	"blindcopy/certificate"
	"blindcopy/config"
)

// starttls is what the configuration makes of STARTTLS. The zero value does not offer it.
type starttls struct {
	config *tls.Config
	acme   *certificate.ACME // nil: the certificate is in files, or there is none
}

// newSTARTTLS loads what there is of certificates.
func newSTARTTLS(cfg *config.Config, log *slog.Logger) (starttls, error) {
	switch tls := cfg.SMTP.TLS; {
	case len(tls.ACME) > 0:
		acme, err := certificate.NewACME(certificate.Options{
			Hosts: tls.ACME, Hostname: cfg.SMTP.Hostname, Email: tls.ACMEEmail, Directory: tls.ACMEDirectory,
			Listen: tls.ACMEListen, Folder: acmeFolder(cfg), Log: log,
		})
		if err != nil {
			return starttls{}, withHint(fmt.Errorf("smtp.tls.acme: %w", err), "Name another folder in smtp.tls.acme_folder, or give this one to the user of this program.")
		}
		return starttls{tlsConfig(acme.Get), acme}, nil
	case tls.CertFile != "":
		files, err := openCertificate(cfg, log)
		if err != nil {
			return starttls{}, err
		}
		return starttls{config: tlsConfig(files.Get)}, nil
	}
	return starttls{}, nil
}

// openCertificate reads the certificate files.
func openCertificate(cfg *config.Config, log *slog.Logger) (*certificate.Files, error) {
	files, err := certificate.OpenFiles(cfg.SMTP.TLS.CertFile, cfg.SMTP.TLS.KeyFile, log)
	if err != nil {
		return nil, withHint(fmt.Errorf("smtp.tls: %w", err),
			"cert_file is a PEM file with the certificate and its chain, key_file one with its private key.")
	}
	return files, nil
}

// tlsConfig takes TLS 1.2 and later (RFC 8996). Session tickets are on, their keys change every day: a server that
// comes back soon saves the costly half of the handshake.
func tlsConfig(get func(*tls.ClientHelloInfo) (*tls.Certificate, error)) *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: get}
}

// ready tells whether STARTTLS can be offered now.
func (s starttls) ready() bool { return s.acme == nil || s.acme.Ready() }

// acmeFolder is where the certificates got by ACME are: beside the database, unless the configuration says.
func acmeFolder(cfg *config.Config) string {
	if folder := cfg.SMTP.TLS.ACMEFolder; folder != "" {
		return folder
	}
	return databaseFile(cfg.Database) + ".acme"
}

// databaseFile is the path of an SQLite database.
func databaseFile(dsn string) string {
	path, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(dsn, "sqlite://"), "file:"), "?")
	return path
}

// offersTLS tells whether STARTTLS is meant to be offered.
func offersTLS(cfg *config.Config) bool {
	return cfg.SMTP.TLS.CertFile != "" || len(cfg.SMTP.TLS.ACME) > 0
}
