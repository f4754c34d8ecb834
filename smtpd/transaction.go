package smtpd

import (
	"context"
	"errors"
	"strings"
	"time"

	"blindcopy/crm"
)

// transaction is the envelope of one message (RFC 5321 §3.3).
type transaction struct {
	from       string
	utf8       bool            // MAIL had SMTPUTF8: paths may be beyond ASCII
	recipients []crm.Recipient // each path once
	seen       map[string]bool // paths in lower case
	replies    int             // RCPT commands that were accepted: LMTP owes a reply for each
	began      time.Time       // when the body began
}

// replyCount: a message has one reply, and over LMTP one for each accepted RCPT (RFC 2033 §4.2).
func (t *transaction) replyCount(lmtp bool) int {
	if lmtp {
		return t.replies
	}
	return 1
}

func (t *transaction) paths() []string {
	paths := make([]string, len(t.recipients))
	for i, r := range t.recipients {
		paths[i] = r.Path
	}
	return paths
}

// addRecipient takes a forward path into the envelope, if the inbox knows it.
func (s *session) addRecipient(path string) error {
	tx, key := s.tx, strings.ToLower(path)
	limit := s.server.opts.MaxRecipients
	if tx.seen[key] {
		// The same few addresses without end.
		if tx.replies-len(tx.recipients) >= limit {
			return errRecipients
		}
		tx.replies++
		return nil
	}
	if len(tx.recipients) >= limit {
		return errRecipients
	}
	asked := time.Now()
	r, err := s.resolve(path)
	if err != nil {
		return s.noteGuess(err, asked)
	}
	if tx.seen == nil {
		tx.seen = map[string]bool{}
	}
	tx.seen[key] = true
	tx.recipients = append(tx.recipients, r)
	tx.replies++
	return nil
}

func (s *session) resolve(path string) (r crm.Recipient, err error) {
	defer s.recovered("resolve a recipient", &err)
	ctx, cancel := context.WithTimeout(s.server.custody, s.server.opts.TakeTimeout)
	defer cancel()
	return s.server.inbox.Resolve(ctx, path)
}

// noteGuess holds the answer to an unknown recipient back, the longer the more the source has asked, and ends
// the session after a few. A disabled user's address is unknown to the inbox, and the answer always comes the same time
// after the question: how long the inbox has looked tells nothing. Peers in trusted networks are no exception: one of
// them that guesses was broken into. A Unix socket is: the mail server behind it passes on what others have guessed.
func (s *session) noteGuess(err error, asked time.Time) error {
	if s.conn.local {
		return err
	}
	if replyTo(err).code/100 == 5 { // an outage is not the client's fault
		s.cost += costIdle
	}
	if !errors.Is(err, crm.ErrUnknownRecipient) {
		return err
	}
	delay, inTime := s.server.guesses.delay(s.conn.remote, time.Now())
	if s.unknown++; s.unknown > maxUnknown || !inTime {
		s.server.stats.limit("unknown_recipients")
		return errGuesses
	}
	select {
	case <-time.After(delay + guessTime - time.Since(asked)):
	case <-s.server.stopping:
	}
	return err
}
