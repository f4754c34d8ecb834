package linker_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"blindcopy/crm"
	"blindcopy/store"
)

// TestSightingsAddUp: whoever sees a mail, with whatever tags, in any order or at once: in the end it is on every
// record that a tag named, and private if one of them said so. One sighting more never takes anything away.
func TestSightingsAddUp(t *testing.T) {
	eachTown(t, func(rt *rapid.T, tn *town) {
		raw := tn.bytes("From: anna@corp.example\nTo: gil@grey.example, dora@dean.example\nSubject: Topic\nDate: Mon, 23 Nov 2026 11:00:00 +0000\nMessage-ID: <m1@mail.example>\n\nHello.\n", false)
		want := map[string]bool{"contact:3": true, "lead:1": true}
		visibility := crm.VisibilityLinked
		tagged := false
		var list []*crm.Inbound
		for range rapid.IntRange(1, 6).Draw(rt, "sightings") {
			who := rapid.SampledFrom([]string{"anna", "uwe"}).Draw(rt, "through")
			for _, tag := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"deal1", "deal2", "deal3", "contact1", "company1", "private", "soon", "deal99"}), 0, 2, rapid.ID[string]).Draw(rt, "tags") {
				who += "+" + tag
				switch kind := strings.TrimRight(tag, "0123456789"); {
				case tag == "private":
					visibility = crm.VisibilityPrivate
				case tag == "soon" || tag == "deal99":
				default:
					want[kind+":"+tag[len(kind):]] = true
					tagged = tagged || kind == "deal"
				}
			}
			in, err := tn.inbound(delivery{rcpts: []string{who}}, raw)
			if err != nil {
				rt.Fatal(err)
			}
			list = append(list, in)
		}
		if rapid.Bool().Draw(rt, "at once") {
			tn.takeAtOnce(list)
		} else {
			for _, in := range list {
				tn.take(in)
			}
		}
		tn.checkSightings(rt, len(list), want, visibility, tagged)
	})
}

func (tn *town) checkSightings(t *rapid.T, sightings int, want map[string]bool, visibility crm.Visibility, tagged bool) {
	acts := tn.activities()
	if len(acts) != 1 {
		t.Fatalf("%d activities of one mail", len(acts))
	}
	got := map[string]bool{}
	for _, l := range acts[0].Links {
		got[l.Ref().String()] = true
	}
	if !tagged {
		delete(got, "deal:1") // Dora's only one, unless a tag names another
	}
	for ref := range want {
		if !got[ref] && !(ref == "lead:1" && (visibility == crm.VisibilityPrivate || want["contact:1"] || want["company:1"])) {
			t.Errorf("it is not on %s, but on %v", ref, slices.Sorted(maps.Keys(got)))
		}
		delete(got, ref)
	}
	delete(got, "deal:1")
	if len(got) > 0 {
		t.Errorf("it is on %v, which nobody named", slices.Sorted(maps.Keys(got)))
	}
	if acts[0].Visibility != visibility {
		t.Errorf("visibility %s, want the strictest, %s", acts[0].Visibility, visibility)
	}
	if n := len(acts[0].Captures); n != sightings {
		t.Errorf("%d captures of %d sightings", n, sightings)
	}
	if leads, err := tn.store.Leads(tn.t.Context(), store.LeadFilter{}); err != nil || len(leads) > 1 {
		t.Errorf("leads %+v, %v; want at most one", leads, err)
	}
}

// TestLaterIsTheSameAsBefore: mail that comes before its people are known ends on the same records as if they had been known
// all along.
func TestLaterIsTheSameAsBefore(t *testing.T) {
	if testing.Short() {
		t.Skip("a database for each run: not with -short")
	}
	base := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		var mails [][2]string
		for n := range rapid.IntRange(1, 6).Draw(rt, "mails") {
			mails = append(mails, anyMailOfEva(rt, n))
		}
		people := "contact \"Eva\" eva@new.example company=\"New Ltd\"\nedit company 2 new.example\naddress uwe uwe@home.example\n"
		before := settledLinks(rt, base, func(tn *town) { tn.do(people); tn.mails(mails) })
		after := settledLinks(rt, base, func(tn *town) { tn.mails(mails); tn.do(people) })
		if !maps.Equal(before, after) {
			rt.Errorf("known before: %v\nknown later:  %v\nmails: %q", before, after, mails)
		}
	})
}

// anyMailOfEva draws a mail in which people of the future take part; each has a subject of its own.
func anyMailOfEva(t *rapid.T, n int) [2]string {
	one := func(list ...string) string { return rapid.SampledFrom(list).Draw(t, "one of") }
	people := []string{"eva@new.example", "fay@new.example", "dora@dean.example", "nobody@nowhere.example", "uwe@corp.example"}
	to := rapid.SliceOfNDistinct(rapid.SampledFrom(people), 1, 3, rapid.ID[string]).Draw(t, "to")
	body := fmt.Sprintf("From: %s\nTo: %s\nSubject: Topic %d\nDate: Mon, 23 Nov 2026 11:%02d:00 +0000\nMessage-ID: <e%d@mail.example>\n\nHello.\n",
		one("anna@corp.example", "uwe@corp.example", "uwe@home.example"), strings.Join(to, ", "), n, n, n)
	return [2]string{one("anna", "uwe"), body}
}

func (tn *town) mails(list [][2]string) {
	for _, m := range list {
		tn.mail(m[0], m[1])
	}
}

// settledLinks plays a town with the policy "review" and returns what each mail is on in the end.
func settledLinks(rt *rapid.T, base string, play func(*town)) map[string]string {
	dir, err := os.MkdirTemp(base, "")
	if err != nil {
		rt.Fatal(err)
	}
	tn, closeTown := openTown(rt, dir)
	defer os.RemoveAll(dir)
	defer closeTown()
	tn.do("user anna@corp.example \"Anna Agent\"\nuser uwe@corp.example \"Uwe Urban\"\nmailbox anna unknown=review\nmailbox uwe unknown=review\n" +
		"contact \"Dora Dean\" dora@dean.example company=\"Dean\"")
	play(tn)
	links := map[string]string{}
	for _, act := range tn.activities() {
		links[act.MessageID] = linksOf(act)
	}
	return links
}
