package linker_test

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"blindcopy/crm"
	"blindcopy/store"
)

// post is one mail of the week, and what somebody who knows the people expects of it. The expectation is written by
// the scene that invents the mail; nothing of it is worked out from the rules of the program.
type post struct {
	at       time.Time
	rcpt     string // as in a story: `anna+deal1 uwe`
	envelope *string
	raw      []byte
	what     string // for the messages of a failure

	verdict    crm.Verdict
	on         []string // every record it has to be on, and no other: `Ben Client`, `deal Rollout`, `lead eva@new.example`, `company Acme`
	direction  crm.Direction
	occurred   time.Time // zero is not asked
	private    bool
	originals  int // of a forward as attachment; `on` is of each of them
	sameMailAs string
}

// TestAWeekOfMail sends a week of a manager's mail, some hundred of five mail programs in three languages, and asks of each whether it
// landed where its writer would look for it. No mail may be on a record it has nothing to do with.
func TestAWeekOfMail(t *testing.T) {
	if testing.Short() {
		t.Skip("some hundred mails: not with -short")
	}
	tn := newTown(t)
	w := newWeek(tn)
	w.invent()
	slices.SortStableFunc(w.posts, func(a, b *post) int { return a.at.Compare(b.at) })
	if len(w.posts) < 300 {
		t.Fatalf("a week of %d mails, want 300", len(w.posts))
	}
	verdicts, codes := map[string]int{}, map[string]int{}
	ids := make([]crm.IntakeID, len(w.posts))
	for i, p := range w.posts {
		tn.clock.set(p.at.Add(20 * time.Second))
		in, err := tn.inbound(delivery{rcpts: strings.Fields(p.rcpt), envelope: p.envelope}, p.raw)
		if err != nil {
			t.Fatalf("%s: %v", p.what, err)
		}
		tn.takeAsTried(in)
		ids[i] = in.ID
	}
	wrong := 0
	for i, p := range w.posts {
		in := tn.intake(ids[i])
		verdicts[string(in.Verdict)]++
		for _, code := range in.Codes {
			codes[string(code)]++
		}
		if !w.holds(p, in) {
			wrong++
		}
	}
	t.Logf("%d mails, %d not as expected\nverdicts %s\ncodes    %s", len(w.posts), wrong, counted(verdicts), counted(codes))
}

// counted is "filed 210, held 30", the most first.
func counted(counts map[string]int) string {
	keys := slices.SortedFunc(maps.Keys(counts), func(a, b string) int { return cmp.Or(counts[b]-counts[a], strings.Compare(a, b)) })
	for i, key := range keys {
		keys[i] = fmt.Sprintf("%s %d", key, counts[key])
	}
	return strings.Join(keys, ", ")
}

// holds compares what became of a mail with what is expected of it.
func (w *week) holds(p *post, in crm.Intake) bool {
	t := w.town.t
	t.Helper()
	var bad []string
	if in.Verdict != p.verdict {
		bad = append(bad, fmt.Sprintf("verdict %s, want %s", in.Verdict, p.verdict))
	}
	if n := max(p.originals, 1); p.verdict == crm.Filed && len(in.ActivityIDs) != n {
		bad = append(bad, fmt.Sprintf("activities %v, want %d", in.ActivityIDs, n))
	}
	for _, id := range in.ActivityIDs {
		act, err := w.town.store.Activity(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		bad = append(bad, w.differs(p, &act)...)
	}
	if len(bad) > 0 {
		t.Errorf("%s: %s\n codes %s\n%s", p.what, strings.Join(bad, "; "), joined(in.Codes), shortened(string(p.raw), 1500))
	}
	return len(bad) == 0
}

func (w *week) differs(p *post, act *crm.Activity) (bad []string) {
	var on []string
	for _, l := range act.Links {
		on = append(on, w.nameOf(l))
	}
	slices.Sort(on)
	want := slices.Sorted(slices.Values(p.on))
	if !slices.Equal(on, want) {
		bad = append(bad, fmt.Sprintf("on %q, want %q", on, want))
	}
	if p.direction != "" && act.Direction != p.direction {
		bad = append(bad, fmt.Sprintf("%s, want %s", act.Direction, p.direction))
	}
	if off := act.OccurredAt.Sub(p.occurred).Abs(); !p.occurred.IsZero() && off > 14*time.Hour {
		bad = append(bad, fmt.Sprintf("occurred at %s, want %s", act.OccurredAt, p.occurred))
	}
	if private := act.Visibility == crm.VisibilityPrivate; private != p.private {
		bad = append(bad, fmt.Sprintf("visibility %s", act.Visibility))
	}
	if p.sameMailAs != "" && act.MessageID != strings.ToLower(p.sameMailAs) {
		bad = append(bad, fmt.Sprintf("added to the mail %s, want %s", act.MessageID, p.sameMailAs))
	}
	return bad
}

// nameOf is how a scene names a record: a contact by its name, a lead by its first address.
func (w *week) nameOf(l crm.Link) string {
	ctx := w.town.t.Context()
	switch l.Kind {
	case crm.KindContact:
		if c, err := w.town.store.Contact(ctx, l.ID); err == nil {
			return c.Name
		}
	case crm.KindLead:
		if lead, err := w.town.store.Lead(ctx, l.ID); err == nil && len(lead.Emails) > 0 {
			return "lead " + string(lead.Emails[0].Address)
		}
	case crm.KindDeal:
		if d, err := w.town.store.Deal(ctx, l.ID); err == nil {
			return "deal " + d.Title
		}
	case crm.KindCompany:
		if c, err := w.town.store.Company(ctx, l.ID); err == nil {
			return "company " + c.Name
		}
	}
	return fmt.Sprintf("no record: %s:%d", l.Kind, l.ID)
}

// week is what the scenes share.
type week struct {
	town  *town
	rand  *rand.Rand
	posts []*post
	n     int // of Message-IDs
	sent  []*note

	byNote map[string]*post // by Message-ID, its first sighting
}

var (
	anna = person{"Anna Agent", "anna@corp.example"}
	uwe  = person{"Uwe Urban", "uwe@corp.example"}
)

// client is a company Anna sells to.
type client struct {
	name, domain string
	language     language
	people       []person
	deals        []string
}

var clients = []client{
	{"Bergmann Werke", "bergmann.example", german, []person{{"Klaus Bergmann", "k.bergmann@bergmann.example"}, {"Jörg Müller", "j.mueller@bergmann.example"}}, []string{"Fräsmaschine"}},
	{"Nordlicht AG", "nordlicht.example", german, []person{{"Silke Förster", "foerster@nordlicht.example"}}, []string{"Leuchten"}},
	{"Weber & Söhne", "weber.example", german, []person{{"Weber, Anton", "anton@weber.example"}, {"Käthe Weber", "kaethe@weber.example"}}, nil},
	{"Süßwaren Groß", "suesswaren.example", german, []person{{"Dr. Ilse Groß", "ilse.gross@suesswaren.example"}}, []string{"Verpackung", "Etiketten"}},
	{"Harbour Ltd", "harbour.example", english, []person{{"James O'Neill", "james.oneill@harbour.example"}, {"Priya Shah", "priya@harbour.example"}}, []string{"Cranes"}},
	{"Lakeside Inc", "lakeside.example", english, []person{{"Mary-Ann Smith", "masmith@lakeside.example"}}, []string{"Boats"}},
	{"Orchard LLC", "orchard.example", english, []person{{"Bob Stone", "bob@orchard.example"}}, nil},
	{"Delta Partners", "delta.example", english, []person{{"Tom Reed", "tom.reed@delta.example"}}, []string{"Audit", "Training"}},
	{"Вектор", "vektor.example", russian, []person{{"Иван Петров", "petrov@vektor.example"}, {"Ольга Смирнова", "smirnova@vektor.example"}}, []string{"Насосы"}},
	{"Северсталь-Сервис", "sever.example", russian, []person{{"Сергей Иванов", "s.ivanov@sever.example"}}, []string{"Ремонт"}},
	{"Альфа", "alfa.example", russian, []person{{"Анна Кузнецова", "kuznetsova@alfa.example"}}, nil},
}

// newWeek tells the town who is who.
func newWeek(tn *town) *week {
	w := &week{town: tn, rand: rand.New(rand.NewPCG(23, 11)), byNote: map[string]*post{}}
	tn.do("user anna@corp.example \"Anna Agent\"\nuser uwe@corp.example \"Uwe Urban\"\nshared info@corp.example\nexclude lawyer.example\nexclude doctor@praxis.example")
	ctx := tn.t.Context()
	for _, c := range clients {
		company, err := tn.store.AddCompany(ctx, store.NewCompany{Name: c.name, Domains: []string{c.domain}})
		if err != nil {
			tn.t.Fatal(err)
		}
		var ids []int64
		for _, p := range c.people {
			contact, err := tn.store.AddContact(ctx, store.NewContact{Name: p.name, Emails: []crm.Address{crm.MustAddress(p.address)}, Company: c.name})
			if err != nil {
				tn.t.Fatal(err)
			}
			ids = append(ids, contact.ID)
		}
		for _, title := range c.deals {
			if _, err := tn.store.AddDeal(ctx, store.NewDeal{Title: title, Contacts: ids, Company: company.ID, Owner: crm.Address(anna.address)}); err != nil {
				tn.t.Fatal(err)
			}
		}
	}
	return w
}

// onlyDeal is the deal that mail with a client goes to by itself: with two nobody can tell, with none there is none.
func (c client) onlyDeal() []string {
	if len(c.deals) == 1 {
		return []string{"deal " + c.deals[0]}
	}
	return nil
}

// dealID is the number for a tag.
func (w *week) dealID(title string) int64 {
	deals, err := w.town.store.Deals(w.town.t.Context(), store.Filter{})
	if err != nil {
		w.town.t.Fatal(err)
	}
	i := slices.IndexFunc(deals, func(d crm.Deal) bool { return d.Title == title })
	return deals[i].ID
}
