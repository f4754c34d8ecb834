package store

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"blindcopy/crm"
)

// newsOf writes news in words: `new 0…1 filed [1]`, `again 0…1 ignored []`, `changed [1]`.
func newsOf(list []crm.News) []string {
	texts := []string{}
	for _, n := range list {
		var ids []crm.ActivityID
		for _, a := range n.Activities {
			ids = append(ids, a.ID)
		}
		switch {
		case n.Intake == nil:
			texts = append(texts, fmt.Sprint("changed ", ids))
		case n.New:
			texts = append(texts, fmt.Sprint("new ", n.Intake.ID[25:], " ", n.Intake.Verdict, " ", ids))
		default:
			texts = append(texts, fmt.Sprint("again ", n.Intake.ID[25:], " ", n.Intake.Verdict, " ", ids))
		}
	}
	return texts
}

func TestNewsGoOnFromAPosition(t *testing.T) {
	n := newNouns(t)
	ctx := t.Context()
	ben := n.contact("Ben", "", "ben@client.example")
	begin := must(n.Position(ctx))(t)
	n.take(letter{subject: "One", to: "ben@client.example", links: []crm.NewLink{auto(crm.KindContact, ben)}})
	held, _ := n.take(letter{subject: "Two", from: "eva@new.example", verdict: crm.Held, codes: []crm.Code{crm.UnknownReview}})
	page := must(n.News(ctx, begin, nil, 100))(t)
	same(t, "what came", newsOf(page.List), []string{"new 1 filed [1]", "new 2 held []"})
	same(t, "where it stands", page.Upto, must(n.Position(ctx))(t))

	again := must(n.News(ctx, page.Upto, nil, 100))(t)
	same(t, "nothing more", newsOf(again.List), []string{})
	same(t, "and no further", again.Upto, page.Upto)

	must(n.DismissIntake(ctx, held))(t)
	must(n.UnlinkActivity(ctx, 1, crm.Ref{Kind: crm.KindContact, ID: ben}))(t)
	must(n.LinkActivity(ctx, 1, crm.Ref{Kind: crm.KindContact, ID: ben}))(t)
	again = must(n.News(ctx, page.Upto, nil, 100))(t)
	same(t, "what changed, each once", newsOf(again.List), []string{"again 2 ignored []", "again 1 filed [1]", "changed [1]"})
	same(t, "nothing after it", newsOf(must(n.News(ctx, again.Upto, nil, 100))(t).List), []string{})
	same(t, "after the first of it", newsOf(must(n.News(ctx, again.List[0].At, nil, 100))(t).List), []string{"again 1 filed [1]", "changed [1]"})
	same(t, "from the beginning, new mail is told of as it is now", newsOf(must(n.News(ctx, begin, nil, 100))(t).List),
		[]string{"new 1 filed [1]", "new 2 ignored []", "changed [1]"})
}

func TestNewsComeInPieces(t *testing.T) {
	n := newNouns(t)
	ctx := t.Context()
	at := must(n.Position(ctx))(t)
	var want, got []string
	for i := range 7 {
		id, _ := n.take(letter{subject: fmt.Sprint(i), verdict: crm.Held})
		want = append(want, fmt.Sprint("new ", id[25:], " held []"))
	}
	from := must(n.Position(ctx))(t)
	for pieces := 1; ; pieces++ {
		page := must(n.News(ctx, at, nil, 3))(t)
		got, at = append(got, newsOf(page.List)...), page.Upto
		if !page.More {
			same(t, "pieces", pieces, 3)
			break
		}
	}
	same(t, "what came", got, want)
	for _, in := range must(n.Intakes(ctx, IntakeFilter{}))(t) {
		must(n.DismissIntake(ctx, in.ID))(t)
	}
	var again []string
	for more := true; more; {
		page := must(n.News(ctx, from, nil, 2))(t)
		again, from, more = append(again, newsOf(page.List)...), page.Upto, page.More
	}
	slices.Reverse(want)
	for i := range want {
		want[i] = "again" + want[i][3:6] + "ignored []"
	}
	same(t, "what changed", again, want)
}

func TestNewsOfOtherProcesses(t *testing.T) {
	n := newNouns(t)
	ctx := t.Context()
	other := must(Open(ctx, Options{DSN: n.DSN, Domain: "bcc.acme.example"}))(t)
	defer func() { _ = other.Close() }()
	held, _ := n.take(letter{subject: "Hello", from: "eva@new.example", verdict: crm.Held, codes: []crm.Code{crm.UnknownReview}})
	at, commits := must(n.Position(ctx))(t), n.Commits()
	same(t, "commits while nothing happens", n.Commits(), commits)
	must(other.DismissIntake(ctx, held))(t)
	if n.Commits() == commits {
		t.Error("a commit of another process is not heard of")
	}
	same(t, "news of it", newsOf(must(n.News(ctx, at, nil, 10))(t).List), []string{"again 1 ignored []"})
}

// TestNewsThatRetentionTookAreMissed: the log of changes is not kept for ever, and says so.
func TestNewsThatRetentionTookAreMissed(t *testing.T) {
	n := newNouns(t)
	ctx := t.Context()
	at := must(n.Position(ctx))(t)
	must2(0, 0, n.write(ctx, func(x *tx) error {
		_, err := x.do(`WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < ?) INSERT INTO address_change (key) SELECT 'x' || n FROM i`, keepLog+10)
		return err
	}))(t)
	same(t, "missed while the log is whole", must(n.News(ctx, at, nil, 10))(t).Missed, false)
	must2(0, 0, n.trimLog(ctx))(t)
	page := must(n.News(ctx, at, nil, 10))(t)
	same(t, "missed", page.Missed, true)
	same(t, "missed from there on", must(n.News(ctx, page.Upto, nil, 10))(t).Missed, false)
}

// TestTallyIsWhatEachCounts: one count for all says the same as the count of each.
func TestTallyIsWhatEachCounts(t *testing.T) {
	n := newNouns(t)
	ctx := t.Context()
	karl := must(n.AddUser(ctx, NewUser{Email: "karl@acme.example"}))(t)
	root := must(n.AddUser(ctx, NewUser{Email: "root@acme.example", Admin: true}))(t)
	for i, v := range []crm.Visibility{crm.VisibilityLinked, crm.VisibilityPrivate, crm.VisibilityPrivate, crm.VisibilityEnvelope, crm.VisibilityLinked} {
		n.take(letter{subject: fmt.Sprint(i), verdict: crm.Held, edit: func(r *crm.Record) {
			r.Plan.Visibility = v
			if i > 2 {
				r.Plan.Owner = karl.ID
			}
		}})
	}
	tally := must(n.Tally(ctx))(t)
	for _, v := range []crm.Viewer{crm.ViewerOf(must(n.User(ctx, "anna@acme.example"))(t)), crm.ViewerOf(karl), crm.ViewerOf(root), crm.Operator(), {}} {
		same(t, "for "+string(v.Email()), v.Waiting(tally), must(n.CountReview(ctx, v))(t))
	}
}

// TestBellOfAnOlderProgram: the file grows, and what an older program that still runs says in it stays.
func TestBellOfAnOlderProgram(t *testing.T) {
	path := filepath.Join(t.TempDir(), "crm.db")
	if err := os.WriteFile(path+".lock", binary.NativeEndian.AppendUint64(nil, 42), 0o600); err != nil {
		t.Fatal(err)
	}
	b, err := openBell(path)
	if err != nil {
		t.Skipf("no bell here: %v", err)
	}
	if b.silent(41) || !b.silent(42) {
		t.Errorf("the bell stands at %d, want 42", b.seq.Load())
	}
	b.committed()
	same(t, "commits that another process sees", must(openBell(path))(t).commits.Load(), 1)
}

// TestCommitsWithoutABell: where processes cannot tell each other, somebody may have committed each second.
func TestCommitsWithoutABell(t *testing.T) {
	n := newNouns(t)
	n.memory.bell = nil
	before := n.Commits()
	n.contact("Ben", "", "ben@client.example")
	if n.Commits() == before {
		t.Error("a commit of our own is not heard of")
	}
	before = n.Commits()
	for end := time.Now().Add(3 * time.Second); n.Commits() == before; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("nobody looks for what other processes committed")
		}
	}
}
