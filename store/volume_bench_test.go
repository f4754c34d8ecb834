package store_test

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"blindcopy/crm"
	"blindcopy/store"
)

func benchUser(n int) crm.Address { return crm.Address(fmt.Sprintf("user%d@us.test", n+1)) }

// BenchmarkVolume is what people and senders wait for when there is much mail: -volume.mails=1000000.
func BenchmarkVolume(b *testing.B) {
	file := volume(b, *volumeMails)
	s, err := store.Open(context.Background(), store.Options{DSN: file, Domain: "bcc.test", Serve: true})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	b.Run("warm", func(b *testing.B) { benchWarm(b, file) })
	for _, list := range volumeLists() {
		b.Run(list.name, func(b *testing.B) {
			ctx := b.Context()
			for b.Loop() {
				if n, err := list.read(ctx, s); err != nil || n < list.least {
					b.Fatalf("%d rows, want %d: %v", n, list.least, err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/1000, "ms/op")
		})
	}
	b.Run("record", func(b *testing.B) { benchVolumeRecord(b, s) })
}

// volumeList is a list that somebody waits for, and how many rows it has at least.
type volumeList struct {
	name  string
	least int
	read  func(context.Context, *store.Store) (int, error)
}

func volumeLists() (lists []volumeList) {
	add := func(name string, least int, read func(context.Context, *store.Store) (int, error)) {
		lists = append(lists, volumeList{name, least, read})
	}
	activities := func(name string, least int, f crm.ActivityFilter) {
		f.Limit = 100
		add("activity/"+name, least, func(ctx context.Context, s *store.Store) (int, error) {
			list, err := s.Activities(ctx, f)
			return len(list), err
		})
	}
	activities("all", 100, crm.ActivityFilter{})
	activities("contact-busiest", 100, crm.ActivityFilter{Ref: &crm.Ref{Kind: crm.KindContact, ID: 1}})
	activities("contact", 0, crm.ActivityFilter{Ref: &crm.Ref{Kind: crm.KindContact, ID: 1000}})
	activities("company-of-500", 100, crm.ActivityFilter{Ref: &crm.Ref{Kind: crm.KindCompany, ID: 1}})
	activities("deal", 0, crm.ActivityFilter{Ref: &crm.Ref{Kind: crm.KindDeal, ID: 200}})
	activities("user", 100, crm.ActivityFilter{User: benchUser(7)})
	activities("contact-and-user", 0, crm.ActivityFilter{Ref: &crm.Ref{Kind: crm.KindContact, ID: 1}, User: benchUser(7)})
	activities("contact-match-none", 0, crm.ActivityFilter{Ref: &crm.Ref{Kind: crm.KindContact, ID: 1}, Match: "no such words"})
	search := func(name string, least int, f crm.RecordSearch) {
		add("contacts/"+name, least, func(ctx context.Context, s *store.Store) (int, error) {
			found, err := s.FindContacts(ctx, f)
			return found.Total, err
		})
	}
	search("first-page", volumeContacts, crm.RecordSearch{})
	search("by-name", volumeContacts, crm.RecordSearch{Sort: crm.ByName})
	search("last-page", volumeContacts, crm.RecordSearch{Sort: crm.ByName, Page: volumeContacts/50 - 1})
	search("matching-all", volumeContacts, crm.RecordSearch{Text: "person"})
	search("matching-all-by-name", volumeContacts, crm.RecordSearch{Text: "person", Sort: crm.ByName})
	search("matching-one", 1, crm.RecordSearch{Text: "person 77777"})
	add("contacts/command-match", 100, func(ctx context.Context, s *store.Store) (int, error) {
		list, err := s.Contacts(ctx, crm.RecordFilter{Match: "person 7777", Limit: 100})
		return len(list) + 100, err
	})
	add("numbers", 12, func(ctx context.Context, s *store.Store) (int, error) {
		n, err := s.Numbers(ctx, 12)
		return len(n.Weeks), err
	})
	add("review", 50, func(ctx context.Context, s *store.Store) (int, error) {
		list, err := s.Review(ctx, crm.ReviewFilter{Limit: 50})
		return len(list), err
	})
	add("intakes-of-a-week", 100, func(ctx context.Context, s *store.Store) (int, error) {
		list, err := s.Intakes(ctx, crm.IntakeFilter{Since: time.Now().AddDate(0, 0, -7), Limit: 100})
		return len(list), err
	})
	return lists
}

// benchWarm is the start of a server, and what it then keeps in memory.
func benchWarm(b *testing.B, file string) {
	for b.Loop() {
		before := heap()
		s, err := store.Open(context.Background(), store.Options{DSN: file, Domain: "bcc.test"})
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Warm(context.Background()); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(heap()-before)/(1<<20), "MiB")
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/op")
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// benchVolumeRecord is BenchmarkRecord/sessions=64 where there is mail already.
func benchVolumeRecord(b *testing.B, s *store.Store) {
	if err := s.Warm(b.Context()); err != nil {
		b.Fatal(err)
	}
	u, err := s.User(b.Context(), benchUser(0))
	if err != nil {
		b.Fatal(err)
	}
	var n atomic.Int64
	n.Store(time.Now().UnixNano()) // mail that an earlier run has not written
	b.SetParallelism(64)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			benchTake(b, s, benchRecord(int(n.Add(1)), u))
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "mails/s")
}
