package store

import (
	"fmt"
	"testing"
)

// BenchmarkNumbers counts twelve weeks of many mails, written without their content.
func BenchmarkNumbers(b *testing.B) {
	n := newNouns(b)
	const mails = 200_000
	now := millis(n.Now())
	step := int64(12*week/1e6) / mails
	err := n.write(b.Context(), func(t *tx) error {
		for _, query := range []string{
			`INSERT INTO intake (seq, id, received_at, via, remote, helo, tls, trusted, mail_from, rcpts, size, message_id, message_hash, sender, subject, verdict, codes, trace,
				results, created, auth, held, visibility, duplicate_of, open, kept)
			SELECT i, 'i' || i, %[1]d - (%[2]d - i) * %[3]d, 'smtp', '', '', '', 0, '', '[]', 0, '', 0, '', 'Offer', 'filed', '["contact_by_address","deal_unique"]', hex(zeroblob(500)),
				'[]', '[]', '{}', '', 'linked', '', 0, 1 FROM n`,
			`INSERT INTO activity (id, intake, original, thread, message_id, direction, subject, subject_hash, occurred_at, captured_at, date_written, author, author_name,
				author_user, people, attachments, badges, bounces, automatic, visibility, preview, note, body_start)
			SELECT i, i, 0, i / 4, '', CASE i %% 2 WHEN 0 THEN 'outgoing' ELSE 'incoming' END, 'Offer', 0, %[1]d - (%[2]d - i) * %[3]d, 0, '', 'a@b.example', '', (i + 1) %% 2, hex(zeroblob(200)),
				'[]', '[]', '[]', 0, 'linked', '', '', hex(zeroblob(250)) FROM n`,
			`INSERT INTO link SELECT 1, i %% 1000, i, i, 'contact_by_address', 0 FROM n`,
			`INSERT INTO capture SELECT i, 'i' || i, 1, 1, 'smtp', 0 FROM n`,
		} {
			if _, err := t.do(fmt.Sprintf(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %[2]d) `+query, now, mails, step)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		got, err := n.Numbers(b.Context(), 12)
		if err != nil || got.Weeks[5].Mails == 0 || got.Partial {
			b.Fatalf("Numbers = %+v, %v", got.Weeks[5], err)
		}
	}
}
