package certificate

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"golang.org/x/crypto/acme"
)

// order has a certificate made for a host (RFC 8555 §7.4), and returns it in PEM: the key, the certificate, its chain.
func (a *ACME) order(ctx context.Context, host string) ([]byte, error) {
	client, err := a.account(ctx)
	if err != nil {
		return nil, err
	}
	order, err := client.AuthorizeOrder(ctx, acme.DomainIDs(host))
	if err != nil {
		return nil, fmt.Errorf("order: %w", err)
	}
	for _, url := range order.AuthzURLs {
		if err := a.authorize(ctx, client, url); err != nil {
			return nil, fmt.Errorf("prove to be %s: %w", host, err)
		}
	}
	ready, err := client.WaitOrder(ctx, order.URI)
	if err != nil {
		return nil, fmt.Errorf("order: %w", err)
	}
	// ECDSA P-256: a handshake costs a fraction of one with RSA, and every client of this decade knows it.
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	request, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{DNSNames: []string{host}}, key)
	if err != nil {
		return nil, err
	}
	chain, _, err := client.CreateOrderCert(ctx, ready.FinalizeURL, request, true)
	if err != nil {
		return nil, fmt.Errorf("fetch the certificate: %w", err)
	}
	return encode(key, chain)
}

// account returns a client with our account at the authority, which is made if there is none.
func (a *ACME) account(ctx context.Context) (*acme.Client, error) {
	key, err := a.folder.accountKey()
	if err != nil {
		return nil, fmt.Errorf("the key of the account: %w", err)
	}
	client := &acme.Client{Key: key, DirectoryURL: a.opts.Directory, HTTPClient: a.opts.Client, UserAgent: "blindcopy", RetryBackoff: thrice}
	account := &acme.Account{}
	if a.opts.Email != "" {
		account.Contact = []string{"mailto:" + a.opts.Email}
	}
	// The terms were accepted by setting smtp.tls.acme: its documentation says so.
	if _, err := client.Register(ctx, account, acme.AcceptTOS); err != nil && !errors.Is(err, acme.ErrAccountAlreadyExists) {
		return nil, fmt.Errorf("register: %w", err)
	}
	return client, nil
}

// thrice: a request that the authority is too busy for is repeated soon; what takes longer is for Run.
func thrice(n int, _ *http.Request, _ *http.Response) time.Duration {
	if n > 3 {
		return -1
	}
	return time.Duration(n) * time.Second
}

// authorize lets the authority ask whether we are the host, unless it knows from before.
func (a *ACME) authorize(ctx context.Context, client *acme.Client, url string) error {
	authorization, err := client.GetAuthorization(ctx, url)
	if err != nil || authorization.Status == acme.StatusValid {
		return err
	}
	at := slices.IndexFunc(authorization.Challenges, func(c *acme.Challenge) bool { return c.Type == "http-01" })
	if at < 0 {
		return errors.New("the authority does not ask over HTTP")
	}
	challenge := authorization.Challenges[at]
	answer, err := client.HTTP01ChallengeResponse(challenge.Token)
	if err != nil {
		return err
	}
	path := client.HTTP01ChallengePath(challenge.Token)
	a.setAnswer(path, answer)
	defer a.setAnswer(path, "")
	if _, err := client.Accept(ctx, challenge); err != nil {
		return err
	}
	_, err = client.WaitAuthorization(ctx, url)
	return err
}

// setAnswer says what is answered at a path; nothing, if that is empty.
func (a *ACME) setAnswer(path, answer string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if answer == "" {
		delete(a.answers, path)
		return
	}
	a.answers[path] = answer
}

// encode writes a key and the chain of its certificate as PEM.
func encode(key *ecdsa.PrivateKey, chain [][]byte) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	for _, cert := range chain {
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})...)
	}
	return text, nil
}
