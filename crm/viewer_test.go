package crm

import "testing"

func TestWhoSeesAMail(t *testing.T) {
	anna := ViewerOf(User{Email: "anna@acme.example", Role: RoleManager})
	uwe := ViewerOf(User{Email: "uwe@acme.example", Role: RoleManager})
	boss := ViewerOf(User{Email: "boss@acme.example", Role: RoleAdmin})
	var nobody Viewer
	test := func(rule string, v Viewer, vis Visibility, wantSeen, wantSubject bool) {
		t.Helper()
		act := Activity{Subject: "Offer", Visibility: vis, Captures: []Capture{{User: "anna@acme.example"}}}
		got, seen := v.Activity(act)
		if seen != wantSeen || seen && (got.Subject != "") != wantSubject {
			t.Errorf("%s: seen %v, subject %q; want seen %v, subject shown %v", rule, seen, got.Subject, wantSeen, wantSubject)
		}
	}
	test("who captured it sees private mail", anna, VisibilityPrivate, true, true)
	test("another does not", uwe, VisibilityPrivate, false, false)
	test("an admin does not", boss, VisibilityPrivate, false, false)
	test("the operator does", Operator(), VisibilityPrivate, true, true)
	test("nobody does not", nobody, VisibilityPrivate, false, false)
	test("who captured it reads envelope mail", anna, VisibilityEnvelope, true, true)
	test("another sees that it was", uwe, VisibilityEnvelope, true, false)
	test("linked mail is for all", uwe, VisibilityLinked, true, true)
	test("team mail is for all", uwe, VisibilityTeam, true, true)

	pull := Activity{Visibility: VisibilityPrivate, Captures: []Capture{{User: ""}}}
	if _, seen := nobody.Activity(pull); seen {
		t.Error("a capture of no user: nobody sees it, want hidden")
	}
}
