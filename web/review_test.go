package web

import (
	"context"
	"testing"

	"blindcopy/crm"
)

// The acts of review need a linker: cmd tests them with mail.

func (c clerk) LinkIntake(ctx context.Context, id crm.IntakeID, _ crm.Ref, _ ...int) (crm.Intake, error) {
	return c.Intake(ctx, id)
}

func (c clerk) CreateFromIntake(ctx context.Context, id crm.IntakeID, _ crm.Kind, _ ...int) (crm.Intake, error) {
	return c.Intake(ctx, id)
}

func (c clerk) VerifyAuthor(ctx context.Context, id crm.IntakeID, _ crm.UserID) (crm.Intake, crm.Later, error) {
	in, err := c.Intake(ctx, id)
	return in, crm.Later{}, err
}

func (c clerk) NeverLog(ctx context.Context, pattern string, user crm.Address) (crm.Exclusion, crm.Later, error) {
	e, err := c.AddExclusion(ctx, pattern, user)
	return e, crm.Later{}, err
}

func (c clerk) TrackAgain(ctx context.Context, key string) (crm.Exclusion, crm.Later, error) {
	e, err := c.RemoveExclusion(ctx, key)
	return e, crm.Later{}, err
}

func (clerk) Sentences(in crm.Intake, _ []crm.Activity) string { return string(in.Verdict) }

func TestEmptyPagesSayWhatToDoNext(t *testing.T) {
	w := newWorld(t)
	u := w.user("karl@acme.example", false)
	b := w.signedIn("karl@acme.example")
	b.get("/").want(200, "Your first mail", "<code>"+string(u.BCCAddress)+"</code>", `href="/address"`, "mailto:?bcc=")
	b.get("/review").want(200, "Nothing waits for you")
	b.get("/search").want(200, "Every mail leaves a trace")
	b.get("/search?q=%3Cscript%3Ealert(1)%3C/script%3E").want(200, "No such mail reached us", "&lt;script&gt;", "!<script>alert")
}

func TestMailThatIsNotThere(t *testing.T) {
	w := newWorld(t)
	w.user("karl@acme.example", false)
	b := w.signedIn("karl@acme.example")
	const none = "01JQ8V6Z3M0000000000000000"
	b.get("/why/"+none).want(404, "There is nothing here")
	b.get("/review/" + none + "/find?q=a").want(404)
	for _, act := range []string{"link", "create", "dismiss", "never", "verify"} {
		b.post("/review/"+none+"/"+act, "to", "contact:1", "kind", "lead", "pattern", "a@b.example", "user", "karl@acme.example").want(404)
	}
	b.post("/review", "act", "dismiss").want(303).to("/review")
	b.get("/review").want(200, "Choose some mail first.")
	w.browser().get("/why/" + none).want(303).to("/sign-in?next=%2Fwhy%2F" + none)
}

func TestNeverProposesStrangersAlone(t *testing.T) {
	me := crm.User{Email: "anna@acme.example", BCCAddress: "anna-k3v9x2qdfh@bcc.acme.example"}
	test := func(rule string, in crm.Intake, want ...string) {
		t.Helper()
		got := neverOf(in, me)
		if len(got) != len(want) {
			t.Fatalf("%s: got %q, want %q", rule, got, want)
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%s: got %q, want %q", rule, got, want)
			}
		}
	}
	test("the author", crm.Intake{From: "Eve <eve@else.example>"}, "eve@else.example", "else.example")
	test("who is unknown in filed mail", crm.Intake{From: "anna@acme.example", Unknown: []crm.Party{{Address: "zoe@new.example"}}}, "zoe@new.example", "new.example")
	test("who is named in the trace of held mail", crm.Intake{From: "Anna <anna@acme.example>", Verdict: crm.Held,
		Steps: []crm.Step{{Code: crm.UnknownReview, Detail: "zoe@new.example is unknown, as is (bob@new.example)."}}}, "zoe@new.example", "new.example", "bob@new.example")
	test("nobody", crm.Intake{From: "no address <"})
}
