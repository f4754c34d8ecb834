package certificate

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// folder keeps, readable by their owner alone, account.pem, the key of the account, and for each host a file HOST.pem
// with the private key, the certificate and its chain.
type folder string

const accountFile = "account"

func (f folder) path(name string) string { return filepath.Join(string(f), name+".pem") }

// make makes the folder, and takes away what others may do in it.
func (f folder) make() error {
	if err := os.MkdirAll(string(f), 0o700); err != nil {
		return fmt.Errorf("the folder of certificates: %w", err)
	}
	return os.Chmod(string(f), 0o700)
}

// certificate reads the one of a host; nil if there is none.
func (f folder) certificate(host string) (*tls.Certificate, error) {
	text, err := os.ReadFile(f.path(host))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return parse(text, host)
}

// parse reads key, certificate and chain, and makes sure that they belong together and to the host.
func parse(text []byte, host string) (*tls.Certificate, error) {
	cert, err := tls.X509KeyPair(text, text)
	if err != nil {
		return nil, err
	}
	if cert.Leaf == nil { // with GODEBUG=x509keypairleaf=0
		if cert.Leaf, err = x509.ParseCertificate(cert.Certificate[0]); err != nil {
			return nil, err
		}
	}
	if err := cert.Leaf.VerifyHostname(host); err != nil {
		return nil, err
	}
	return &cert, nil
}

// keep replaces a file as a whole: whoever reads it sees the old or the new.
func (f folder) keep(name string, text []byte) error {
	partial := f.path(name) + ".new"
	if err := os.WriteFile(partial, text, 0o600); err != nil {
		return err
	}
	return os.Rename(partial, f.path(name))
}

// accountKey reads the key of the account, or makes one.
func (f folder) accountKey() (*ecdsa.PrivateKey, error) {
	text, err := os.ReadFile(f.path(accountFile))
	if errors.Is(err, fs.ErrNotExist) {
		return f.newAccountKey()
	}
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("%s is not PEM", f.path(accountFile))
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	if ec, ok := key.(*ecdsa.PrivateKey); ok {
		return ec, nil
	}
	return nil, fmt.Errorf("%s holds no ECDSA key", f.path(accountFile))
}

func (f folder) newAccountKey() (*ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	text, err := encode(key, nil)
	if err != nil {
		return nil, err
	}
	return key, f.keep(accountFile, text)
}

// Kept returns the certificate of a host that an ACME keeps in a folder, nil if there is none: for who looks from outside.
func Kept(path, host string) (*tls.Certificate, error) { return folder(path).certificate(host) }
