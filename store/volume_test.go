package store_test

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"blindcopy/store"
)

var (
	volumeMails = flag.Int("volume.mails", 100_000, "activities in the database of BenchmarkVolume")
	volumeFile  = flag.String("volume.file", "", "where that database is kept, and used again; \"\" for a temporary one")
)

// volumeStart is when the first mail of a volume came in; the last comes three years later.
var volumeStart = time.Now().AddDate(-3, 0, 0)

// Of a volume. A fiftieth of all mail is about one contact, half of it about an eighth of them; contacts 1 to 500
// are one company, the others five each. Every fifth contact has a deal. A conversation has four mails.
const (
	volumeContacts  = 100_000
	volumeCompanies = volumeContacts / 5
	volumeUsers     = 50
)

// volume makes a database with many mails, written without their content, and returns where it is.
func volume(tb testing.TB, mails int) string {
	tb.Helper()
	file := *volumeFile
	if file == "" {
		file = filepath.Join(tb.TempDir(), "crm.db")
	}
	if _, err := os.Stat(file); err == nil {
		return file
	} else if !errors.Is(err, os.ErrNotExist) {
		tb.Fatal(err)
	}
	s, err := store.Open(context.Background(), store.Options{DSN: file, Domain: "bcc.test"})
	if err != nil {
		tb.Fatal(err)
	}
	for n := range volumeUsers {
		if _, err := s.AddUser(context.Background(), store.NewUser{Email: benchUser(n), Name: fmt.Sprintf("User %d", n)}); err != nil {
			tb.Fatal(err)
		}
	}
	if _, err := s.ImportContacts(context.Background(), benchRows(volumeContacts), nil); err != nil {
		tb.Fatal(err)
	}
	if err := s.Close(); err != nil {
		tb.Fatal(err)
	}
	db, err := sql.Open("sqlite3", "file:"+file+"?_journal_mode=OFF&_synchronous=OFF&_cache_size=-1000000")
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	step := int64(3*365*24*time.Hour/time.Millisecond) / int64(mails)
	values := strings.NewReplacer(":mails", fmt.Sprint(mails), ":start", fmt.Sprint(volumeStart.UnixMilli()), ":step", fmt.Sprint(step),
		":contacts", fmt.Sprint(volumeContacts), ":companies", fmt.Sprint(volumeCompanies), ":users", fmt.Sprint(volumeUsers))
	for _, statement := range volumeSQL {
		if _, err := db.Exec(values.Replace(statement)); err != nil {
			tb.Fatalf("%s: %v", statement, err)
		}
	}
	return file
}

// volumeSQL fills a database that has users and contacts. The numbers are arbitrary, and the same each time.
var volumeSQL = []string{
	`UPDATE contact SET company = CASE WHEN id <= 500 THEN 1 ELSE id / 5 END, owner = id % :users + 1 WHERE company IS NOT NULL`,
	`INSERT INTO deal (id, title, status, stage, owner, company, created_at)
	 SELECT id / 5, 'Deal ' || id, CASE id % 3 WHEN 0 THEN 'won' ELSE 'open' END, 'offer', owner, company, :start FROM contact WHERE id % 5 = 0`,
	`INSERT INTO deal_contact (deal, contact) SELECT id, id * 5 FROM deal`,
	`CREATE TEMP TABLE thread_of (id INTEGER PRIMARY KEY, contact INTEGER)`,
	`INSERT INTO thread_of WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :mails / 4 + 1000), u AS (
		SELECT i, (i * 2654435761 & 4294967295) / 4294967296.0 AS u FROM n)
	 SELECT i, 1 + CAST(:contacts * u * u * u AS INTEGER) FROM u`,
	`CREATE TEMP TABLE mail (i INTEGER PRIMARY KEY, thread INTEGER, at INTEGER, contact INTEGER, user INTEGER, outgoing INTEGER, hash INTEGER, intake TEXT)`,
	`INSERT INTO mail WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :mails)
	 SELECT i, t.id, :start + i * :step, t.contact, t.id % :users + 1, i % 2, (i * 2654435761 & 4294967295) << 31 | (i * 2246822519 & 2147483647), printf('01J%023d', i)
	 FROM n JOIN thread_of t ON t.id = i / 4000 * 1000 + i % 1000 + 1`,
	`INSERT INTO thread (id, last_at) SELECT thread, max(at) FROM mail GROUP BY thread`,
	`INSERT INTO intake (seq, id, received_at, via, remote, helo, tls, trusted, mail_from, rcpts, size, message_id, message_hash, sender, subject, verdict, codes, trace,
		results, created, auth, held, owner, mailbox, visibility, duplicate_of, open, kept)
	 SELECT i, intake, at, 'smtp', '192.0.2.7', 'mail.us.test', '', 1, 'user' || user || '@us.test', '[{"Path":"user","Address":"user@bcc.test","Mailbox":1,"Kind":"bcc","User":1}]',
		4200, i || '@us.test', hash, 'User <user@us.test>', 'Offer ' || thread, 'filed', '["contact_by_address","deal_unique"]',
		'{"steps":[{"code":"contact_by_address","detail":"Filed to Person: person@client.test is an address of this contact.","data":{"because":"' || hex(zeroblob(120)) || '","id":1,"kind":"contact"}}],"candidates":[],"proposals":[]}',
		'[{"original":0,"verdict":"filed","codes":["contact_by_address","deal_unique"],"activity_id":' || i || ',"duplicate_of":null,"claims":[[' || hash || ',0]]}]',
		'[]', '{"spf":"skipped","dkim":"skipped","dmarc":"skipped","result":"pass"}', '', user, user, 'linked', '', i % 500 = 0, 1 FROM mail`,
	`INSERT INTO raw (intake, codec, size, sha256, file, data) SELECT i, 0, 900, randomblob(32), '', randomblob(900) FROM mail`,
	`INSERT INTO activity (id, intake, original, thread, message_id, direction, subject, subject_hash, occurred_at, captured_at, date_written, author, author_name,
		author_user, people, attachments, badges, bounces, automatic, visibility, preview, note, body_start)
	 SELECT m.i, m.i, 0, m.thread, m.i || '@us.test', CASE outgoing WHEN 1 THEN 'outgoing' ELSE 'incoming' END, 'Offer ' || m.thread, m.thread * 2654435761, m.at, m.at, '',
		CASE outgoing WHEN 1 THEN u.email ELSE a.local || '@' || a.domain END, '', outgoing * m.user,
		'[{"role":"from","name":"","address":"' || CASE outgoing WHEN 1 THEN u.email ELSE a.local || '@' || a.domain END || '"},{"role":"to","name":"","address":"' ||
			CASE outgoing WHEN 0 THEN u.email ELSE a.local || '@' || a.domain END || '"}]',
		'[]', '[]', '[]', 0, CASE WHEN m.i % 50 = 0 THEN 'private' ELSE 'linked' END, 'Dear Ben, of course. The new figures are below: 12,400 for everything. Anna', '', hex(zeroblob(100))
	 FROM mail m JOIN crm_user u ON u.id = m.user JOIN holder h ON h.kind = 1 AND h.record = m.contact AND h.position = 0 JOIN address a ON a.id = h.address`,
	`INSERT INTO link SELECT 1, contact, at, i, 'contact_by_address', 0 FROM mail ORDER BY contact, at`,
	`INSERT INTO link SELECT 2, CASE WHEN contact <= 500 THEN 1 ELSE contact / 5 END, at, i, 'company_by_address', 0 FROM mail ORDER BY 2, at`,
	`INSERT INTO link SELECT 4, contact / 5, at, i, 'deal_unique', 0 FROM mail WHERE contact % 5 = 0 ORDER BY 2, at`,
	`INSERT INTO participant SELECT h.address, m.i, 2 * m.outgoing + 1 FROM mail m JOIN holder h ON h.kind = 1 AND h.record = m.contact AND h.position = 0 ORDER BY 1, 2`,
	`INSERT INTO participant SELECT h.address, m.i, 3 - 2 * m.outgoing FROM mail m JOIN holder h ON h.kind = 5 AND h.record = m.user AND h.position = 0 ORDER BY 1, 2`,
	`INSERT INTO capture SELECT i, intake, user, user, 'smtp', at FROM mail`,
	`INSERT INTO mail_key SELECT hash, 0, hash + 1, i, 0, 'filed', i, 7, 8, at, 0 FROM mail ORDER BY hash`,
	`INSERT INTO intake (seq, id, received_at, via, remote, helo, tls, trusted, mail_from, rcpts, size, message_id, message_hash, sender, subject, verdict, codes, trace,
		results, created, auth, held, owner, mailbox, visibility, duplicate_of, open, kept)
	 SELECT :mails + i, printf('02J%023d', i), at, 'smtp', '192.0.2.7', '', '', 1, 'user' || user || '@us.test', '[]', 4200, i || '@held.test', hash + 1, 'Stranger <x@held.test>', 'Offer', 'held', '["stranger"]',
		'{"steps":[],"candidates":[],"proposals":[]}', '[]', '[]', '{"result":"none"}', '', user, user, 'linked', '', 1, 0 FROM mail WHERE i % 100 = 0`,
}
