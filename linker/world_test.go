package linker

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"blindcopy/crm"
)

// now is when every mail of these tests is received.
var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// world is a small company, told without a database.
type world struct {
	facts  *crm.Facts
	policy Policy
	shared crm.MailboxID // mail comes to this mailbox, not to Anna
}

const (
	anna crm.UserID = 1
	uwe  crm.UserID = 2
)

// newWorld has the users anna@corp.example and uwe@corp.example, with the BCC domain
// bcc.example.com, and knows nobody else.
func newWorld() *world {
	w := &world{policy: Defaults("bcc.example.com")}
	w.facts = &crm.Facts{
		Now: now,
		Rules: &crm.Rules{
			Users: map[crm.UserID]*crm.User{}, ByAddress: map[crm.Address]crm.UserID{},
			Mailboxes: map[crm.MailboxID]*crm.Mailbox{}, Shared: map[crm.Address]crm.MailboxID{},
		},
		Holders: map[crm.Address][]crm.Holder{}, Domains: map[string]*crm.DomainFacts{},
		Contacts: map[int64]*crm.ContactFacts{}, Companies: map[int64]*crm.CompanyFacts{}, Leads: map[int64]*crm.LeadFacts{}, Deals: map[int64]*crm.DealFacts{},
		Sightings: map[string][]crm.Sighting{}, ByMessage: map[string]crm.ThreadID{}, Waiting: map[string][]crm.ThreadID{},
		BySubject: map[string][]crm.SubjectHit{}, Forwarded: map[string][]crm.SubjectHit{}, Threads: map[crm.ThreadID]*crm.ThreadFacts{},
	}
	w.user(anna, "Anna Agent", "anna@corp.example", "anna.agent@gmail.com")
	w.user(uwe, "Uwe Urban", "uwe@corp.example")
	return w
}

func (w *world) user(id crm.UserID, name string, addresses ...crm.Address) {
	u := &crm.User{ID: id, Name: name, Email: addresses[0], Active: true}
	for _, a := range addresses {
		u.Addresses = append(u.Addresses, crm.UserAddress{Address: a, Verified: true})
		w.facts.Rules.ByAddress[a] = id
	}
	w.facts.Rules.Users[id] = u
	w.facts.Rules.Mailboxes[crm.MailboxID(id)] = &crm.Mailbox{ID: crm.MailboxID(id), Kind: crm.MailboxBCC, OwnerID: id}
}

func (w *world) company(id int64, name string, domains ...string) {
	w.facts.Companies[id] = &crm.CompanyFacts{ID: id, Name: name}
	for _, domain := range domains {
		w.domain(domain).Companies = append(w.domain(domain).Companies, id)
	}
}

func (w *world) domain(name string) *crm.DomainFacts {
	if w.facts.Domains[name] == nil {
		w.facts.Domains[name] = &crm.DomainFacts{}
	}
	return w.facts.Domains[name]
}

func (w *world) contact(id int64, name string, company int64, addresses ...crm.Address) *crm.ContactFacts {
	c := &crm.ContactFacts{ID: id, Name: name, Company: company, NameKnown: true}
	w.facts.Contacts[id] = c
	for _, a := range addresses {
		w.facts.Holders[a] = append(w.facts.Holders[a], crm.Holder{Kind: crm.KindContact, ID: id})
	}
	return c
}

func (w *world) lead(id int64, status crm.LeadStatus, address crm.Address, becameContact int64) {
	w.facts.Leads[id] = &crm.LeadFacts{ID: id, Title: "Lead", Status: status, NameKnown: true, Contact: becameContact}
	w.facts.Holders[address] = append(w.facts.Holders[address], crm.Holder{Kind: crm.KindLead, ID: id})
	if status == crm.LeadOpen && !w.policy.FreeMail.Has(address.Domain()) {
		w.domain(address.Domain()).OpenLeads = append(w.domain(address.Domain()).OpenLeads, id)
	}
}

// deal is open; with contacts, or a company alone.
func (w *world) deal(id int64, company int64, contacts ...int64) *crm.DealFacts {
	deal := &crm.DealFacts{ID: id, Title: fmt.Sprintf("Deal %d", id), Status: crm.DealOpen, Company: company, Contacts: contacts, Created: now.AddDate(0, 0, -int(id))}
	w.facts.Deals[id] = deal
	for _, c := range contacts {
		w.facts.Contacts[c].OpenDeals = append(w.facts.Contacts[c].OpenDeals, id)
	}
	if company != 0 {
		w.facts.Companies[company].OpenDeals = append(w.facts.Companies[company].OpenDeals, id)
	}
	return deal
}

func (w *world) closeDeal(id int64, daysAgo int) {
	deal := w.facts.Deals[id]
	deal.Status, deal.ClosedAt = crm.DealWon, now.AddDate(0, 0, -daysAgo)
	for _, c := range w.facts.Contacts {
		c.OpenDeals = without(c.OpenDeals, id)
	}
	for _, c := range w.facts.Companies {
		c.OpenDeals = without(c.OpenDeals, id)
	}
}

func without(list []int64, id int64) []int64 {
	var out []int64
	for _, v := range list {
		if v != id {
			out = append(out, v)
		}
	}
	return out
}

// exclude puts a pattern on the company's never-log list.
func (w *world) exclude(pattern string, user crm.UserID) {
	w.facts.Rules.Exclusions = append(w.facts.Rules.Exclusions, crm.Exclusion{ID: 1, Pattern: pattern, UserID: user})
}

// letter is a mail in a few words: `Name <a@x>` lists, comma-separated.
type letter struct {
	from, to, cc     string
	subject          string
	id, answers      string
	date             time.Time
	redirectedBy     string
	automatic        crm.Code
	rcpt             []crm.UserID // owners of the BCC recipients; Anna if empty
	tags             string       // of the first recipient: "deal42+private"
	untrusted, fails bool
	edit             func(*crm.Mail)
}

func (w *world) decide(l letter) *crm.Plan {
	if l.date.IsZero() {
		l.date = now.Add(-time.Minute)
	}
	if l.from == "" {
		l.from = "Anna Agent <anna@corp.example>"
	}
	subject := strings.ToLower(l.subject)
	m := crm.Mail{
		MessageID: l.id, From: list(l.from), To: list(l.to), Cc: list(l.cc), Subject: l.subject, BaseSubject: strings.TrimPrefix(subject, "re: "),
		IsReply: strings.HasPrefix(subject, "re: "), Date: l.date, Automatic: l.automatic, RedirectedBy: list(l.redirectedBy),
	}
	if l.answers != "" {
		m.InReplyTo = strings.Fields(l.answers)
	}
	if l.from == "-" {
		m.From = nil
	}
	if l.edit != nil {
		l.edit(&m)
	}
	in := &crm.Inbound{ID: "NEW", ReceivedAt: now, Via: crm.ViaSMTP, MailFrom: "bounce@relay.example"}
	if len(l.rcpt) == 0 {
		l.rcpt = []crm.UserID{anna}
	}
	for i, owner := range l.rcpt {
		token := fmt.Sprintf("token%d", owner)
		r := crm.Recipient{Mailbox: crm.MailboxID(owner), Kind: crm.MailboxBCC, User: owner, Token: token, Address: crm.Address("x-" + token + "@bcc.example.com")}
		if i == 0 {
			_, r.Tags = crm.ParseBCCLocal(token + "+" + l.tags)
		}
		in.Recipients = append(in.Recipients, r)
	}
	if w.shared != 0 {
		in.Recipients = []crm.Recipient{{Mailbox: w.shared, Kind: crm.MailboxShared, Address: "info@corp.example"}}
	}
	auth := crm.SenderAuth{Result: crm.AuthPass}
	if l.untrusted {
		auth.Result = crm.AuthNone
	}
	if l.fails {
		auth.Result = crm.AuthFail
	}
	return Decide(Case{Inbound: in, Mails: []crm.Mail{m}, Auth: auth}, w.facts, &w.policy)
}

func list(s string) []crm.Party {
	var out []crm.Party
	for _, one := range strings.Split(s, ",") {
		if one = strings.TrimSpace(one); one == "" || one == "-" {
			continue
		}
		name, address, ok := strings.Cut(one, "<")
		if !ok {
			name, address = "", one
		}
		a, _ := crm.ParseAddress(address)
		out = append(out, crm.Party{Name: strings.TrimSpace(name), Address: a})
	}
	return out
}

// told puts a plan into one readable line: the verdict, then what was said, linked and made.
func told(p *crm.Plan) string {
	var b strings.Builder
	for i := range p.Results {
		r := &p.Results[i]
		if i > 0 {
			b.WriteString(" || ")
		}
		b.WriteString(string(r.Verdict))
		if r.New != nil {
			b.WriteString(" " + string(r.New.Direction))
		}
		links := map[crm.Code]bool{}
		for _, l := range r.Links {
			links[l.Code] = l.Created == 0
		}
		for _, code := range r.Codes() {
			if !links[code] {
				b.WriteString(" " + string(code))
			}
		}
		for _, l := range r.Links {
			if l.Created > 0 {
				record := r.Creates[l.Created-1]
				fmt.Fprintf(&b, " | new %s %q %v", record.Kind, record.Name, record.Emails)
				continue
			}
			fmt.Fprintf(&b, " | %s %s", l.Ref, l.Code)
		}
	}
	return b.String()
}

func check(t *testing.T, w *world, l letter, want string) *crm.Plan {
	t.Helper()
	plan := w.decide(l)
	if got := told(plan); got != want {
		t.Errorf("\n got  %s\n want %s\n mail %+v", got, want, l)
	}
	for i := range plan.Results {
		for _, step := range plan.Results[i].Steps {
			if step.Detail == "" {
				t.Errorf("the step %s has no sentence", step.Code)
			}
		}
		if len(plan.Results[i].Codes()) == 0 {
			t.Errorf("no code was said of %+v", l)
		}
	}
	return plan
}

func testLog(t *testing.T) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), nil))
}
