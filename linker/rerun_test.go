package linker_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"blindcopy/crm"
	"blindcopy/linker"
	"blindcopy/store"
)

// A new contact is to find as much mail as this within a second (SEMANTICS §14). It takes 1.0 s of the processors, of which
// there are two; that is what is measured against, for a busy machine does not change it much. The limit is three times
// that, for slower ones.
const (
	busyAddress = 10_000
	busyLimit   = 3 * time.Second
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
	read := 0
	tn.linker.InParse = func() { read++ }
	start, worked := time.Now(), processorTime()
	report, err := tn.linker.Rerun(t.Context(), tn.store, []crm.Address{eva}, nil)
	took, work := time.Since(start), processorTime()-worked
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d mails looked at in %s, of the processors %s: %d filed, %d linked", report.Looked, took.Round(time.Millisecond), work.Round(time.Millisecond), report.Filed, report.Linked)
	if report.Filed != busyAddress/2 || report.Linked != busyAddress/2 {
		t.Errorf("filed %d, linked %d; want %d of each", report.Filed, report.Linked, busyAddress/2)
	}
	list, err := tn.store.Activities(t.Context(), store.ActivityFilter{Ref: &crm.Ref{Kind: crm.KindContact, ID: 2}})
	if err != nil || len(list) != busyAddress {
		t.Errorf("%d mails on the timeline, %v; want %d", len(list), err, busyAddress)
	}
	if read > 0 {
		t.Errorf("%d messages were read again from their raw bytes, want none: what they say is stored with them", read)
	}
	if limit := busyLimit * raceFactor; work > limit {
		t.Errorf("took %s of the processors, want at most %s", work, limit)
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

// fromRaw is an archive that remembers nothing of what held mail says.
type fromRaw struct{ *store.Store }

func (a fromRaw) MailWith(ctx context.Context, addresses []crm.Address, domains []string, after crm.MailCursor, limit int) ([]crm.StoredMail, error) {
	list, err := a.Store.MailWith(ctx, addresses, domains, after, limit)
	for i := range list {
		list[i].Body, list[i].Row = nil, nil
	}
	return list, err
}

// TestHeldMailIsFiledAsItIsFromItsRawBytes: what is stored with held mail, and its raw bytes, make the same
// activity of it, down to the attachments.
func TestHeldMailIsFiledAsItIsFromItsRawBytes(t *testing.T) {
	file := func(archive func(*town) linker.Archive) []crm.Activity {
		tn := newTown(t)
		tn.do("user anna@corp.example Anna\nmailbox anna unknown=review\n")
		for _, body := range heldShapes {
			tn.mail("anna", body)
		}
		tn.do("contact Eva eva@new.example\n")
		if _, err := tn.linker.Rerun(t.Context(), archive(tn), []crm.Address{"eva@new.example"}, nil); err != nil {
			t.Fatal(err)
		}
		list, err := tn.store.Activities(t.Context(), store.ActivityFilter{})
		if err != nil {
			t.Fatal(err)
		}
		for i := range list {
			list[i].IntakeID, list[i].Captures = "", nil
		}
		return list
	}
	stored := file(func(tn *town) linker.Archive { return tn.store })
	raw := file(func(tn *town) linker.Archive { return fromRaw{tn.store} })
	if len(raw) != len(heldShapes) {
		t.Errorf("%d of %d were filed", len(raw), len(heldShapes))
	}
	if diff := cmp.Diff(raw, stored); diff != "" {
		t.Errorf("from what is stored (+) and from the raw bytes (-):\n%s", diff)
	}
}

// heldShapes are mails to somebody unknown that differ in what a timeline shows of them.
var heldShapes = []string{
	"From: anna@corp.example\nTo: Eva <eva@new.example>\nSubject: Plain\nDate: Mon, 23 Nov 2026 11:00:00 +0100\nMessage-ID: <1@x>\n\nHello Eva,\n\nhere it is.\n",
	"From: anna@corp.example\nTo: eva@new.example\nSubject: No id\nDate: Mon, 23 Nov 2026 11:00:00 +0100\n\nHello.\n",
	"From: anna@corp.example\nTo: eva@new.example\n\nNeither id nor date.\n",
	"From: anna@corp.example\nTo: eva@new.example\nCc: Joe <joe@new.example>\nSubject: Re: Files\nIn-Reply-To: <none@x>\nReferences: <a@x> <none@x>\nMessage-ID: <2@x>\n" +
		"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html; charset=utf-8\n\n<p>See <b>file</b></p>\n--b\nContent-Type: application/pdf; name=offer.pdf\n" +
		"Content-Transfer-Encoding: base64\n\nSGVsbG8=\n--b--\n",
	"From: anna@corp.example\nTo: eva@new.example\nSubject: Fwd: Old\nMessage-ID: <3@x>\n\n---------- Forwarded message ---------\nFrom: Ben <ben@acme.example>\nDate: Mon, Nov 2, 2026 at 4:05 PM\n" +
		"Subject: Old\nTo: Anna <anna@corp.example>\n\nThe original.\n",
	"From: anna@corp.example\nTo: eva@new.example\nSubject: One inside\nMessage-ID: <4@x>\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nSee below.\n--b\nContent-Type: message/rfc822\n\n" +
		"From: ben@acme.example\nTo: anna@corp.example\nSubject: Inner\nMessage-ID: <5@x>\n\nInner words.\n--b--\n",
}

// TestAHeldConversationStaysOne: each mail answers the one before, and none was on a timeline when the re-run decided
// on all of them at once.
func TestAHeldConversationStaysOne(t *testing.T) {
	tn := newTown(t)
	tn.do("user anna@corp.example Anna\nmailbox anna unknown=review\n")
	const mails = 150
	for i := range mails {
		tn.mail("anna", fmt.Sprintf("From: anna@corp.example\nTo: eva@new.example\nSubject: Talk\nDate: Mon, 23 Nov 2026 11:00:%02d +0000\nMessage-ID: <%d@x>\nIn-Reply-To: <%d@x>\n\nWords %d.\n",
			i%60, i, i-1, i))
	}
	tn.do("contact Eva eva@new.example\n")
	list, err := tn.store.Activities(t.Context(), store.ActivityFilter{})
	if err != nil || len(list) != mails {
		t.Fatalf("%d mails filed, %v; want %d", len(list), err, mails)
	}
	for _, a := range list {
		if a.ThreadID != list[0].ThreadID {
			t.Fatalf("%s is in conversation %d, %s in %d; want one", a.MessageID, a.ThreadID, list[0].MessageID, list[0].ThreadID)
		}
	}
}
