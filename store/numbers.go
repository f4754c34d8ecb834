package store

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"time"

	"blindcopy/crm"
)

// Bounds of what is counted at once: a page must not read for minutes.
const (
	numbersRows = 300_000
	week        = 7 * 24 * time.Hour
)

// Numbers counts the mail of the last weeks, this one included. It reads the newest 300,000 mails at most.
func (s *Store) Numbers(ctx context.Context, weeks int) (crm.Numbers, error) {
	n := newNumbers(s.Now(), weeks)
	seq, err := s.seqSince(ctx, n.From)
	if err == nil {
		err = s.read(ctx, func(c *conn) error {
			if err := countIntakes(ctx, c, &n, seq); err != nil {
				return err
			}
			return countActivities(ctx, c, &n)
		})
	}
	return n, wrap(err, "count the mail of %d weeks", weeks)
}

// newNumbers has the weeks, all empty.
func newNumbers(now time.Time, weeks int) crm.Numbers {
	day := now.UTC().Truncate(24 * time.Hour)
	monday := day.AddDate(0, 0, -(int(day.Weekday())+6)%7)
	n := crm.Numbers{From: monday.Add(-week * time.Duration(weeks-1)), To: now.UTC(), Reasons: map[crm.Code]int{}}
	for i := range weeks {
		n.Weeks = append(n.Weeks, crm.Week{Monday: n.From.Add(week * time.Duration(i)), Verdicts: map[crm.Verdict]int{}, People: map[crm.UserID]crm.PersonWeek{}})
	}
	return n
}

// weekAt is the week of a time in milliseconds; nil for one that is not counted.
func weekAt(n *crm.Numbers, ms int64) *crm.Week {
	at := moment(ms)
	if at.Before(n.From) || at.After(n.To) {
		return nil
	}
	return &n.Weeks[min(int(at.Sub(n.From)/week), len(n.Weeks)-1)]
}

// countIntakes reads backwards, so that the bound leaves out the oldest.
func countIntakes(ctx context.Context, c *conn, n *crm.Numbers, seq int64) error {
	rows := 0
	err := c.query(`SELECT received_at, verdict, codes, created <> '[]' AND created <> 'null' FROM intake WHERE seq >= ? ORDER BY seq DESC LIMIT ?`, func(row []driver.Value) error {
		if rows++; rows%1000 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		w := weekAt(n, integer(row[0]))
		if w == nil {
			return nil
		}
		w.Received++
		w.Verdicts[crm.Verdict(str(row[1]))]++
		if integer(row[3]) != 0 {
			w.Created++
		}
		var codes []crm.Code
		if err := json.Unmarshal([]byte(str(row[2])), &codes); err != nil {
			return err
		}
		for _, code := range codes {
			n.Reasons[code]++
		}
		return nil
	}, seq, int64(numbersRows))
	n.Partial = n.Partial || rows == numbersRows
	return err
}

// unanswered is a client's mail that nobody has answered yet, in a thread.
type unanswered map[int64]int64

// countActivities reads forwards: an answer comes after its question.
func countActivities(ctx context.Context, c *conn, n *crm.Numbers) error {
	from, to := millis(n.From), millis(n.To)
	start, err := c.number(`SELECT coalesce((SELECT occurred_at FROM activity WHERE occurred_at BETWEEN ? AND ? ORDER BY occurred_at DESC LIMIT 1 OFFSET ?), 0)`, from, to, int64(numbersRows))
	if err != nil {
		return err
	}
	if start > from {
		from, n.Partial = start, true
	}
	waits, rows := unanswered{}, 0
	return c.query(`
		SELECT a.occurred_at, a.thread, a.direction, a.author_user, a.automatic,
			EXISTS (SELECT 1 FROM link l WHERE l.activity = a.id),
			coalesce((SELECT owner FROM capture k WHERE k.target = a.id LIMIT 1), 0)
		FROM activity a WHERE a.occurred_at BETWEEN ? AND ? ORDER BY a.occurred_at`, func(row []driver.Value) error {
		if rows++; rows%1000 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if w := weekAt(n, integer(row[0])); w != nil {
			w.Mails++
			w.Linked += int(integer(row[5]))
			waits.count(w, row)
		}
		return nil
	}, from, to)
}

// count counts a mail for the user who wrote or captured it.
func (waits unanswered) count(w *crm.Week, row []driver.Value) {
	at, thread, outgoing := integer(row[0]), integer(row[1]), str(row[2]) == string(crm.Outgoing)
	user, automatic := crm.UserID(integer(row[3])), integer(row[4]) != 0
	if !outgoing {
		user = crm.UserID(integer(row[6]))
		if _, asked := waits[thread]; !asked && !automatic {
			waits[thread] = at
		}
	}
	p := w.People[user]
	if outgoing {
		p.Sent++
	} else {
		p.Received++
	}
	if asked, ok := waits[thread]; ok && outgoing && !automatic {
		p.Answers = append(p.Answers, time.Duration(at-asked)*time.Millisecond)
		delete(waits, thread)
	}
	w.People[user] = p
}
