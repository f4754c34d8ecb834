package store

import (
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"

	"blindcopy/crm"
)

// slot is where a claim goes in mail_key.
type slot struct {
	print fingerprint
	n     int64
	there bool // the row exists
	taken bool // it is ours to take over
	crm.Claim
}

// recording is an entry whose claims hold, in the transaction that writes it.
type recording struct {
	*entry
	t    *tx
	seq  int64       // of the intake
	old  *intakeRow  // of a rerun
	then *afterwards // of a rerun: what old becomes, but for its results; nil where that is worked out here
	done Recorded

	slots      [][]slot
	settled    []bool           // by result: a rerun finds it filed already, and leaves it
	closes     []*intakeRow     // by result: the held intake that it supersedes, or nil
	visibility crm.Visibility   // of the intake: the plan's, or stricter where its activity is
	strictest  []crm.Visibility // by result: what it and its other sightings ask for
	threads    []int64          // by result: the conversation of its new activity ...
	begins     []bool           // ... and whether it begins with it
	targets    []int64          // by result: where captures and participants go, 0 is nowhere
	reports    []storedResult
}

// claim reads, without writing anything, whether all that the plan reserves is free. crm.ErrStale
// otherwise.
func (e *entry) claim(t *tx) (*recording, error) {
	n := len(e.results)
	rec := &recording{entry: e, t: t, slots: make([][]slot, n), settled: make([]bool, n), closes: make([]*intakeRow, n), visibility: e.visibility(), strictest: make([]crm.Visibility, n), threads: make([]int64, n), begins: make([]bool, n), targets: make([]int64, n)}
	if err := rec.number(); err != nil {
		return nil, err
	}
	for i := range e.results {
		if rec.settled[i] {
			continue
		}
		if err := rec.claimResult(i); err != nil {
			return nil, err
		}
	}
	return rec, nil
}

// visibility of an intake: its trace tells of all its originals.
func (e *entry) visibility() crm.Visibility {
	v := e.plan.Visibility
	for i := range e.results {
		v = strictest(v, e.results[i].visibility(e.plan))
	}
	return v
}

// strictest of what sightings ask for; "" asks for nothing.
func strictest(v, w crm.Visibility) crm.Visibility {
	switch {
	case v == "":
		return w
	case w == "":
		return v
	}
	return v.Stricter(w)
}

// number gives a new intake its number, or finds the one that is decided again.
func (rec *recording) number() (err error) {
	if !rec.r.Rerun {
		rec.t.batch.intake++
		rec.seq = rec.t.batch.intake
		return nil
	}
	if rec.old, rec.then, err = rec.rerunRow(rec.t); err != nil {
		return err
	}
	rec.seq = rec.old.Seq
	for i, r := range rec.results {
		// What is filed stays as it is, unless this very activity is to be added to.
		if have := rec.old.report(r.Mail.Original); have != nil && have.ActivityID != nil {
			rec.settled[i], rec.targets[i] = r.Activity != *have.ActivityID, int64(*have.ActivityID)
		}
	}
	return nil
}

func (rec *recording) claimResult(i int) (err error) {
	r := rec.results[i]
	if rec.closes[i], err = rec.t.intakeIfThere(r.Supersedes); err != nil {
		return err
	}
	if c := rec.closes[i]; r.Supersedes != "" && (c == nil || !c.holds()) {
		if rec.closes[i] = nil; !rec.inside {
			return fmt.Errorf("%w: the held mail was decided meanwhile", crm.ErrStale)
		}
	}
	if err := rec.checkCursor(r.Cursor); err != nil {
		return err
	}
	first, err := rec.t.intakeIfThere(r.DuplicateOf)
	if err != nil {
		return err
	}
	rec.targets[i] = firstTarget(r, first)
	rec.strictest[i] = r.visibility(rec.plan)
	if r.New != nil || rec.targets[i] < 0 { // of what is filed already the activity tells
		for _, other := range []*intakeRow{rec.old, rec.closes[i], first} {
			if other != nil {
				rec.strictest[i] = strictest(rec.strictest[i], other.Visibility)
			}
		}
	}
	rec.visibility = strictest(rec.visibility, rec.strictest[i])
	for _, c := range r.Claims {
		s, err := rec.slot(i, c, first)
		if err != nil {
			return err
		}
		rec.slots[i] = append(rec.slots[i], s)
	}
	return nil
}

// checkCursor compares the queue with what the decision saw of it.
func (rec *recording) checkCursor(m *crm.CursorMove) error {
	if m == nil {
		return nil
	}
	at, err := rec.t.c.number(`SELECT cursor FROM mailbox WHERE id = ?`, int64(m.Mailbox))
	if err == nil && at != m.From {
		err = fmt.Errorf("%w: another lead took the place in the queue", crm.ErrStale)
	}
	return err
}

// firstTarget is where the first sighting of a duplicate is now: it may have been filed since, or have
// expired.
func firstTarget(r resultEntry, first *intakeRow) int64 {
	if r.Activity != 0 || first == nil || r.New != nil {
		return int64(r.Activity)
	}
	report := first.report(r.FirstIn)
	switch {
	case report == nil:
		return 0
	case report.ActivityID != nil:
		return int64(*report.ActivityID)
	case report.Verdict == crm.Held:
		return heldTarget(first.Seq, report.Original)
	}
	return 0
}

// heldTarget is what captures and participants of held mail refer to.
func heldTarget(seq int64, original int) int64 { return -(seq<<8 | int64(original)) }

// keyRow is a row of mail_key.
type keyRow struct{ n, hash2, intake, original, activity int64 }

// slot finds the place of a claim: the row of a sighting that this one takes over, or a free one.
// Another number of rows than the decision saw, or another intake in the row, means that somebody was
// faster.
func (rec *recording) slot(i int, c crm.Claim, first *intakeRow) (slot, error) {
	s := slot{print: fingerprintOf(c.Key), n: int64(c.N), Claim: c}
	var rows []keyRow
	if rec.s.seen.Load().perhaps(s.print.hash) {
		var err error
		if rows, err = rec.t.keyRows(s.print.hash); err != nil {
			return s, err
		}
	}
	mine := slices.DeleteFunc(slices.Clone(rows), func(k keyRow) bool { return k.hash2 != s.print.hash2 })
	for _, k := range mine {
		takesOver := c.Replace && (first != nil && k.intake == first.Seq || rec.closes[i] != nil && k.intake == rec.closes[i].Seq)
		if takesOver || rec.isOurs(i, k) {
			s.n, s.there, s.taken = k.n, true, rec.results[i].New != nil || k.intake == rec.seq
			return s, nil
		}
	}
	if !rec.inside && (c.Replace && c.N < len(mine) || !c.Replace && c.N != len(mine)) {
		return s, fmt.Errorf("%w: the same mail came in meanwhile", crm.ErrStale)
	}
	s.n = int64(len(mine))
	for _, k := range rows {
		if k.n == s.n { // another text with the same hash, or retention left a gap below
			s.n = rows[len(rows)-1].n + 1
		}
	}
	return s, nil
}

// isOurs tells whether a row stands for this very mail: of the rerun of its intake, or of the activity that
// this sighting is added to.
func (rec *recording) isOurs(i int, k keyRow) bool {
	if rec.old != nil && k.intake == rec.seq && k.original == int64(rec.results[i].Mail.Original) {
		return true
	}
	target := rec.targets[i]
	return target != 0 && rec.results[i].New == nil && (k.activity == target || heldTarget(k.intake, int(k.original)) == target)
}

func (t *tx) keyRows(hash int64) (rows []keyRow, err error) {
	err = t.c.query(`SELECT n, hash2, intake, original, activity FROM mail_key WHERE hash = ? ORDER BY n`, func(row []driver.Value) error {
		rows = append(rows, keyRow{integer(row[0]), integer(row[1]), integer(row[2]), integer(row[3]), integer(row[4])})
		return nil
	}, hash)
	return rows, err
}

const insertKey = `
	INSERT INTO mail_key (hash, n, hash2, intake, original, verdict, activity, sender, base_subject, date, barred)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
	ON CONFLICT (hash, n) DO NOTHING`

// writeClaims reserves the identities of a result, and returns them for its report.
func (rec *recording) writeClaims(i int, activity int64) (keys [][2]int64, err error) {
	r := rec.results[i]
	for _, s := range rec.slots[i] {
		var date any
		if !s.Date.IsZero() {
			date = millis(s.Date)
		}
		switch {
		case !s.there:
			// A mail that holds the same original twice claims it once.
			rec.t.s.seen.Load().add(s.print.hash)
			err = rec.t.exec(insertKey, s.print.hash, s.n, s.print.hash2, rec.seq, int64(r.Mail.Original), string(r.Verdict), activity,
				int64(s.From), int64(s.BaseSubject), date, s.Barred)
			keys = append(keys, [2]int64{s.print.hash, s.n})
		case s.taken:
			err = rec.t.exec(`UPDATE mail_key SET intake = ?, original = ?, verdict = ?, activity = ?, barred = ? WHERE hash = ? AND n = ?`,
				rec.seq, int64(r.Mail.Original), string(r.Verdict), activity, s.Barred, s.print.hash, s.n)
			keys = append(keys, [2]int64{s.print.hash, s.n})
		default: // a second sighting, which may have done what the first was kept from
			err = rec.t.exec(`UPDATE mail_key SET barred = ? WHERE hash = ? AND n = ?`, s.Barred, s.print.hash, s.n)
		}
		if err != nil {
			return nil, err
		}
		if activity != 0 && strings.HasPrefix(s.Key, "id:") {
			rec.t.filed[s.print.hash] = activity
		}
	}
	return keys, nil
}
