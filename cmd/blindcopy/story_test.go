package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"blindcopy/crm"
	"blindcopy/store"
)

const anna = "anna@acme.example"

func TestInitSetsUpAndSaysWhatToPublish(t *testing.T) {
	w := emptyWorld(t)
	out := w.must("init", "--domain", "BCC.Acme.Example", "--admin", anna, "--internal-domain", "acme.test")
	for _, want := range []string{
		"bcc.acme.example.         MX   10 mx.bcc.acme.example.",
		"mx.bcc.acme.example.      A ",
		`TXT  "v=spf1 -all"`,
		"_dmarc.bcc.acme.example.  TXT ",
		"swaks --server 127.0.0.1:",
		w.bcc(anna),
		"blindcopy serve",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("init does not say %q:\n%s", want, out)
		}
	}
	file, err := os.ReadFile(w.file())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\ndomain: bcc.acme.example\n", "\ninternal_domains: [acme.test]\n", "  hostname: mx.bcc.acme.example\n", "# "} {
		if !strings.Contains(string(file), want) {
			t.Errorf("the configuration lacks %q:\n%s", want, file)
		}
	}
	w.must("config", "check")
	if r := w.run("init", "--domain", "other.example", "--admin", anna); r.code != exitFailed {
		t.Errorf("a second init: exit %d, want %d", r.code, exitFailed)
	}
	if again, _ := os.ReadFile(w.file()); string(again) != string(file) {
		t.Error("the second init changed the configuration")
	}
}

func TestInitRefusesTheMailDomainOfTheAdmin(t *testing.T) {
	w := emptyWorld(t)
	for _, args := range [][]string{{"--domain", "acme.example"}, {"--domain", "acme.test", "--internal-domain", "acme.test"}, {"--domain", "gmail.com"}} {
		if r := w.run(append(args, "init", "--admin", anna)...); r.code != exitUsage || !strings.Contains(r.stderr, "bcc.") {
			t.Errorf("init %q: exit %d, want %d: all mail of the company would come here\n%s", args, r.code, exitUsage, r.stderr)
		}
	}
	if _, err := os.Stat(w.file()); err == nil {
		t.Error("a refused init left a configuration behind")
	}
}

func TestConfigCheckFindsWhatWouldStopTheServer(t *testing.T) {
	w := newWorld(t)
	test := func(wantCode int, want, database string) {
		t.Helper()
		r := w.run("config", "check", "--database", database)
		if r.code != wantCode || !strings.Contains(r.stdout+r.stderr, want) {
			t.Errorf("config check of %s: exit %d, want %d and %q\n%s%s", database, r.code, wantCode, want, r.stdout, r.stderr)
		}
	}
	letter := filepath.Join(w.dir, "letter.txt")
	if err := os.WriteFile(letter, []byte(strings.Repeat("Dear Ben,\n", 200)), 0o600); err != nil {
		t.Fatal(err)
	}
	test(exitDone, "is good", filepath.Join(w.dir, "not-there-yet.db"))
	test(exitFailed, "PostgreSQL databases are not built yet", "postgres://localhost/x")
	test(exitFailed, letter+" is no SQLite database", letter)
	w.env = append(w.env, "BLINDCOPY_DOMAIN=gmail.com")
	if out := w.must("config", "check"); !strings.Contains(out, "warning: domain: gmail.com") {
		t.Errorf("a free-mail domain: no warning\n%s", out)
	}
}

func TestServeLogsWhatIsInEffectAndStops(t *testing.T) {
	w := newWorld(t)
	s := w.serve()
	if code, _ := ask(t, "GET", "http://"+s.web+"/readyz"); code != 200 {
		t.Errorf("/readyz = %d, want 200", code)
	}
	r := s.stop()
	if r.code != exitDone || !strings.Contains(r.stderr, "msg=stopped") {
		t.Errorf("stop: exit %d\n%s", r.code, r.stderr)
	}
	if !strings.Contains(r.stderr, "key=domain value="+bccDomain+" source=file") {
		t.Errorf("the log lacks the effective configuration:\n%s", r.stderr)
	}
}

func TestServeSaysWhosePortIsTaken(t *testing.T) {
	w := newWorld(t)
	s := w.serve()
	w.env = append(w.env, "BLINDCOPY_SMTP_LISTEN="+s.smtp)
	if r := w.run("serve"); r.code != exitFailed || !strings.Contains(r.stderr, s.smtp) {
		t.Errorf("exit %d\n%s", r.code, r.stderr)
	}
}

func TestAMailBecomesATimeline(t *testing.T) {
	w := newWorld(t)
	w.must("contact", "add", "--name", "Ben Carter", "--email", "ben@client.example", "--company", "Client Ltd")
	w.must("deal", "add", "--title", "Website relaunch", "--contact", "1")
	s := w.serve()
	message := mail("Anna Sommer <"+anna+">", "Ben Carter <ben@client.example>", "Our offer", "one")
	id := s.send(anna, w.bcc(anna), message)

	timeline := w.must("timeline", "ben@client.example")
	for _, want := range []string{"Ben Carter (contact:1)", "Today, ", "→ Anna Sommer to Ben Carter", "Our offer", "deal Website relaunch (1)", "this is about Our offer."} {
		if !strings.Contains(timeline, want) {
			t.Errorf("the timeline lacks %q:\n%s", want, timeline)
		}
	}
	explained := w.must("explain", string(id))
	for _, want := range []string{string(id) + "  filed", "Our offer", "Steps", string(crm.ContactByAddress), string(crm.DealUnique)} {
		if !strings.Contains(explained, want) {
			t.Errorf("explain lacks %q:\n%s", want, explained)
		}
	}
	if again := w.must("explain", "<ONE@acme.example>"); again != explained {
		t.Errorf("explain by Message-ID says\n%s\nby id\n%s", again, explained)
	}
	raw := w.must("intake", "raw", string(id))
	if !strings.HasSuffix(raw, message) {
		t.Errorf("raw bytes differ:\n%q\nwant the end\n%q", raw, message)
	}
	for _, party := range []string{"contact:1", "company:1", "deal:1", anna} {
		var mail []crm.Activity
		if w.json(&mail, "timeline", party); len(mail) != 1 {
			t.Errorf("timeline %s has %d mails, want 1", party, len(mail))
		}
	}
}

func TestAContactFindsTheMailThatCameBefore(t *testing.T) {
	w := newWorld(t)
	w.must("mailbox", "edit", "1", "--unknown", "review")
	s := w.serve()
	for _, id := range []string{"a", "b", "c"} {
		s.send(anna, w.bcc(anna), mail(anna, "ben@client.example", "Mail "+id, id))
	}
	var waiting []crm.Intake
	if w.json(&waiting, "review", "list"); len(waiting) != 3 {
		t.Fatalf("%d mails wait, want 3", len(waiting))
	}
	w.must("contact", "add", "--name", "Ben", "--email", "ben@client.example")
	var filed []crm.Activity
	if w.json(&filed, "timeline", "ben@client.example"); len(filed) != 3 {
		t.Errorf("%d mails on the timeline, want 3", len(filed))
	}
	if w.json(&waiting, "review", "list"); len(waiting) != 0 {
		t.Errorf("%d mails still wait", len(waiting))
	}
}

func TestTryWritesNothing(t *testing.T) {
	w := newWorld(t)
	message := mail(anna, "Zoe <zoe@prospect.example>", "Hello", "one")
	r := w.feed(message, "try", "-", "--rcpt", w.bcc(anna), "--json")
	var intake struct {
		Verdict     crm.Verdict    `json:"verdict"`
		WouldLink   []crm.Link     `json:"would_link"`
		WouldCreate []crm.Creation `json:"would_create"`
	}
	if err := json.Unmarshal([]byte(r.stdout), &intake); err != nil {
		t.Fatalf("%v\n%s%s", err, r.stdout, r.stderr)
	}
	if intake.Verdict != crm.Filed || len(intake.WouldCreate) != 1 || intake.WouldCreate[0].Address != "zoe@prospect.example" {
		t.Errorf("try says %+v, want a lead for Zoe", intake)
	}
	if intake.WouldLink == nil {
		t.Error("would_link is null, not []")
	}
	var list []any
	for _, args := range [][]string{{"intake", "list"}, {"lead", "list"}} {
		if w.json(&list, args...); len(list) != 0 {
			t.Errorf("after try, %s has %d", strings.Join(args, " "), len(list))
		}
	}
	if r := w.feed(message, "try", "-", "--rcpt", "nobody-23456789ab@"+bccDomain); r.code != exitFailed || !strings.Contains(r.stderr, "550 5.1.1") {
		t.Errorf("an unknown recipient: %+v", r)
	}
}

func TestReviewDecides(t *testing.T) {
	w := newWorld(t)
	w.must("user", "add", "tom@acme.example")
	w.must("mailbox", "edit", anna, "--unknown", "review")
	w.must("contact", "add", "--name", "Ben", "--email", "ben@client.example")
	s := w.serve()
	send := func(from, to, id string) crm.IntakeID {
		t.Helper()
		return s.send(from, w.bcc(anna), mail(from, to, "Mail "+id, id))
	}
	verdict := func(rule string, want crm.Verdict, args ...string) crm.Intake {
		t.Helper()
		var in crm.Intake
		w.json(&in, args...)
		if in.Verdict != want {
			t.Errorf("%s: %s ends %s (%v), want %s", rule, strings.Join(args, " "), in.Verdict, in.Codes, want)
		}
		return in
	}
	linked := verdict("a person links it", crm.Filed, "review", "link", string(send(anna, "new@client.example", "1")), "--contact", "1")
	if len(linked.ActivityIDs) != 1 {
		t.Errorf("linked mail has activities %v", linked.ActivityIDs)
	}
	made := verdict("a person wants a lead", crm.Filed, "review", "create", string(send(anna, "zoe@prospect.example", "2")), "--lead")
	if len(made.Created) != 1 || made.Created[0].Kind != crm.KindLead {
		t.Errorf("created %v, want a lead", made.Created)
	}
	verdict("a colleague's second address", crm.Filed, "review", "verify", string(send("thomas@acme.example", "ben@client.example", "3")), "--user", "tom@acme.example")
	dismissed := send(anna, "nobody@nowhere.example", "4")
	if out := w.must("review", "list"); !strings.Contains(out, "nobody@nowhere.example is unknown") {
		t.Errorf("review list does not say who is unknown:\n%s", out)
	}
	verdict("it matters to nobody", crm.Ignored, "review", "dismiss", string(dismissed))
	if r := w.run("review", "link", string(dismissed), "--contact", "99"); r.code != exitNone {
		t.Errorf("a link to no contact: exit %d, want %d", r.code, exitNone)
	}
}

func TestImportIsRepeatableAndTriedFirst(t *testing.T) {
	w := newWorld(t)
	file := filepath.Join(importFolder, "bad-rows.csv")
	run := func(args ...string) (r store.ImportReport) {
		t.Helper()
		w.json(&r, append([]string{"contact", "import", file}, args...)...)
		return r
	}
	tried := run("--dry-run")
	first := run()
	second := run()
	if tried.Added != first.Added || tried.Companies != first.Companies || len(tried.Errors) != len(first.Errors) {
		t.Errorf("the dry run said %+v, the import did %+v", tried, first)
	}
	if first.Added != 4 || first.Companies != 2 || len(first.Errors) != 5 {
		t.Errorf("imported %+v, want 4 contacts, 2 companies, 5 errors", first)
	}
	if second.Added+second.Updated+second.Companies != 0 || second.Unchanged != 4 {
		t.Errorf("the second time did %+v, want 4 unchanged", second)
	}
	if got := first.Errors[0]; got.Line != 3 || got.Error != "a quote is opened and never closed" {
		t.Errorf("the first error is %+v", got)
	}
}

func TestImportTakesNoColleaguesAndNoSlips(t *testing.T) {
	w := newWorld(t)
	file := filepath.Join(w.dir, "people.csv")
	text := "name,email\nAnna,anna@acme.example\nBob,bob@@client.example\nBen,ben@client.example\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, more := range [][]string{{"--dry-run"}, nil} {
		var r store.ImportReport
		w.json(&r, append([]string{"contact", "import", file}, more...)...)
		got := map[int]string{}
		for _, e := range r.Errors {
			got[e.Line] = e.Error
		}
		want := map[int]string{2: "anna@acme.example is an address of the user anna@acme.example", 3: `"bob@@client.example" is no e-mail address`}
		if r.Added != 1 || !maps.Equal(got, want) {
			t.Errorf("import %q: %d added, errors %v, want 1 and %v", more, r.Added, got, want)
		}
	}
	for _, slip := range []string{"bob@@client.example", "b ob@client.example", "bob@client", "bob", "bob,@client.example"} {
		if r := w.run("contact", "add", "--email", slip); r.code != exitUsage {
			t.Errorf("contact add of %q: exit %d, want %d", slip, r.code, exitUsage)
		}
	}
	w.must("contact", "add", "--email", `"bob@home"@client.example`)
}

func TestADryRunNeedsNoDatabase(t *testing.T) {
	w := emptyWorld(t)
	database := filepath.Join(w.dir, "none.db")
	var stdout, stderr strings.Builder
	code := run(t.Context(), []string{"contact", "import", filepath.Join(importFolder, "generic.csv"), "--dry-run", "--database", database},
		environment{"TZ=UTC"}, strings.NewReader(""), &stdout, &stderr)
	if code != exitDone || !strings.HasPrefix(stdout.String(), "Would add 2, ") {
		t.Errorf("exit %d\n%s%s", code, stdout.String(), stderr.String())
	}
	if _, err := os.Stat(database); err == nil {
		t.Error("the dry run made a database")
	}
}

func TestPrivateMailIsForThoseWhoCapturedIt(t *testing.T) {
	w := newWorld(t)
	w.must("user", "add", "tom@acme.example", "--admin")
	w.must("contact", "add", "--name", "Ben", "--email", "ben@client.example")
	s := w.serve()
	id := s.send(anna, strings.Replace(w.bcc(anna), "@", "+private@", 1), mail(anna, "ben@client.example", "Between us", "one"))
	var list []crm.Activity
	for as, want := range map[string]int{"": 1, anna: 1, "tom@acme.example": 0} {
		if w.json(&list, "timeline", "ben@client.example", "--as", as); len(list) != want {
			t.Errorf("--as %q sees %d mails, want %d", as, len(list), want)
		}
	}
	for _, args := range [][]string{{"explain", string(id)}, {"intake", "raw", string(id)}, {"activity", "show", "1"}} {
		if r := w.run(append(args, "--as", "tom@acme.example")...); r.code != exitNone || strings.Contains(r.stdout, "Between us") {
			t.Errorf("%s as a colleague: %+v", strings.Join(args, " "), r)
		}
	}
}

func TestASearchDoesNotTellWhatAnEnvelopeHides(t *testing.T) {
	w := newWorld(t)
	w.must("user", "add", "tom@acme.example")
	w.must("contact", "add", "--name", "Ben", "--email", "ben@client.example")
	w.must("mailbox", "edit", "1", "--visibility", "envelope")
	s := w.serve()
	s.send(anna, w.bcc(anna), mail(anna, "ben@client.example", "Takeover", "one"))
	var list []crm.Activity
	for match, want := range map[string][2]int{"takeover": {1, 0}, "about": {1, 0}, "ben@CLIENT": {1, 1}, "": {1, 1}} {
		for i, as := range []string{anna, "tom@acme.example"} {
			if w.json(&list, "activity", "list", "--match", match, "--as", as); len(list) != want[i] {
				t.Errorf("%s finds %d mails by %q, want %d", as, len(list), match, want[i])
			}
		}
	}
	for as, want := range map[string]string{anna: "Takeover", "tom@acme.example": "(not shown)"} {
		if out := w.must("timeline", "ben@client.example", "--as", as); !strings.Contains(out, want) {
			t.Errorf("the timeline of %s lacks %q:\n%s", as, want, out)
		}
	}
}

func TestAManagerIsNoAdmin(t *testing.T) {
	w := newWorld(t)
	const tom = "tom@acme.example"
	w.must("user", "add", tom)
	secret := w.bcc(anna)
	test := func(who string, wantCode int, wantSecret bool, args ...string) {
		t.Helper()
		for _, format := range []string{"--quiet", "--json"} {
			r := w.run(append(args, "--as", who, format)...)
			if r.code != wantCode || strings.Contains(r.stdout+r.stderr, secret) != wantSecret {
				t.Errorf("%s asks %q: exit %d, want %d; reads Anna's BCC address: want %t\n%s%s", who, args, r.code, wantCode, wantSecret, r.stdout, r.stderr)
			}
		}
	}
	test(tom, exitDone, false, "user", "list")
	test(tom, exitDone, false, "user", "show", anna)
	test(tom, exitDone, false, "user", "card", tom)
	test(tom, exitDone, false, "user", "rotate", tom)
	test(tom, exitFailed, false, "user", "card", anna)
	test(tom, exitFailed, false, "user", "rotate", anna, "--compromised")
	test(tom, exitFailed, false, "user", "disable", anna)
	test(tom, exitFailed, false, "user", "address", "add", tom, "ceo@acme.example")
	test(tom, exitFailed, false, "user", "add", "z@acme.example", "--admin")
	w.must("mailbox", "add", "info@acme.example")
	test(tom, exitDone, false, "mailbox", "list")
	test(tom, exitDone, false, "mailbox", "show", tom)
	test(tom, exitDone, false, "mailbox", "show", "info@acme.example")
	test(tom, exitFailed, false, "mailbox", "show", "1")
	test(tom, exitDone, false, "mailbox", "edit", tom, "--visibility", "envelope", "--unknown", "contact")
	test(tom, exitFailed, false, "mailbox", "edit", "1", "--visibility", "team")
	test(tom, exitFailed, false, "mailbox", "edit", "info@acme.example", "--visibility", "team")
	test(tom, exitFailed, false, "mailbox", "edit", tom, "--queue", tom)
	test(tom, exitFailed, false, "mailbox", "add", "sales@acme.example")
	test(tom, exitFailed, false, "review", "verify", "01JQ8V6Z3M0000000000000000", "--user", tom)
	var boxes []crm.Mailbox
	if w.json(&boxes, "mailbox", "list", "--as", tom); len(boxes) != 2 || boxes[1].Owner != tom || boxes[1].Visibility != crm.VisibilityEnvelope || boxes[0].Kind != crm.MailboxShared {
		t.Errorf("the mailboxes that Tom sees: got %+v, want his own, changed, and the shared one", boxes)
	}
	test(anna, exitDone, true, "user", "list")
	test(anna, exitDone, true, "mailbox", "list")
	w.must("user", "add", "uwe@acme.example", "--admin")
	test("uwe@acme.example", exitDone, true, "user", "show", anna)
}

func TestAnUndoOfNothingSaysSo(t *testing.T) {
	w := newWorld(t)
	w.must("contact", "add", "--name", "Ben", "--email", "ben@client.example")
	s := w.serve()
	s.send(anna, w.bcc(anna), mail(anna, "ben@client.example", "Offer", "one"))
	for i, want := range []bool{false, true} {
		r := w.run("activity", "undo", "1")
		if said := strings.Contains(r.stderr, "Nothing that the program did"); r.code != exitDone || said != want {
			t.Errorf("undo %d: exit %d, says there is nothing: %t, want %t\n%s", i+1, r.code, said, want, r.stderr)
		}
	}
}

func TestASharedAddressIsAllowedWithAWarning(t *testing.T) {
	w := newWorld(t)
	test := func(want string, args ...string) {
		t.Helper()
		r := w.run(args...)
		warned := strings.Contains(r.stderr, "Warning: ")
		if r.code != exitDone || warned != (want != "") || !strings.Contains(r.stderr, want) {
			t.Errorf("blindcopy %s: exit %d, says %q, want %q", strings.Join(args, " "), r.code, r.stderr, want)
		}
	}
	test("", "contact", "add", "--name", "Ben", "--email", "home@client.example", "--email", "ben@client.example")
	test("Ben (contact:1) has home@client.example too", "contact", "add", "--name", "Eva", "--email", "home@client.example")
	test("", "contact", "edit", "2", "--email", "eva@client.example")
	test("Ben (contact:1) has ben@client.example too", "contact", "edit", "2", "--email", "ben@client.example")
	test("", "contact", "edit", "1", "--former", "ben@client.example")
	test("", "contact", "edit", "1", "--email", "Ben+news@client.example")
	test("", "contact", "edit", "2", "--email", "ben+club@client.example")
	test("", "company", "add", "--name", "Client", "--domain", "client.example", "--email", "office@client.example")
	test("Client (company:1) has client.example too", "company", "add", "--name", "Other", "--domain", "Client.example")
	test("", "company", "edit", "2", "--domain", "other.example")
	test("Client (company:1) has office@client.example too", "company", "edit", "2", "--email", "office@client.example")
}

func TestDemo(t *testing.T) {
	w := emptyWorld(t)
	w.env = environment{"TZ=UTC"}
	dir := filepath.Join(w.dir, ".run")
	var stdout, stderr strings.Builder
	code := run(t.Context(), []string{"demo", "--once", "--port", "0", "--dir", dir}, w.env, strings.NewReader(""), &stdout, &stderr)
	out := stdout.String()
	if code != exitDone {
		t.Fatalf("exit %d\n%s%s", code, out, stderr.String())
	}
	if got := strings.Count(out, "    250 2.0.0 "); got != 10 {
		t.Errorf("%d messages were answered 250, want 10", got)
	}
	for _, want := range []string{"filed: Ben Carter", "duplicate", "ignored", "Ben Carter (contact:1)", "← Ben Carter", "📎 offer.pdf", "swaks --server 127.0.0.1:",
		"--config " + filepath.Join(dir, "blindcopy.yaml") + " timeline ben@client.example"} {
		if !strings.Contains(out, want) {
			t.Errorf("the demonstration lacks %q:\n%s", want, out)
		}
	}
	env, err := os.ReadFile(filepath.Join(dir, "swaks.env"))
	if err != nil || !strings.Contains(string(env), "BCC=anna-") {
		t.Errorf("swaks.env: %v\n%s", err, env)
	}
}
