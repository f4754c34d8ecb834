package store

import (
	"context"
	"database/sql/driver"
	"strconv"
	"strings"
	"time"

	"blindcopy/crm"
)

// What happened to mail is found twice: new mail by its number, which grows with each record, and mail that was changed
// in the log of changes (change.go), by which a command in another process tells the server, too.

// Commits is a number that changes whenever any process has committed something. It costs no look into the database:
// whoever waits for news asks as often as he likes. Where processes cannot tell each other, it changes each second.
func (s *Store) Commits() int64 {
	if b := s.memory.bell; b != nil {
		return b.commits.Load()
	}
	const blind = 1 << 32 // no process commits as often in a second
	return s.commits.Load() + time.Now().Unix()*blind
}

// isNews tells a key of News from those that are of facts.
func isNews(key string) bool {
	return !strings.Contains(key, "@") && (strings.HasPrefix(key, "intake:") || strings.HasPrefix(key, "activity:"))
}

// Position is where news stand now.
func (s *Store) Position(ctx context.Context) (p crm.Position, err error) {
	err = s.read(ctx, func(c *conn) error {
		p, err = newestNews(c)
		return err
	})
	return p, wrap(err, "look for news")
}

// The newest number of the log counts on when retention has emptied it.
func newestNews(c *conn) (p crm.Position, err error) {
	if p.Intake, err = c.number(`SELECT coalesce(max(seq), 0) FROM intake`); err != nil {
		return p, err
	}
	p.Change, err = c.number(newestChange)
	return p, err
}

// News lists what happened to mail after a position, in pieces of about n mails. Mail that was changed is told of as it is now, each
// once. With a viewer, intakes that he may not see are left out; what became of them he must still be asked about.
func (s *Store) News(ctx context.Context, after crm.Position, v *crm.Viewer, n int) (page crm.NewsPage, err error) {
	var keys []change
	err = s.read(ctx, func(c *conn) (err error) {
		page, keys, err = newsAfter(c, after, n)
		return err
	})
	if err == nil {
		page.List, err = s.newMail(ctx, after, page.Upto.Intake, v)
	}
	if err == nil {
		page.List, err = s.changedMail(ctx, page.List, crm.Position{Intake: page.Upto.Intake, Change: after.Change}, keys, v)
	}
	return page, wrap(err, "read the news")
}

// newsAfter finds how far n mails and n changes reach, and which changes those are.
func newsAfter(c *conn, after crm.Position, n int) (page crm.NewsPage, keys []change, err error) {
	now, err := newestNews(c)
	if err != nil {
		return page, nil, err
	}
	oldest, err := c.number(`SELECT coalesce(min(seq), 0) FROM address_change`)
	if err != nil {
		return page, nil, err
	}
	upto := now.Later(crm.Position{Change: after.Change})
	page.Missed = oldest > after.Change+1 || now.Intake < after.Intake // retention took what was there
	// Numbers are without gaps but for what retention took: a piece is no longer than n.
	upto.Intake = min(now.Intake, after.Intake+int64(n))
	rows := 0
	err = c.query(`SELECT seq, key FROM address_change WHERE seq > ? AND seq <= ? AND (key LIKE 'intake:%' OR key LIKE 'activity:%') ORDER BY seq LIMIT ?`,
		func(row []driver.Value) error {
			if rows++; rows == n {
				upto.Change = integer(row[0])
			}
			if key := str(row[1]); isNews(key) {
				keys = append(keys, change{integer(row[0]), key})
			}
			return nil
		}, after.Change, now.Change, int64(n))
	page.Upto, page.More = upto, upto.Intake < now.Intake || rows == n
	return page, keys, err
}

// newMail reads the mail that was recorded after a position.
func (s *Store) newMail(ctx context.Context, after crm.Position, upto int64, v *crm.Viewer) ([]crm.News, error) {
	if upto <= after.Intake {
		return nil, nil
	}
	var w where
	w.and("r.seq > ?", after.Intake)
	rows, err := s.newsRows(ctx, w, upto+1, int(upto-after.Intake), v)
	if err != nil {
		return nil, err
	}
	list := make([]crm.News, 0, len(rows))
	for i := len(rows) - 1; i >= 0; i-- { // they come newest first
		in, err := rows[i].intake()
		if err != nil {
			return nil, err
		}
		list = append(list, crm.News{At: crm.Position{Intake: rows[i].Seq, Change: after.Change}, New: true, Intake: &in})
	}
	return list, s.completeNews(ctx, list)
}

func (s *Store) newsRows(ctx context.Context, w where, before int64, n int, v *crm.Viewer) ([]intakeListRow, error) {
	if err := s.narrowIntakes(ctx, &w, v); err != nil {
		return nil, err
	}
	return selectIntakes(ctx, s.reading(), w, before, n)
}

// changedMail adds the mail that was changed, where the list does not tell of it already.
func (s *Store) changedMail(ctx context.Context, list []crm.News, at crm.Position, keys []change, v *crm.Viewer) ([]crm.News, error) {
	known, last := map[string]bool{}, map[string]int64{}
	for _, n := range list {
		known[intakeObject(n.Intake.ID)] = true
	}
	for _, k := range keys {
		last[k.key] = k.seq
	}
	var more []crm.News
	for _, k := range keys {
		if known[k.key] || last[k.key] != k.seq {
			continue
		}
		kind, id, _ := strings.Cut(k.key, ":")
		n := crm.News{At: crm.Position{Intake: at.Intake, Change: k.seq}}
		if kind == "activity" {
			number, _ := strconv.ParseInt(id, 10, 64)
			n.Activities = []crm.Activity{{ID: crm.ActivityID(number)}}
		} else {
			var w where
			w.and("r.id = ?", id)
			rows, err := s.newsRows(ctx, w, 1<<62, 1, v)
			if err != nil {
				return nil, err
			}
			if len(rows) == 0 {
				continue
			}
			in, err := rows[0].intake()
			if err != nil {
				return nil, err
			}
			n.Intake = &in
		}
		more = append(more, n)
	}
	if err := s.completeNews(ctx, more); err != nil {
		return nil, err
	}
	return append(list, more...), nil
}

// completeNews reads the activities of all in one go.
func (s *Store) completeNews(ctx context.Context, list []crm.News) error {
	if err := s.findFirstsOf(ctx, list); err != nil {
		return err
	}
	var ids []int64
	for _, n := range list {
		for _, id := range newsActivities(n) {
			ids = append(ids, int64(id))
		}
	}
	if len(ids) == 0 {
		return nil
	}
	return s.read(ctx, func(c *conn) error {
		acts, err := newActivityReader(ctx, c, s.reading()).read(ids)
		byID := make(map[crm.ActivityID]crm.Activity, len(acts))
		for _, a := range acts {
			byID[a.ID] = a
		}
		for i, n := range list {
			list[i].Activities = nil
			for _, id := range newsActivities(n) {
				if a, ok := byID[id]; ok {
					list[i].Activities = append(list[i].Activities, a)
				}
			}
		}
		return err
	})
}

// newsActivities are the activities that news are about.
func newsActivities(n crm.News) (ids []crm.ActivityID) {
	if n.Intake != nil {
		return n.Intake.ActivityIDs
	}
	for _, a := range n.Activities {
		ids = append(ids, a.ID)
	}
	return ids
}

func (s *Store) findFirstsOf(ctx context.Context, list []crm.News) error {
	var intakes []crm.Intake
	for _, n := range list {
		if n.Intake != nil {
			intakes = append(intakes, *n.Intake)
		}
	}
	err := s.findFirsts(ctx, intakes)
	for _, n := range list {
		if n.Intake != nil {
			*n.Intake, intakes = intakes[0], intakes[1:]
		}
	}
	return err
}

// Tally counts what waits for a person, of all owners in one query.
func (s *Store) Tally(ctx context.Context) (crm.Tally, error) {
	t := crm.Tally{}
	err := s.read(ctx, func(c *conn) error {
		return c.query(`
			SELECT coalesce(u.email, ''), r.visibility = 'private', count(*) FROM intake r LEFT JOIN crm_user u ON u.id = r.owner
			WHERE r.open = 1 GROUP BY 1, 2`, func(row []driver.Value) error {
			w := t[crm.Address(str(row[0]))]
			if n := int(integer(row[2])); integer(row[1]) != 0 {
				w.Private += n
			} else {
				w.Shown += n
			}
			t[crm.Address(str(row[0]))] = w
			return nil
		})
	})
	return t, wrap(err, "count what waits for review")
}
