package store

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"blindcopy/crm"
)

const insertActivity = `
	INSERT INTO activity (id, intake, original, thread, message_id, direction, subject, subject_hash, occurred_at, captured_at, date_written,
	                      author, author_name, author_user, people, attachments, badges, bounces, automatic, visibility, preview, note, body_start)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

// writeActivity puts a mail on record, in its conversation.
func (rec *recording) writeActivity(i int) (int64, error) {
	r, d := rec.results[i], rec.results[i].New
	rec.t.activity++
	id := rec.t.activity
	if d.With > 0 && d.With <= i {
		d.Thread = crm.ThreadID(rec.threads[d.With-1])
	}
	thread, err := rec.writeThread(d)
	if err != nil {
		return 0, err
	}
	rec.threads[i], rec.begins[i] = thread, d.Thread == 0
	badges := r.draft.badges
	if rec.strictest[i] == crm.VisibilityPrivate && !slices.Contains(d.Badges, crm.BadgePrivate) { // asked for while we decided
		badges = jsonList(addBadge(slices.Clone(d.Badges), crm.BadgePrivate))
	}
	err = rec.t.exec(insertActivity, id, rec.seq, int64(r.Mail.Original), thread, r.Mail.MessageID, string(d.Direction), d.Subject, subjectHash(r.Mail.BaseSubject),
		millis(d.OccurredAt), millis(rec.r.Inbound.ReceivedAt), d.DateWritten, string(d.Author.Address), d.Author.Name, int64(d.AuthorUser),
		r.draft.people, r.draft.attachments, badges, r.draft.bounces, d.Automatic, string(rec.strictest[i]), d.Preview, d.Note, d.BodyStart)
	if err != nil {
		return 0, err
	}
	if err := rec.t.markBounced(r.Bounces); err != nil {
		return 0, err
	}
	return id, rec.writeAnswers(i, id)
}

// writeAnswers notes the Message-IDs that this mail answers and that are not here yet, and that nobody
// waits for this mail any more.
func (rec *recording) writeAnswers(i int, activity int64) error {
	for _, s := range rec.slots[i] {
		if !rec.results[i].New.Awaited {
			break
		}
		if err := rec.t.exec(`DELETE FROM reply_wait WHERE hash = ?`, s.print.hash); err != nil {
			return err
		}
	}
	for _, id := range rec.results[i].New.Answers {
		hash := fingerprintOf(messageKey(id)).hash
		if err := rec.t.exec(`INSERT INTO reply_wait (hash, activity) VALUES (?, ?) ON CONFLICT (hash, activity) DO NOTHING`, hash, activity); err != nil {
			return err
		}
		rec.t.awaited[hash] = activity
		rec.t.s.seen.Load().add(hash)
	}
	return nil
}

// writeThread begins a conversation, or goes on with one, and joins others to it.
func (rec *recording) writeThread(d *crm.Draft) (thread int64, err error) {
	at := millis(d.OccurredAt)
	if d.Thread == 0 {
		rec.t.thread++
		thread = rec.t.thread
		err = rec.t.exec(`INSERT INTO thread (id, last_at, pinned_deal) VALUES (?, ?, ?)`, thread, at, d.Pin)
	} else {
		thread, err = rec.t.goOn(int64(d.Thread), at, d.Pin)
	}
	if err != nil {
		return 0, err
	}
	for _, other := range d.Join {
		if err := rec.t.join(int64(other), thread); err != nil {
			return 0, fmt.Errorf("join conversation %d to %d: %w", other, thread, err)
		}
	}
	return thread, nil
}

// goOn notes one more mail in a conversation, or in what that has become.
func (t *tx) goOn(thread, at, pin int64) (int64, error) {
	for {
		t.touched = true
		res, err := t.c.exec(`UPDATE thread SET last_at = CASE WHEN last_at > ? THEN last_at ELSE ? END,
			pinned_deal = CASE WHEN ? <> 0 THEN ? ELSE pinned_deal END WHERE id = ? AND joined_into = 0`, at, at, pin, pin, thread)
		if err != nil {
			return 0, err
		}
		if n, err := res.RowsAffected(); n > 0 || err != nil {
			return thread, err
		}
		if thread, err = t.threadNow(thread); err != nil {
			return 0, err
		}
	}
}

// threadNow is what a conversation has become: it may have been joined to another since.
func (t *tx) threadNow(id int64) (int64, error) {
	for range 100 { // joins make no circles; this is against a database that was tampered with
		next, found := int64(0), false
		err := t.c.query(`SELECT joined_into FROM thread WHERE id = ?`, func(row []driver.Value) error {
			next, found = integer(row[0]), true
			return nil
		}, id)
		if err != nil {
			return 0, err
		}
		if !found {
			return 0, notFound("conversation", id)
		}
		if next == 0 {
			return id, nil
		}
		id = next
	}
	return 0, fmt.Errorf("conversation %d is joined to itself", id)
}

// join moves the mail of one conversation to another. A pin moves along if there is none.
func (t *tx) join(other, thread int64) error {
	other, err := t.threadNow(other)
	if err != nil || other == thread {
		return err
	}
	if err := t.exec(`UPDATE activity SET thread = ? WHERE thread = ?`, thread, other); err != nil {
		return err
	}
	err = t.exec(`UPDATE thread SET
			pinned_deal = CASE WHEN pinned_deal = 0 THEN (SELECT o.pinned_deal FROM thread o WHERE o.id = ?) ELSE pinned_deal END,
			last_at = (SELECT max(b.last_at) FROM thread b WHERE b.id IN (?, ?))
		WHERE id = ?`, other, other, thread, thread)
	if err != nil {
		return err
	}
	return t.exec(`UPDATE thread SET joined_into = ?, pinned_deal = 0 WHERE id = ?`, thread, other)
}

// addTo adds what a second sighting, or a report, knows of an activity that is there: people, bounces,
// and a stricter visibility.
func (rec *recording) addTo(activity int64, r resultEntry) error {
	var people []crm.Person
	var badges []crm.Badge
	var bounces []crm.Bounce
	var visibility crm.Visibility
	found := false
	err := rec.t.c.query(`SELECT people, badges, bounces, visibility FROM activity WHERE id = ?`, func(row []driver.Value) error {
		found, visibility = true, crm.Visibility(str(row[3]))
		for i, dest := range []any{&people, &badges, &bounces} {
			if err := json.Unmarshal([]byte(str(row[i])), dest); err != nil {
				return err
			}
		}
		return nil
	}, activity)
	if err != nil {
		return err
	}
	if !found {
		return notFound("activity", activity)
	}
	if r.Verdict == crm.Duplicate {
		people = addPeople(people, r.People)
		visibility = visibility.Stricter(r.visibility(rec.plan))
		rec.visibility = rec.visibility.Stricter(visibility)
		if err := rec.t.tighten(activity, visibility); err != nil {
			return err
		}
		if visibility == crm.VisibilityPrivate {
			badges = addBadge(badges, crm.BadgePrivate)
		}
	}
	if news := concerning(r.Bounces, people); len(news) > 0 {
		bounces = addBounces(bounces, news)
		if slices.ContainsFunc(news, permanent) {
			badges = addBadge(badges, crm.BadgeBounced)
		}
		if err := rec.t.markBounced(news); err != nil {
			return err
		}
	}
	rec.t.changed(activityObject(crm.ActivityID(activity)))
	return rec.t.exec(`UPDATE activity SET people = ?, badges = ?, bounces = ?, visibility = ? WHERE id = ?`,
		jsonList(people), jsonList(badges), jsonList(bounces), string(visibility), activity)
}

// tighten makes the strictest sighting of a mail count for the traces of all of them: one would tell what the other
// hides. A trace that is stricter for another mail in it stays so.
func (t *tx) tighten(target int64, v crm.Visibility) error {
	looser := map[crm.Visibility][3]crm.Visibility{
		crm.VisibilityPrivate:  {crm.VisibilityEnvelope, crm.VisibilityLinked, crm.VisibilityTeam},
		crm.VisibilityEnvelope: {crm.VisibilityLinked, crm.VisibilityTeam},
		crm.VisibilityLinked:   {crm.VisibilityTeam},
	}[v]
	if looser[0] == "" {
		return nil
	}
	err := t.exec(`UPDATE intake SET visibility = ? WHERE visibility IN (?, ?, ?) AND id IN (SELECT intake FROM capture WHERE target = ?)`,
		string(v), string(looser[0]), string(looser[1]), string(looser[2]), target)
	if err != nil {
		return fmt.Errorf("tighten the visibility of its sightings: %w", err)
	}
	return nil
}

// addPeople adds those whose address is not there yet.
func addPeople(have, more []crm.Person) []crm.Person {
	for _, p := range more {
		if p.Address != "" && !slices.ContainsFunc(have, func(h crm.Person) bool { return h.Address == p.Address }) {
			have = append(have, p)
		}
	}
	return have
}

func addBadge(have []crm.Badge, b crm.Badge) []crm.Badge {
	if slices.Contains(have, b) {
		return have
	}
	return append(have, b)
}

// concerning leaves out addresses that the mail was not sent to: a report is written by anybody who knows a
// Message-ID, and must not speak of others.
func concerning(bounces []crm.Bounce, people []crm.Person) []crm.Bounce {
	return slices.DeleteFunc(slices.Clone(bounces), func(b crm.Bounce) bool {
		return !slices.ContainsFunc(people, func(p crm.Person) bool { return p.Address == b.Address && p.Role != crm.RoleFrom })
	})
}

// addBounces adds what is not there yet: a report may come twice.
func addBounces(have, more []crm.Bounce) []crm.Bounce {
	for _, b := range more {
		if !slices.ContainsFunc(have, func(h crm.Bounce) bool { return h.Address == b.Address && h.Status == b.Status }) {
			have = append(have, b)
		}
	}
	return have
}

// permanent tells a failure from a delay and from a delivery (RFC 3463 §3.1).
func permanent(b crm.Bounce) bool { return strings.HasPrefix(b.Status, "5.") }

// markBounced notes on the addresses that mail to them came back for good.
func (t *tx) markBounced(bounces []crm.Bounce) error {
	for _, b := range bounces {
		if b.Address == "" || !permanent(b) {
			continue
		}
		id, err := t.addressID(b.Address)
		if err != nil {
			return err
		}
		if err := t.exec(`UPDATE holder SET bounced_at = ? WHERE address = ? AND kind <= 3`, millis(b.At), id); err != nil {
			return err
		}
	}
	return nil
}
