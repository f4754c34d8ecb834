package store_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"net/netip"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"blindcopy/crm"
	"blindcopy/store"
)

const benchContacts = 2000

// benchStore is a server's store with a user and contacts.
func benchStore(b *testing.B) (*store.Store, crm.User) {
	b.Helper()
	s, err := store.Open(context.Background(), store.Options{DSN: filepath.Join(b.TempDir(), "crm.db"), Domain: "bcc.test", Serve: true})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	u, err := s.AddUser(context.Background(), store.NewUser{Email: "anna@us.test"})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := s.ImportContacts(context.Background(), benchRows(benchContacts), nil); err != nil {
		b.Fatal(err)
	}
	return s, u
}

func benchAddress(n int) crm.Address {
	return crm.Address(fmt.Sprintf("person%d@client%d.test", n, n/10))
}

func benchRows(n int) iter.Seq2[store.ImportRow, error] {
	return func(yield func(store.ImportRow, error) bool) {
		for i := range n {
			r := store.ImportRow{Line: i, Name: fmt.Sprintf("Person %d", i), Emails: []crm.Address{benchAddress(i)},
				Company: fmt.Sprintf("Client %d", i/10), Domain: fmt.Sprintf("client%d.test", i/10)}
			if !yield(r, nil) {
				return
			}
		}
	}
}

var benchBody = bytes.Repeat([]byte("A line of an ordinary mail, as people write them all day long.\r\n"), 60)

// benchRecord is an outgoing mail to a known contact, ready to be recorded.
func benchRecord(n int, u crm.User) *crm.Record {
	to, id := benchAddress(n%benchContacts), fmt.Sprintf("m%d@us.test", n)
	from := crm.Party{Name: "Anna", Address: "anna@us.test"}
	raw := append([]byte("Message-ID: <"+id+">\r\n\r\n"), benchBody...)
	mail := &crm.Mail{MessageID: id, From: []crm.Party{from}, To: []crm.Party{{Address: to}}, Subject: "Offer " + id, BaseSubject: "offer " + id, Date: time.Now()}
	return &crm.Record{
		Inbound: &crm.Inbound{ID: crm.IntakeID(ulid.Make().String()), ReceivedAt: time.Now(), Via: crm.ViaSMTP, Remote: netip.MustParseAddr("192.0.2.7"), MailFrom: "anna@us.test",
			Recipients: []crm.Recipient{{Path: string(u.BCCAddress), Address: u.BCCAddress, Mailbox: 1, Kind: crm.MailboxBCC, User: u.ID}},
			Raw:        crm.Raw{Bytes: raw, SHA256: sha256.Sum256(raw)}},
		Question: crm.Question{Addresses: []crm.Address{from.Address, to}, Keys: []string{"id:" + id}, Messages: []string{id}},
		Plan: &crm.Plan{Mailbox: 1, Owner: u.ID, Capturers: []crm.Capturer{{Mailbox: 1, User: u.ID}}, Visibility: crm.VisibilityLinked, Results: []crm.Result{{
			Mail: mail, Verdict: crm.Filed, Keep: crm.KeepForever,
			Steps:  []crm.Step{{Code: crm.ContactByAddress, Detail: "person@client.test belongs to contact 7"}, {Code: crm.NoOpenDeal, Detail: "there is no open deal"}},
			Claims: []crm.Claim{{Key: "id:" + id, From: 1, BaseSubject: 2, Date: mail.Date}},
			People: []crm.Person{{Role: crm.RoleFrom, Party: from}, {Role: crm.RoleTo, Party: crm.Party{Address: to}}, {Role: crm.RoleEnvelope, Party: crm.Party{Address: u.BCCAddress}}},
			New: &crm.Draft{Direction: crm.Outgoing, Author: from, AuthorUser: u.ID, Subject: mail.Subject, OccurredAt: mail.Date, Preview: "A line of an ordinary mail",
				BodyStart: "a line of an ordinary mail, as people write them all day long."},
			Links: []crm.NewLink{{Ref: crm.Ref{Kind: crm.KindContact, ID: int64(n%benchContacts) + 1}, Code: crm.ContactByAddress, Source: crm.SourceAuto}},
		}}},
	}
}

// BenchmarkRecord is gathering and recording by many sessions at once: what a server does for each mail
// besides reading and deciding.
func BenchmarkRecord(b *testing.B) {
	for _, sessions := range []int{1, 64} {
		b.Run(fmt.Sprintf("sessions=%d", sessions), func(b *testing.B) {
			s, u := benchStore(b)
			var n atomic.Int64
			b.SetParallelism(sessions)
			if sessions == 1 {
				b.SetParallelism(1)
			}
			b.ReportAllocs()
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					benchTake(b, s, benchRecord(int(n.Add(1)), u))
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "mails/s")
		})
	}
}

func benchTake(b *testing.B, s *store.Store, r *crm.Record) {
	for {
		f, err := s.Gather(context.Background(), r.Question)
		if err == nil {
			r.Plan.Stamp = f.Stamp
			_, err = s.Record(context.Background(), r)
		}
		if errors.Is(err, crm.ErrStale) {
			continue
		}
		if err != nil {
			b.Error(err)
		}
		return
	}
}

func BenchmarkGather(b *testing.B) {
	s, u := benchStore(b)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := s.Gather(context.Background(), benchRecord(i, u).Question); err != nil {
			b.Fatal(err)
		}
	}
}
