package web

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"blindcopy/crm"
)

// mailboxesPage is all ways in. An admin sees the addresses, but no mail that is private.
type mailboxesPage struct {
	Tabs    []tab
	Boxes   []mailboxForm
	Address string
	Problem string
}

func (s *Server) settingsMailboxes(r *request) (answer, error) { return s.mailboxesWith(r, "") }

func (s *Server) mailboxesWith(r *request, problem string) (answer, error) {
	d := mailboxesPage{Tabs: settingsTabs("/settings/mailboxes"), Problem: problem}
	status := 0
	if problem != "" {
		d.Address, status = r.field("address"), 422
	}
	boxes, err := s.Store.Mailboxes(r.Context())
	for _, m := range boxes {
		if m.Kind != crm.MailboxPostmaster {
			d.Boxes = append(d.Boxes, s.mailboxForm(m))
		}
	}
	slices.SortStableFunc(d.Boxes, func(a, b mailboxForm) int { // shared ones first: they are few, and need more
		return cmp.Compare(b.Kind, a.Kind)
	})
	return page{Template: "settings_mailboxes", Title: "Mailboxes", Nav: "settings", Data: d, Status: status}, err
}

func (s *Server) settingsMailboxAdd(r *request) (answer, error) {
	if err := r.form(); err != nil {
		return nil, err
	}
	a, ok := crm.ParseAddress(r.field("address"))
	if !ok {
		return s.mailboxesWith(r, fmt.Sprintf("%q is no e-mail address", r.field("address")))
	}
	m, err := s.Store.AddMailbox(r.Context(), crm.NewMailbox{Address: a})
	if text, ok := problem(err); ok {
		return s.mailboxesWith(r, text)
	}
	if err != nil {
		return nil, err
	}
	r.done("%s is a shared mailbox now. Say who gets its leads.", a)
	return redirect(fmt.Sprintf("/settings/mailboxes/%d", m.ID)), nil
}

// mailboxPage is the rules of one; of a shared one also who gets its leads.
type mailboxPage struct {
	Box      mailboxForm
	Order    string
	Fallback string
	Queue    string // one user a line, a weight behind
	Rules    []crm.DistributionRule
	Users    []crm.User
	Orders   []option
	Problem  string
}

// moreRules are the empty lines of the form.
const moreRules = 2

func (s *Server) settingsMailbox(r *request) (answer, error) { return s.mailboxWith(r, "") }

func (s *Server) mailboxWith(r *request, problem string) (answer, error) {
	m, err := s.mailboxOf(r)
	if err != nil {
		return nil, err
	}
	d := mailboxPage{Box: s.mailboxForm(m), Problem: problem, Orders: []option{
		{string(crm.QueueInOrder), "In turn"}, {string(crm.QueueWeighted), "In turn, some more often (weights)"}, {string(crm.QueueFewestOpen), "Whoever has the fewest open leads"}}}
	if dist := m.Distribution; dist != nil {
		d.Order, d.Fallback, d.Queue, d.Rules = string(dist.Order), string(dist.Fallback), queueText(dist.Queue), dist.Rules
	}
	status := 0
	if problem != "" {
		status, d.Queue = 422, r.PostFormValue("queue")
	}
	d.Rules = append(d.Rules[:len(d.Rules):len(d.Rules)], make([]crm.DistributionRule, moreRules)...)
	d.Users, err = s.Store.Users(r.Context())
	title := string(mailboxName(m))
	if at := slices.IndexFunc(d.Users, func(u crm.User) bool { return u.Email == m.Owner }); at >= 0 {
		title = d.Users[at].String()
	}
	return page{Template: "settings_mailbox", Title: title, Nav: "settings", Data: d, Status: status}, err
}

// mailboxName is how people call a mailbox: a BCC address by its owner.
func mailboxName(m crm.Mailbox) crm.Address {
	if m.Kind == crm.MailboxShared {
		return m.Address
	}
	return m.Owner
}

func (s *Server) mailboxOf(r *request) (crm.Mailbox, error) {
	id, err := r.id()
	if err != nil {
		return crm.Mailbox{}, err
	}
	return s.Store.Mailbox(r.Context(), crm.MailboxID(id))
}

func (s *Server) settingsMailboxSave(r *request) (answer, error) {
	if err := r.form(); err != nil {
		return nil, err
	}
	m, err := s.mailboxOf(r)
	if err != nil {
		return nil, err
	}
	edit, err := mailboxEdit(r)
	if err == nil && m.Kind == crm.MailboxShared {
		edit.Distribution, err = distribution(r)
	}
	if err == nil {
		_, err = s.Store.EditMailbox(r.Context(), m.ID, edit)
	}
	if text, ok := problem(err); ok {
		return s.mailboxWith(r, text)
	}
	if err != nil {
		return nil, err
	}
	r.done("The rules of %s are saved. They hold for mail from now on.", mailboxName(m))
	return redirect(fmt.Sprintf("/settings/mailboxes/%d", m.ID)), nil
}

// queueText writes a queue as the form has it.
func queueText(queue []crm.QueueMember) string {
	var b strings.Builder
	for _, member := range queue {
		b.WriteString(string(member.User))
		if member.Weight > 1 {
			fmt.Fprintf(&b, " %d", member.Weight)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// heaviest is the largest weight in a queue.
const heaviest = 100

// distribution reads who gets the leads of a shared mailbox.
func distribution(r *request) (*crm.Distribution, error) {
	d := &crm.Distribution{Order: crm.QueueOrder(r.field("order"))}
	switch d.Order {
	case crm.QueueInOrder, crm.QueueWeighted, crm.QueueFewestOpen:
	default:
		return nil, invalid(fmt.Sprintf("%q is no order of a queue", d.Order))
	}
	d.Fallback, _ = crm.ParseAddress(r.field("fallback"))
	for line := range strings.Lines(r.PostFormValue("queue")) {
		words := strings.FieldsFunc(line, func(c rune) bool { return strings.ContainsRune(" \t\r\n,:;", c) })
		if len(words) == 0 {
			continue
		}
		member := crm.QueueMember{Weight: 1}
		var ok bool
		if member.User, ok = crm.ParseAddress(words[0]); !ok {
			return nil, invalid(fmt.Sprintf("%q is no e-mail address", words[0]))
		}
		if len(words) > 1 {
			n, err := strconv.Atoi(words[1])
			if err != nil || n < 1 || n > heaviest {
				return nil, invalid(fmt.Sprintf("%q is no weight from 1 to %d", words[1], heaviest))
			}
			member.Weight = n
		}
		d.Queue = append(d.Queue, member)
	}
	var err error
	d.Rules, err = distributionRules(r)
	return d, err
}

// distributionRules reads the lines of the form that name a user; the others are empty.
func distributionRules(r *request) (list []crm.DistributionRule, err error) {
	at := func(name string, i int) string {
		if values := r.PostForm[name]; i < len(values) {
			return strings.TrimSpace(values[i])
		}
		return ""
	}
	for i := range r.PostForm["rule_user"] {
		var rule crm.DistributionRule
		rule.User, _ = crm.ParseAddress(at("rule_user", i))
		for word := range strings.FieldsFuncSeq(at("rule_words", i), func(c rune) bool { return c == '|' || c == ',' }) {
			if word = strings.TrimSpace(word); word != "" {
				rule.Words = append(rule.Words, word)
			}
		}
		rule.Domain = crm.NormalDomain(strings.TrimPrefix(at("rule_domain", i), "@"))
		rule.Recipient, _ = crm.ParseAddress(at("rule_recipient", i))
		conditions := len(rule.Words) > 0 || rule.Domain != "" || rule.Recipient != ""
		switch {
		case rule.User == "" && !conditions:
		case rule.User == "":
			return nil, invalid("a rule names nobody: choose who gets the mail")
		case !conditions:
			return nil, invalid(fmt.Sprintf("a rule for %s has no condition: put everybody into the queue instead", rule.User))
		default:
			list = append(list, rule)
		}
	}
	return list, nil
}
