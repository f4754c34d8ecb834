package store

import (
	"context"
	"database/sql"
	"strings"
	"time"
	"unicode/utf8"

	"blindcopy/crm"
)

// mostTokens bounds the tokens of a user, mostTokenName their names in characters.
const (
	mostTokens    = 50
	mostTokenName = 100
)

// noteUseEvery is how exactly we know when a token was last used: a program that asks each second costs one write a
// minute.
const noteUseEvery = time.Minute

// AddAPIToken makes a token for programs of a user. The secret is returned once: we keep only its hash.
func (s *Store) AddAPIToken(ctx context.Context, user crm.UserID, name string) (made crm.APIToken, secret crm.Secret, err error) {
	name = strings.TrimSpace(name)
	if name == "" || utf8.RuneCountInString(name) > mostTokenName {
		return made, "", invalid("name the token after what it is for, in %d characters at most", mostTokenName)
	}
	secret = crm.NewSecret()
	hash := secret.Hash()
	err = s.write(ctx, func(t *tx) error {
		u, err := t.user(user)
		if err != nil {
			return err
		}
		var has int
		if _, err := t.get(t.ctx, &has, `SELECT count(*) FROM api_token WHERE user = ?`, int64(user)); err != nil {
			return err
		}
		if has >= mostTokens {
			return invalid("%s has %d tokens already: revoke those that nothing uses", u.Email, has)
		}
		id, err := t.insert(`INSERT INTO api_token (token, user, name, created_at) VALUES (?, ?, ?, ?)`, hash[:], int64(user), name, millis(t.now))
		made = crm.APIToken{ID: id, Name: name, CreatedAt: moment(millis(t.now))}
		return firstOf(err, t.audit("user.token.add", u.Email, map[string]any{"name": name}))
	})
	return made, secret, wrap(err, "make a token for user %d", user)
}

// APITokens lists the tokens of a user, newest first.
func (s *Store) APITokens(ctx context.Context, user crm.UserID) ([]crm.APIToken, error) {
	var rows []struct {
		ID, Created int64
		Name        string
		Used        sql.NullInt64
	}
	err := s.reading().list(ctx, &rows, `SELECT id, created_at AS created, name, last_used_at AS used FROM api_token WHERE user = ? ORDER BY id DESC`, int64(user))
	list := make([]crm.APIToken, len(rows))
	for i, r := range rows {
		list[i] = crm.APIToken{ID: r.ID, Name: r.Name, CreatedAt: moment(r.Created), LastUsedAt: optionalMoment(r.Used)}
	}
	return list, wrap(err, "list the tokens of user %d", user)
}

// RemoveAPIToken revokes a token of a user, at once; crm.ErrNotFound if he has none of that number.
func (s *Store) RemoveAPIToken(ctx context.Context, user crm.UserID, id int64) error {
	err := s.write(ctx, func(t *tx) error {
		u, err := t.user(user)
		if err != nil {
			return err
		}
		var name string
		found, err := t.get(t.ctx, &name, `SELECT name FROM api_token WHERE id = ? AND user = ?`, id, int64(user))
		if err == nil && !found {
			err = notFound("token", id)
		}
		if err != nil {
			return err
		}
		if _, err := t.do(`DELETE FROM api_token WHERE id = ?`, id); err != nil {
			return err
		}
		return t.audit("user.token.remove", u.Email, map[string]any{"name": name})
	})
	return wrap(err, "revoke token %d of user %d", id, user)
}

// UserOfAPIToken is whose token it is; crm.ErrNotFound for a token that is unknown, was revoked or is too old, or whose
// user is disabled. That it was used is noted, if the last note is a minute old.
func (s *Store) UserOfAPIToken(ctx context.Context, secret crm.Secret) (u crm.User, err error) {
	var row struct {
		ID   int64
		User crm.UserID
		Used sql.NullInt64
	}
	hash, now := secret.Hash(), s.Now()
	found, err := s.reading().get(ctx, &row, `SELECT id, user, last_used_at AS used FROM api_token WHERE token = ? AND (expires IS NULL OR expires > ?)`, hash[:], millis(now))
	if err == nil && !found {
		err = sentence{crm.ErrNotFound, "there is no such token"}
	}
	if err != nil {
		return u, wrap(err, "look up a token")
	}
	if u, err = s.UserByID(ctx, row.User); err != nil {
		return u, err
	}
	if !u.Active {
		return crm.User{}, wrap(sentence{crm.ErrNotFound, "the user of the token is disabled"}, "look up a token")
	}
	if !row.Used.Valid || now.Sub(moment(row.Used.Int64)) >= noteUseEvery {
		s.noteTokenUse(ctx, row.ID)
	}
	return u, nil
}

// noteTokenUse is for people who tidy up: a full disk, or a database that is busy, is no reason to answer nothing.
func (s *Store) noteTokenUse(ctx context.Context, id int64) {
	err := s.write(ctx, func(t *tx) error {
		_, err := t.do(`UPDATE api_token SET last_used_at = ? WHERE id = ?`, millis(t.now), id)
		return err
	})
	if err != nil {
		s.Log.Warn("the use of an API token was not noted", "token", id, "err", err)
	}
}
