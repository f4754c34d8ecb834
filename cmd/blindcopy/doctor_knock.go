package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/textproto"
	"strings"
)

// knock is a conversation with a mail server that ends before any mail.
type knock struct {
	network, address string
	hello            string // EHLO or LHLO
}

// reply is what it said.
type reply struct {
	greeting string // without its code
	startTLS bool

	// Of the handshake, where it was offered.
	tlsError error
	version  string // "TLS 1.3"
	shown    *x509.Certificate
}

// ours tells whether the greeting is the one of this program: "mx.example.com ESMTP Blindcopy ready".
func (r reply) ours() bool {
	words := strings.Fields(r.greeting)
	return len(words) > 2 && (words[1] == "ESMTP" || words[1] == "LMTP") && words[2] == "Blindcopy"
}

// name is what the server calls itself (RFC 5321 §4.2).
func (r reply) name() string {
	name, _, _ := strings.Cut(r.greeting, " ")
	return name
}

// ask listens to the greeting and says hello. The error is a *textproto.Error where the server declined to talk.
func (k knock) ask(ctx context.Context) (r reply, err error) {
	ctx, cancel := context.WithTimeout(ctx, portPatience)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, k.network, k.address)
	if err != nil {
		return r, err
	}
	defer func() { _ = conn.Close() }()
	if deadline, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(deadline)
	}
	talk := textproto.NewConn(conn)
	_, greeting, err := talk.ReadResponse(220)
	if err != nil {
		return r, fmt.Errorf("no greeting: %w", err)
	}
	r.greeting, _, _ = strings.Cut(greeting, "\n")
	if !r.ours() {
		return r, nil // no business of ours
	}
	if err := talk.PrintfLine("%s localhost", k.hello); err != nil {
		return r, err
	}
	_, offers, err := talk.ReadResponse(250)
	if err != nil {
		return r, err
	}
	for line := range strings.Lines(offers) {
		r.startTLS = r.startTLS || strings.TrimSpace(line) == "STARTTLS"
	}
	if r.startTLS {
		r.tlsError = r.secure(ctx, conn, talk)
		return r, nil
	}
	_ = talk.PrintfLine("QUIT") // a courtesy
	return r, nil
}

// secure makes the handshake, and notes what the server shows; whether that is good is not asked here.
func (r *reply) secure(ctx context.Context, conn net.Conn, talk *textproto.Conn) error {
	if err := talk.PrintfLine("STARTTLS"); err != nil {
		return err
	}
	if _, _, err := talk.ReadResponse(220); err != nil {
		return err
	}
	secured := tls.Client(conn, &tls.Config{ServerName: r.name(), InsecureSkipVerify: true})
	if err := secured.HandshakeContext(ctx); err != nil {
		return err
	}
	state := secured.ConnectionState()
	r.version, r.shown = tls.VersionName(state.Version), state.PeerCertificates[0]
	_ = textproto.NewConn(secured).PrintfLine("QUIT") // a courtesy
	return nil
}
