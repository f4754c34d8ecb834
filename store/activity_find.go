package store

import (
	"context"
	"database/sql/driver"
	"math"
	"slices"
	"strings"

	"blindcopy/crm"
)

// place of an activity on a timeline: newest first, and of the same moment the later one first.
type place struct{ at, id int64 }

func (p place) compare(o place) int {
	if p.at != o.at {
		return int(min(max(o.at-p.at, -1), 1))
	}
	return int(min(max(o.id-p.id, -1), 1))
}

// findActivities returns what fits, newest first.
func (s *Store) findActivities(ctx context.Context, c *conn, f ActivityFilter) ([]crm.Activity, error) {
	page, err := s.timeline(ctx, c, f)
	if err != nil {
		return nil, err
	}
	who, err := s.looking(ctx, f.Viewer)
	if err != nil {
		return nil, err
	}
	before := place{math.MaxInt64, math.MaxInt64}
	if !f.Before.IsZero() {
		before = place{millis(f.Before), int64(f.BeforeID)}
	}
	size := pageSize
	if f.Limit > 0 && f.Match == "" && (f.User == "" || f.Ref == nil) {
		size = min(size, f.Limit)
	}
	reader, list := newActivityReader(ctx, c, s.reading()), []crm.Activity{}
	for {
		places, err := page(before, size)
		if err != nil {
			return nil, err
		}
		fitting, err := s.fitting(ctx, places, f, who)
		if err != nil {
			return nil, err
		}
		for len(fitting) > 0 {
			n := len(fitting)
			if f.Limit > 0 {
				n = min(n, f.Limit-len(list))
			}
			some, err := reader.read(fitting[:n])
			if err != nil {
				return nil, err
			}
			list, fitting = append(list, shownActivities(some, f)...), fitting[n:]
			if f.Limit > 0 && len(list) == f.Limit {
				return list, nil
			}
		}
		if len(places) < size {
			return list, nil
		}
		before = places[len(places)-1]
		size = min(2*size, pageSize) // much of it is hidden, or does not fit
	}
}

// pageOf is one of the ways to go through activities: at most n, from before on.
type pageOf func(before place, n int) ([]place, error)

// timeline chooses the way by the filter that narrows most.
func (s *Store) timeline(ctx context.Context, c *conn, f ActivityFilter) (pageOf, error) {
	switch {
	case f.Thread != 0:
		return threadPage(c, f.Thread), nil
	case f.Ref != nil && f.Ref.Kind == crm.KindCompany:
		return companyPage(c, f.Ref.ID)
	case f.Ref != nil:
		return recordPage(c, *f.Ref), nil
	case f.User != "":
		user, err := userAt(ctx, s.reading(), f.User)
		return userPage(c, user), err
	}
	return func(before place, n int) ([]place, error) {
		return places(c, `SELECT occurred_at, id FROM activity WHERE (occurred_at, id) < (?, ?) ORDER BY occurred_at DESC, id DESC LIMIT ?`,
			before.at, before.id, int64(n))
	}, nil
}

func places(c *conn, query string, args ...any) (list []place, err error) {
	err = c.query(query, func(row []driver.Value) error {
		list = append(list, place{integer(row[0]), integer(row[1])})
		return nil
	}, args...)
	return list, err
}

const selectTimeline = `
	SELECT at, activity FROM link WHERE kind = ? AND record = ? AND (at, activity) < (?, ?) AND at >= ?
	ORDER BY at DESC, activity DESC LIMIT ?`

func recordPage(c *conn, ref crm.Ref) pageOf {
	return func(before place, n int) ([]place, error) {
		return places(c, selectTimeline, kindNumber(ref.Kind), ref.ID, before.at, before.id, int64(math.MinInt64), int64(n))
	}
}

func threadPage(c *conn, thread crm.ThreadID) pageOf {
	return func(before place, n int) ([]place, error) {
		return places(c, `SELECT occurred_at, id FROM activity WHERE thread = ? AND (occurred_at, id) < (?, ?) ORDER BY occurred_at DESC, id DESC LIMIT ?`,
			int64(thread), before.at, before.id, int64(n))
	}
}

// userPage has what a user wrote or captured.
func userPage(c *conn, user crm.UserID) pageOf {
	return func(before place, n int) ([]place, error) {
		return places(c, `
			SELECT occurred_at, id FROM activity a
			WHERE (occurred_at, id) < (?, ?)
			  AND (author_user = ? OR EXISTS (SELECT 1 FROM capture c WHERE c.target = a.id AND c.owner = ?))
			ORDER BY occurred_at DESC, id DESC LIMIT ?`, before.at, before.id, int64(user), int64(user), int64(n))
	}
}

// companyPage merges the timelines of a company and of its contacts. Those with the newest mail are read
// first, so that the others, usually many, need not be.
func companyPage(c *conn, company int64) (pageOf, error) {
	type source struct {
		ref    crm.Ref
		newest int64
	}
	var sources []source
	err := c.query(`
		SELECT 2, ?, (SELECT max(at) FROM link WHERE kind = 2 AND record = ?)
		UNION ALL
		SELECT 1, k.id, (SELECT max(at) FROM link WHERE kind = 1 AND record = k.id) FROM contact k WHERE k.company = ?`,
		func(row []driver.Value) error {
			if row[2] != nil {
				sources = append(sources, source{crm.Ref{Kind: kindOf(integer(row[0])), ID: integer(row[1])}, integer(row[2])})
			}
			return nil
		}, company, company, company)
	slices.SortFunc(sources, func(a, b source) int { return place{a.newest, 0}.compare(place{b.newest, 0}) })
	return func(before place, n int) (merged []place, err error) {
		floor := int64(math.MinInt64) // what is older cannot be among the first n
		for _, s := range sources {
			if s.newest < floor {
				break
			}
			some, err := places(c, selectTimeline, kindNumber(s.ref.Kind), s.ref.ID, before.at, before.id, floor, int64(n))
			if err != nil {
				return nil, err
			}
			merged = append(merged, some...)
			slices.SortFunc(merged, place.compare)
			merged = slices.Compact(merged) // one mail to two contacts
			if len(merged) >= n {
				merged = merged[:n]
				floor = merged[n-1].at
			}
		}
		return merged, nil
	}, err
}

// fitting are those of the places that have the text, and the user, of the filter, and that whoever looks may know of.
func (s *Store) fitting(ctx context.Context, places []place, f ActivityFilter, who looker) ([]int64, error) {
	ids := make([]int64, len(places))
	for i, p := range places {
		ids[i] = p.id
	}
	if f.Match == "" && (f.User == "" || f.Ref == nil) && who.all {
		return ids, nil
	}
	user := crm.UserID(0)
	if f.User != "" {
		var err error
		if user, err = userAt(ctx, s.reading(), f.User); err != nil {
			return nil, err
		}
	}
	columns := "a.id"
	if f.Match != "" {
		columns = "a.id, a.subject, a.people, a.preview, a.note, a.message_id"
	}
	rows, err := listIn[matchRow](ctx, s.reading(), `
		SELECT `+columns+` FROM activity a
		WHERE a.id IN (?) AND (? = 0 OR a.author_user = ? OR EXISTS (SELECT 1 FROM capture c WHERE c.target = a.id AND c.owner = ?))
		  AND (? OR a.visibility <> 'private' OR EXISTS (SELECT 1 FROM capture c WHERE c.target = a.id AND c.owner = ?))`,
		ids, int64(user), int64(user), int64(user), who.all, int64(who.user))
	if err != nil {
		return nil, err
	}
	fits := map[int64]bool{}
	for _, row := range rows {
		if fits[row.ID], err = row.matches(f.Match); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(ids, func(id int64) bool { return !fits[id] }), nil
}

// matchRow is what a text is looked for in.
type matchRow struct {
	ID                             int64
	Subject, People, Preview, Note string
	MessageID                      string `db:"message_id"`
}

func (row *matchRow) matches(text string) (bool, error) {
	if matches(text, row.Subject, row.Preview, row.Note, row.MessageID) {
		return true, nil
	}
	if !strings.ContainsFunc(text, isEscaped) && !matches(text, row.People) {
		return false, nil // it is not even in the JSON
	}
	people, err := peopleIn(row.People)
	return slices.ContainsFunc(people, func(p crm.Person) bool { return matches(text, p.Name, string(p.Address)) }), err
}

// isEscaped tells what JSON may write in another way than it is.
func isEscaped(c rune) bool {
	return c < ' ' || strings.ContainsRune("\"\\<>&\u2028\u2029\uFFFD", c)
}
