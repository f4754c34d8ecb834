package linker_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"blindcopy/crm"
	"blindcopy/linker"
	"blindcopy/store"
)

const bccDomain = "bcc.example.com"

// town is a company with a real database and a linker on it. Its clock stands until somebody
// sets it.
type town struct {
	t      tester
	store  *store.Store
	linker *linker.Linker
	policy linker.Policy
	clock  *clock

	letters []letter                // in order of arrival
	names   map[crm.IntakeID]string // "mail 1"
	settled map[string]bool         // records as the world began with them
}

// tester is a test, or one run of a property.
type tester interface {
	Helper()
	Context() context.Context
	Output() io.Writer
	Error(...any)
	Errorf(string, ...any)
	Fatal(...any)
	Fatalf(string, ...any)
}

// clock is the time that store and linker read.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = at
}

// monday is when every story begins.
var monday = time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC)

func newTown(t *testing.T) *town {
	t.Helper()
	tn, closeTown := openTown(t, t.TempDir())
	t.Cleanup(closeTown)
	return tn
}

// openTown opens the database of a town in a folder of its own.
func openTown(t tester, dir string) (tn *town, closeTown func()) {
	t.Helper()
	c := &clock{at: monday}
	s, err := store.Open(t.Context(), store.Options{DSN: filepath.Join(dir, "town.db"), Domain: bccDomain, Now: c.now, Log: logTo(t)})
	if err != nil {
		t.Fatalf("open the store: %v", err)
	}
	tn = &town{t: t, store: s, clock: c, policy: linker.Defaults(bccDomain), names: map[crm.IntakeID]string{}}
	tn.build()
	return tn, func() {
		if err := s.Close(); err != nil {
			t.Errorf("close the store: %v", err)
		}
	}
}

func logTo(t tester) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
}

// build makes the linker anew, after a setting has changed.
func (tn *town) build() {
	tn.linker = linker.New(tn.store, tn.policy, spokenAuth{}, logTo(tn.t))
	tn.linker.Now = tn.clock.now
}

// spokenAuth believes what the story says of a mail: its flag travels as the HELO name.
type spokenAuth struct{}

func (spokenAuth) Authenticate(_ context.Context, in *crm.Inbound, _ crm.Address) crm.SenderAuth {
	switch in.Helo {
	case "forged":
		return crm.SenderAuth{SPF: "fail", DKIM: "none", DMARC: "fail", Result: crm.AuthFail}
	case "unproven":
		return crm.SenderAuth{SPF: "none", DKIM: "none", DMARC: "none", Result: crm.AuthNone}
	}
	return crm.SenderAuth{SPF: "pass", DKIM: "none", DMARC: "pass", Result: crm.AuthPass}
}

// do carries out what people do, one act a line.
func (tn *town) do(text string) {
	tn.t.Helper()
	for line := range strings.Lines(text) {
		w := words(strings.TrimSpace(line))
		if len(w) == 0 || strings.HasPrefix(w[0], "#") {
			continue
		}
		act, ok := acts[w[0]]
		if !ok {
			tn.t.Fatalf("nobody knows how to %q", strings.TrimSpace(line))
		}
		if err := act(tn, newArgs(w[1:])); err != nil {
			tn.t.Fatalf("%s: %v", strings.TrimSpace(line), err)
		}
	}
}

// args are the words of an act: plain ones in order, and key=value.
type args struct {
	plain []string
	named map[string]string
}

func newArgs(w []string) args {
	a := args{named: map[string]string{}}
	for _, word := range w {
		if key, value, ok := strings.Cut(word, "="); ok && !strings.ContainsAny(key, "@ ") {
			a.named[key] = value
			continue
		}
		a.plain = append(a.plain, word)
	}
	return a
}

// word is the nth plain word, "" if there is none.
func (a args) word(n int) string {
	if n < len(a.plain) {
		return a.plain[n]
	}
	return ""
}

// after are the plain words from the nth on.
func (a args) after(n int) []string { return a.plain[min(n, len(a.plain)):] }

func (a args) id(n int) int64 {
	id, err := strconv.ParseInt(a.word(n), 10, 64)
	if err != nil {
		panic(fmt.Sprintf("%q is no number", a.word(n)))
	}
	return id
}

func (a args) ids(key string) []int64 {
	var list []int64
	for _, s := range strings.Split(a.named[key], ",") {
		if id, err := strconv.ParseInt(s, 10, 64); err == nil {
			list = append(list, id)
		}
	}
	return list
}

func (a args) firstID(key string) int64 {
	for _, id := range a.ids(key) {
		return id
	}
	return 0
}

// ref reads `contact 7` from the nth word on.
func (a args) ref(n int) crm.Ref {
	return crm.Ref{Kind: crm.Kind(a.word(n)), ID: a.id(n + 1)}
}

// split tells addresses from domains.
func split(list []string) (addresses []crm.Address, domains []string) {
	for _, s := range list {
		if strings.Contains(s, "@") {
			addresses = append(addresses, crm.MustAddress(s))
			continue
		}
		domains = append(domains, s)
	}
	return addresses, domains
}

// user finds a user by the local part of the primary address, as `anna`, or by any address.
func (tn *town) user(name string) crm.User {
	tn.t.Helper()
	users, err := tn.store.Users(tn.t.Context())
	if err != nil {
		tn.t.Fatal(err)
	}
	i := slices.IndexFunc(users, func(u crm.User) bool { return u.Email.Local() == name || string(u.Email) == name })
	if i < 0 {
		tn.t.Fatalf("there is no user %s", name)
	}
	return users[i]
}

// email is a user's address, or "" for nobody.
func (tn *town) email(name string) crm.Address {
	if name == "" {
		return ""
	}
	return tn.user(name).Email
}
