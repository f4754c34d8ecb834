package smtpd

import (
	"context"

	"blindcopy/crm"
)

// deliver gives the message to the inbox. The last byte has been read: from here on it
// does not matter whether the client is still there.
func (s *session) deliver(raw crm.Raw) reply {
	in := &crm.Inbound{
		ID:         s.server.opts.NewID(),
		ReceivedAt: s.server.opts.Now(),
		Via:        crm.ViaSMTP,
		Remote:     s.conn.remote,
		Helo:       s.helo,
		TLS:        s.conn.tlsVersion(),
		Trusted:    s.trusted,
		MailFrom:   s.tx.from,
		Recipients: s.tx.recipients,
		Raw:        raw,
	}
	if s.lmtp {
		in.Via = crm.ViaLMTP
	}
	receipt, err := s.take(in)
	if err != nil {
		r := replyTo(err)
		s.server.logFailure(s, in, r, err)
		return r
	}
	if receipt.ID == "" {
		receipt.ID = in.ID
	}
	s.cost = 0
	r := stored(receipt, s.trusted)
	s.server.logMail(s, in, receipt, r)
	return r
}

func (s *session) take(in *crm.Inbound) (r crm.Receipt, err error) {
	ctx, cancel := context.WithTimeout(s.server.custody, s.server.opts.TakeTimeout)
	defer cancel()
	defer s.recovered("take message "+string(in.ID), &err)
	r, err = s.server.inbox.Take(ctx, in)
	// Not after a panic: nobody knows then who still reads the bytes.
	if in.Raw.Release != nil {
		in.Raw.Release()
	}
	return r, err
}
