package store

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"blindcopy/crm"
)

const insertIntake = `
	INSERT INTO intake (seq, id, received_at, via, remote, helo, tls, trusted, mail_from, rcpts, size, message_id, message_hash, sender, subject,
	                    verdict, codes, trace, results, created, auth, held, owner, mailbox, visibility, duplicate_of, open, kept, expires_at)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

// write carries the plan out. From here on every error takes the whole record back.
func (rec *recording) write() (Recorded, error) {
	rec.done.Activities = make([]crm.ActivityID, len(rec.results))
	for i := range rec.results {
		if rec.settled[i] {
			rec.done.Activities[i] = crm.ActivityID(rec.targets[i])
			continue
		}
		if err := rec.writeResult(i); err != nil {
			return Recorded{}, err
		}
	}
	var err error
	if rec.old != nil {
		err = rec.updateIntake()
	} else {
		err = rec.insertIntake()
	}
	return rec.done, err
}

func (rec *recording) insertIntake() error {
	in, plan, m, verdict := rec.r.Inbound, rec.plan, rec.cover(), rec.plan.Verdict()
	err := rec.t.exec(insertIntake, rec.seq, string(in.ID), millis(in.ReceivedAt), string(in.Via), addrText(in), in.Helo, in.TLS, in.Trusted,
		in.MailFrom, rec.rcpts, in.Raw.Size(), m.MessageID, fingerprintOf(messageKey(m.MessageID)).hash, senderText(m, in.MailFrom), m.Subject,
		string(verdict), rec.codes, rec.trace, resultsJSON(rec.reports), jsonList(rec.done.Created), rec.auth, rec.held,
		nullable(plan.Owner), nullable(plan.Mailbox), string(rec.visibility), string(rec.duplicateOf()), isOpen(rec.reports, rec.open),
		rec.raw != nil, rec.s.expiry(verdict, rec.raw != nil, in.ReceivedAt))
	if err != nil {
		return fmt.Errorf("insert intake: %w", err)
	}
	if rec.raw != nil {
		if err := rec.raw.insert(rec.t, rec.seq); err != nil {
			return fmt.Errorf("insert raw message: %w", err)
		}
	}
	return rec.noteUse()
}

// noteUse writes down that BCC addresses were used.
func (rec *recording) noteUse() error {
	for _, r := range rec.r.Inbound.Recipients {
		if r.Token == "" || !rec.s.used.due(r.Token, rec.t.now) {
			continue
		}
		if err := rec.t.exec(`UPDATE bcc_address SET last_used_at = ? WHERE token = ?`, millis(rec.t.now), r.Token); err != nil {
			return err
		}
	}
	return nil
}

func addrText(in *crm.Inbound) string {
	if !in.Remote.IsValid() {
		return ""
	}
	return in.Remote.Unmap().String()
}

func (rec *recording) duplicateOf() crm.IntakeID {
	if rec.plan.Verdict() != crm.Duplicate {
		return ""
	}
	for _, r := range rec.results {
		if r.DuplicateOf != "" {
			return r.DuplicateOf
		}
	}
	return ""
}

// writeResult writes what becomes of one original.
func (rec *recording) writeResult(i int) (err error) {
	r := rec.results[i]
	refs, err := rec.writeCreates(r)
	if err != nil {
		return err
	}
	target := rec.targets[i]
	switch {
	case r.New != nil:
		if target, err = rec.writeActivity(i); err != nil {
			return fmt.Errorf("insert activity: %w", err)
		}
	case r.Verdict == crm.Held && target == 0:
		target = heldTarget(rec.seq, r.Mail.Original)
	case target < 0: // seen again while it is held
		if err := rec.t.tighten(target, rec.strictest[i]); err != nil {
			return err
		}
	case target > 0:
		if err := rec.addTo(target, r); err != nil {
			return fmt.Errorf("add to activity %d: %w", target, err)
		}
	}
	if target > 0 {
		rec.done.Activities[i] = crm.ActivityID(target)
		if err := rec.writeLinks(target, r, refs); err != nil {
			return fmt.Errorf("link activity %d: %w", target, err)
		}
	}
	if err := rec.writePeople(i, target); err != nil {
		return err
	}
	if err := rec.writeNames(r); err != nil {
		return err
	}
	if err := rec.moveCursor(r.Cursor); err != nil {
		return err
	}
	keys, err := rec.writeClaims(i, max(target, 0))
	if err != nil {
		return fmt.Errorf("claim the identity of the mail: %w", err)
	}
	rec.reports = append(rec.reports, report(r, max(target, 0), keys))
	rec.remember(i, refs)
	if rec.closes[i] != nil {
		return rec.supersede(rec.closes[i], target, r)
	}
	return nil
}

func report(r resultEntry, activity int64, keys [][2]int64) storedResult {
	s := storedResult{ResultReport: crm.ResultReport{Original: r.Mail.Original, Verdict: r.Verdict, Codes: r.codes, DuplicateOf: r.DuplicateOf, FirstIn: r.FirstIn}, Claims: keys}
	if activity != 0 {
		id := crm.ActivityID(activity)
		s.ActivityID = &id
	}
	return s
}

// resultsJSON writes the reports by hand: it is the only JSON that must wait for the writer's turn.
func resultsJSON(reports []storedResult) string {
	var b strings.Builder
	b.WriteByte('[')
	for i, r := range reports {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`{"original":` + strconv.Itoa(r.Original) + `,"verdict":"` + string(r.Verdict) + `","codes":[`)
		for j, c := range r.Codes {
			if j > 0 {
				b.WriteByte(',')
			}
			b.WriteString(`"` + string(c) + `"`)
		}
		b.WriteString(`],"activity_id":`)
		if r.ActivityID != nil {
			b.WriteString(strconv.FormatInt(int64(*r.ActivityID), 10))
		} else {
			b.WriteString("null")
		}
		b.WriteString(`,"duplicate_of":`)
		if r.DuplicateOf != "" {
			b.WriteString(`"` + string(r.DuplicateOf) + `"`)
		} else {
			b.WriteString("null")
		}
		if r.FirstIn != 0 {
			b.WriteString(`,"first_in":` + strconv.Itoa(r.FirstIn))
		}
		if len(r.Claims) > 0 {
			b.WriteString(`,"claims":` + claimsJSON(r.Claims))
		}
		b.WriteByte('}')
	}
	b.WriteByte(']')
	return b.String()
}

func claimsJSON(claims [][2]int64) string {
	b := []byte{'['}
	for i, c := range claims {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '[')
		b = strconv.AppendInt(b, c[0], 10)
		b = append(b, ',')
		b = strconv.AppendInt(b, c[1], 10)
		b = append(b, ']')
	}
	return string(append(b, ']'))
}

// writeCreates makes the records of a result and returns them in order.
func (rec *recording) writeCreates(r resultEntry) ([]crm.Ref, error) {
	var refs []crm.Ref
	for _, c := range r.Creates {
		ref, err := rec.create(c)
		if err != nil {
			return nil, fmt.Errorf("create a %s: %w", c.Kind, err)
		}
		if err := rec.t.hold(ref, c.Emails); err != nil {
			return nil, err
		}
		rec.t.changed(c.Domain)
		author := int64(0)
		if rec.r.Question.Creator != "" {
			if author, err = rec.t.addressID(rec.r.Question.Creator); err != nil {
				return nil, err
			}
		}
		err = rec.t.exec(`INSERT INTO creation (intake, original, kind, record, author, at) VALUES (?, ?, ?, ?, ?, ?)`,
			string(rec.r.Inbound.ID), int64(r.Mail.Original), kindNumber(ref.Kind), ref.ID, author, millis(rec.t.now))
		if err != nil {
			return nil, err
		}
		refs = append(refs, ref)
	}
	rec.done.Created = append(rec.done.Created, refs...)
	return refs, nil
}

func (rec *recording) create(c crm.NewRecord) (ref crm.Ref, err error) {
	ref.Kind = c.Kind
	switch c.Kind {
	case crm.KindLead:
		ref.ID, err = rec.t.insert(`INSERT INTO lead (title, name, name_guessed, status, domain, responsible, needs_check, created_by_intake, created_at)
			VALUES (?, ?, ?, 'open', ?, ?, 1, ?, ?)`, c.Title, c.Name, c.Guessed, c.Domain, nullable(c.Owner), string(rec.r.Inbound.ID), millis(rec.t.now))
	case crm.KindContact:
		ref.ID, err = rec.t.insert(`INSERT INTO contact (name, name_guessed, company, owner, needs_check, created_by_intake, created_at)
			VALUES (?, ?, ?, ?, 1, ?, ?)`, c.Name, c.Guessed, nullable(c.Company), nullable(c.Owner), string(rec.r.Inbound.ID), millis(rec.t.now))
	default:
		err = fmt.Errorf("no mail makes a %q", c.Kind)
	}
	return ref, err
}

// writeNames fills names into records that have none, or one that was guessed from the address.
func (rec *recording) writeNames(r resultEntry) error {
	for _, n := range r.Names {
		query := ""
		switch n.Ref.Kind {
		case crm.KindContact:
			query = `UPDATE contact SET name = ?, name_guessed = 0 WHERE id = ? AND (name = '' OR name_guessed = 1)`
		case crm.KindLead:
			// A title that was made from the name goes with it.
			if err := rec.t.exec(`UPDATE lead SET title = replace(title, name, ?) WHERE id = ? AND name <> '' AND name_guessed = 1`, n.Name, n.Ref.ID); err != nil {
				return fmt.Errorf("name %s: %w", n.Ref, err)
			}
			query = `UPDATE lead SET name = ?, name_guessed = 0 WHERE id = ? AND (name = '' OR name_guessed = 1)`
		default:
			continue
		}
		if err := rec.t.exec(query, n.Name, n.Ref.ID); err != nil {
			return fmt.Errorf("name %s: %w", n.Ref, err)
		}
		rec.t.changed(n.Ref.String())
	}
	return nil
}

// moveCursor takes a place in the queue of a shared mailbox: two leads at one instant get two places. That
// nobody was faster was checked with the claims.
func (rec *recording) moveCursor(m *crm.CursorMove) error {
	if m == nil {
		return nil
	}
	if err := rec.t.exec(`UPDATE mailbox SET cursor = ? WHERE id = ?`, m.To, int64(m.Mailbox)); err != nil {
		return fmt.Errorf("move the queue of mailbox %d: %w", m.Mailbox, err)
	}
	return nil
}

const insertCapture = `INSERT INTO capture (target, intake, mailbox, owner, via, at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (target, intake, mailbox) DO NOTHING`

var (
	insertParticipants = newRowsInsert(`INSERT INTO participant (address, target, role)`, `(?, ?, ?)`, `ON CONFLICT (address, target, role) DO NOTHING`)
	insertLinks        = newRowsInsert(`INSERT INTO link (kind, record, at, activity, code, manual)`, `(?, ?, ?, ?, ?, ?)`,
		`ON CONFLICT (kind, record, at, activity) DO UPDATE SET code = excluded.code, manual = 1 WHERE excluded.manual = 1`)
)

// writePeople writes who saw the mail and who is in it. A report on a mail is no sighting of it.
func (rec *recording) writePeople(i int, target int64) error {
	r := rec.results[i]
	if target == 0 || r.New == nil && r.Verdict != crm.Held && r.Verdict != crm.Duplicate {
		return nil
	}
	in := rec.r.Inbound
	if rec.old == nil {
		for _, c := range rec.plan.Capturers {
			if err := rec.t.exec(insertCapture, target, string(in.ID), int64(c.Mailbox), int64(c.User), string(in.Via), millis(in.ReceivedAt)); err != nil {
				return fmt.Errorf("insert capture: %w", err)
			}
		}
	}
	rows := make([]any, 0, 3*len(r.People))
	for _, p := range r.People {
		if p.Address == "" {
			continue
		}
		id, err := rec.t.addressID(p.Address)
		if err != nil {
			return err
		}
		rows = append(rows, id, target, roleNumbers[p.Role])
	}
	rec.t.touched = true
	if err := rec.t.c.insert(&insertParticipants, 3, rows); err != nil {
		return fmt.Errorf("insert participants: %w", err)
	}
	return nil
}

func (rec *recording) writeLinks(activity int64, r resultEntry, refs []crm.Ref) error {
	if len(r.Links) == 0 {
		return nil
	}
	var at int64
	var err error
	if r.New != nil {
		at = millis(r.New.OccurredAt)
	} else if at, err = rec.t.c.number(`SELECT occurred_at FROM activity WHERE id = ?`, activity); err != nil {
		return err
	}
	links := make([]crm.NewLink, 0, len(r.Links))
	for _, l := range r.Links {
		if l.Created > 0 {
			if l.Created > len(refs) {
				return fmt.Errorf("link to record %d of %d that are made", l.Created, len(refs))
			}
			l.Ref = refs[l.Created-1]
		}
		links = append(links, l)
	}
	if r.New != nil {
		return rec.t.firstLinks(activity, at, links)
	}
	for _, l := range links {
		if err := rec.t.link(activity, at, l); err != nil {
			return err
		}
	}
	if slices.ContainsFunc(r.Links, func(l crm.NewLink) bool { return l.Ref.Kind == crm.KindDeal }) {
		return rec.dealChosen(activity)
	}
	return nil
}

// dealChosen: a second sighting names the deal of a mail that asked for one.
func (rec *recording) dealChosen(activity int64) error {
	thread, err := rec.t.c.number(`SELECT thread FROM activity WHERE id = ?`, activity)
	if err != nil {
		return err
	}
	return rec.t.dealsChosen(thread)
}

// link adds one link, unless a person took it away before.
func (t *tx) link(activity, at int64, l crm.NewLink) error {
	if l.Source != crm.SourceManual {
		n, err := t.c.number(`SELECT count(*) FROM unlinked WHERE activity = ? AND kind = ? AND record = ?`, activity, kindNumber(l.Ref.Kind), l.Ref.ID)
		if n > 0 || err != nil {
			return err
		}
	}
	return t.firstLinks(activity, at, []crm.NewLink{l})
}

// firstLinks adds links to an activity from which nobody can have taken one away yet.
func (t *tx) firstLinks(activity, at int64, links []crm.NewLink) error {
	rows := make([]any, 0, 6*len(links))
	for _, l := range links {
		kind := kindNumber(l.Ref.Kind)
		if kind < 1 || kind > 4 || l.Ref.ID <= 0 {
			return fmt.Errorf("%s has no timeline", l.Ref)
		}
		rows = append(rows, kind, l.Ref.ID, at, activity, string(l.Code), l.Source == crm.SourceManual)
	}
	t.touched = true
	return t.c.insert(&insertLinks, 6, rows)
}

// addressID finds the row of an address, or makes one.
func (t *tx) addressID(a crm.Address) (int64, error) {
	for _, ids := range []map[crm.Address]int64{t.newAddresses, t.batch.addresses} {
		if id, ok := ids[a]; ok {
			return id, nil
		}
	}
	if h, _ := t.s.memory.address(a); h.id != 0 {
		return h.id, nil
	}
	id, err := t.c.number(`SELECT id FROM address WHERE domain = ? AND local = ?`, a.Domain(), a.Local())
	if err == nil && id == 0 {
		t.touched = true
		id, err = t.c.number(`INSERT INTO address (domain, local) VALUES (?, ?) RETURNING id`, a.Domain(), a.Local())
	}
	if err != nil {
		return 0, fmt.Errorf("find address %s: %w", a, err)
	}
	if t.newAddresses == nil {
		t.newAddresses = map[crm.Address]int64{}
	}
	t.newAddresses[a] = id
	return id, nil
}

// hold gives addresses to a record, the first one first.
func (t *tx) hold(ref crm.Ref, addresses []crm.Address) error {
	next, err := t.c.number(`SELECT coalesce(max(position) + 1, 0) FROM holder WHERE kind = ? AND record = ?`, kindNumber(ref.Kind), ref.ID)
	if err != nil {
		return err
	}
	for i, a := range addresses {
		if slices.Index(addresses, a) < i {
			continue
		}
		id, err := t.addressID(a)
		if err != nil {
			return err
		}
		err = t.exec(`INSERT INTO holder (address, kind, record, position) VALUES (?, ?, ?, ?)
			ON CONFLICT (address, kind, record) DO UPDATE SET former = 0`, id, kindNumber(ref.Kind), ref.ID, next+int64(i))
		if err != nil {
			return fmt.Errorf("give %s to %s: %w", a, ref, err)
		}
		t.changed(string(a))
	}
	return nil
}
