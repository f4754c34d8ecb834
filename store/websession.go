package store

import (
	"context"
	"time"

	"blindcopy/crm"
)

// WebSession returns what is kept of a session of the pages; false where there is none, or its time is over.
func (s *Store) WebSession(ctx context.Context, token crm.SecretHash) (data []byte, ok bool, err error) {
	ok, err = s.reading().get(ctx, &data, `SELECT data FROM web_session WHERE token = ? AND expires > ?`, token[:], millis(s.Now()))
	return data, ok, wrap(err, "read a session")
}

// SaveWebSession keeps a session until its time is over. User is 0 before sign-in.
func (s *Store) SaveWebSession(ctx context.Context, token crm.SecretHash, data []byte, user crm.UserID, expires time.Time) error {
	err := s.writeApart(ctx, func(t *tx) error {
		_, err := t.do(`INSERT INTO web_session (token, data, user, expires) VALUES (?, ?, ?, ?)
			ON CONFLICT (token) DO UPDATE SET data = excluded.data, user = excluded.user, expires = excluded.expires`,
			token[:], data, int64(user), millis(expires))
		return err
	})
	return wrap(err, "keep a session")
}

// EndWebSession forgets a session, if there is one.
func (s *Store) EndWebSession(ctx context.Context, token crm.SecretHash) error {
	err := s.writeApart(ctx, func(t *tx) error {
		_, err := t.do(`DELETE FROM web_session WHERE token = ?`, token[:])
		return err
	})
	return wrap(err, "end a session")
}

// EndWebSessions signs a user out everywhere.
func (s *Store) EndWebSessions(ctx context.Context, user crm.UserID) error {
	err := s.writeApart(ctx, func(t *tx) error {
		_, err := t.do(`DELETE FROM web_session WHERE user = ?`, int64(user))
		return err
	})
	return wrap(err, "end the sessions of user %d", user)
}

// ForgetSignIns drops sessions and links whose time is over, and returns how many.
func (s *Store) ForgetSignIns(ctx context.Context) (n int64, err error) {
	err = s.writeApart(ctx, func(t *tx) error {
		n = 0
		for _, table := range []string{"web_session", "ticket"} {
			res, err := t.do(`DELETE FROM `+table+` WHERE expires <= ?`, millis(t.now))
			if err != nil {
				return err
			}
			gone, err := res.RowsAffected()
			if err != nil {
				return err
			}
			n += gone
		}
		return nil
	})
	return n, wrap(err, "forget sessions that are over")
}
