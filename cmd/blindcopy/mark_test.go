package main

import (
	"slices"
	"strings"
	"testing"

	"blindcopy/crm"
	"blindcopy/linker"
	"blindcopy/store"
)

// secret is the key of this installation, as whatever sends mail for us signs with it.
func (w *world) secret() []byte {
	w.t.Helper()
	s, err := store.Open(w.t.Context(), store.Options{DSN: w.dir + "/blindcopy.db"})
	if err != nil {
		w.t.Fatal(err)
	}
	defer s.Close()
	secret, err := s.Secret(w.t.Context(), markSecret)
	if err != nil {
		w.t.Fatal(err)
	}
	return secret
}

// TestOurMarkSurvivesARewrittenMessageID: a relay gave our mail another Message-ID; the id we signed tells that
// both are one mail (SEMANTICS §7c). A mark that we did not sign is a loop.
func TestOurMarkSurvivesARewrittenMessageID(t *testing.T) {
	w, s := sharedWorld(t)
	w.must("contact", "add", "--name", "Ben", "--email", "ben@client.example")
	mark := linker.MarkField + ": " + linker.SignMark(w.secret(), "mail-1")
	first := s.send(anna, info, mail(anna, "ben@client.example", "Offer", "ours", mark))
	second := s.send("bounce@ses.example", w.bcc(anna), mail(anna, "ben@client.example", "Offer", "rewritten-by-a-relay", mark))
	var list []crm.Activity
	if w.json(&list, "timeline", "ben@client.example"); len(list) != 1 || len(list[0].Captures) != 2 {
		t.Errorf("two sightings of one mail of ours: got %+v, want one activity with two captures", list)
	}
	var in crm.Intake
	if w.json(&in, "explain", string(second)); in.Verdict != crm.Duplicate || in.DuplicateOf != first {
		t.Errorf("the second sighting: got %s of %q, want a duplicate of %s", in.Verdict, in.DuplicateOf, first)
	}
	s.send("ben@client.example", strings.Replace(w.bcc(anna), "@", "+fw@", 1),
		mail("ben@client.example", anna, "Quite another subject", "answer", "In-Reply-To: <rewritten-by-a-relay@acme.example>"))
	if w.json(&list, "timeline", "ben@client.example"); len(list) != 2 || list[0].ThreadID != list[1].ThreadID {
		t.Errorf("the answer to the rewritten id: got %+v, want it in the conversation", list)
	}
	for why, value := range map[string]string{
		"a forged signature":         "mail-1;AAAAAAAAAAAAAAAAAAAAAA",
		"another installation's key": linker.SignMark([]byte(strings.Repeat("k", 32)), "mail-1"),
		"a mail we never sent":       linker.SignMark(w.secret(), "mail-2"),
	} {
		id := s.send(anna, w.bcc(anna), mail(anna, "ben@client.example", why, strings.ReplaceAll(why, " ", "-"), linker.MarkField+": "+value))
		if w.json(&in, "explain", string(id)); in.Verdict != crm.Held || !slices.Contains(in.Codes, crm.Loop) {
			t.Errorf("%s: got %s %v, want it held as a loop", why, in.Verdict, in.Codes)
		}
	}
}
