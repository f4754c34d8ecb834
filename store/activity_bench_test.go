package store

import (
	"testing"

	"blindcopy/crm"
)

// benchmarkMails is small enough for everyday; the promise is 5 ms at a million.
const benchmarkMails = 100_000

// BenchmarkTimeline reads the 100 newest mails of a contact, and of a company of 500 contacts.
func BenchmarkTimeline(b *testing.B) {
	n := newNouns(b)
	err := n.write(b.Context(), func(x *tx) error {
		for _, query := range []string{
			`INSERT INTO company (name, name_key, created_at) VALUES ('Client Ltd', 'client ltd', 0)`,
			`WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < 500) INSERT INTO contact (id, name, company, created_at) SELECT n, 'Contact ' || n, 1, 0 FROM i`,
			`WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < 500) INSERT INTO address (id, domain, local) SELECT n + 10, 'client.example', 'p' || n FROM i`,
			`WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < 500) INSERT INTO holder (address, kind, record, position) SELECT n + 10, 1, n, 0 FROM i`,
			`INSERT INTO intake VALUES (1, '01A', 0, 'smtp', '', '', '', 1, '', '[]', 0, '', 0, '', '', 'filed', '[]', '{}', '[]', '[]', '{}', '', 1, 1, 'linked', '', 0, 0, NULL)`,
			`INSERT INTO thread (id, last_at) VALUES (1, 0)`,
			`WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < ?)
			 INSERT INTO activity SELECT n, 1, 0, 1, n || '@x', 'outgoing', 'Offer ' || n, n, n * 1000, n * 1000, '', 'anna@acme.example', 'Anna', 1,
			   '[{"role":"from","name":"Anna","address":"anna@acme.example"},{"role":"to","name":"","address":"p' || (n % 500 + 1) || '@client.example"}]',
			   '[]', '[]', '[]', 0, 'linked', 'Hello', '', '' FROM i`,
			`INSERT INTO link SELECT 1, id % 500 + 1, occurred_at, id, 'contact_by_address', 0 FROM activity`,
			`INSERT INTO capture SELECT id, '01A', 1, 1, 'smtp', occurred_at FROM activity`,
		} {
			var args []any
			if len(query) > 200 && query[0] == 'W' {
				args = []any{benchmarkMails}
			}
			if _, err := x.do(query, args...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	for name, ref := range map[string]crm.Ref{"contact": {Kind: crm.KindContact, ID: 250}, "company": {Kind: crm.KindCompany, ID: 1}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if list := must(n.Activities(b.Context(), ActivityFilter{Ref: &ref, Limit: 100}))(b); len(list) != 100 {
					b.Fatalf("got %d mails", len(list))
				}
			}
		})
	}
}
