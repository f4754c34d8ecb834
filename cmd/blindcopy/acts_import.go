package main

import (
	"context"
	"fmt"

	"blindcopy/crm"
)

// previewRows is how many people of a file are shown before it is imported.
const previewRows = 10

// ImportContacts imports a CSV or vCard file, and files the mail that waited for its people. progress may be nil; it is
// told how many rows are done. Of new contacts owner looks after, "" for nobody.
func (o *office) ImportContacts(ctx context.Context, data []byte, owner crm.Address, progress func(done int)) (crm.ImportReport, crm.Later, error) {
	rows, err := people(data)
	if err != nil {
		return crm.ImportReport{}, crm.Later{}, unreadable{err}
	}
	i := importer{rows: rows}
	report, err := o.store.ImportContacts(ctx, i.importRows(o, owner), progress)
	if err != nil {
		return report, crm.Later{}, fmt.Errorf("import: %w", err)
	}
	report.Errors = append(i.bad, report.Errors...)
	later, err := o.lookAgain(ctx, i.seen, nil)
	return report, later, err
}

// PreviewImport tells what ImportContacts would do, and writes nothing.
func (o *office) PreviewImport(ctx context.Context, data []byte) (p crm.ImportPreview, err error) {
	rows, err := people(data)
	if err != nil {
		return p, unreadable{err}
	}
	p.Columns, p.Rows = columnsOf(data), []crm.ImportRow{}
	i := importer{rows: func(yield func(person, error) bool) {
		for who, err := range rows {
			if len(p.Rows) < previewRows && len(who.emails) > 0 {
				p.Rows = append(p.Rows, crm.ImportRow{Line: who.line, Name: who.name, Emails: who.emails, Company: who.company})
			}
			if !yield(who, err) {
				return
			}
		}
	}}
	p.Report, err = i.preview(ctx, o)
	return p, err
}

// columnsOf names the columns of a CSV file and what we take them for; a vCard file has none.
func columnsOf(data []byte) []crm.ImportColumn {
	columns := []crm.ImportColumn{}
	if _, ok := vcardText(data); ok {
		return columns
	}
	table, err := newCSVTable(decodeText(data))
	if err != nil {
		return columns
	}
	for at, title := range table.header {
		columns = append(columns, crm.ImportColumn{Title: clip(oneLine(title), 80), Means: table.layout.means(at)})
	}
	return columns
}

// unreadable is a file that is none of ours: whoever chose it can choose another.
type unreadable struct{ error }

func (unreadable) Is(target error) bool { return target == crm.ErrInvalid }
func (u unreadable) Unwrap() error      { return u.error }
