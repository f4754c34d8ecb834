package store

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"slices"

	"blindcopy/crm"
)

// Activities lists mail by when it occurred, newest first. On the timeline of a company stands the mail
// of its contacts, too.
func (s *Store) Activities(ctx context.Context, f ActivityFilter) ([]crm.Activity, error) {
	var list []crm.Activity
	err := s.read(ctx, func(c *conn) (err error) {
		list, err = s.findActivities(ctx, c, f)
		return err
	})
	return list, wrap(err, "list activities")
}

// Activity returns one mail, crm.ErrNotFound if there is none.
func (s *Store) Activity(ctx context.Context, id crm.ActivityID) (a crm.Activity, err error) {
	err = s.read(ctx, func(c *conn) error {
		a, err = newActivityReader(ctx, c, s.reading()).one(id)
		return err
	})
	return a, wrap(err, "read activity %d", id)
}

// readActivity is Activity as the open transaction sees it.
func (t *tx) readActivity(id crm.ActivityID) (crm.Activity, error) {
	return newActivityReader(t.ctx, t.c, t.session).one(id)
}

// activityReader reads activities with all that belongs to them. What people and records are called is
// looked up now, for they change after the mail was filed.
type activityReader struct {
	ctx   context.Context
	c     *conn
	q     session
	known map[crm.Address][]partyRow // holders of the addresses met so far
}

func newActivityReader(ctx context.Context, c *conn, q session) *activityReader {
	return &activityReader{ctx: ctx, c: c, q: q, known: map[crm.Address][]partyRow{}}
}

func (r *activityReader) one(id crm.ActivityID) (crm.Activity, error) {
	list, err := r.read([]int64{int64(id)})
	if err == nil && len(list) == 0 {
		err = notFound("activity", id)
	}
	if err != nil {
		return crm.Activity{}, err
	}
	return list[0], nil
}

// activityRow is a row of activity with what a join tells of it.
type activityRow struct {
	ID          crm.ActivityID
	Intake      crm.IntakeID
	Original    int
	Thread      crm.ThreadID
	Pinned      int64
	MessageID   string `db:"message_id"`
	Direction   crm.Direction
	Subject     string
	OccurredAt  int64  `db:"occurred_at"`
	CapturedAt  int64  `db:"captured_at"`
	DateWritten string `db:"date_written"`
	Author      crm.Address
	AuthorName  string      `db:"author_name"`
	User        crm.Address // who wrote it, "" for a client
	People      string
	Attachments string
	Badges      string
	Bounces     string
	Automatic   bool
	Visibility  crm.Visibility
	Preview     string
	Note        string
}

// storedAttachment keeps where the attachment lies in the raw mail, which JSON for users leaves out.
type storedAttachment struct {
	crm.Attachment
	Part string `json:"part"`
}

func storeAttachments(list []crm.Attachment) []storedAttachment {
	stored := make([]storedAttachment, len(list))
	for i, a := range list {
		stored[i] = storedAttachment{a, a.Part}
	}
	return stored
}

func loadAttachments(stored []storedAttachment) []crm.Attachment {
	list := make([]crm.Attachment, len(stored))
	for i, s := range stored {
		list[i], list[i].Part = s.Attachment, s.Part
	}
	return list
}

// read returns the activities with these ids, in this order. Those that are not there are left out.
func (r *activityReader) read(ids []int64) ([]crm.Activity, error) {
	rows, err := listIn[activityRow](r.ctx, r.q, `
		SELECT a.id, i.id AS intake, a.original, a.thread, t.pinned_deal AS pinned, a.message_id, a.direction, a.subject, a.occurred_at,
		       a.captured_at, a.date_written, a.author, a.author_name, coalesce(u.email, '') AS user, a.people, a.attachments, a.badges,
		       a.bounces, a.automatic, a.visibility, a.preview, a.note
		FROM activity a JOIN intake i ON i.seq = a.intake JOIN thread t ON t.id = a.thread LEFT JOIN crm_user u ON u.id = a.author_user
		WHERE a.id IN (?)`, ids)
	if err != nil {
		return nil, err
	}
	links, err := r.links(ids)
	if err != nil {
		return nil, err
	}
	captures, err := r.captures(ids)
	if err != nil {
		return nil, err
	}
	byID := make(map[int64]crm.Activity, len(rows))
	for _, row := range rows {
		a, people, err := row.activity()
		if err != nil {
			return nil, fmt.Errorf("read activity %d: %w", row.ID, err)
		}
		a.Links, a.Captures = orEmpty(links[a.ID]), orEmpty(captures[a.ID])
		if a.Participants, err = r.participants(people, a.Links); err != nil {
			return nil, err
		}
		for _, p := range a.Participants {
			if a.Author.Name == "" && p.Address == a.Author.Address {
				a.Author.Name = p.Name
			}
		}
		byID[int64(a.ID)] = a
	}
	list := make([]crm.Activity, 0, len(rows))
	for _, id := range ids {
		if a, ok := byID[id]; ok {
			list = append(list, a)
		}
	}
	return list, nil
}

func (row *activityRow) activity() (a crm.Activity, people []crm.Person, err error) {
	a = crm.Activity{
		ID: row.ID, MessageID: row.MessageID, Direction: row.Direction, Subject: row.Subject,
		OccurredAt: moment(row.OccurredAt), CapturedAt: moment(row.CapturedAt), DateWritten: row.DateWritten,
		Author:    crm.Author{Address: row.Author, Name: row.AuthorName, User: row.User},
		Automatic: row.Automatic, Visibility: row.Visibility, ThreadID: row.Thread, ThreadPinned: row.Pinned != 0,
		Preview: row.Preview, Note: row.Note, IntakeID: row.Intake, Original: row.Original,
	}
	var stored []storedAttachment
	for text, dest := range map[*string]any{&row.People: &people, &row.Attachments: &stored, &row.Badges: &a.Badges, &row.Bounces: &a.Bounces} {
		if err := json.Unmarshal([]byte(*text), dest); err != nil {
			return a, nil, err
		}
	}
	a.Attachments = loadAttachments(stored)
	return a, people, nil
}

// links of activities: contact, company, lead, deal, by id.
func (r *activityReader) links(ids []int64) (map[crm.ActivityID][]crm.Link, error) {
	type row struct {
		Activity crm.ActivityID
		Kind     int64
		Record   int64
		Code     crm.Code
		Manual   bool
		Title    string
	}
	rows, err := listIn[row](r.ctx, r.q, `
		SELECT l.activity, l.kind, l.record, l.code, l.manual, coalesce(
		       CASE l.kind
		         WHEN 1 THEN (SELECT nullif(name, '') FROM contact WHERE id = l.record)
		         WHEN 2 THEN (SELECT nullif(name, '') FROM company WHERE id = l.record)
		         WHEN 3 THEN (SELECT nullif(title, '') FROM lead WHERE id = l.record)
		         WHEN 4 THEN (SELECT title FROM deal WHERE id = l.record)
		       END,
		       (SELECT x.local || '@' || x.domain FROM holder h JOIN address x ON x.id = h.address
		        WHERE h.kind = l.kind AND h.record = l.record ORDER BY h.position LIMIT 1),
		       '') AS title
		FROM link l WHERE l.activity IN (?) ORDER BY l.activity, l.kind, l.record`, ids)
	if err != nil {
		return nil, err
	}
	links := map[crm.ActivityID][]crm.Link{}
	for _, l := range rows {
		source := crm.SourceAuto
		if l.Manual {
			source = crm.SourceManual
		}
		links[l.Activity] = append(links[l.Activity], crm.Link{Kind: kindOf(l.Kind), ID: l.Record, Title: l.Title, Code: l.Code, Source: source})
	}
	return links, nil
}

// captures of activities, the first one first.
func (r *activityReader) captures(ids []int64) (map[crm.ActivityID][]crm.Capture, error) {
	type row struct {
		Target  crm.ActivityID
		Intake  crm.IntakeID
		Mailbox crm.MailboxID
		User    crm.Address
		Via     crm.Via
		At      int64
	}
	rows, err := listIn[row](r.ctx, r.q, `
		SELECT c.target, c.intake, c.mailbox, coalesce(u.email, '') AS user, c.via, c.at
		FROM capture c LEFT JOIN crm_user u ON u.id = c.owner
		WHERE c.target IN (?) ORDER BY c.target, c.at, c.intake, c.mailbox`, ids)
	captures := map[crm.ActivityID][]crm.Capture{}
	for _, c := range rows {
		captures[c.Target] = append(captures[c.Target], crm.Capture{IntakeID: c.Intake, Mailbox: c.Mailbox, User: c.User, Via: c.Via, ReceivedAt: moment(c.At)})
	}
	return captures, err
}

// participants says who the people of a mail are, as far as that is known now.
func (r *activityReader) participants(people []crm.Person, links []crm.Link) ([]crm.Participant, error) {
	list := make([]crm.Participant, 0, len(people))
	for _, p := range people {
		holders, err := r.holders(p.Address)
		if err != nil {
			return nil, err
		}
		who := crm.Participant{Role: p.Role, Address: p.Address, Name: p.Name, Kind: crm.KindUnknown}
		if h := holderOn(holders, links); h != nil {
			who.Kind, who.ID = h.Kind, &h.ID
			if who.Name == "" {
				if who.Name, err = r.nameOf(*h, links); err != nil {
					return nil, err
				}
			}
		}
		list = append(list, who)
	}
	return list, nil
}

// nameOf is the name of a user or a linked contact, for a header that gave none.
func (r *activityReader) nameOf(ref crm.Ref, links []crm.Link) (name string, err error) {
	if ref.Kind == crm.KindUser {
		err = r.c.query(`SELECT name FROM crm_user WHERE id = ?`, func(row []driver.Value) error {
			name = str(row[0])
			return nil
		}, ref.ID)
		return name, err
	}
	for _, l := range links {
		if l.Ref() == ref && ref.Kind == crm.KindContact {
			return l.Title, nil
		}
	}
	return "", nil
}

// holderOn picks who an address stands for: a record that the mail is linked to, else a user, else the
// first record that has it.
func holderOn(holders []partyRow, links []crm.Link) *crm.Ref {
	for _, h := range holders {
		if slices.ContainsFunc(links, func(l crm.Link) bool { return l.Ref() == h.Ref }) {
			return &h.Ref
		}
	}
	for _, h := range holders {
		if h.Kind == crm.KindUser {
			return &h.Ref
		}
	}
	if len(holders) > 0 {
		return &holders[0].Ref
	}
	return nil
}

func (r *activityReader) holders(a crm.Address) ([]partyRow, error) {
	if a == "" {
		return nil, nil
	}
	if known, ok := r.known[a]; ok {
		return known, nil
	}
	holders, err := partiesAt(r.c, a)
	r.known[a] = holders
	return holders, err
}

// orEmpty is [] in JSON where there is nothing.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
