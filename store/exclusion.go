package store

import (
	"context"
	"database/sql"
	"strconv"

	"blindcopy/crm"
)

// AddExclusion puts an address, domain or *.domain on the never-log list: of one user, or of everybody if
// user is empty. Adding it twice returns the one that is there.
func (s *Store) AddExclusion(ctx context.Context, pattern string, user crm.Address) (x crm.Exclusion, err error) {
	normal, err := crm.NormalPattern(pattern)
	if err != nil {
		return x, sentence{ErrInvalid, err.Error()}
	}
	err = s.write(ctx, func(t *tx) error {
		owner, err := t.owner(user)
		if err != nil {
			return err
		}
		var id int64
		found, err := t.get(t.ctx, &id, `SELECT id FROM exclusion WHERE pattern = ? AND coalesce(owner, 0) = ?`, normal, int64(owner))
		if err == nil && !found {
			id, err = t.insert(`INSERT INTO exclusion (pattern, owner, created_at) VALUES (?, ?, ?)`, normal, nullable(owner), millis(t.now))
			t.changedEverything()
			err = firstOf(err, t.audit("exclusion.add", normal, forUser(user)))
		}
		if err == nil {
			x, err = oneExclusion(t.ctx, t.session, id)
		}
		return err
	})
	return x, wrap(err, "add exclusion %s", normal)
}

// Exclusions lists the never-log list, newest first.
func (s *Store) Exclusions(ctx context.Context) ([]crm.Exclusion, error) {
	list, err := listExclusions(ctx, s.reading())
	return list, wrap(err, "list exclusions")
}

// RemoveExclusion takes an exclusion off the list and returns it as it was. A pattern means that of
// everybody if there is one, else the newest of a user.
func (s *Store) RemoveExclusion(ctx context.Context, idOrPattern string) (x crm.Exclusion, err error) {
	err = s.write(ctx, func(t *tx) error {
		if x, err = findExclusion(t, idOrPattern); err != nil {
			return err
		}
		t.changedEverything()
		if _, err := t.do(`DELETE FROM exclusion WHERE id = ?`, x.ID); err != nil {
			return err
		}
		return t.audit("exclusion.remove", x.Pattern, forUser(x.User))
	})
	return x, wrap(err, "remove exclusion %s", idOrPattern)
}

// forUser says in the audit log whose an exclusion is; nothing if it is everybody's.
func forUser(user crm.Address) map[string]any {
	if user == "" {
		return nil
	}
	return map[string]any{"user": user}
}

func findExclusion(t *tx, idOrPattern string) (crm.Exclusion, error) {
	if id, err := strconv.ParseInt(idOrPattern, 10, 64); err == nil {
		return oneExclusion(t.ctx, t.session, id)
	}
	normal, err := crm.NormalPattern(idOrPattern)
	if err != nil {
		return crm.Exclusion{}, sentence{ErrInvalid, err.Error()}
	}
	var id int64
	found, err := t.get(t.ctx, &id, `SELECT id FROM exclusion WHERE pattern = ? ORDER BY coalesce(owner, 0) <> 0, id DESC LIMIT 1`, normal)
	if err != nil || !found {
		return crm.Exclusion{}, firstOf(err, notFound("exclusion", normal))
	}
	return oneExclusion(t.ctx, t.session, id)
}

func oneExclusion(ctx context.Context, q session, id int64) (crm.Exclusion, error) {
	list, err := listExclusions(ctx, q)
	if err != nil {
		return crm.Exclusion{}, err
	}
	for _, x := range list {
		if x.ID == id {
			return x, nil
		}
	}
	return crm.Exclusion{}, notFound("exclusion", id)
}

func listExclusions(ctx context.Context, q session) ([]crm.Exclusion, error) {
	var rows []struct {
		ID        int64
		Pattern   string
		Owner     sql.NullInt64
		Email     sql.NullString
		CreatedAt int64 `db:"created_at"`
	}
	err := q.list(ctx, &rows, `
		SELECT x.id, x.pattern, x.owner, u.email, x.created_at FROM exclusion x LEFT JOIN crm_user u ON u.id = x.owner ORDER BY x.id DESC`)
	if err != nil {
		return nil, err
	}
	list := make([]crm.Exclusion, 0, len(rows))
	for _, r := range rows {
		list = append(list, crm.Exclusion{ID: r.ID, Pattern: r.Pattern, User: crm.Address(r.Email.String), UserID: crm.UserID(r.Owner.Int64), CreatedAt: moment(r.CreatedAt)})
	}
	return list, nil
}
