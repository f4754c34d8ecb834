package smtpd

import (
	"bytes"
	"crypto/tls"
	"errors"
	"net"
	netsmtp "net/smtp"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"
)

// TestClientsOfOthers has two clients that other people wrote deliver over a real socket, in the clear and
// encrypted: they read our replies by the RFC, not by our own reading of it.
func TestClientsOfOthers(t *testing.T) {
	const from, to = "ben@client.example", "anna@bcc.example"
	body := "Subject: hi\r\n\r\n.a dot\r\n" + strings.Repeat("a line of the body\r\n", 10_000)
	insecure := &tls.Config{InsecureSkipVerify: true}

	clients := map[string]func(addr string) error{
		"go-smtp": func(addr string) error {
			c, err := smtp.Dial(addr)
			if err != nil {
				return err
			}
			defer c.Close()
			return errors.Join(c.SendMail(from, []string{to}, strings.NewReader(body)), c.Quit())
		},
		"go-smtp, STARTTLS": func(addr string) error {
			conn, err := net.Dial("tcp", addr)
			if err != nil {
				return err
			}
			c, err := smtp.NewClientStartTLS(conn, insecure)
			if err != nil {
				return err
			}
			defer c.Close()
			return errors.Join(c.SendMail(from, []string{to}, strings.NewReader(body)), c.Quit())
		},
		"net/smtp, STARTTLS": func(addr string) error {
			c, err := netsmtp.Dial(addr)
			if err != nil {
				return err
			}
			defer c.Close()
			if err := errors.Join(c.Hello("client.example"), c.StartTLS(insecure), c.Noop(), c.Mail(from), c.Rcpt(to)); err != nil {
				return err
			}
			w, err := c.Data()
			if err != nil {
				return err
			}
			_, err = w.Write([]byte(body))
			return errors.Join(err, w.Close(), c.Reset(), c.Quit())
		},
	}
	for name, send := range clients {
		t.Run(name, func(t *testing.T) {
			o := testOptions(t)
			o.TLS = testTLS(t)
			inbox := &scriptedInbox{}
			if err := send(serve(t, inbox, o).Addrs()[0].String()); err != nil {
				t.Fatal(err)
			}
			m := inbox.last()
			if !bytes.Equal(m.Raw.Bytes, []byte(body)) || m.MailFrom != from || paths(m) != to {
				t.Errorf("got %d bytes from %q to %q, want %d from %q to %q", m.Raw.Size(), m.MailFrom, paths(m), len(body), from, to)
			}
			if encrypted := strings.Contains(name, "TLS"); encrypted != (m.TLS != "") {
				t.Errorf("got TLS %q", m.TLS)
			}
		})
	}
}
