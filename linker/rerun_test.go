package linker_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"blindcopy/crm"
	"blindcopy/store"
)

// A new contact is to find as much mail as this within a second (SEMANTICS §14); two processors need 1.2 s of their own.
// The limit leaves room for a busy machine and the race detector, and none for work that grows with the square.
const (
	busyAddress = 10_000
	busyLimit   = 40 * time.Second
)

// TestANewContactFindsTenThousandMails: half of them wait for a person, half are on the timeline of another
// contact. All are filed to the new one, and nothing is made.
func TestANewContactFindsTenThousandMails(t *testing.T) {
	if testing.Short() {
		t.Skip("stores 10,000 mails")
	}
	tn := newTown(t)
	tn.do("user anna@corp.example Anna\nmailbox anna unknown=review\ncontact Ben ben@acme.example\n")
	tn.takeAll(busyAddress, func(i int) string {
		to := "To: eva@new.example\n"
		if i%2 == 0 {
			to = "To: ben@acme.example\nCc: eva@new.example\n"
		}
		return fmt.Sprintf("From: anna@corp.example\n%sSubject: Mail %d\nDate: Mon, 23 Nov 2026 11:00:00 +0000\nMessage-ID: <busy%d@corp.example>\n\n%s",
			to, i, i, strings.Repeat("Some words about the offer, on a line of its own.\n", 30))
	})
	eva := crm.Address("eva@new.example")
	if _, err := tn.store.AddContact(t.Context(), store.NewContact{Name: "Eva", Emails: []crm.Address{eva}}); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	report, err := tn.linker.Rerun(t.Context(), tn.store, []crm.Address{eva}, nil)
	took := time.Since(start)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d mails looked at in %s: %d filed, %d linked", report.Looked, took.Round(time.Millisecond), report.Filed, report.Linked)
	if report.Filed != busyAddress/2 || report.Linked != busyAddress/2 {
		t.Errorf("filed %d, linked %d; want %d of each", report.Filed, report.Linked, busyAddress/2)
	}
	list, err := tn.store.Activities(t.Context(), store.ActivityFilter{Ref: &crm.Ref{Kind: crm.KindContact, ID: 2}})
	if err != nil || len(list) != busyAddress {
		t.Errorf("%d mails on the timeline, %v; want %d", len(list), err, busyAddress)
	}
	if took > busyLimit {
		t.Errorf("took %s, want %s", took, busyLimit)
	}
}

// takeAll takes n mails of Anna's, many at once.
func (tn *town) takeAll(n int, text func(i int) string) {
	tn.t.Helper()
	errs := make(chan error, n)
	turns := make(chan int)
	var group sync.WaitGroup
	for range 128 {
		group.Go(func() {
			for i := range turns {
				in, err := tn.inbound(delivery{rcpts: []string{"anna"}}, tn.bytes(text(i), false))
				if err == nil {
					_, err = tn.linker.Take(tn.t.Context(), in)
				}
				errs <- err
			}
		})
	}
	for i := range n {
		turns <- i
	}
	close(turns)
	group.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			tn.t.Fatal(err)
		}
	}
}
