package linker_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"blindcopy/crm"
	"blindcopy/linker"
	"blindcopy/store"
)

// acts are what people do, by the first word of a line. They do what the command of the same
// name does: the change, then a second thought about the mail it concerns.
var acts map[string]func(*town, args) error

func init() {
	acts = map[string]func(*town, args) error{
		"user": actUser, "address": actAddress, "drop": actDrop, "disable": actDisable, "rotate": actRotate,
		"mailbox": actMailbox, "shared": actShared, "set": actSet, "wait": actWait, "exclude": actExclude, "include": actInclude,
		"company": actCompany, "contact": actContact, "deal": actDeal, "edit": actEdit, "merge": actMerge, "close": actClose,
		"convert": actConvert, "dismiss": actDismiss, "link": actLink, "unlink": actUnlink, "undo": actUndo,
		"review": actReview, "verify": actVerify, "relink": actRelink, "expire": actExpire,
	}
}

// rerun is the second thought after a change.
func (tn *town) rerun(addresses []crm.Address, domains []string) error {
	_, err := tn.linker.Rerun(tn.t.Context(), tn.store, addresses, domains)
	return err
}

// user EMAIL NAME [MORE ADDRESSES] [admin=yes]
func actUser(tn *town, a args) error {
	more, _ := split(a.after(2))
	u, err := tn.store.AddUser(tn.t.Context(), store.NewUser{Email: crm.MustAddress(a.word(0)), Name: a.word(1), Addresses: more, Admin: a.named["admin"] != ""})
	if err != nil {
		return err
	}
	return tn.rerun(append(more, u.Email), nil)
}

// address USER EMAIL
func actAddress(tn *town, a args) error {
	address := crm.MustAddress(a.word(1))
	if _, err := tn.store.AddUserAddress(tn.t.Context(), tn.user(a.word(0)).ID, address); err != nil {
		return err
	}
	return tn.rerun([]crm.Address{address}, nil)
}

// drop USER EMAIL
func actDrop(tn *town, a args) error {
	_, err := tn.store.RemoveUserAddress(tn.t.Context(), tn.user(a.word(0)).ID, crm.MustAddress(a.word(1)))
	return err
}

func actDisable(tn *town, a args) error {
	_, err := tn.store.SetUserActive(tn.t.Context(), tn.user(a.word(0)).ID, false)
	return err
}

// rotate USER [compromised]
func actRotate(tn *town, a args) error {
	_, err := tn.store.RotateBCC(tn.t.Context(), tn.user(a.word(0)).ID, a.word(1) == "compromised")
	return err
}

// mailbox USER-OR-ADDRESS [unknown=P] [unknown_incoming=P] [visibility=V]
func actMailbox(tn *town, a args) error {
	boxes, err := tn.store.Mailboxes(tn.t.Context())
	if err != nil {
		return err
	}
	i := slices.IndexFunc(boxes, func(m crm.Mailbox) bool {
		return string(m.Address) == a.word(0) || m.Kind == crm.MailboxBCC && m.Owner.Local() == a.word(0)
	})
	if i < 0 {
		return fmt.Errorf("no such mailbox")
	}
	var e store.MailboxEdit
	if p, ok := a.named["unknown"]; ok {
		e.Unknown = (*crm.Policy)(&p)
	}
	if p, ok := a.named["unknown_incoming"]; ok {
		e.UnknownIncoming = (*crm.Policy)(&p)
	}
	if v, ok := a.named["visibility"]; ok {
		e.Visibility = (*crm.Visibility)(&v)
	}
	_, err = tn.store.EditMailbox(tn.t.Context(), boxes[i].ID, e)
	return err
}

// shared EMAIL
func actShared(tn *town, a args) error {
	_, err := tn.store.AddMailbox(tn.t.Context(), store.NewMailbox{Address: crm.MustAddress(a.word(0)), Visibility: crm.Visibility(a.named["visibility"])})
	return err
}

// set KEY=VALUE... as in the section "linking" of the configuration
func actSet(tn *town, a args) error {
	p := &tn.policy
	for key, value := range a.named {
		list := strings.Split(value, ",")
		number, _ := strconv.Atoi(value)
		switch key {
		case "unknown_outgoing":
			p.UnknownOutgoing = crm.Policy(value)
		case "unknown_incoming":
			p.UnknownIncoming = crm.Policy(value)
		case "deals":
			p.Deals = linker.DealChoice(value)
		case "create_from":
			p.CreateFromCc = value == "to_cc"
		case "sender_auth":
			p.SenderAuth = linker.AuthMode(value)
		case "internal_in_thread":
			p.IgnoreInternal = value == "ignore"
		case "internal_domains":
			p.InternalDomains = list
		case "trusted_senders":
			p.TrustedSenders = crm.NewWordList(list...)
		case "role_addresses":
			p.Roles = crm.RoleAddresses(list...)
		case "free_mail_domains":
			p.FreeMail = crm.FreeMailDomains(list...)
		case "recipients_matched":
			p.MatchedLimit = number
		case "created_per_mail":
			p.CreatedPerMail = number
		case "created_per_sender":
			p.CreatedPerSender = number
		case "mark_secret":
			p.MarkSecret = []byte(value)
		default:
			return fmt.Errorf("no such setting: %s", key)
		}
	}
	tn.build()
	return nil
}

// wait 31d, or 90m
func actWait(tn *town, a args) error {
	text := a.word(0)
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.Atoi(days)
		tn.clock.set(tn.clock.now().AddDate(0, 0, n))
		return err
	}
	d, err := time.ParseDuration(text)
	tn.clock.set(tn.clock.now().Add(d))
	return err
}

// exclude PATTERN [USER]
func actExclude(tn *town, a args) error {
	if _, err := tn.store.AddExclusion(tn.t.Context(), a.word(0), tn.email(a.word(1))); err != nil {
		return err
	}
	return tn.rerun(split([]string{a.word(0)}))
}

// include PATTERN: the exclusion is removed
func actInclude(tn *town, a args) error {
	if _, err := tn.store.RemoveExclusion(tn.t.Context(), a.word(0)); err != nil {
		return err
	}
	return tn.rerun(split([]string{a.word(0)}))
}

// company NAME [DOMAINS AND ADDRESSES] [owner=USER]
func actCompany(tn *town, a args) error {
	addresses, domains := split(a.after(1))
	_, err := tn.store.AddCompany(tn.t.Context(), store.NewCompany{Name: a.word(0), Domains: domains, Emails: addresses, Owner: tn.email(a.named["owner"])})
	if err != nil {
		return err
	}
	return tn.rerun(addresses, domains)
}

// contact NAME ADDRESSES [company=NAME-OR-ID] [owner=USER]
func actContact(tn *town, a args) error {
	addresses, _ := split(a.after(1))
	_, err := tn.store.AddContact(tn.t.Context(), store.NewContact{Name: a.word(0), Emails: addresses, Company: a.named["company"], Owner: tn.email(a.named["owner"])})
	if err != nil {
		return err
	}
	return tn.rerun(addresses, nil)
}

// deal TITLE [contact=1,2] [company=1] [owner=USER]
func actDeal(tn *town, a args) error {
	_, err := tn.store.AddDeal(tn.t.Context(), store.NewDeal{Title: a.word(0), Contacts: a.ids("contact"), Company: a.firstID("company"), Owner: tn.email(a.named["owner"])})
	return err
}

// edit contact 1 [ben@new.example] [former=A] [remove=A] [name=N] [company=C]
// edit company 1 [DOMAINS AND ADDRESSES]
func actEdit(tn *town, a args) error {
	addresses, domains := split(a.after(2))
	former, _ := split(strings.Fields(a.named["former"]))
	remove, _ := split(strings.Fields(a.named["remove"]))
	if a.word(0) == "company" {
		c, err := tn.store.EditCompany(tn.t.Context(), a.id(1), store.CompanyEdit{AddDomains: domains, Add: addresses, Former: former, Remove: remove})
		if err != nil {
			return err
		}
		return tn.rerun(append(remove, addressesOf(c.Emails)...), domains)
	}
	e := store.ContactEdit{Add: addresses, Former: former, Remove: remove}
	if name, ok := a.named["name"]; ok {
		e.Name = &name
	}
	if company, ok := a.named["company"]; ok {
		e.Company = &company
	}
	c, err := tn.store.EditContact(tn.t.Context(), a.id(1), e)
	if err != nil {
		return err
	}
	return tn.rerun(append(remove, addressesOf(c.Emails)...), nil)
}

// merge contact KEEP GONE
func actMerge(tn *town, a args) error {
	c, err := tn.store.MergeContacts(tn.t.Context(), a.id(1), a.id(2))
	if err != nil {
		return err
	}
	return tn.rerun(addressesOf(c.Emails), nil)
}

// close deal 1 won|lost
func actClose(tn *town, a args) error {
	_, err := tn.store.CloseDeal(tn.t.Context(), a.id(1), a.word(2) == "won")
	return err
}

// convert lead 1 [company=NAME-OR-ID] [contact=7]
func actConvert(tn *town, a args) error {
	_, c, err := tn.store.ConvertLead(tn.t.Context(), a.id(1), store.ConvertLead{Name: a.named["name"], Company: a.named["company"], Contact: a.firstID("contact")})
	if err != nil {
		return err
	}
	return tn.rerun(addressesOf(c.Emails), nil)
}

// dismiss lead 1 · dismiss mail 2
func actDismiss(tn *town, a args) (err error) {
	if a.word(0) == "lead" {
		_, err = tn.store.DismissLead(tn.t.Context(), a.id(1))
		return err
	}
	_, err = tn.store.DismissIntake(tn.t.Context(), tn.intakeOf(a.id(1)))
	return err
}

// link activity 1 deal 2
func actLink(tn *town, a args) error {
	_, err := tn.store.LinkActivity(tn.t.Context(), tn.activityOf(a.id(1)), a.ref(2))
	return err
}

// unlink activity 1 deal 2
func actUnlink(tn *town, a args) error {
	_, err := tn.store.UnlinkActivity(tn.t.Context(), tn.activityOf(a.id(1)), a.ref(2))
	return err
}

// undo activity 1
func actUndo(tn *town, a args) error {
	_, err := tn.store.UndoActivity(tn.t.Context(), tn.activityOf(a.id(1)))
	return err
}

// review mail 1 link contact 7 · review mail 1 create lead
func actReview(tn *town, a args) error {
	var c linker.Choice
	switch a.word(2) {
	case "link":
		c.Link = []crm.Ref{a.ref(3)}
	case "create":
		c.Create = crm.Kind(a.word(3))
	}
	_, err := tn.linker.Relink(tn.t.Context(), tn.store, tn.intakeOf(a.id(1)), c)
	return err
}

// verify mail 1 USER
func actVerify(tn *town, a args) error {
	in, err := tn.store.Intake(tn.t.Context(), tn.intakeOf(a.id(1)))
	if err != nil {
		return err
	}
	from := in.From[strings.LastIndexByte(in.From, '<')+1:]
	return actAddress(tn, newArgs([]string{a.word(2), strings.TrimSuffix(from, ">")}))
}

// relink held · relink mail 1
func actRelink(tn *town, a args) error {
	ids := []crm.IntakeID{}
	if a.word(0) == "mail" {
		ids = append(ids, tn.intakeOf(a.id(1)))
	} else {
		held, err := tn.store.Intakes(tn.t.Context(), store.IntakeFilter{Verdict: crm.Held})
		if err != nil {
			return err
		}
		for _, in := range slices.Backward(held) {
			ids = append(ids, in.ID)
		}
	}
	for _, id := range ids {
		if _, err := tn.linker.Relink(tn.t.Context(), tn.store, id, linker.Choice{}); err != nil {
			return err
		}
	}
	return nil
}

func actExpire(tn *town, _ args) error {
	_, err := tn.store.Expire(tn.t.Context())
	return err
}

func addressesOf(emails []crm.Email) []crm.Address {
	var list []crm.Address
	for _, e := range emails {
		list = append(list, e.Address)
	}
	return list
}

// activityOf is the nth activity of the report.
func (tn *town) activityOf(n int64) crm.ActivityID {
	list := tn.activities()
	if n < 1 || int(n) > len(list) {
		tn.t.Fatalf("there is no activity %d", n)
	}
	return list[n-1].ID
}
