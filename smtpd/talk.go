package smtpd

import (
	"context"
	"io"
	"log/slog"
	"net"

	"github.com/emersion/go-smtp"
)

// talk lets go-smtp have the conversation, and returns when it is over. There is a
// smtp.Server for each, for that is the one thing of go-smtp whose end can be waited for.
func (s *session) talk() {
	o := &s.server.opts
	backend := smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return s, nil })
	server := smtp.NewServer(backend)
	server.Domain = o.Hostname
	server.LMTP = s.lmtp
	server.MaxMessageBytes = o.MaxMessageBytes
	server.MaxLineLength = 0 // lines are bounded by conn, bodies never pass
	server.EnableSMTPUTF8 = true
	server.ErrorLog = slog.NewLogLogger(s.server.log.Handler(), slog.LevelWarn)
	if s.conn.tlsVersion() == "" {
		server.TLSConfig = o.TLS // only so that STARTTLS is offered; the handshake is ours
	}
	_ = server.Serve(&single{conn: gate{s}}) // io.EOF, after the first
	_ = server.Shutdown(context.Background())
}

// single is a listener that accepts one connection.
type single struct{ conn net.Conn }

func (l *single) Accept() (net.Conn, error) {
	if l.conn == nil {
		return nil, io.EOF
	}
	c := l.conn
	l.conn = nil
	return c, nil
}

func (l *single) Close() error   { return nil }
func (l *single) Addr() net.Addr { return &net.TCPAddr{} }
