package store

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strings"
	"sync"
	"time"

	"blindcopy/crm"
)

// TokenInfo and Recorded are nouns, so that linker can name them without knowing this package.
type (
	TokenInfo = crm.TokenInfo
	Recorded  = crm.Recorded
)

// token is a BCC address as it is remembered: its state changes with time alone.
type token struct {
	crm.TokenInfo
	known bool // there is one, of an active user
}

// Token looks up the secret of a BCC address, in any case. It returns false where there is none, or its user
// is disabled; a revoked one is returned as such. What any process has committed holds.
func (s *Store) Token(ctx context.Context, text string) (TokenInfo, bool, error) {
	text = strings.ToLower(text)
	lent := &lent{s: s, ctx: ctx}
	defer lent.giveBack()
	t, err := s.token(lent, text)
	if err == nil && !t.known && s.writer != nil {
		err = s.writer.usable() // "no such address" is for good: never from a database that was taken away
	}
	if err != nil {
		s.noteDamage(err)
		return TokenInfo{}, false, fmt.Errorf("look up a BCC address: %w", classify(err))
	}
	info := t.TokenInfo
	info.State = stateAt(info.State, info.Until, s.Now())
	return info, t.known, nil
}

func (s *Store) token(lent *lent, text string) (t token, err error) {
	stamp, err := s.freshStamp(lent)
	if err != nil {
		return t, err
	}
	if t, ok := recall(s.memory, inTokens, text); ok {
		return t, nil
	}
	if t, err = readToken(lent, text); err != nil {
		return t, err
	}
	remember(s.memory, stamp.Seq, everything, inTokens, text, t, rememberRecords)
	return t, nil
}

func readToken(c asker, text string) (t token, err error) {
	err = c.query(`
		SELECT b.token, b.slug, b.state, b.until, b.mailbox, m.owner
		FROM bcc_address b JOIN mailbox m ON m.id = b.mailbox JOIN crm_user u ON u.id = m.owner
		WHERE b.token = ? AND u.active = 1`,
		func(row []driver.Value) error {
			t.known = true
			t.TokenInfo = TokenInfo{Token: str(row[0]), Slug: str(row[1]), State: crm.BCCState(str(row[2])),
				Mailbox: crm.MailboxID(integer(row[4])), User: crm.UserID(integer(row[5]))}
			if row[3] != nil {
				t.Until = moment(integer(row[3]))
			}
			return nil
		}, text)
	return t, err
}

// stateAt is the state of a BCC address now: a rotating one is revoked when its grace is over.
func stateAt(state crm.BCCState, until, now time.Time) crm.BCCState {
	if state == crm.BCCRotating && !until.IsZero() && !now.Before(until) {
		return crm.BCCRevoked
	}
	return state
}

// lastUsed keeps the note of when a BCC address was used to one write a minute and address.
type lastUsed struct {
	mu sync.Mutex
	at map[string]time.Time
}

func newLastUsed() *lastUsed { return &lastUsed{at: map[string]time.Time{}} }

// due tells whether a use should be written down.
func (l *lastUsed) due(token string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Sub(l.at[token]) < time.Minute {
		return false
	}
	if len(l.at) >= rememberRecords {
		l.at = map[string]time.Time{}
	}
	l.at[token] = now
	return true
}
