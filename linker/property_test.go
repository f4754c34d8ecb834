package linker_test

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"blindcopy/crm"
	"blindcopy/store"
)

// offices is the world of the properties: known people with one, two and no open deals, a company known by its domain,
// an excluded one.
const offices = `
user anna@corp.example "Anna Agent"
user uwe@corp.example "Uwe Urban"
company "Globex" globex.example
contact "Ben Client" ben@acme.example company="Acme GmbH"
contact "Carla Chef" carla@acme.example company="Acme GmbH"
contact "Dora Dean" dora@dean.example
contact "Office A" office@shared.example
contact "Office B" office@shared.example
deal "One" contact=3
deal "Two" contact=1
deal "Three" contact=1,2
exclude law.example
`

var (
	someUsers   = []string{"Anna Agent <anna@corp.example>", "uwe@corp.example"}
	somePeople  = []string{"ben@acme.example", "Carla <carla@acme.example>", "dora+x@dean.example", "office@shared.example", "new@globex.example", "Eva <eva@new.example>", "fay@new.example", "gil@gmail.com", "lea@law.example", "noreply@robot.example", "uwe@corp.example"}
	someFlags   = []string{"", "", "", "; forged", "; unproven", "; envelope="}
	someTags    = []string{"", "", "", "+deal1", "+deal2", "+deal99", "+private", "+nolead", "+fw", "+contact1", "+soon"}
	somePrefix  = []string{"", "Re: ", "AW: ", "Fwd: ", "[D#2] "}
	someHeaders = []string{"", "", "", "Auto-Submitted: auto-replied\n", "List-Id: <l.example>\n", "Sensitivity: Private\n", "Resent-From: anna@corp.example\n"}
)

// anyMail draws a mail, as a story tells it.
func anyMail(t *rapid.T, n int) (head, body string) {
	from := func(list []string) string { return rapid.SampledFrom(list).Draw(t, "one of") }
	author := from(slices.Concat(someUsers, someUsers, somePeople))
	to := strings.Join(rapid.SliceOfNDistinct(rapid.SampledFrom(slices.Concat(somePeople, someUsers)), 0, 4, rapid.ID[string]).Draw(t, "to"), ", ")
	cc := strings.Join(rapid.SliceOfNDistinct(rapid.SampledFrom(somePeople), 0, 2, rapid.ID[string]).Draw(t, "cc"), ", ")
	body = fmt.Sprintf("From: %s\nTo: %s\nCc: %s\nSubject: %sTopic %d\nDate: Mon, 23 Nov 2026 11:%02d:00 +0000\n%s", author, to, cc, from(somePrefix), rapid.IntRange(1, 3).Draw(t, "topic"), n, from(someHeaders))
	if id := rapid.IntRange(0, 8).Draw(t, "message id"); id > 0 {
		body += fmt.Sprintf("Message-ID: <m%d@mail.example>\n", id)
	}
	if answers := rapid.IntRange(0, 8).Draw(t, "answers"); answers > 0 {
		body += fmt.Sprintf("In-Reply-To: <m%d@mail.example>\n", answers)
	}
	rcpt := from([]string{"anna", "uwe", "anna"}) + from(someTags)
	return rcpt + from(someFlags), body + "\nHello.\n"
}

// A failure names its seed; a file of it has no place among the sources. The seed is the same for everybody, so that
// a red run is a changed rule and not a draw of luck; -rapid.seed=N -rapid.checks=1000 looks further.
func init() {
	_ = flag.Set("rapid.nofailfile", "true") // these fail for an unknown flag only
	_ = flag.Set("rapid.seed", "20261123")
}

// eachTown runs a property in a town of its own each time.
func eachTown(t *testing.T, property func(*rapid.T, *town)) {
	if testing.Short() {
		t.Skip("a database for each run: not with -short")
	}
	base := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(base, "")
		if err != nil {
			rt.Fatal(err)
		}
		tn, closeTown := openTown(rt, dir)
		defer os.RemoveAll(dir)
		defer closeTown()
		tn.do(offices)
		property(rt, tn)
	})
}

// TestTryThenSend: whatever comes, `try` says the verdict, the codes and the links that sending then gives. town.mail holds
// it to that.
func TestTryThenSend(t *testing.T) {
	eachTown(t, func(rt *rapid.T, tn *town) {
		for n := range rapid.IntRange(1, 6).Draw(rt, "mails") {
			head, body := anyMail(rt, n)
			tn.mail(head, body)
		}
	})
}

// TestAnyOrderOfArrivalIsOneThread: a conversation whose mails come in any order is one thread in the end, and
// each mail is on the same records as if they had come in order.
func TestAnyOrderOfArrivalIsOneThread(t *testing.T) {
	eachTown(t, func(rt *rapid.T, tn *town) {
		mails := anyConversation(rt)
		order := rapid.Permutation(indexes(len(mails))).Draw(rt, "order")
		for _, i := range order {
			tn.mail("anna", mails[i])
		}
		threads := map[crm.ThreadID]bool{}
		for _, act := range tn.activities() {
			threads[act.ThreadID] = true
			if got, want := linksOf(act), "contact:3 deal:1"; got != want {
				rt.Errorf("order %v: the mail %s is on %s, want %s", order, act.MessageID, got, want)
			}
		}
		if n := len(tn.activities()); n != len(mails) || len(threads) != 1 {
			rt.Errorf("order %v: %d mails, %d activities in %d threads, want one", order, len(mails), n, len(threads))
		}
	})
}

// anyConversation is a tree of mails between Anna and Dora. As clients do, some name all that went before in
// References, some only the mail they answer.
func anyConversation(t *rapid.T) (mails []string) {
	chain := [][]string{}
	for n := range rapid.IntRange(2, 6).Draw(t, "mails") {
		author, to, prefix, header := "anna@corp.example", "dora@dean.example", "", ""
		if n%2 == 1 {
			author, to = to, author
		}
		id := fmt.Sprintf("<c%d@mail.example>", n)
		mine := []string{id}
		if n > 0 {
			parent := rapid.IntRange(0, n-1).Draw(t, "parent")
			prefix, mine = "Re: ", append(slices.Clone(chain[parent]), id)
			header = fmt.Sprintf("In-Reply-To: <c%d@mail.example>\n", parent)
			if rapid.Bool().Draw(t, "references") {
				header += "References: " + strings.Join(chain[parent], " ") + "\n"
			}
		}
		chain = append(chain, mine)
		mails = append(mails, fmt.Sprintf("From: %s\nTo: %s\nSubject: %sThe plan\nDate: Mon, 23 Nov 2026 10:%02d:00 +0000\nMessage-ID: %s\n%s\nMail %d.\n", author, to, prefix, n, id, header, n))
	}
	return mails
}

// TestConcurrentSendsMakeTheSameActivities: however often and however much at once mails are sent, in the end there is
// what sending each once makes.
func TestConcurrentSendsMakeTheSameActivities(t *testing.T) {
	eachTown(t, func(rt *rapid.T, tn *town) {
		var mails [][]byte
		for n := range rapid.IntRange(1, 5).Draw(rt, "mails") {
			to := rapid.SliceOfNDistinct(rapid.SampledFrom(somePeople[:8]), 1, 3, rapid.ID[string]).Draw(rt, "to")
			body := fmt.Sprintf("From: anna@corp.example\nTo: %s\nSubject: Topic\nDate: Mon, 23 Nov 2026 11:%02d:00 +0000\nMessage-ID: <m%d@mail.example>\n\nHello.\n", strings.Join(to, ", "), n, n)
			mails = append(mails, tn.bytes(body, false))
		}
		sendings := []*crm.Inbound{}
		for i, raw := range mails {
			for range rapid.IntRange(1, 6).Draw(rt, "times") {
				who := []string{"anna", "uwe"}[rapid.IntRange(0, 1).Draw(rt, "through")]
				in, err := tn.inbound(delivery{rcpts: []string{who}}, raw)
				if err != nil {
					rt.Fatal(err)
				}
				in.MailFrom = fmt.Sprintf("bounce+%d@corp.example", i)
				sendings = append(sendings, in)
			}
		}
		tn.takeAtOnce(sendings)
		tn.checkOnce(rt, len(mails))
	})
}

// takeAtOnce takes all mails at the same instant, in any order.
func (tn *town) takeAtOnce(list []*crm.Inbound) {
	tn.t.Helper()
	rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	errs := make([]error, len(list))
	var group sync.WaitGroup
	for i, in := range list {
		group.Go(func() { _, errs[i] = tn.linker.Take(tn.t.Context(), in) })
	}
	group.Wait()
	for _, err := range errs {
		if err != nil {
			tn.t.Fatalf("take: %v", err)
		}
	}
}

// checkOnce: one activity a mail, every recipient on it, no address and no corporate domain on two leads.
func (tn *town) checkOnce(t *rapid.T, mails int) {
	acts := tn.activities()
	if len(acts) != mails {
		t.Errorf("%d activities of %d mails", len(acts), mails)
	}
	for _, act := range acts {
		for _, p := range act.Participants {
			if p.Role == crm.RoleTo && p.Kind == crm.KindUnknown && !strings.HasSuffix(string(p.Address), "@globex.example") && !strings.HasSuffix(string(p.Address), "@new.example") {
				t.Errorf("%s: nobody answers to %s", act.MessageID, p.Address)
			}
		}
		if len(act.Links) == 0 {
			t.Errorf("%s is on nothing", act.MessageID)
		}
	}
	leads, err := tn.store.Leads(tn.t.Context(), store.LeadFilter{})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, l := range leads {
		whose := l.Emails[0].Address.Domain()
		if whose == "gmail.com" {
			whose = string(l.Emails[0].Address)
		}
		if seen[whose] {
			t.Errorf("two leads for %s: %+v", whose, leads)
		}
		seen[whose] = true
	}
}

// linksOf is "contact:3 deal:1", in order.
func linksOf(act crm.Activity) string {
	refs := map[string]bool{}
	for _, l := range act.Links {
		refs[l.Ref().String()] = true
	}
	return strings.Join(slices.Sorted(maps.Keys(refs)), " ")
}

func indexes(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}
