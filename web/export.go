package web

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/emersion/go-vcard"

	"blindcopy/crm"
)

// exportPiece is how many records an export reads at a time.
const exportPiece = 1000

// contactsCSV is a file with the contacts of the list, all its pages. It can be imported again.
func (s *Server) contactsCSV(r *request) (answer, error) {
	l, err := r.listing()
	if err != nil {
		return nil, err
	}
	return download{name: "contacts.csv", contentType: "text/csv; charset=utf-8", write: func(w io.Writer) error {
		return writeTable(w, []string{"Name", "E-mail", "Company", "Owner"}, func(row func(...string) error) error {
			return each(r.Context(), l.RecordSearch, s.Store.FindContacts, func(c crm.Contact) (int64, error) {
				company := ""
				if c.Company != nil {
					company = c.Company.Name
				}
				return c.ID, row(c.Name, addressCell(c.Emails), company, string(c.Owner))
			})
		})
	}}, nil
}

// companiesCSV is as contactsCSV.
func (s *Server) companiesCSV(r *request) (answer, error) {
	l, err := r.listing()
	if err != nil {
		return nil, err
	}
	return download{name: "companies.csv", contentType: "text/csv; charset=utf-8", write: func(w io.Writer) error {
		return writeTable(w, []string{"Company", "Domains", "E-mail", "Owner"}, func(row func(...string) error) error {
			return each(r.Context(), l.RecordSearch, s.Store.FindCompanies, func(c crm.Company) (int64, error) {
				return c.ID, row(c.Name, strings.Join(c.Domains, "; "), addressCell(c.Emails), string(c.Owner))
			})
		})
	}}, nil
}

// dealsCSV is as contactsCSV.
func (s *Server) dealsCSV(r *request) (answer, error) {
	l, err := r.listing()
	if err != nil {
		return nil, err
	}
	if l.Status == "all" {
		l.Status = ""
	}
	return download{name: "deals.csv", contentType: "text/csv; charset=utf-8", write: func(w io.Writer) error {
		return writeTable(w, []string{"Deal", "Status", "Stage", "Company", "Contacts", "Owner", "Added", "Closed"}, func(row func(...string) error) error {
			return each(r.Context(), l.RecordSearch, s.Store.FindDeals, func(d crm.Deal) (int64, error) {
				company, closed, people := "", "", make([]string, len(d.Contacts))
				if d.Company != nil {
					company = d.Company.Name
				}
				if d.ClosedAt != nil {
					closed = d.ClosedAt.In(r.zone).Format(time.DateOnly)
				}
				for i, c := range d.Contacts {
					people[i] = c.Name
				}
				return d.ID, row(d.Title, string(d.Status), d.Stage, company, strings.Join(people, "; "), string(d.Owner), d.CreatedAt.In(r.zone).Format(time.DateOnly), closed)
			})
		})
	}}, nil
}

// contactsCards are the contacts of the list as vCards.
func (s *Server) contactsCards(r *request) (answer, error) {
	l, err := r.listing()
	if err != nil {
		return nil, err
	}
	return download{name: "contacts.vcf", contentType: "text/vcard; charset=utf-8", write: func(w io.Writer) error {
		return each(r.Context(), l.RecordSearch, s.Store.FindContacts, func(c crm.Contact) (int64, error) { return c.ID, writeCard(w, c) })
	}}, nil
}

// contactCard is one contact as a vCard.
func (s *Server) contactCard(r *request) (answer, error) {
	c, err := s.contactOf(r)
	if err != nil {
		return nil, err
	}
	return download{name: nameOf(c) + ".vcf", contentType: "text/vcard; charset=utf-8", write: func(w io.Writer) error { return writeCard(w, c) }}, nil
}

// each reads all that a search finds, the oldest first, in pieces: what is added meanwhile comes last, and nothing is
// left out. do returns the id of its record.
func each[T any](ctx context.Context, f crm.RecordSearch, find func(context.Context, crm.RecordSearch) (crm.Found[T], error), do func(T) (int64, error)) error {
	f.Sort, f.Page, f.Size = crm.OldestFirst, 0, exportPiece
	for {
		found, err := find(ctx, f)
		if err != nil {
			return err
		}
		for _, record := range found.Records {
			if f.After, err = do(record); err != nil {
				return err
			}
		}
		if len(found.Records) < exportPiece {
			return nil
		}
	}
}

// byteOrderMark tells Excel that a file is UTF-8; our own import passes over it.
const byteOrderMark = "\ufeff"

// writeTable writes CSV (RFC 4180) that a spreadsheet can open without harm.
func writeTable(w io.Writer, header []string, rows func(row func(...string) error) error) error {
	if _, err := io.WriteString(w, byteOrderMark); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	row := func(cells ...string) error {
		for i, cell := range cells {
			cells[i] = safeCell(cell)
		}
		return out.Write(cells)
	}
	if err := row(header...); err != nil {
		return err
	}
	if err := rows(row); err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}

// safeCell gives a cell that a spreadsheet would take for a formula an apostrophe in front. Names come from mail that
// anybody may send, and =HYPERLINK("https://…") in one would be run by whoever opens the file.
func safeCell(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

// addressCell are the addresses in use, in one cell, as the import reads them.
func addressCell(emails []crm.Email) string {
	var list []string
	for _, e := range emails {
		if !e.Former {
			list = append(list, e.Address.Unicode())
		}
	}
	return strings.Join(list, "; ")
}

// writeCard writes a contact as vCard 4.0 (RFC 6350).
func writeCard(w io.Writer, c crm.Contact) error {
	card := vcard.Card{}
	card.SetValue(vcard.FieldVersion, "4.0")
	card.SetValue(vcard.FieldFormattedName, nameOf(c))
	for _, e := range c.Emails {
		if !e.Former {
			card.AddValue(vcard.FieldEmail, string(e.Address))
		}
	}
	if c.Company != nil {
		// QUIRK: a semicolon divides ORG into company and department, and go-vcard does not escape it.
		card.SetValue(vcard.FieldOrganization, strings.ReplaceAll(c.Company.Name, ";", ","))
	}
	if err := vcard.NewEncoder(w).Encode(card); err != nil {
		return fmt.Errorf("write the vCard of contact %d: %w", c.ID, err)
	}
	return nil
}
