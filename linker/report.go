package linker

import (
	"fmt"
	"io"
	"strings"

	"blindcopy/crm"
	"blindcopy/message"
)

// reportOf reads a delivery report (RFC 3464, and what older servers write instead) from a
// message. Nil where it is none, or does not say on which mail.
func reportOf(m *message.Message, author crm.Address, reversePath string) *crm.Report {
	field := func(name string) string {
		if name == "Return-Path" && reversePath == "" {
			return "<>"
		}
		return m.Header.Get(name)
	}
	in := message.ReportInput{ContentType: m.Header.Get("Content-Type"), From: message.Address{Addr: string(author)}, Subject: m.Subject, Header: field, Text: m.Text}
	for _, part := range m.Parts[:min(len(m.Parts), 20)] {
		in.Parts = append(in.Parts, message.ReportPart{ContentType: part.MediaType, Body: partBytes(m, part.Path)})
	}
	found, ok := message.ParseReport(in)
	if !ok || found.MessageID == "" {
		return nil
	}
	report := &crm.Report{Kind: found.Kind, MessageID: found.MessageID}
	for _, r := range found.Recipients {
		if a, ok := crm.ParseAddress(r.Address); ok && len(report.Recipients) < 100 {
			report.Recipients = append(report.Recipients, crm.ReportRecipient{Address: a, Status: r.Status, Action: r.Action})
		}
	}
	return report
}

// partBytes decodes the beginning of a part; what is unreadable is left out.
func partBytes(m *message.Message, path string) []byte {
	r, err := m.OpenPart(path)
	if err != nil {
		return nil
	}
	b, _ := io.ReadAll(io.LimitReader(r, 64<<10)) // base64 that breaks off: what came before counts
	return b
}

// report adds a delivery report to the activity it speaks of: SEMANTICS §10. It is looked
// at before the question who is speaking, for mail servers are strangers. False where it is no report, or on
// no mail of ours.
func (d *decision) report() bool {
	if d.mail.Report == nil {
		return false
	}
	var original *crm.Sighting
	for i := range d.facts.Sightings[idPrefix+d.mail.Report.MessageID] {
		if s := &d.facts.Sightings[idPrefix+d.mail.Report.MessageID][i]; s.Activity != 0 {
			original = s
		}
	}
	if original == nil {
		return false
	}
	d.res.Verdict, d.res.Activity = crm.Filed, original.Activity
	var words []string
	for _, r := range d.mail.Report.Recipients {
		words = append(words, strings.TrimSpace(fmt.Sprintf("%s %s %s", r.Address, r.Action, r.Status)))
		if d.mail.Report.Kind != message.ReportFailed || r.Action != "" && r.Action != "failed" {
			continue // delayed, delivered, read: nothing is wrong with the address
		}
		d.res.Bounces = append(d.res.Bounces, crm.Bounce{Address: r.Address, Status: r.Status, At: d.in.ReceivedAt})
	}
	d.say(crm.BounceReport, fmt.Sprintf("A delivery report (%s) on the mail <%s>: %s.", d.mail.Report.Kind, d.mail.Report.MessageID, strings.Join(words, "; ")),
		map[string]any{"activity": original.Activity, "kind": d.mail.Report.Kind})
	return true
}
