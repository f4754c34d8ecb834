package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"blindcopy/crm"
)

// session is where the SQL of the nouns runs: the read pool, or the writer's open transaction. SQL is
// written with ? and rebound here.
type session struct{ handle }

// handle is what *sqlx.DB and *sqlx.Conn have in common.
type handle interface {
	sqlx.QueryerContext
	sqlx.ExecerContext
}

func (q session) rebind(query string) string { return sqlx.Rebind(bindType, query) }

// get reads one row; false means that there is none.
func (q session) get(ctx context.Context, dest any, query string, args ...any) (bool, error) {
	err := sqlx.GetContext(ctx, q, dest, q.rebind(query), args...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, classify(err)
}

// list reads all rows into a slice.
func (q session) list(ctx context.Context, dest any, query string, args ...any) error {
	return classify(sqlx.SelectContext(ctx, q, dest, q.rebind(query), args...))
}

// listIn is list for a query with IN (?) over ids, in pieces that the database takes.
func listIn[T any, ID any](ctx context.Context, q session, query string, ids []ID, args ...any) ([]T, error) {
	const piece = 1000
	var all []T
	for len(ids) > 0 {
		n := min(piece, len(ids))
		query, args, err := sqlx.In(query, append([]any{ids[:n]}, args...)...)
		if err != nil {
			return nil, err
		}
		var some []T
		if err := q.list(ctx, &some, query, args...); err != nil {
			return nil, err
		}
		all, ids = append(all, some...), ids[n:]
	}
	return all, nil
}

// tx is the writer's open transaction, as one change sees it.
type tx struct {
	*batch
	session
	ctx   context.Context
	actor crm.Actor // who is named in the audit log
	// touched says that something was written, so that a failure has something to take back.
	touched bool
	files   files
	// newAddresses are rows that this change found or made.
	newAddresses map[crm.Address]int64
	mails        []filedMail // see batch
	unsettled    bool
}

// do runs a statement of the nouns.
func (t *tx) do(query string, args ...any) (sql.Result, error) {
	t.touched = true
	res, err := t.ExecContext(t.ctx, t.rebind(query), args...)
	return res, classify(err)
}

// insert runs an INSERT and returns the id of the new row.
func (t *tx) insert(query string, args ...any) (id int64, err error) {
	t.touched = true
	_, err = t.get(t.ctx, &id, query+" RETURNING id", args...)
	return id, err
}

// exec runs a prepared statement of the hot path: int64, string, []byte, bool and nil only.
func (t *tx) exec(query string, args ...any) error {
	t.touched = true
	_, err := t.c.exec(query, args...)
	return err
}

// changed tells everybody's memory: see change.go.
func (t *tx) changed(keys ...string) {
	for _, key := range keys {
		if _, ok := t.pending[key]; !ok && key != "" {
			t.pending[key] = struct{}{}
			t.news = append(t.news, change{key: key})
		}
	}
}

// changedEverything is what every change that a person makes says.
func (t *tx) changedEverything() { t.changed(everything) }

// millis and its inverse: times are Unix milliseconds in the database, absent ones NULL.
func millis(t time.Time) int64 { return t.UnixMilli() }

func moment(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

func optionalMoment(ms sql.NullInt64) *time.Time {
	if !ms.Valid {
		return nil
	}
	t := moment(ms.Int64)
	return &t
}

// nullable turns 0 into NULL, for columns that refer to another table.
func nullable[T ~int64](id T) any {
	if id == 0 {
		return nil
	}
	return int64(id)
}

// matches tells whether a text is in any of the fields, in any case.
func matches(text string, fields ...string) bool {
	if text == "" {
		return true
	}
	text = strings.ToLower(text)
	for _, f := range fields {
		if strings.Contains(strings.ToLower(f), text) {
			return true
		}
	}
	return false
}

// Numbers of the kinds and roles in narrow rows.
var (
	kindNumbers = map[crm.Kind]int64{crm.KindContact: 1, crm.KindCompany: 2, crm.KindLead: 3, crm.KindDeal: 4, crm.KindUser: 5}
	kinds       = []crm.Kind{crm.KindUnknown, crm.KindContact, crm.KindCompany, crm.KindLead, crm.KindDeal, crm.KindUser}
	roleNumbers = map[crm.ParticipantRole]int64{crm.RoleFrom: 1, crm.RoleReplyTo: 2, crm.RoleTo: 3, crm.RoleCc: 4, crm.RoleBcc: 5, crm.RoleEnvelope: 6}
)

func kindNumber(k crm.Kind) int64 { return kindNumbers[k] }

func kindOf(n int64) crm.Kind {
	if n < 1 || n >= int64(len(kinds)) {
		return crm.KindUnknown
	}
	return kinds[n]
}
