package certificate

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// authority is an ACME authority (RFC 8555) as small as a client lets it be: it checks no signatures and knows one
// order at a time. What it does check is that the host answers.
type authority struct {
	t    *testing.T
	http *httptest.Server
	key  *ecdsa.PrivateKey
	root *x509.Certificate

	mu      sync.Mutex
	ask     string        // host:port where it asks, in place of port 80 of the host
	lost    bool          // it does not reach the host
	refuse  int           // so many orders
	life    time.Duration // of a certificate
	orders  []string      // the hosts that were ordered
	contact []string
	thumb   string // of the account's key (RFC 7638)
	host    string // of the order
	valid   bool
	cert    []byte
}

const token = "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA"

func newAuthority(t *testing.T) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test Authority"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	root, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	a := &authority{t: t, key: key, root: root, life: 90 * 24 * time.Hour}
	mux := http.NewServeMux()
	mux.HandleFunc("/directory", a.directory)
	mux.HandleFunc("/nonce", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("/account", a.account)
	mux.HandleFunc("/order", a.order)
	mux.HandleFunc("/order/1", a.orderState)
	mux.HandleFunc("/authz/1", a.authorization)
	mux.HandleFunc("/challenge/1", a.challenge)
	mux.HandleFunc("/finalize/1", a.finalize)
	mux.HandleFunc("/cert/1", a.certificate)
	a.http = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		defer a.mu.Unlock()
		w.Header().Set("Replay-Nonce", rand.Text())
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(a.http.Close)
	return a
}

func (a *authority) url(path string) string { return a.http.URL + path }

// payload reads the body of a request, a JWS (RFC 8555 §6.2), and its header.
func (a *authority) payload(r *http.Request, into any) (header struct{ JWK json.RawMessage }) {
	var jws struct{ Protected, Payload string }
	body, _ := io.ReadAll(r.Body)
	if err := json.Unmarshal(body, &jws); err != nil {
		a.t.Errorf("%s: %v", r.URL.Path, err)
	}
	for text, value := range map[string]any{jws.Protected: &header, jws.Payload: into} {
		plain, _ := base64.RawURLEncoding.DecodeString(text)
		if len(plain) > 0 && value != nil {
			if err := json.Unmarshal(plain, value); err != nil {
				a.t.Errorf("%s: %q: %v", r.URL.Path, plain, err)
			}
		}
	}
	return header
}

func (a *authority) directory(w http.ResponseWriter, _ *http.Request) {
	reply(w, 200, map[string]any{"newNonce": a.url("/nonce"), "newAccount": a.url("/account"), "newOrder": a.url("/order"), "revokeCert": a.url("/revoke"), "keyChange": a.url("/key"),
		"meta": map[string]any{"termsOfService": a.url("/terms")}})
}

func (a *authority) account(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		TermsOfServiceAgreed bool
		Contact              []string
	}
	header := a.payload(r, &asked)
	if !asked.TermsOfServiceAgreed {
		a.t.Error("the terms were not accepted")
	}
	sum := sha256.Sum256(header.JWK) // the client writes it in the order that RFC 7638 wants
	status := http.StatusCreated
	if a.thumb != "" {
		status = http.StatusOK
	}
	a.contact, a.thumb = asked.Contact, base64.RawURLEncoding.EncodeToString(sum[:])
	w.Header().Set("Location", a.url("/account/1"))
	reply(w, status, map[string]any{"status": "valid"})
}

func (a *authority) order(w http.ResponseWriter, r *http.Request) {
	var asked struct{ Identifiers []struct{ Value string } }
	a.payload(r, &asked)
	a.orders = append(a.orders, asked.Identifiers[0].Value)
	if a.refuse > 0 {
		a.refuse--
		problem(w, 403, "rateLimited", "too many certificates\nfor this host")
		return
	}
	a.host, a.valid, a.cert = asked.Identifiers[0].Value, false, nil
	w.Header().Set("Location", a.url("/order/1"))
	a.state(w, http.StatusCreated)
}

func (a *authority) orderState(w http.ResponseWriter, _ *http.Request) { a.state(w, 200) }

func (a *authority) state(w http.ResponseWriter, code int) {
	status := "pending"
	switch {
	case a.cert != nil:
		status = "valid"
	case a.valid:
		status = "ready"
	}
	reply(w, code, map[string]any{"status": status, "identifiers": []any{map[string]string{"type": "dns", "value": a.host}},
		"authorizations": []string{a.url("/authz/1")}, "finalize": a.url("/finalize/1"), "certificate": a.url("/cert/1")})
}

func (a *authority) authorization(w http.ResponseWriter, _ *http.Request) {
	status := "pending"
	if a.valid {
		status = "valid"
	}
	reply(w, 200, map[string]any{"status": status, "identifier": map[string]string{"type": "dns", "value": a.host}, "challenges": []any{
		map[string]string{"type": "tls-alpn-01", "url": a.url("/other/1"), "token": token},
		map[string]string{"type": "http-01", "url": a.url("/challenge/1"), "token": token, "status": status},
	}})
}

// challenge asks the host.
func (a *authority) challenge(w http.ResponseWriter, _ *http.Request) {
	if a.lost {
		problem(w, 403, "connection", a.host+" answers nothing")
		return
	}
	answer, err := get("http://" + a.ask + "/.well-known/acme-challenge/" + token)
	if want := token + "." + a.thumb; err != nil || answer != want {
		problem(w, 403, "unauthorized", fmt.Sprintf("%s answers %q, %v", a.host, answer, err))
		return
	}
	a.valid = true
	reply(w, 200, map[string]string{"type": "http-01", "url": a.url("/challenge/1"), "token": token, "status": "valid"})
}

func get(url string) (string, error) {
	res, err := http.Get(url)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return strings.TrimSpace(string(body)), err
}

func (a *authority) finalize(w http.ResponseWriter, r *http.Request) {
	var asked struct{ CSR string }
	a.payload(r, &asked)
	der, _ := base64.RawURLEncoding.DecodeString(asked.CSR)
	request, err := x509.ParseCertificateRequest(der)
	if err != nil {
		a.t.Errorf("request: %v", err)
		return
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(int64(len(a.orders) + 1)), DNSNames: request.DNSNames, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(a.life)}
	leaf, err := x509.CreateCertificate(rand.Reader, template, a.root, request.PublicKey, a.key)
	if err != nil {
		a.t.Errorf("sign: %v", err)
		return
	}
	for _, cert := range [][]byte{leaf, a.root.Raw} {
		a.cert = append(a.cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})...)
	}
	a.state(w, 200)
}

func (a *authority) certificate(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/pem-certificate-chain")
	_, _ = w.Write(a.cert)
}

func reply(w http.ResponseWriter, code int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(value)
}

// problem is an error of RFC 8555 §6.7.
func problem(w http.ResponseWriter, code int, kind, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(map[string]any{"type": "urn:ietf:params:acme:error:" + kind, "detail": detail, "status": code})
}
