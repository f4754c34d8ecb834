package linker

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"blindcopy/crm"
)

// Case is one message to decide on: its envelope, its originals and what is known of its author.
type Case struct {
	Inbound *crm.Inbound
	Mails   []crm.Mail // the message itself, then the originals that were found inside it
	Auth    crm.SenderAuth
	Broken  bool // a bug of ours kept it from being read

	Visibility crm.Visibility // of a message that is taken again: what its sightings so far have asked for; "" the first time
	Choice     *Choice        // what a person chose, when the message is taken again; nil the first time
}

// decision is the state of one call of Decide.
type decision struct {
	policy  *Policy
	facts   *crm.Facts
	in      *crm.Inbound
	choices *Choice // for all originals
	plan    *crm.Plan

	recipient crm.Recipient // the one that stands for T
	owner     *crm.User     // T; nil on a shared mailbox
	tags      crm.TagSet    // of all BCC recipients

	// Of the original at hand:
	mail     *crm.Mail
	choice   *Choice        // what a person chose for it; nil the first time
	asked    crm.Visibility // what an earlier sighting of it asked for, or ""
	res      *crm.Result
	author   crm.Party
	speaker  speaker
	parties  []counterparty
	met      meeting
	reason   verdictReason // why it would not be filed, if nothing is linked
	barred   bool          // it was kept from creating by its policy or its sender's authentication
	pinned   int64
	exposed  bool // the author, one of ours, wrote the BCC address where the client sees it
	threadOf crm.ThreadID
	with     int // place of the result of this plan that it answers, from 1; 0 for none
}

// verdictReason is how a mail that is linked to nothing ends.
type verdictReason struct {
	verdict crm.Verdict
	code    crm.Code
	why     string
}

// Decide says what becomes of a message: a pure function of the case, the facts and the
// policy. Every rule that had a say leaves a step.
func Decide(c Case, f *crm.Facts, p *Policy) *crm.Plan {
	d := &decision{policy: p, facts: f, in: c.Inbound, choices: c.Choice}
	d.plan = &crm.Plan{Stamp: f.Stamp, Auth: c.Auth, Visibility: crm.VisibilityLinked}
	d.chooseOwner(&c.Mails[0])
	d.plan.Visibility = strictest(d.plan.Visibility, c.Visibility)
	mails := c.Mails[:1]
	if len(c.Mails) > 1 && d.passesOn(&c.Mails[0]) {
		mails = c.Mails[1:]
	}
	for _, i := range byDate(mails) {
		d.plan.Results = append(d.plan.Results, d.original(&mails[i]))
	}
	return d.plan
}

// byDate is the order to decide on the originals of one message in: a mail before its answer.
func byDate(mails []crm.Mail) []int {
	order := make([]int, len(mails))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return mails[a].Date.Compare(mails[b].Date) })
	return order
}

// passesOn tells whether a message is one of ours that only passes others on to us: a user
// wrote it, and to nobody outside. Only such a message's originals are filed in its place.
func (d *decision) passesOn(cover *crm.Mail) bool {
	d.mail, d.author = cover, cover.Author(d.in.MailFrom)
	if s := d.speak(); !s.owns() && (s.user == nil || s.held != "") {
		return false
	}
	d.met, d.parties = meeting{}, nil
	return !d.policy.goesOut(d.facts.Rules, cover)
}

// goesOut tells whether a message is to somebody who is not ours: then it passes nothing on.
func (p *Policy) goesOut(r *crm.Rules, m *crm.Mail) bool {
	for _, list := range [][]crm.Party{m.To, m.Cc, m.Bcc} {
		for _, party := range list {
			if party.Address != "" && !p.classify(r, party.Address).ours() {
				return true
			}
		}
	}
	return false
}

// chooseOwner finds T among the recipients: the author's own address if it is there, else
// the first BCC address. The tags of all apply and the strictest visibility wins.
func (d *decision) chooseOwner(m *crm.Mail) {
	author, _ := d.facts.Rules.UserAt(m.Author(d.in.MailFrom).Address)
	d.recipient = d.in.Recipients[0]
	for _, r := range d.in.Recipients {
		if r.Kind == crm.MailboxBCC && (d.recipient.Kind != crm.MailboxBCC || author != nil && r.User == author.ID) {
			d.recipient = r
		}
	}
	for _, r := range d.in.Recipients {
		d.tags.Merge(r.Tags)
		if c := (crm.Capturer{Mailbox: r.Mailbox, User: r.User}); !slices.Contains(d.plan.Capturers, c) {
			d.plan.Capturers = append(d.plan.Capturers, c)
		}
		if mb := d.facts.Rules.Mailboxes[r.Mailbox]; mb != nil && mb.Visibility != "" {
			d.plan.Visibility = d.plan.Visibility.Stricter(mb.Visibility)
		}
	}
	if d.tags.Private || m.AskedPrivate != "" {
		d.plan.Visibility = crm.VisibilityPrivate
	}
	d.plan.Mailbox, d.plan.Owner = d.recipient.Mailbox, d.recipient.User
	d.owner = d.facts.Rules.Users[d.recipient.User]
}

// original decides on one of the mails in the message.
func (d *decision) original(m *crm.Mail) crm.Result {
	d.mail, d.author, d.asked, d.choice = m, d.authorOf(m), "", d.choices.of(m.Original)
	keys := identityKeys(m, d.in)
	first, collision := d.sighting(keys)
	if first != nil {
		d.asked = first.Visibility
	}
	d.fresh(keys)
	d.speaker = d.speak()
	switch {
	case d.report():
	case first != nil:
		d.seenBefore(first, keys)
	default:
		if collision {
			d.say(crm.MsgidCollision, fmt.Sprintf("Another mail with the Message-ID <%s> is here already, but its author, subject or date differ.", m.MessageID), nil)
		}
		d.judge()
	}
	for i := range d.res.Claims {
		d.res.Claims[i].Barred = d.barred
	}
	if id := d.choice.filedAs(m); id != 0 && d.res.New != nil {
		d.res.New, d.res.Activity, d.res.Claims = nil, id, nil
	}
	return *d.res
}

// authorOf is A. A list or group that rewrote From put the author aside; he is taken at its word only if
// the list is ours and proven, else he counts as forged.
func (d *decision) authorOf(m *crm.Mail) crm.Party {
	switch {
	case m.Forwarded != nil:
		return m.Author("")
	case m.ListRewritten == "":
		return m.Author(d.in.MailFrom)
	}
	rewriter := m.Author(d.in.MailFrom)
	if !d.policy.internal(d.facts.Rules, rewriter.Address.Domain()) || d.plan.Auth.Result != crm.AuthPass {
		d.plan.Auth.Result = crm.AuthFail
	}
	return crm.Party{Name: rewriter.Name, Address: m.ListRewritten}
}

// fresh begins the result of an original anew.
func (d *decision) fresh(keys []string) {
	d.res = &crm.Result{Mail: d.mail, Visibility: strictest(d.plan.Visibility, d.asked), Keep: crm.KeepAWhile, People: d.people(), Claims: d.claims(keys)}
	if d.mail.AskedPrivate != "" {
		d.res.Visibility = crm.VisibilityPrivate
	}
	d.parties, d.met, d.reason, d.barred, d.exposed, d.pinned, d.threadOf, d.with = nil, meeting{}, verdictReason{}, false, false, 0, 0, 0
}

// judge is the main story: who speaks, to whom, what is known of them, what follows.
func (d *decision) judge() {
	if d.odd() {
		return
	}
	d.marks()
	d.sortParties()
	d.warnExposed()
	d.findThread()
	said := len(d.res.Steps)
	d.explicit()
	d.matchAll()
	d.chosen()
	if d.exposedByStranger() {
		d.res.Steps = d.res.Steps[:said]
		return
	}
	if len(d.parties) == 0 && len(d.res.Links) == 0 {
		d.nobody()
		d.conclude()
		return
	}
	d.chooseDeals()
	d.meetUnknown()
	d.conclude()
}

// odd holds what never comes as far as its recipients.
func (d *decision) odd() bool {
	byPerson := d.choice != nil && len(d.choice.Link)+len(d.choice.Create) > 0
	switch {
	case d.recipient.Kind == crm.MailboxPostmaster && !byPerson:
		d.hold(crm.UnknownReview, fmt.Sprintf("%s wrote to the postmaster; an admin reads it.", nobodyIfEmpty(d.author.Address)))
	case d.mail.Unreadable && !byPerson:
		d.hold(crm.Unparseable, "It does not read as a mail: there is no header field in it. The raw bytes are kept.")
	case d.speaker.held != "" && !byPerson:
		d.hold(d.speaker.held, d.speaker.why)
	case d.policy.SenderAuth == AuthRequire && (d.plan.Auth.Result == crm.AuthFail || d.plan.Auth.Result == crm.AuthNone) && !byPerson:
		d.hold(crm.SenderAuthFailed, fmt.Sprintf("Nothing proves that %s sent it, and this server requires proof.", d.author.Address))
	case d.mail.NameOnly != "" && !byPerson:
		d.hold(crm.ForwardNoAddress, whyNoAuthor(d.mail))
	default:
		return false
	}
	return true
}

// whyNoAuthor: a forward may name its author without an address, or two addresses of which one wrote it.
func whyNoAuthor(m *crm.Mail) string {
	if strings.Contains(m.NameOnly, "@") {
		return fmt.Sprintf("The forwarded mail names more than one author: %s.", m.NameOnly)
	}
	return fmt.Sprintf("The forwarded mail names %s as its author, but no address.", m.NameOnly)
}

// marks leaves the steps that say what sort of mail it is.
func (d *decision) marks() {
	if d.mail.Truncated {
		d.say(crm.ParseTruncated, "It is larger or more nested than the limits; it was filed from what was read.", nil)
	}
	if d.mail.Automatic != "" {
		d.say(d.mail.Automatic, "No person wrote it: "+d.mail.AutoWhy+".", nil)
	}
	if d.mail.Forwarded != nil && !d.mail.Forwarded.Attached {
		d.say(crm.ForwardParsed, fmt.Sprintf("%s forwarded it; author, recipients and date were read from its text.", d.mail.Forwarded.By), nil)
	}
	if d.speaker.row == "S6" {
		d.say(crm.AddressExposed, fmt.Sprintf("The BCC address of %s stands in To or Cc of a mail by %s.", d.ownerName(), d.author.Address), nil)
	}
	for _, tag := range d.tags.Unknown {
		d.say(crm.TagUnknown, fmt.Sprintf("The tag +%s is not one we know; it was left aside.", tag), map[string]any{"tag": tag})
	}
	if d.plan.Auth.Result == crm.AuthFail {
		d.barred = true
	}
}

// warnExposed tells the owner that he himself showed his BCC address to the people outside.
func (d *decision) warnExposed() {
	if d.speaker.direction == crm.Outgoing && d.mail.Forwarded == nil && len(d.parties) > 0 && d.bccVisible() {
		d.exposed = true
		d.say(crm.AddressExposed, fmt.Sprintf("The BCC address of %s stands in To or Cc, where the client reads it.", d.ownerName()), nil)
	}
}

// exposedByStranger holds a mail whose author is unknown and had the BCC address from reading it.
func (d *decision) exposedByStranger() bool {
	if d.speaker.row != "S6" || len(d.parties) == 0 || d.parties[0].known() || d.choice != nil && len(d.choice.Link) > 0 {
		return false
	}
	d.res.Links, d.res.Names, d.res.Candidates = nil, nil, nil
	d.res.Verdict = crm.Held
	return true
}

// nobody: there is no external participant at all.
func (d *decision) nobody() {
	switch {
	case d.mail.NameOnly != "":
		d.reason = verdictReason{crm.Held, crm.ForwardNoAddress, whyNoAuthor(d.mail)}
	case d.met.excluded > 0:
		d.reason = verdictReason{crm.Ignored, crm.Excluded, fmt.Sprintf("Nobody is left who is not on the never-log list: %s.", strings.Join(d.met.excludedWords, ", "))}
	case d.met.colleagues > 0 && d.threadOf != 0 && !d.policy.IgnoreInternal:
		d.reason = verdictReason{crm.Held, crm.InternalInThread, "Only colleagues are in it, but it answers mail on a client's timeline."}
	case d.met.colleagues > 0:
		d.reason = verdictReason{crm.Ignored, crm.InternalOnly, "Only colleagues are in it."}
	default:
		d.reason = verdictReason{crm.Held, crm.NoVisibleRecipient, "No recipient can be seen but the BCC address, and no forwarded mail was found in it."}
	}
}

// conclude turns links into an activity, or the lack of them into a verdict.
func (d *decision) conclude() {
	if len(d.res.Links) > 0 {
		d.file()
		return
	}
	if d.reason.code == "" {
		d.reason = verdictReason{crm.Held, crm.UnknownReview, "Nobody in it is known."}
	}
	d.say(d.reason.code, d.reason.why, nil)
	d.res.Verdict = d.reason.verdict
	d.res.Creates = nil
	if d.res.Verdict == crm.Ignored {
		d.res.Keep, d.res.Open = crm.KeepNothing, nil
	}
}

// file drafts the activity.
func (d *decision) file() {
	d.res.Verdict, d.res.Keep = crm.Filed, crm.KeepForever
	draft := &crm.Draft{
		Direction:  d.speaker.direction,
		Author:     d.author,
		Subject:    d.mail.Subject,
		OccurredAt: d.mail.Date,
		Automatic:  d.mail.Automatic != "",
		BodyStart:  d.mail.BodyStart,
		Thread:     d.threadOf,
		With:       d.with,
		Answers:    d.unanswered(),
		Awaited:    d.mail.MessageID != "" && len(d.facts.Waiting[d.mail.MessageID]) > 0,
		Join:       d.joined(),
		Pin:        d.pinned,
	}
	if d.speaker.user != nil {
		draft.AuthorUser = d.speaker.user.ID
	}
	if d.mail.Date.IsZero() || d.mail.Date.After(d.in.ReceivedAt.Add(24*time.Hour)) {
		draft.OccurredAt, draft.DateWritten = d.in.ReceivedAt, d.mail.DateText
	}
	if d.mail.Forwarded != nil {
		draft.Note = d.mail.Forwarded.Note
	}
	draft.Badges = d.badges()
	d.res.New = draft
}

func (d *decision) badges() []crm.Badge {
	badges := []crm.Badge{}
	add := func(when bool, b crm.Badge) {
		if when {
			badges = append(badges, b)
		}
	}
	// Of a forward, what was authenticated is the forwarder: he vouches for the rest.
	add(d.plan.Auth.Result == crm.AuthFail, crm.BadgeUnverified)
	add(d.plan.Auth.Result == crm.AuthNone, crm.BadgeUnauthenticated)
	add(d.mail.Automatic != "", crm.BadgeAutomatic)
	add(d.mail.Forwarded != nil || d.speaker.row == "S5", crm.BadgeForwarded)
	add(d.res.Visibility == crm.VisibilityPrivate, crm.BadgePrivate)
	add(d.speaker.row == "S6" || d.exposed, crm.BadgeExposed)
	return badges
}

func (d *decision) say(code crm.Code, detail string, data map[string]any) {
	d.res.Steps = append(d.res.Steps, crm.Step{Code: code, Detail: detail, Data: data})
}

func (d *decision) hold(code crm.Code, why string) {
	d.say(code, why, nil)
	d.res.Verdict = crm.Held
}

// people lists every participant with the place he stood in; recipients that only the envelope names are those who
// got it blind. A BCC address is a secret of its owner, and on no timeline.
func (d *decision) people() []crm.Person {
	var all []crm.Person
	seen := newSet[crm.Address]()
	add := func(role crm.ParticipantRole, list ...crm.Party) {
		for _, p := range list {
			if p.Address != "" && d.classify(p.Address) != ofBCC && seen.add(p.Address) {
				all = append(all, crm.Person{Role: role, Party: p})
			}
		}
	}
	add(crm.RoleFrom, d.author)
	add(crm.RoleTo, d.mail.To...)
	add(crm.RoleCc, d.mail.Cc...)
	add(crm.RoleBcc, d.mail.Bcc...)
	add(crm.RoleReplyTo, d.mail.ReplyTo...)
	for _, r := range d.in.Recipients {
		add(crm.RoleEnvelope, crm.Party{Address: r.Address})
	}
	return all
}
