package store

import (
	"cmp"
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"blindcopy/crm"
)

// heldCursor and above are cursors in held mail, which is listed after all that is filed.
const heldCursor = crm.HeldMail

// manyPeople is how many addresses are looked up one by one; for more it is cheaper to look at all mail.
const manyPeople = 2000

// MailWith lists filed and held mail in which one of the addresses, also with a +tag, or anybody at one of the
// domains, or of *.domain below it, takes part: at most limit (0 is all) of those after a cursor. Filed mail comes first, in the order it
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
			if suffix, below := strings.CutPrefix(domain, "*"); below {
				m.suffixes = append(m.suffixes, suffix)
			} else {
				m.domains[domain] = true
			}
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
	suffixes  []string // .example.com
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

// seenInMail goes from one address of participant to the next by its index: there may be a hundred rows of each.
const seenInMail = `
	WITH RECURSIVE seen (id) AS (
		SELECT min(address) FROM participant
		UNION ALL
		SELECT (SELECT min(address) FROM participant WHERE address > seen.id) FROM seen WHERE id IS NOT NULL
	)
	SELECT a.id, a.local || '@' || a.domain FROM seen JOIN address a ON a.id = seen.id`

// idsOfMany are the ids of our addresses among all that were seen in mail: of a large import, few were.
func (m *mailSearch) idsOfMany() (ids []int64, err error) {
	err = m.c.query(seenInMail, func(row []driver.Value) error {
		if m.has(crm.Address(str(row[1]))) {
			ids = append(ids, integer(row[0]))
		}
		return nil
	})
	slices.Sort(ids)
	return ids, err
}

// ids of the addresses, as far as mail may have them.
func (m *mailSearch) ids() (ids []int64, err error) {
	if len(m.addresses) > manyPeople {
		return m.idsOfMany()
	}
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
	for _, suffix := range m.suffixes {
		// No index helps here; a few million short rows are read in a second.
		if err := m.c.query(`SELECT id FROM address WHERE substr(domain, length(domain) - length(?) + 1) = ?`, add, suffix, suffix); err != nil {
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
	return m.addresses[a] || m.addresses[a.WithoutTag()] || m.domains[a.Domain()] ||
		slices.ContainsFunc(m.suffixes, func(suffix string) bool { return strings.HasSuffix(a.Domain(), suffix) })
}

var selectFiled = newInQuery(`
	SELECT ` + columnsOf("i", intakeColumns) + `, coalesce(i.owner, 0), coalesce(i.mailbox, 0),
	       a.id, a.original, a.thread, a.message_id, a.direction, a.subject, a.occurred_at, a.author_user, a.people, a.automatic, a.visibility
	FROM activity a JOIN intake i ON i.seq = a.intake WHERE a.id IN (?)`)

// columnsOf puts the name of a table before each of some columns.
func columnsOf(table, columns string) string {
	return table + "." + strings.ReplaceAll(columns, ", ", ", "+table+".")
}

// storedMail reads filed mail for a second thought.
func (r *activityReader) storedMail(targets []int64) ([]crm.StoredMail, error) {
	filed := slices.DeleteFunc(slices.Clone(targets), func(t int64) bool { return t < 0 })
	links, err := r.links(filed)
	if err != nil {
		return nil, err
	}
	list := make([]crm.StoredMail, 0, len(filed))
	err = selectFiled.run(r.c, filed, func(v []driver.Value) error {
		row, err := readIntakeRow(v)
		if err != nil {
			return err
		}
		owner, mailbox, v := crm.UserID(integer(v[13])), crm.MailboxID(integer(v[14])), v[15:]
		people, err := peopleIn(str(v[8]))
		if err != nil {
			return fmt.Errorf("read the people of activity %d: %w", integer(v[0]), err)
		}
		s := crm.StoredMail{
			Cursor: cursorOf(integer(v[0])), Intake: row.ID, Original: int(integer(v[1])), Activity: crm.ActivityID(integer(v[0])), Thread: crm.ThreadID(integer(v[2])),
			Mail: mailOf(people), Direction: crm.Direction(str(v[4])), AuthorUser: crm.UserID(integer(v[7])), Owner: owner, Mailbox: mailbox,
			Visibility: crm.Visibility(str(v[10])), Automatic: integer(v[9]) != 0, Row: row, At: moment(integer(v[6])),
		}
		s.Links = orEmpty(links[s.Activity])
		s.Mail.Original, s.Mail.MessageID, s.Mail.Subject, s.Mail.Date = s.Original, str(v[3]), str(v[5]), s.At
		if s.Automatic {
			s.Mail.Automatic = crm.AutoReply
		}
		list = append(list, s)
		return nil
	})
	slices.SortFunc(list, func(a, b crm.StoredMail) int { return cmp.Compare(a.Activity, b.Activity) })
	return list, err
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

var selectHeld = newInQuery(`
	SELECT ` + intakeColumns + `, auth, coalesce(owner, 0), coalesce(mailbox, 0), ` + envelopeColumns + `
	FROM intake WHERE seq IN (?) AND held <> ''`)

// storedHeld reads held mail for a second thought.
func (r *activityReader) storedHeld(targets []int64) ([]crm.StoredMail, error) {
	wanted := map[int64]bool{}
	var seqs []int64
	for _, t := range targets {
		if t < 0 {
			wanted[t] = true
			seqs = append(seqs, -t>>8)
		}
	}
	var list []crm.StoredMail
	once := newHeldReader()
	err := selectHeld.run(r.c, slices.Compact(seqs), func(v []driver.Value) error { // they came in order
		row, err := readIntakeRow(v)
		if err != nil {
			return err
		}
		held, err := row.heldMail()
		if err != nil {
			return err
		}
		in, err := readEnvelope(v[16:], once.recipients)
		if err != nil {
			return err
		}
		was, err := once.asItWas(row, str(v[13]))
		if err != nil {
			return err
		}
		for _, h := range held {
			if target := heldTarget(row.Seq, h.Mail.Original); wanted[target] {
				list = append(list, crm.StoredMail{Cursor: cursorOf(target), Intake: in.ID, Original: h.Mail.Original, Mail: h.Mail, Visibility: row.Visibility,
					Owner: crm.UserID(integer(v[14])), Mailbox: crm.MailboxID(integer(v[15])),
					Held: was, Inbound: in, Body: h.body(), Row: row, Links: []crm.Link{}, At: in.ReceivedAt})
			}
		}
		return nil
	})
	slices.SortFunc(list, func(a, b crm.StoredMail) int { return int(min(max(a.Cursor-b.Cursor, -1), 1)) })
	return list, err
}

// heldReader decodes JSON that is the same in many rows once: who it came to, what was said of it, who proved it.
type heldReader struct {
	recipients func(string) ([]crm.Recipient, error)
	codes      func(string) ([]crm.Code, error)
	auth       func(string) (crm.SenderAuth, error)
}

func newHeldReader() heldReader {
	return heldReader{decodeOnce[[]crm.Recipient](), decodeOnce[[]crm.Code](), decodeOnce[crm.SenderAuth]()}
}

// decodeOnce remembers what a text was decoded to. The values are shared: nobody may change them.
func decodeOnce[T any]() func(text string) (T, error) {
	known := map[string]T{}
	return func(text string) (v T, err error) {
		if v, ok := known[text]; ok {
			return v, nil
		}
		if err = json.Unmarshal([]byte(text), &v); err == nil {
			known[text] = v
		}
		return v, err
	}
}

// asItWas is as much of an intake as a second decision on its held mail asks for; auth is JSON.
func (h *heldReader) asItWas(row *intakeRow, auth string) (*crm.Intake, error) {
	was := &crm.Intake{ID: row.ID, Verdict: row.Verdict, Results: make([]crm.ResultReport, len(row.decoded))}
	for i, r := range row.decoded {
		was.Results[i] = r.ResultReport
	}
	var err error
	if was.Codes, err = h.codes(row.Codes); err != nil {
		return nil, fmt.Errorf("read the codes of intake %s: %w", row.ID, err)
	}
	if was.Auth, err = h.auth(auth); err != nil {
		return nil, fmt.Errorf("read the authentication of intake %s: %w", row.ID, err)
	}
	return was, nil
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
