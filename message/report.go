package message

import (
	"slices"
	"strings"
)

// ReportInput is what ParseReport looks at. Parts are the leaves of the message in their order, bodies decoded;
// message/rfc822 counts as a leaf.
type ReportInput struct {
	ContentType string // of the message, with parameters
	From        Address
	Subject     string                   // decoded
	Header      func(name string) string // first field of that name, unfolded, "" when absent; may be nil
	Text        string                   // the text a person reads, UTF-8
	Parts       []ReportPart
}

// ReportPart is one leaf of a multipart.
type ReportPart struct {
	ContentType string // with parameters
	Body        []byte // transfer encoding undone
}

// The kinds of reports. Of several recipients the worst counts, in this order.
const (
	ReportFailed    = "failed"    // not delivered, given up
	ReportDelayed   = "delayed"   // not delivered yet
	ReportRelayed   = "relayed"   // handed to a system that sends no reports
	ReportDelivered = "delivered" // in the recipient's mailbox, or expanded to a list
	ReportReceipt   = "receipt"   // read receipt (RFC 8098)
	ReportAbuse     = "abuse"     // complaint of a reader or his provider (RFC 5965)
)

// Report tells what became of a mail sent earlier.
type Report struct {
	Kind            string
	MessageID       string // of the mail it speaks of: white space and "<>" removed, lower case; "" when not named
	OriginalFrom    []Address
	OriginalTo      []Address
	OriginalSubject string
	Recipients      []ReportRecipient
}

// ReportRecipient is the fate of one recipient.
type ReportRecipient struct {
	Address    string // as the sender wrote it where the report tells (Original-Recipient), else the final one
	Final      string // the address at the end of any forwarding; "" when the report names none
	Status     string // enhanced status code "5.1.1" (RFC 3463), "" when not told
	Action     string // failed, delayed, delivered, relayed, expanded; of a receipt: displayed, deleted, …
	Diagnostic string // what the remote server said, white space folded, at most 1000 bytes
}

// Limits on what is looked at.
const (
	reportMaxParts      = 50
	reportMaxRecipients = 200
	reportMaxHeader     = 64 << 10
	reportMaxText       = 256 << 10
)

// ParseReport recognises delivery reports (RFC 3464), read receipts (RFC 8098), complaints (RFC 5965), and the free-text
// bounces of qmail, Exim, Exchange, Postfix, sendmail and the large providers. The result is false for other mail, also
// for people's mail that quotes or carries such a report: a report must be multipart/report, or come from a mail system.
func ParseReport(in ReportInput) (Report, bool) {
	if len(in.Parts) > reportMaxParts {
		in.Parts = in.Parts[:reportMaxParts]
	}
	if in.Header == nil {
		in.Header = func(string) string { return "" }
	}
	media := parseMedia([]byte(in.ContentType), "")
	isReport := media.value == "multipart/report"
	if !isReport && !reportFromSystem(in) {
		return Report{}, false
	}
	if r, ok := reportFromParts(in.Parts); ok {
		r.addFailedHeader(in)
		return r.finish(in), true
	}
	about := strings.ToLower(media.param("report-type"))
	switch about {
	case "disposition-notification":
		return (&Report{Kind: ReportReceipt}).finish(in), true
	case "feedback-report":
		return (&Report{Kind: ReportAbuse}).finish(in), true
	}
	r, ok := reportFromText(in)
	if !ok && (!isReport || about != "" && about != "delivery-status") {
		return Report{}, false
	}
	if r.Kind == "" {
		r.Kind = ReportFailed
	}
	return r.finish(in), true
}

// reportSystems are beginnings of local parts and display names of mail systems, folded.
var reportSystems = foldList("mailer-daemon|mailer_daemon|mailerdaemon|postmaster|mail-daemon|maildaemon|mdaemon|microsoftexchange|" +
	"mail delivery|system administrator|systemadministrator|mail administrator|delivery subsystem|bounce|mailadmin|mail-admin|mail system|exchange")

// reportFromSystem tells whether a mail system speaks: by its name, or by an empty reverse path (RFC 3464 §2).
func reportFromSystem(in ReportInput) bool {
	if strings.TrimSpace(in.Header("Return-Path")) == "<>" || in.Header("X-Failed-Recipients") != "" {
		return true
	}
	local, _, _ := strings.Cut(in.From.Addr, "@")
	local, name := foldText(local), foldText(in.From.Name)
	for _, begin := range reportSystems {
		if strings.HasPrefix(local, begin) || strings.HasPrefix(name, begin) {
			return true
		}
	}
	return false
}

// reportFromParts looks for the machine-readable part, and the returned message beside it.
func reportFromParts(parts []ReportPart) (Report, bool) {
	var r Report
	for _, part := range parts {
		switch parseMedia([]byte(part.ContentType), "").value {
		case "message/delivery-status", "message/global-delivery-status":
			r.addDeliveryStatus(part.Body)
		case "message/disposition-notification", "message/global-disposition-notification":
			r.addDisposition(part.Body)
		case "message/feedback-report":
			r.addFeedback(part.Body)
		case "message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers", "message/rfc822-headers":
			r.addOriginal(string(part.Body))
		}
	}
	return r, r.Kind != ""
}

// addFailedHeader uses Exim's and Gmail's X-Failed-Recipients where the status part named nobody.
func (r *Report) addFailedHeader(in ReportInput) {
	if len(r.Recipients) > 0 || r.Kind == ReportReceipt || r.Kind == ReportAbuse {
		return
	}
	for _, who := range reportAddresses(in.Header("X-Failed-Recipients")) {
		r.add(ReportRecipient{Address: who.Addr, Action: r.Kind})
	}
}

// finish fills what only the rest of the mail tells.
func (r *Report) finish(in ReportInput) Report {
	if r.MessageID == "" {
		r.MessageID = messageID(in.Header("Original-Message-ID"))
	}
	if r.MessageID == "" {
		r.addOriginal(reportReturnedText(in.Text))
	}
	if r.MessageID == "" && r.Kind != ReportAbuse {
		// A bounce answers the mail it speaks of.
		if ids := messageIDs(in.Header("In-Reply-To") + " " + in.Header("References")); len(ids) > 0 {
			r.MessageID = ids[0]
		}
	}
	return *r
}

func (r *Report) add(who ReportRecipient) {
	if len(r.Recipients) >= reportMaxRecipients || who.Address == "" {
		return
	}
	for i, known := range r.Recipients {
		if strings.EqualFold(known.Address, who.Address) {
			if known.Status == "" && known.Diagnostic == "" {
				r.Recipients[i] = who
			}
			return
		}
	}
	r.Recipients = append(r.Recipients, who)
}

// addOriginal reads the header of the returned message.
func (r *Report) addOriginal(raw string) {
	lim := Limits{}.withDefaults()
	raw = strings.TrimLeft(cutString(raw, reportMaxHeader), "\r\n\t ")
	original := Message{Header: Header{fields: salvageHeader([]byte(raw), reportMaxHeader, nil).fields, fallback: lim.FallbackCharset}}
	original.readFields(lim)
	if r.MessageID == "" {
		r.MessageID = original.MessageID
	}
	if r.OriginalFrom == nil && original.Header.Has("from") {
		r.OriginalFrom = withAddress(original.From)
		r.OriginalTo = withAddress(original.To)
		r.OriginalSubject = original.Subject
	}
}

// reportAddresses reads the addresses of a field.
func reportAddresses(value string) []Address {
	list, _ := ParseAddressList(value)
	return withAddress(list)
}

// withAddress leaves out people of whom there is only a name.
func withAddress(list []Address) []Address {
	return slices.DeleteFunc(list, func(who Address) bool { return who.Addr == "" })
}
