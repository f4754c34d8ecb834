package store

import (
	"cmp"
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"

	"blindcopy/crm"
)

// nearPerLookup bounds how many addresses of a domain, or with one local part, are compared.
const nearPerLookup = 500

// nearMiss is a record that somebody unknown may be.
type nearMiss struct {
	crm.Ref
	far int // letters away; 3 the same name, 4 the same domain
	why string
}

// Near finds contacts, companies and leads that one of the people may be: an address one or two letters away, the
// same name, or the same domain where few have it. At most limit, the nearest first. It reads by index, whatever
// the size of the database.
func (s *Store) Near(ctx context.Context, people []crm.Party, limit int) ([]crm.Candidate, error) {
	candidates := []crm.Candidate{}
	err := s.read(ctx, func(c *conn) error {
		var found []nearMiss
		for _, p := range people[:min(len(people), 20)] {
			for _, look := range []func(*conn, crm.Party) ([]nearMiss, error){s.nearAtDomain, nearAtLocal, nearByName} {
				more, err := look(c, p)
				if err != nil {
					return err
				}
				found = append(found, more...)
			}
		}
		slices.SortStableFunc(found, func(a, b nearMiss) int { return cmp.Compare(a.far, b.far) })
		for _, miss := range found {
			if len(candidates) == limit {
				return nil
			}
			if slices.ContainsFunc(candidates, func(have crm.Candidate) bool { return have.Kind == miss.Kind && have.ID == miss.ID }) {
				continue
			}
			title, err := titleOf(c, miss.Ref)
			if err != nil {
				return err
			}
			candidates = append(candidates, crm.Candidate{Kind: miss.Kind, ID: miss.ID, Title: title, Why: miss.why})
		}
		return nil
	})
	return candidates, wrap(err, "look for near misses")
}

// nearAtDomain compares with the addresses of the same domain. The domain alone speaks for a record only where few
// have it: at a free-mail provider it says nothing.
func (s *Store) nearAtDomain(c *conn, p crm.Party) (found []nearMiss, err error) {
	if p.Address == "" {
		return nil, nil
	}
	var others []nearMiss
	err = nearRows(c, `SELECT h.kind, h.record, a.local FROM address a JOIN holder h ON h.address = a.id WHERE a.domain = ? AND h.kind <= 3 LIMIT ?`,
		p.Address.Domain(), func(ref crm.Ref, local string) {
			if local == p.Address.Local() {
				found = append(found, nearMiss{ref, 0, fmt.Sprintf("has the address %s", p.Address)})
				return
			}
			if n, near := isNear(local, p.Address.Local()); near {
				found = append(found, nearMiss{ref, n, fmt.Sprintf("has the address %s@%s, %s away", local, p.Address.Domain(), letters(n))})
				return
			}
			others = append(others, nearMiss{ref, 4, "is at " + p.Address.Domain() + " too"})
		})
	if len(others) <= 5 && !s.freeMail.Has(p.Address.Domain()) {
		found = append(found, others...)
	}
	return found, err
}

// nearAtLocal compares with the same local part at other domains: most typing errors are in the domain.
func nearAtLocal(c *conn, p crm.Party) (found []nearMiss, err error) {
	if p.Address == "" {
		return nil, nil
	}
	err = nearRows(c, `SELECT h.kind, h.record, a.domain FROM address a JOIN holder h ON h.address = a.id WHERE a.local = ? AND h.kind <= 3 LIMIT ?`,
		p.Address.Local(), func(ref crm.Ref, domain string) {
			if n, near := isNear(domain, p.Address.Domain()); near {
				found = append(found, nearMiss{ref, n, fmt.Sprintf("has the address %s@%s, %s away", p.Address.Local(), domain, letters(n))})
			}
		})
	return found, err
}

// nearByName finds people of the same name.
func nearByName(c *conn, p crm.Party) (found []nearMiss, err error) {
	if strings.TrimSpace(p.Name) == "" {
		return nil, nil
	}
	for kind, table := range map[int64]string{1: "contact", 3: "lead"} {
		err = nearRows(c, fmt.Sprintf(`SELECT %d, id, name FROM %s WHERE lower(name) = lower(?) LIMIT ?`, kind, table), p.Name,
			func(ref crm.Ref, name string) { found = append(found, nearMiss{ref, 3, "has the same name"}) })
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

func nearRows(c *conn, query, text string, row func(crm.Ref, string)) error {
	return c.query(query, func(v []driver.Value) error {
		row(crm.Ref{Kind: kindOf(integer(v[0])), ID: integer(v[1])}, str(v[2]))
		return nil
	}, text, int64(nearPerLookup))
}

// titleOf names a record.
func titleOf(c *conn, ref crm.Ref) (title string, err error) {
	query := map[crm.Kind]string{
		crm.KindContact: `SELECT k.name || coalesce(' (' || m.name || ')', '') FROM contact k LEFT JOIN company m ON m.id = k.company WHERE k.id = ?`,
		crm.KindCompany: `SELECT name FROM company WHERE id = ?`,
		crm.KindLead:    `SELECT title FROM lead WHERE id = ?`,
		crm.KindDeal:    `SELECT title FROM deal WHERE id = ?`,
	}[ref.Kind]
	err = c.query(query, func(v []driver.Value) error {
		title = str(v[0])
		return nil
	}, ref.ID)
	return title, err
}

func letters(n int) string {
	if n == 1 {
		return "one letter"
	}
	return fmt.Sprintf("%d letters", n)
}

// isNear tells whether two words may be one, mistyped: one letter apart, of longer words two.
func isNear(a, b string) (letters int, near bool) {
	most := 1
	if min(len(a), len(b)) >= 6 {
		most = 2
	}
	letters = distance(a, b, most)
	return letters, letters > 0 && letters <= most
}

// distance is the number of letters to insert, remove, change or swap with the next to make a into b
// (Damerau), or more than most where it is more.
func distance(a, b string, most int) int {
	x, y := []rune(a), []rune(b)
	if d := len(x) - len(y); d > most || -d > most || len(x) > 128 {
		return most + 1
	}
	rows := make([][]int, len(x)+1)
	for i := range rows {
		rows[i] = make([]int, len(y)+1)
		rows[i][0] = i
	}
	for j := range y {
		rows[0][j+1] = j + 1
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			change := 1
			if x[i-1] == y[j-1] {
				change = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+change)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(x)][len(y)]
}
