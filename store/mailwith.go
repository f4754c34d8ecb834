package store

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"slices"

	"blindcopy/crm"
)

// heldCursor and above are cursors in held mail, which is listed after all that is filed.
const heldCursor crm.MailCursor = 1 << 62

// manyPeople is how many addresses are looked up one by one; for more it is cheaper to look at all mail.
const manyPeople = 2000

// MailWith lists filed and held mail in which one of the addresses, also with a +tag, or anybody at one of the
// domains, takes part: at most limit (0 is all) of those after a cursor. Filed mail comes first, in the order it
// was filed.
func (s *Store) MailWith(ctx context.Context, addresses []crm.Address, domains []string, after crm.MailCursor, limit int) ([]crm.StoredMail, error) {
	if limit <= 0 {
		limit = 1 << 30
	}
	list := []crm.StoredMail{}
	err := s.read(ctx, func(c *conn) error {
		m := mailSearch{c: c, addresses: map[crm.Address]bool{}, domains: map[string]bool{}}
		for _, a := range addresses {
			m.addresses[a] = true
		}
		for _, domain := range domains {
			m.domains[domain] = true
		}
		targets, err := m.targets(after, limit)
		if err != nil {
			return err
		}
		r := newActivityReader(ctx, c, s.reading())
		if list, err = r.storedMail(targets); err != nil {
			return err
		}
		held, err := r.storedHeld(targets)
		list = append(list, held...)
		return err
	})
	return list, wrap(err, "list mail of %d addresses and %d domains", len(addresses), len(domains))
}

// cursorOf a target: filed mail by its number, then held mail by its own.
func cursorOf(target int64) crm.MailCursor {
	if target < 0 {
		return heldCursor + crm.MailCursor(-target)
	}
	return crm.MailCursor(target)
}

// mailSearch finds the targets of participants.
type mailSearch struct {
	c         *conn
	addresses map[crm.Address]bool
	domains   map[string]bool
}

// targets after a cursor, in the order of their cursors.
func (m *mailSearch) targets(after crm.MailCursor, limit int) (found []int64, err error) {
	ids, err := m.ids()
	if err != nil {
		return nil, err
	}
	if after < heldCursor {
		if len(ids) > manyPeople {
			found, err = m.scanFiled(int64(after), limit)
		} else {
			found, err = m.search(ids, `SELECT DISTINCT target FROM participant WHERE address = ? AND target > ? ORDER BY target LIMIT ?`, int64(after), limit)
		}
		after = heldCursor
	}
	if len(found) >= limit || err != nil {
		return found, err
	}
	held, err := m.search(ids, `SELECT DISTINCT target FROM participant WHERE address = ? AND target < -? ORDER BY target DESC LIMIT ?`, int64(after-heldCursor), limit-len(found))
	return append(found, held...), err
}

// ids of the addresses that were seen in mail.
func (m *mailSearch) ids() (ids []int64, err error) {
	add := func(row []driver.Value) error {
		ids = append(ids, integer(row[0]))
		return nil
	}
	for a := range m.addresses {
		// "," comes after "+" in ASCII: all local parts that begin with "local+".
		// Two conditions, for with OR the index would be read from end to end of the domain.
		err := m.c.query(`
			SELECT id FROM address WHERE domain = ? AND local = ?
			UNION ALL
			SELECT id FROM address WHERE domain = ? AND local >= ? AND local < ?`, add,
			a.Domain(), a.Local(), a.Domain(), a.Local()+"+", a.Local()+",")
		if err != nil {
			return nil, err
		}
	}
	for domain := range m.domains {
		if err := m.c.query(`SELECT id FROM address WHERE domain = ?`, add, domain); err != nil {
			return nil, err
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// search merges the targets of each address, reading of none more than can still be among the first.
func (m *mailSearch) search(ids []int64, query string, after int64, limit int) (found []int64, err error) {
	order := func(a, b int64) int { return int(min(max(cursorOf(a)-cursorOf(b), -1), 1)) }
	for _, id := range ids {
		err := m.c.query(query, func(row []driver.Value) error {
			found = append(found, integer(row[0]))
			return nil
		}, id, after, int64(limit))
		if err != nil {
			return nil, err
		}
		if len(found) < 2*limit && id != ids[len(ids)-1] {
			continue
		}
		slices.SortFunc(found, order)
		found = slices.Compact(found)
		found = found[:min(limit, len(found))]
	}
	return found, nil
}

// scanFiled goes through all filed mail.
func (m *mailSearch) scanFiled(after int64, limit int) (found []int64, err error) {
	for len(found) < limit {
		read := 0
		err := m.c.query(`SELECT id, people FROM activity WHERE id > ? ORDER BY id LIMIT ?`, func(row []driver.Value) error {
			read++
			after = integer(row[0])
			people, err := peopleIn(str(row[1]))
			if len(found) < limit && slices.ContainsFunc(people, func(p crm.Person) bool { return m.has(p.Address) }) {
				found = append(found, after)
			}
			return err
		}, after, int64(pageSize))
		if err != nil || read < pageSize {
			return found, err
		}
	}
	return found, nil
}

func (m *mailSearch) has(a crm.Address) bool {
	return m.addresses[a] || m.addresses[a.WithoutTag()] || m.domains[a.Domain()]
}

// storedMail reads filed mail for a second thought.
func (r *activityReader) storedMail(targets []int64) ([]crm.StoredMail, error) {
	type row struct {
		ID         crm.ActivityID
		Intake     crm.IntakeID
		Original   int
		Thread     crm.ThreadID
		MessageID  string `db:"message_id"`
		Direction  crm.Direction
		Subject    string
		OccurredAt int64      `db:"occurred_at"`
		AuthorUser crm.UserID `db:"author_user"`
		People     string
		Automatic  bool
		Visibility crm.Visibility
		Owner      crm.UserID
		Mailbox    crm.MailboxID
	}
	filed := slices.DeleteFunc(slices.Clone(targets), func(t int64) bool { return t < 0 })
	rows, err := listIn[row](r.ctx, r.q, `
		SELECT a.id, i.id AS intake, a.original, a.thread, a.message_id, a.direction, a.subject, a.occurred_at, a.author_user, a.people, a.automatic,
		       a.visibility, coalesce(i.owner, 0) AS owner, coalesce(i.mailbox, 0) AS mailbox
		FROM activity a JOIN intake i ON i.seq = a.intake WHERE a.id IN (?) ORDER BY a.id`, filed)
	if err != nil {
		return nil, err
	}
	links, err := r.links(filed)
	if err != nil {
		return nil, err
	}
	list := make([]crm.StoredMail, 0, len(rows))
	for _, row := range rows {
		people, err := peopleIn(row.People)
		if err != nil {
			return nil, fmt.Errorf("read the people of activity %d: %w", row.ID, err)
		}
		m := mailOf(people)
		m.Original, m.MessageID, m.Subject, m.Date = row.Original, row.MessageID, row.Subject, moment(row.OccurredAt)
		if row.Automatic {
			m.Automatic = crm.AutoReply
		}
		list = append(list, crm.StoredMail{
			Cursor: cursorOf(int64(row.ID)), Intake: row.Intake, Original: row.Original, Activity: row.ID, Thread: row.Thread, Mail: m,
			Direction: row.Direction, AuthorUser: row.AuthorUser, Owner: row.Owner, Mailbox: row.Mailbox, Visibility: row.Visibility,
			Automatic: row.Automatic, Links: orEmpty(links[row.ID]), At: moment(row.OccurredAt),
		})
	}
	return list, nil
}

// mailOf rebuilds the header of a mail from its people.
func mailOf(people []crm.Person) *crm.Mail {
	m := &crm.Mail{}
	lists := map[crm.ParticipantRole]*[]crm.Party{crm.RoleFrom: &m.From, crm.RoleReplyTo: &m.ReplyTo, crm.RoleTo: &m.To, crm.RoleCc: &m.Cc, crm.RoleBcc: &m.Bcc}
	for _, p := range people {
		if list := lists[p.Role]; list != nil {
			*list = append(*list, p.Party)
		}
	}
	return m
}

// storedHeld reads held mail for a second thought.
func (r *activityReader) storedHeld(targets []int64) ([]crm.StoredMail, error) {
	type row struct {
		Seq        int64
		ID         crm.IntakeID
		ReceivedAt int64 `db:"received_at"`
		Held       string
		Verdict    crm.Verdict
		Codes      string
		Results    string
		Auth       string
		Visibility crm.Visibility
		Owner      crm.UserID
		Mailbox    crm.MailboxID
	}
	wanted := map[int64]bool{}
	var seqs []int64
	for _, t := range targets {
		if t < 0 {
			wanted[t] = true
			seqs = append(seqs, -t>>8)
		}
	}
	seqs = slices.Compact(seqs) // they came in order
	rows, err := listIn[row](r.ctx, r.q, `
		SELECT seq, id, received_at, held, verdict, codes, results, auth, visibility, coalesce(owner, 0) AS owner, coalesce(mailbox, 0) AS mailbox
		FROM intake WHERE seq IN (?) AND held <> '' ORDER BY seq`, seqs)
	if err != nil {
		return nil, err
	}
	var list []crm.StoredMail
	for _, row := range rows {
		var held []storedHeld
		if err := json.Unmarshal([]byte(row.Held), &held); err != nil {
			return nil, fmt.Errorf("read the held mail of intake %s: %w", row.ID, err)
		}
		was := &crm.Intake{ID: row.ID, Verdict: row.Verdict}
		for text, dest := range map[*string]any{&row.Codes: &was.Codes, &row.Results: &was.Results, &row.Auth: &was.Auth} {
			if err := json.Unmarshal([]byte(*text), dest); err != nil {
				return nil, fmt.Errorf("read intake %s: %w", row.ID, err)
			}
		}
		for _, h := range held {
			target := heldTarget(row.Seq, h.Mail.Original)
			if !wanted[target] {
				continue
			}
			list = append(list, crm.StoredMail{Cursor: cursorOf(target), Intake: row.ID, Original: h.Mail.Original, Mail: h.Mail, Owner: row.Owner,
				Mailbox: row.Mailbox, Visibility: row.Visibility, Held: was, Links: []crm.Link{}, At: moment(row.ReceivedAt)})
		}
	}
	slices.SortFunc(list, func(a, b crm.StoredMail) int { return int(min(max(a.Cursor-b.Cursor, -1), 1)) })
	return list, nil
}

// threadMailLimit bounds how much of a conversation is looked at again, the newest first.
const threadMailLimit = 200

// ThreadMail lists filed mail of the same conversation as an activity, itself included.
func (s *Store) ThreadMail(ctx context.Context, activity crm.ActivityID) (list []crm.StoredMail, err error) {
	err = s.read(ctx, func(c *conn) error {
		var targets []int64
		err := c.query(`SELECT o.id FROM activity a JOIN activity o ON o.thread = a.thread WHERE a.id = ? ORDER BY o.id DESC LIMIT ?`, func(row []driver.Value) error {
			targets = append(targets, integer(row[0]))
			return nil
		}, int64(activity), int64(threadMailLimit))
		if err != nil {
			return err
		}
		list, err = newActivityReader(ctx, c, s.reading()).storedMail(targets)
		return err
	})
	return list, wrap(err, "list the conversation of activity %d", activity)
}
