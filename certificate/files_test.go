package certificate

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// writePair writes a certificate for a name and its key, as of a time.
func writePair(t *testing.T, dir, name string, at time.Time) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{name}, NotBefore: time.Now(), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	text, err := encode(key, [][]byte{der})
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for _, file := range []string{certFile, keyFile} { // each reader takes what is his
		writeAt(t, file, string(text), at)
	}
	return certFile, keyFile
}

func writeAt(t *testing.T, file, text string, at time.Time) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(file, at, at); err != nil {
		t.Fatal(err)
	}
}

func TestFilesAreReadAgainWhenTheyChange(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	certFile, keyFile := writePair(t, dir, "one.example", now)
	l := &log{}
	f, err := OpenFiles(certFile, keyFile, slog.New(slog.NewTextHandler(l, nil)))
	if err != nil {
		t.Fatal(err)
	}
	shows := func(rule, want string) {
		t.Helper()
		cert, err := f.Get(nil)
		if err != nil || cert.Leaf.DNSNames[0] != want {
			t.Errorf("%s: got the one of %q, %v; want that of %s", rule, cert.Leaf.DNSNames, err, want)
		}
	}
	later := func() { f.looked = f.looked.Add(-lookAgain) } // the time until the files are looked at again

	shows("at first", "one.example")
	writePair(t, dir, "two.example", now.Add(time.Minute))
	shows("just changed", "one.example")
	later()
	shows("a while after the change", "two.example")

	writeAt(t, keyFile, "half of a k", now.Add(2*time.Minute))
	later()
	shows("half written", "two.example")
	if !strings.Contains(l.String(), "the old one stays") {
		t.Errorf("nothing is said of it: %s", l)
	}
	if err := os.Remove(certFile); err != nil {
		t.Fatal(err)
	}
	later()
	shows("taken away", "two.example")
	writePair(t, dir, "three.example", now.Add(3*time.Minute))
	later()
	shows("whole again", "three.example")
}

func TestOpenFilesThatAreNone(t *testing.T) {
	dir := t.TempDir()
	if _, err := OpenFiles(filepath.Join(dir, "a"), filepath.Join(dir, "b"), nil); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("got %v", err)
	}
}
