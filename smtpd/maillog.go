package smtpd

import (
	"log/slog"
	"strings"
	"time"

	"blindcopy/crm"
)

// The mail log is a product: one line "mail" for each message that was received whole,
// one line "refused" for everything that was not taken. The keys stay as they are.

func (s *Server) logMail(ses *session, in *crm.Inbound, receipt crm.Receipt, r reply) {
	s.stats.accepted(in.Raw.Size())
	s.log.Info("mail", append(ses.messageKeys(in),
		"verdict", string(receipt.Verdict), "codes", receipt.Codes, "reply", replyText(r))...)
}

// logFailure: the message was received, and the inbox could not take it. What is wrong is for the inbox to say, once.
func (s *Server) logFailure(ses *session, in *crm.Inbound, r reply, err error) {
	s.stats.refused(r.code)
	s.log.Info("mail", append(ses.messageKeys(in),
		"verdict", "", "codes", []crm.Code{}, "reply", replyText(r), "err", err)...)
}

// logRefusal: a connection, a command or a recipient was refused, or a message whose body
// was not read to its end.
func (s *Server) logRefusal(ses *session, r reply, err error) {
	s.stats.refused(r.code)
	keys := []any{"peer", ses.peer(), "helo", ses.helo}
	if ses.tx != nil {
		keys = append(keys, "from", ses.tx.from, "to", ses.tx.paths())
	}
	if ses.path != "" {
		keys = append(keys, "path", ses.path)
	}
	s.log.Info("refused", append(keys, "reply", replyText(r), slog.Any("err", err))...)
}

func (s *session) messageKeys(in *crm.Inbound) []any {
	return []any{
		"intake", string(in.ID), "via", string(in.Via), "peer", s.peer(), "helo", in.Helo, "tls", in.TLS,
		"from", in.MailFrom, "to", s.tx.paths(), "size", in.Raw.Size(),
		"duration", time.Since(s.tx.began).Round(time.Millisecond),
	}
}

// replyText is the reply as it stands on the wire.
func replyText(r reply) string { return strings.TrimSuffix(r.line(), "\r\n") }
