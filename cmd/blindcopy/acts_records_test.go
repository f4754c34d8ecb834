package main

import (
	"context"
	"strings"
	"testing"

	"blindcopy/crm"
	"blindcopy/store"
)

// inOffice does what the pages do, over the database of a world.
func (w *world) inOffice(do func(ctx context.Context, o *office)) {
	w.t.Helper()
	a := newApp(w.env, strings.NewReader(""), &strings.Builder{}, &strings.Builder{})
	a.configFile = w.file()
	cfg, err := a.config()
	if err != nil {
		w.t.Fatal(err)
	}
	o, err := a.openOffice(w.t.Context(), cfg, store.Options{})
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = o.close() }()
	do(w.t.Context(), o)
}

func TestPreviewOfAnImportIsWhatTheImportDoes(t *testing.T) {
	w := newWorld(t)
	w.must("contact", "add", "--name", "Ben", "--email", "ben@client.example")
	const file = "Name;E-Mail;Firma;Fax\nBen;ben@client.example;Client Ltd;1\nTom;tom@new.example;;2\nNobody;;;3\n"
	w.inOffice(func(ctx context.Context, o *office) {
		p, err := o.PreviewImport(ctx, []byte(file))
		if err != nil {
			t.Fatal(err)
		}
		means := []string{}
		for _, c := range p.Columns {
			means = append(means, c.Title+"="+c.Means)
		}
		if got, want := strings.Join(means, " "), "Name=name E-Mail=e-mail Firma=company Fax="; got != want {
			t.Errorf("columns %q, want %q", got, want)
		}
		if len(p.Rows) != 2 || p.Rows[1].Name != "Tom" {
			t.Errorf("first rows %+v, want Ben and Tom", p.Rows)
		}
		r, _, err := o.ImportContacts(ctx, []byte(file), "anna@acme.example", nil)
		if err != nil || r.Added != 1 || r.Updated != 1 || len(r.Errors) != 1 {
			t.Errorf("the import: %+v, %v; want 1 added, 1 updated, 1 error", r, err)
		}
		if p.Report.Added != r.Added || p.Report.Updated != r.Updated || p.Report.Companies != r.Companies || len(p.Report.Errors) != len(r.Errors) {
			t.Errorf("the preview said %+v, the import did %+v", p.Report, r)
		}
		if _, err := o.PreviewImport(ctx, []byte("a,b\n1,2\n")); err == nil || !strings.Contains(err.Error(), "no column with e-mail addresses") {
			t.Errorf("a file without addresses: %v", err)
		}
	})
}

func TestLeadBecomesContactAndDeal(t *testing.T) {
	w := newWorld(t)
	s := w.serve()
	s.send("anna@acme.example", w.bcc("anna@acme.example"), mail("anna@acme.example", "Tom <tom@new.example>", "Hello", "1"))
	s.stop()
	w.inOffice(func(ctx context.Context, o *office) {
		done, err := o.ConvertLead(ctx, 1, crm.ConvertLead{Company: "New Ltd"}, "Website")
		if err != nil {
			t.Fatal(err)
		}
		if done.Lead.Status != crm.LeadConverted || done.Deal == nil || done.Deal.Title != "Website" || len(done.Deal.Contacts) != 1 || done.Deal.Company == nil {
			t.Errorf("converted to %+v, want a contact with a deal of New Ltd", done)
		}
	})
}
