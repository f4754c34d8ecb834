package web

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"blindcopy/crm"
)

// searchStore finds mail by those in it, which a trace does not name.
type searchStore interface {
	Activity(ctx context.Context, id crm.ActivityID) (crm.Activity, error)
	Activities(ctx context.Context, f crm.ActivityFilter) ([]crm.Activity, error)
	MailWith(ctx context.Context, addresses []crm.Address, domains []string, after crm.MailCursor, limit int) ([]crm.StoredMail, error)
}

// searchOffice knows of what was never stored.
type searchOffice interface {
	// Refusals are mail that was turned away before it was read, newest first: what of it concerns a user, all for an admin.
	Refusals(u crm.User, match string, limit int) []Refusal
}

// Refusal is mail that was turned away: whoever sent it was told Reply, and got it back.
type Refusal struct {
	At       time.Time
	Peer     string // the server that brought it
	From, To string // of the envelope; To is the recipient who was refused, or all of them
	Reply    string // such as "550 5.1.1 no such recipient"
}

// searchPage answers "where is my mail?".
type searchPage struct {
	Match   string
	Verdict string
	Found   []crm.Intake
	More    bool
	Records []crm.Candidate // called so, or with such an address: their timelines
	Refused []Refusal

	TracesKept string // how long the trace of a mail that was not filed is kept
}

// searchAPage is how much is shown, and the other bounds how far is looked for the mail of somebody who is named.
const (
	searchAPage    = 50
	searchRecords  = 5
	searchRefusals = 20
)

func (s *Server) search(r *request) (answer, error) {
	d := searchPage{Match: r.query("q"), Verdict: r.query("verdict")}
	if d.Match != "" || d.Verdict != "" {
		list, err := s.whereIs(r, &d)
		if err != nil {
			return nil, err
		}
		d.More = len(list) > searchAPage
		d.Found = list[:min(len(list), searchAPage)]
	}
	if d.Match != "" || d.Verdict == string(crm.Refused) {
		d.Refused = s.Office.Refusals(r.user, d.Match, searchRefusals)
	}
	for _, setting := range s.Office.Settings() {
		if setting.Key == "retention.traces" {
			d.TracesKept = daysWords(setting.Value)
		}
	}
	return page{Template: "search", Title: "Where is my mail?", Nav: "search", Data: d}, nil
}

// daysWords writes 90d as 90 days.
func daysWords(value string) string {
	if days, ok := strings.CutSuffix(value, "d"); ok {
		return count(days, "day")
	}
	return value
}

// whereIs finds mail by the traces (author, envelope, subject, Message-ID, our own id), and what is filed or held by
// everybody in it; newest first.
func (s *Server) whereIs(r *request, d *searchPage) ([]crm.Intake, error) {
	list, err := s.Store.Intakes(r.Context(), crm.IntakeFilter{Match: strings.Trim(d.Match, "<>"), Verdict: crm.Verdict(d.Verdict), Limit: searchAPage + 1, Viewer: &r.viewer})
	if err != nil || d.Match == "" {
		return list, err
	}
	for _, find := range []func(*request, *searchPage) ([]crm.Intake, error){s.byID, s.heldWith, s.filedWith} {
		more, err := find(r, d)
		if err != nil && !errors.Is(err, crm.ErrNotFound) {
			return nil, err
		}
		list = append(list, more...)
	}
	return s.shownOnce(r, list, crm.Verdict(d.Verdict))
}

// byID finds one by its Message-ID, or by the id that we gave the sending server in our answer, which is in its log.
func (s *Server) byID(r *request, d *searchPage) ([]crm.Intake, error) {
	if strings.Contains(d.Match, "@") {
		return s.Store.IntakesByMessageID(r.Context(), d.Match)
	}
	const idLength = 26
	if len(d.Match) != idLength || strings.ContainsRune(d.Match, ' ') {
		return nil, nil
	}
	in, err := s.Store.Intake(r.Context(), crm.IntakeID(strings.ToUpper(d.Match)))
	if err != nil {
		return nil, err
	}
	return []crm.Intake{in}, nil
}

// heldWith finds held mail by its recipients, whom its trace does not name: by an address, a domain, or the name of a
// contact, company or lead. The records are shown, too.
func (s *Server) heldWith(r *request, d *searchPage) (list []crm.Intake, err error) {
	var addresses []crm.Address
	var domains []string
	if a, ok := crm.ParseAddress(d.Match); ok {
		addresses = append(addresses, a)
	} else if strings.Contains(d.Match, ".") && !strings.ContainsRune(d.Match, ' ') {
		domains = append(domains, crm.NormalDomain(strings.TrimPrefix(d.Match, "@")))
	}
	more, err := s.namedSo(r, d)
	if err != nil {
		return nil, err
	}
	if addresses = append(addresses, more...); len(addresses)+len(domains) == 0 {
		return nil, nil
	}
	mails, err := s.Store.MailWith(r.Context(), addresses, domains, crm.HeldMail, 0)
	if err != nil {
		return nil, err
	}
	for _, m := range mails[max(len(mails)-searchAPage, 0):] { // the newest
		in, err := s.Store.Intake(r.Context(), m.Intake)
		if err != nil {
			return nil, err
		}
		list = append(list, in)
	}
	return list, nil
}

// namedSo notes the records that a search may mean, and returns their addresses.
func (s *Server) namedSo(r *request, d *searchPage) (addresses []crm.Address, err error) {
	f := crm.RecordSearch{Text: d.Match, Size: searchRecords}
	contacts, err := s.Store.FindContacts(r.Context(), f)
	if err != nil {
		return nil, err
	}
	add := func(kind crm.Kind, id int64, title string, emails []crm.Email) {
		d.Records = append(d.Records, crm.Candidate{Kind: kind, ID: id, Title: title, Why: currentEmail(emails)})
		for _, e := range emails {
			addresses = append(addresses, e.Address)
		}
	}
	for _, c := range contacts.Records {
		add(crm.KindContact, c.ID, nameOf(c), c.Emails)
	}
	companies, err := s.Store.FindCompanies(r.Context(), f)
	if err != nil {
		return nil, err
	}
	for _, c := range companies.Records {
		add(crm.KindCompany, c.ID, c.Name, c.Emails)
	}
	leads, err := s.Store.FindLeads(r.Context(), f)
	for _, l := range leads.Records {
		add(crm.KindLead, l.ID, l.Title, l.Emails)
	}
	return addresses, err
}

// filedWith finds mail by everybody in it, and the beginning of its text; and what is on the timelines of records that
// are called so.
func (s *Server) filedWith(r *request, d *searchPage) (list []crm.Intake, err error) {
	filters := []crm.ActivityFilter{{Match: d.Match, Limit: searchAPage, Viewer: &r.viewer}}
	for _, rec := range d.Records {
		ref := crm.Ref{Kind: rec.Kind, ID: rec.ID}
		filters = append(filters, crm.ActivityFilter{Ref: &ref, Limit: searchAPage, Viewer: &r.viewer})
	}
	seen := map[crm.IntakeID]bool{}
	for _, f := range filters {
		acts, err := s.Store.Activities(r.Context(), f)
		if err != nil {
			return nil, err
		}
		for _, act := range r.viewer.Activities(acts, f.Match) {
			more, err := s.captured(r.Context(), act, seen)
			if err != nil {
				return nil, err
			}
			list = append(list, more...)
		}
	}
	return list, nil
}

// captured are the sightings of a mail that were not seen yet.
func (s *Server) captured(ctx context.Context, act crm.Activity, seen map[crm.IntakeID]bool) (list []crm.Intake, err error) {
	for _, c := range act.Captures {
		if seen[c.IntakeID] {
			continue
		}
		seen[c.IntakeID] = true
		in, err := s.Store.Intake(ctx, c.IntakeID)
		if errors.Is(err, crm.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		list = append(list, in)
	}
	return list, nil
}

// shownOnce is what may be seen of a list, each once, newest first.
func (s *Server) shownOnce(r *request, list []crm.Intake, verdict crm.Verdict) (found []crm.Intake, err error) {
	seen := map[crm.IntakeID]bool{}
	for _, in := range list {
		if seen[in.ID] || verdict != "" && in.Verdict != verdict {
			continue
		}
		seen[in.ID] = true
		in, _, err := s.visible(r, in)
		if errors.Is(err, crm.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		found = append(found, in)
	}
	slices.SortStableFunc(found, func(a, b crm.Intake) int { return b.ReceivedAt.Compare(a.ReceivedAt) })
	return found, nil
}
