package linker_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"blindcopy/crm"
	"blindcopy/store"
)

// report tells what there is: of each mail the verdict and codes, the activities, what waits for a person,
// and the records that were made or changed since the world began. Of a record, as in `company 1`,
// it lists what its timeline shows.
func (tn *town) report(about string) string {
	tn.t.Helper()
	if w := words(about); len(w) == 2 {
		return tn.timeline(newArgs(w).ref(0))
	}
	var b strings.Builder
	for i := range tn.letters {
		tn.reportMail(&b, i+1, &tn.letters[i])
	}
	tn.reportActivities(&b)
	tn.reportReview(&b)
	for _, record := range tn.records() {
		if !tn.settled[record] {
			b.WriteString(record + "\n")
		}
	}
	return tn.hideSecrets(b.String())
}

// hideSecrets puts {anna} for her BCC address, whose token differs each time.
func (tn *town) hideSecrets(text string) string {
	users, err := tn.store.Users(tn.t.Context())
	if err != nil {
		tn.t.Fatal(err)
	}
	for _, u := range users {
		for _, bcc := range u.BCCAddresses {
			text = strings.ReplaceAll(text, string(bcc.Address), "{"+u.Email.Local()+"}")
		}
	}
	return text
}

// settle remembers the records that the world began with.
func (tn *town) settle() {
	tn.settled = map[string]bool{}
	for _, record := range tn.records() {
		tn.settled[record] = true
	}
}

func (tn *town) timeline(ref crm.Ref) string {
	list, err := tn.store.Activities(tn.t.Context(), store.ActivityFilter{Ref: &ref})
	if err != nil {
		tn.t.Fatal(err)
	}
	all := tn.activities()
	var b strings.Builder
	for _, act := range list {
		n := slices.IndexFunc(all, func(a crm.Activity) bool { return a.ID == act.ID })
		fmt.Fprintf(&b, "activity %d: %q\n", n+1, act.Subject)
	}
	return b.String()
}

func (tn *town) reportMail(b *strings.Builder, n int, l *letter) {
	if l.refused != "" {
		_, reason, _ := strings.Cut(l.refused, ": ")
		fmt.Fprintf(b, "mail %d: refused: %s\n", n, reason)
		return
	}
	if len(l.ids) > 1 {
		fmt.Fprintf(b, "mail %d: %s\n", n, tn.tally(l.ids))
		return
	}
	in := tn.intake(l.ids[0])
	fmt.Fprintf(b, "mail %d: %s [%s]%s\n", n, in.Verdict, joined(in.Codes), tn.duplicateOf(in.DuplicateOf))
	if len(in.Results) > 1 {
		for _, r := range in.Results {
			fmt.Fprintf(b, "  original %d: %s [%s]%s\n", r.Original, r.Verdict, joined(r.Codes), tn.duplicateOf(r.DuplicateOf))
		}
	}
	for _, c := range in.Candidates {
		fmt.Fprintf(b, "  candidate %s:%d %s: %s\n", c.Kind, c.ID, c.Title, c.Why)
	}
	if in.Visibility != crm.VisibilityLinked {
		fmt.Fprintf(b, "  its trace is %s\n", in.Visibility)
	}
	if in.Verdict == crm.Ignored && in.Kept {
		b.WriteString("  its content is kept\n")
	}
	if in.Verdict == crm.Held && !in.Kept {
		b.WriteString("  its content is gone\n")
	}
}

func (tn *town) duplicateOf(id crm.IntakeID) string {
	if id == "" {
		return ""
	}
	return " of " + tn.names[id]
}

// tally counts how the same mail, sent many times, ended.
func (tn *town) tally(ids []crm.IntakeID) string {
	counts := map[crm.Verdict]int{}
	for _, id := range ids {
		counts[tn.intake(id).Verdict]++
	}
	var told []string
	for _, v := range []crm.Verdict{crm.Filed, crm.Held, crm.Ignored, crm.Duplicate} {
		if counts[v] > 0 {
			told = append(told, fmt.Sprintf("%d %s", counts[v], v))
		}
	}
	return strings.Join(told, ", ")
}

func (tn *town) intake(id crm.IntakeID) crm.Intake {
	tn.t.Helper()
	in, err := tn.store.Intake(tn.t.Context(), id)
	if err != nil {
		tn.t.Fatalf("intake %s: %v", id, err)
	}
	return in
}

func (tn *town) reportActivities(b *strings.Builder) {
	threads := map[crm.ThreadID]int{}
	for i, act := range tn.activities() {
		if threads[act.ThreadID] == 0 {
			threads[act.ThreadID] = len(threads) + 1
		}
		tn.reportActivity(b, i+1, &act, threads[act.ThreadID])
	}
}

// activities are all there are, in the order of the mails that they are of. Their own ids differ from run to run
// where several held mails are filed at once; in a story they have the numbers of this list.
func (tn *town) activities() []crm.Activity {
	tn.t.Helper()
	list, err := tn.store.Activities(tn.t.Context(), store.ActivityFilter{})
	if err != nil {
		tn.t.Fatal(err)
	}
	slices.SortFunc(list, func(a, b crm.Activity) int {
		return cmp.Or(cmp.Compare(tn.firstSeen(a), tn.firstSeen(b)), cmp.Compare(a.ID, b.ID))
	})
	return list
}

// firstSeen is the mail that an activity was first seen in.
func (tn *town) firstSeen(act crm.Activity) int {
	first := len(tn.letters)
	for _, c := range act.Captures {
		first = min(first, slices.IndexFunc(tn.letters, func(l letter) bool { return slices.Contains(l.ids, c.IntakeID) }))
	}
	return first
}

func (tn *town) reportActivity(b *strings.Builder, n int, act *crm.Activity, thread int) {
	fmt.Fprintf(b, "activity %d: %s %q, %s, thread %d\n", n, act.Direction, act.Subject, minute(act.OccurredAt), thread)
	author := string(act.Author.Address)
	if act.Author.User != "" && act.Author.User != act.Author.Address {
		author += " = " + string(act.Author.User)
	}
	fmt.Fprintf(b, "  author %s\n", author)
	for _, p := range act.Participants {
		fmt.Fprintf(b, "  %s %s%s\n", p.Role, p.Address, holder(p))
	}
	for _, l := range act.Links {
		fmt.Fprintf(b, "  link %s:%d %s, %s%s\n", l.Kind, l.ID, l.Title, l.Code, manual(l.Source))
	}
	tn.reportCaptures(b, act)
	tn.reportOddities(b, act)
}

func (tn *town) reportCaptures(b *strings.Builder, act *crm.Activity) {
	var seen []string
	times := map[string]int{}
	for _, c := range act.Captures {
		line := fmt.Sprintf("seen in %s by %s", tn.nameOf(c.IntakeID), orNobody(c.User.Local()))
		if times[line]++; times[line] == 1 {
			seen = append(seen, line)
		}
	}
	for _, line := range seen {
		if times[line] > 1 {
			line += fmt.Sprintf(", %d times", times[line])
		}
		b.WriteString("  " + line + "\n")
	}
}

// reportOddities tells what an ordinary activity has not.
func (tn *town) reportOddities(b *strings.Builder, act *crm.Activity) {
	tell := func(when bool, format string, args ...any) {
		if when {
			fmt.Fprintf(b, "  "+format+"\n", args...)
		}
	}
	tell(len(act.Badges) > 0, "badges %s", joined(act.Badges))
	tell(act.Automatic, "automatic")
	tell(act.ThreadPinned, "pinned")
	tell(act.Visibility != crm.VisibilityLinked, "visibility %s", act.Visibility)
	tell(act.DateWritten != "", "date written %q", act.DateWritten)
	tell(act.Note != "", "note %q", act.Note)
	for _, f := range act.Attachments {
		tell(true, "attached %q %s", f.Name, f.ContentType)
	}
	for _, bounce := range act.Bounces {
		tell(true, "bounced %s %s", bounce.Address, bounce.Status)
	}
	tell(act.Preview != "", "says %q", shortened(act.Preview, 60))
}

// nameOf is "mail 1"; of a mail sent many times at once too, whichever was first.
func (tn *town) nameOf(id crm.IntakeID) string {
	if name := tn.names[id]; name != "" {
		return name
	}
	return "an unknown mail"
}

func (tn *town) reportReview(b *strings.Builder) {
	list, err := tn.store.Review(tn.t.Context(), store.ReviewFilter{})
	if err != nil {
		tn.t.Fatal(err)
	}
	slices.SortFunc(list, func(a, b crm.Intake) int { return strings.Compare(string(a.ID), string(b.ID)) })
	for _, in := range list {
		fmt.Fprintf(b, "review: %s\n", tn.nameOf(in.ID))
		for _, p := range in.Proposals {
			fmt.Fprintf(b, "  proposal %s:%d %s: %s\n", p.Kind, p.ID, p.Title, p.Why)
		}
	}
}

// records are the contacts, companies, leads and deals, a line each.
func (tn *town) records() []string {
	var lines []string
	ctx := tn.t.Context()
	contacts, err1 := tn.store.Contacts(ctx, store.Filter{})
	companies, err2 := tn.store.Companies(ctx, store.Filter{})
	leads, err3 := tn.store.Leads(ctx, store.LeadFilter{})
	deals, err4 := tn.store.Deals(ctx, store.Filter{})
	for _, err := range []error{err1, err2, err3, err4} {
		if err != nil {
			tn.t.Fatal(err)
		}
	}
	for _, c := range slices.Backward(companies) {
		lines = append(lines, fmt.Sprintf("company %d: %q %s%s%s", c.ID, c.Name, strings.Join(c.Domains, " "), emailsOf(c.Emails), tn.madeBy(c.NeedsCheck, c.CreatedByIntake)))
	}
	for _, c := range slices.Backward(contacts) {
		company := ""
		if c.Company != nil {
			company = fmt.Sprintf(" at company:%d", c.Company.ID)
		}
		lines = append(lines, fmt.Sprintf("contact %d: %q%s%s, of %s%s", c.ID, c.Name, emailsOf(c.Emails), company, orNobody(string(c.Owner)), tn.madeBy(c.NeedsCheck, c.CreatedByIntake)))
	}
	for _, l := range slices.Backward(leads) {
		became := ""
		if l.ContactID != nil {
			became = fmt.Sprintf(" contact:%d", *l.ContactID)
		}
		lines = append(lines, fmt.Sprintf("lead %d: %s%s %q, %q%s, for %s%s", l.ID, l.Status, became, l.Title, l.Name, emailsOf(l.Emails), orNobody(string(l.Responsible)), tn.madeBy(l.NeedsCheck, l.CreatedByIntake)))
	}
	for _, d := range slices.Backward(deals) {
		lines = append(lines, fmt.Sprintf("deal %d: %s %q", d.ID, d.Status, d.Title))
	}
	return lines
}

func (tn *town) madeBy(needsCheck bool, id crm.IntakeID) string {
	told := ""
	if id != "" {
		told = ", made by " + tn.nameOf(id)
	}
	if needsCheck {
		told += ", to be checked"
	}
	return told
}

func emailsOf(emails []crm.Email) string {
	var b strings.Builder
	for _, e := range emails {
		b.WriteString(" " + string(e.Address))
		if e.Former {
			b.WriteString(" (former)")
		}
		if e.BouncedAt != nil {
			b.WriteString(" (bounced)")
		}
	}
	return b.String()
}

func holder(p crm.Participant) string {
	switch {
	case p.Kind == crm.KindUnknown || p.Kind == "":
		return ""
	case p.Kind == crm.KindUser || p.ID == nil:
		return " = " + string(p.Kind)
	}
	return fmt.Sprintf(" = %s:%d", p.Kind, *p.ID)
}

func manual(s crm.Source) string {
	if s == crm.SourceManual {
		return ", by hand"
	}
	return ""
}

func orNobody(s string) string {
	if s == "" {
		return "nobody"
	}
	return s
}

func joined[T ~string](list []T) string {
	var b strings.Builder
	for i, s := range list {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(string(s))
	}
	return b.String()
}

func minute(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") }

func shortened(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}
