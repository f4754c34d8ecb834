package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"blindcopy/crm"
	"blindcopy/store"
)

// contactImport is `blindcopy contact import`. The formats stand in import_*.go.
func (a *app) contactImport() *cobra.Command {
	var dryRun bool
	var owner string
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Import contacts from a CSV or vCard file",
		Long: `Reads CSV files as HubSpot, Pipedrive, Bitrix24, Salesforce, Outlook, Google and spreadsheets
write them (any separator and character set), and vCard files of every version.

A contact is recognised by its addresses: known ones get what they lack, the rest are added.
Nothing that is there already is overwritten, so an import may be repeated. Lines with
errors are named, and the others imported.`,
		Example: `  blindcopy contact import contacts.csv --dry-run
  blindcopy contact import contacts.csv
  blindcopy contact import telephone.vcf --owner anna@example.com`,
		Args: cobra.ExactArgs(1),
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		data, err := a.readInput(args[0], maxImport)
		if err != nil {
			return err
		}
		if !dryRun {
			return a.writing(func(ctx context.Context, o *office, _ []string) error {
				return o.importContacts(ctx, args[0], data, owner)
			})(cmd, args)
		}
		seq, err := people(data)
		if err != nil {
			return fmt.Errorf("import %s: %w", args[0], err)
		}
		i := importer{rows: seq}
		err = a.reading(i.try)(cmd, args)
		if errors.Is(err, store.ErrNoDatabase) { // the first import of all is the one people try
			return a.showImport(i.simulate(newDryRun(nil, nil, nil)), "Would add", "update")
		}
		return err
	}
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "say what would happen, write nothing")
	cmd.Flags().StringVar(&owner, "owner", "", "`e-mail` of the user who looks after the new contacts")
	return cmd
}

// importContacts imports a file and shows how far it is.
func (o *office) importContacts(ctx context.Context, file string, data []byte, owner string) error {
	email, err := optionalEmail(owner)
	if err != nil {
		return err
	}
	bar := newBar(o.app, entries(data))
	report, later, err := o.ImportContacts(ctx, data, email, bar.show)
	bar.clear()
	if err != nil {
		return fmt.Errorf("import %s: %w", file, err)
	}
	o.tell(later)
	return o.showImport(report, "Added", "updated")
}

// importer carries one file into the database.
type importer struct {
	rows iter.Seq2[person, error]

	seen []crm.Address     // all addresses of the file
	bad  []store.LineError // of entries that were read in part, or not at all
}

// importRows translates what was read of the file; errors are kept here, so that an entry that is
// good but for one address is imported and reported.
func (i *importer) importRows(o *office, owner crm.Address) iter.Seq2[store.ImportRow, error] {
	return func(yield func(store.ImportRow, error) bool) {
		for p, err := range i.rows {
			i.note(err)
			if len(p.emails) == 0 {
				continue
			}
			i.seen = append(i.seen, p.emails...)
			row := store.ImportRow{Line: p.line, Name: p.name, Emails: p.emails, Company: p.company, Owner: owner}
			if row.Company != "" {
				row.Domain = o.corporateDomain(p.emails)
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

func (i *importer) note(err error) {
	var bad lineError
	if errors.As(err, &bad) {
		i.bad = append(i.bad, store.LineError{Line: bad.line, Error: bad.text})
	}
}

func (i *importer) try(ctx context.Context, o *office, _ []string) error {
	report, err := i.preview(ctx, o)
	if err != nil {
		return err
	}
	return o.showImport(report, "Would add", "update")
}

// preview counts what an import would do, from what the database holds now.
func (i *importer) preview(ctx context.Context, o *office) (report store.ImportReport, err error) {
	contacts, err := o.store.Contacts(ctx, store.Filter{})
	if err != nil {
		return report, err
	}
	companies, err := o.store.Companies(ctx, store.Filter{})
	if err != nil {
		return report, err
	}
	users, err := o.store.Users(ctx)
	if err != nil {
		return report, err
	}
	return i.simulate(newDryRun(contacts, companies, users)), nil
}

// simulate is the import into the database of a dry run.
func (i *importer) simulate(d *dryRun) store.ImportReport {
	for p, err := range i.rows {
		i.note(err)
		if len(p.emails) > 0 {
			d.take(p)
		}
	}
	d.report.Errors = append(i.bad, d.report.Errors...)
	return d.report
}

// dryRun is the import on paper.
type dryRun struct {
	holders   map[crm.Address]*holding
	companies map[string]bool
	users     map[crm.Address]crm.Address // the user of an address
	report    store.ImportReport
}

// holding is what an import may still fill of a contact.
type holding struct{ name, company bool }

func newDryRun(contacts []crm.Contact, companies []crm.Company, users []crm.User) *dryRun {
	d := &dryRun{holders: map[crm.Address]*holding{}, companies: map[string]bool{}, users: map[crm.Address]crm.Address{}}
	for _, u := range users {
		d.users[u.Email] = u.Email
		for _, a := range u.Addresses {
			d.users[a.Address] = u.Email
		}
	}
	for _, c := range contacts {
		h := &holding{c.Name != "", c.Company != nil}
		for _, e := range c.Emails {
			d.holders[e.Address] = h
		}
	}
	for _, c := range companies {
		d.companies[strings.ToLower(c.Name)] = true
	}
	return d
}

func (d *dryRun) take(p person) {
	for _, a := range p.emails {
		if u, ok := d.users[a]; ok {
			d.report.Errors = append(d.report.Errors, store.LineError{Line: p.line, Error: fmt.Sprintf("%s is an address of the user %s", a, u)})
			return
		}
	}
	var h *holding
	for _, a := range p.emails {
		if h == nil {
			h = d.holders[a]
		}
	}
	fresh := h == nil
	if fresh {
		h = &holding{}
	}
	changed := (!h.name && p.name != "") || (!h.company && p.company != "")
	h.name, h.company = h.name || p.name != "", h.company || p.company != ""
	for _, a := range p.emails {
		changed = changed || d.holders[a] == nil
		if d.holders[a] == nil {
			d.holders[a] = h
		}
	}
	switch {
	case fresh:
		d.report.Added++
	case changed:
		d.report.Updated++
	default:
		d.report.Unchanged++
	}
	if name := strings.ToLower(p.company); name != "" && !d.companies[name] && changed {
		d.companies[name] = true
		d.report.Companies++
	}
}

// manyErrors is how many errors are printed for people; --json has them all.
const manyErrors = 20

func (a *app) showImport(r store.ImportReport, added, updated string) error {
	r.Errors = orEmpty(r.Errors)
	return a.show(r, func(s *screen) {
		s.linef("%s %s, %s %s, unchanged %s; new companies: %s.", added, thousands(r.Added), updated, thousands(r.Updated),
			thousands(r.Unchanged), thousands(r.Companies))
		if len(r.Errors) == 0 {
			return
		}
		s.linef("%s could not be taken as written:", count(len(r.Errors), "line"))
		for _, e := range r.Errors[:min(len(r.Errors), manyErrors)] {
			s.linef("  line %d: %s", e.Line, oneLine(e.Error))
		}
		if len(r.Errors) > manyErrors {
			s.linef("  and %s more; --json lists all", thousands(len(r.Errors)-manyErrors))
		}
	})
}

// bar is a progress bar on a terminal, and nothing elsewhere.
type bar struct {
	s     *screen
	total int
	last  time.Time
	drawn bool
}

func newBar(a *app, total int) *bar {
	if a.quiet || !a.notes.terminal() || total < 2000 {
		return &bar{}
	}
	return &bar{s: a.notes, total: total}
}

// show draws how far it is, some times a second.
func (b *bar) show(done int) {
	if b.s == nil || time.Since(b.last) < 100*time.Millisecond {
		return
	}
	b.last, b.drawn = time.Now(), true
	const wide = 30
	filled := min(wide, wide*done/max(b.total, 1))
	fmt.Fprintf(b.s.w, "\r%s%s %s of about %s", strings.Repeat("█", filled), strings.Repeat("░", wide-filled), thousands(done), thousands(b.total))
}

// clear takes the bar away.
func (b *bar) clear() {
	if b.drawn {
		fmt.Fprint(b.s.w, "\r\x1b[K")
	}
}
