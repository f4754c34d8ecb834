package store

import (
	"fmt"
	"testing"

	"blindcopy/crm"
)

func TestMakePrivate(t *testing.T) {
	n := newNouns(t)
	karl := must(n.AddUser(t.Context(), NewUser{Email: "karl@acme.example", Admin: true}))(t)
	ben := n.contact("Ben", "", "ben@client.example")
	in, act := n.take(letter{subject: "Salary", to: "ben@client.example", links: []crm.NewLink{auto(crm.KindContact, ben)}})
	before := must(n.Intake(t.Context(), in))(t)
	steps, codes := len(before.Steps), before.Codes
	for _, who := range []crm.Address{"karl@acme.example", ""} {
		_, err := n.MakePrivate(t.Context(), act, who)
		refused(t, "by "+string(who)+", who did not capture it", err, crm.ErrNotFound, "activity")
	}
	same(t, "after that", must(n.Activity(t.Context(), act))(t).Visibility, crm.VisibilityLinked)

	for range 2 {
		got := must(n.MakePrivate(t.Context(), act, "anna@acme.example"))(t)
		same(t, "by its capturer, also twice", words(got.Visibility, got.Badges, len(got.Links)), "private [private] 1")
		if _, ok := crm.ViewerOf(karl).Activity(got); ok {
			t.Error("an admin who did not capture it still sees it")
		}
	}
	trace := must(n.Intake(t.Context(), in))(t)
	same(t, "its last step, once", words(trace.Steps[len(trace.Steps)-1].Detail, len(trace.Steps)), fmt.Sprint("anna@acme.example made it private: only those who captured it see it. ", steps+1))
	same(t, "its codes", words(trace.Codes), words(codes))
	noted := must(n.Audit(t.Context(), crm.AuditFilter{Object: fmt.Sprintf("activity:%d", act)}))(t)
	same(t, "the audit log, once", words(len(noted), noted[0].Act), "1 activity.private")
	same(t, "its trace", must(n.Intake(t.Context(), in))(t).Visibility, crm.VisibilityPrivate)
	_, err := n.MakePrivate(t.Context(), 99, "anna@acme.example")
	refused(t, "a mail that is not there", err, crm.ErrNotFound, "activity 99")
}
