package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	mimeform "mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"blindcopy/crm"
)

// TestAnAdminInvitesFiftyPeople does with a file what an admin does: choose it, look, press the button, save the links. The
// limit is for the program; the rest of ten minutes is the person's.
func TestAnAdminInvitesFiftyPeople(t *testing.T) {
	w := newWorld(t)
	s := w.serve()
	b := w.browse(s, "anna@acme.example")
	var list strings.Builder
	list.WriteString("\ufeffName;E-Mail;Rolle\r\n\"Anna Weber\";anna@acme.example;Admin\r\nNobody;no address;\r\n")
	for i := range 50 {
		fmt.Fprintf(&list, "\"Person, %d\";p%d@acme.example;\r\n", i, i)
	}
	start := time.Now()
	preview := b.upload("/settings/invite", "team.csv", list.String())
	people := regexp.MustCompile(`(?s)name="people" value="([^"]*)"`).FindStringSubmatch(preview)
	if people == nil || !strings.Contains(preview, "Invite 50 people") || !strings.Contains(preview, "Line 3: ") || !strings.Contains(preview, "signs in already") {
		t.Fatalf("the preview of 50 new people, one who is there and a bad line is\n%s", preview)
	}
	made := b.post("/settings/invite/all", 200, "people", strings.ReplaceAll(people[1], "&#34;", `"`))
	links := regexp.MustCompile(`href="([^"]*/links\.csv)"`).FindStringSubmatch(made)
	if links == nil {
		t.Fatalf("the page of the invited offers no file of links\n%s", made)
	}
	table := b.get(links[1], 200)
	if took := time.Since(start); took > time.Minute {
		t.Errorf("inviting 50 people took %v, want seconds", took)
	} else {
		t.Logf("50 people in %v", took.Round(time.Millisecond))
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(table, "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 51 {
		t.Fatalf("the file of links has %d rows, %v, want 51\n%s", len(rows), err, table)
	}
	for _, row := range rows[1:] {
		if !strings.HasPrefix(row[3], "http") || !strings.HasSuffix(row[2], "@bcc.acme.example") || !strings.Contains(made, row[2]) {
			t.Fatalf("a row of the file is %q, want a BCC address and a link, as on the page", row)
		}
	}
	if code, body := ask(t, "GET", rows[50][3]); code != 200 || !strings.Contains(body, rows[50][1]) {
		t.Errorf("the link of %s = %d %s, want the page to join", rows[50][1], code, body)
	}
	if again := b.upload("/settings/invite", "team.csv", list.String()); !strings.Contains(again, "invited before") {
		t.Errorf("the same file again shows\n%s\nwant fresh links for those who were invited", again)
	}
}

// upload sends a file as a form does.
func (b *browser) upload(path, name, content string) string {
	b.t.Helper()
	var body bytes.Buffer
	form := mimeform.NewWriter(&body)
	part, err := form.CreateFormFile("file", name)
	if err == nil {
		_, err = io.WriteString(part, content)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		b.t.Fatal(err)
	}
	res, err := b.http.Post(b.base+path, form.FormDataContentType(), &body)
	_, page := b.read("POST "+path, res, err, http.StatusOK)
	return page
}

func TestInvitingAFile(t *testing.T) {
	w := newWorld(t)
	file := filepath.Join(w.dir, "team.csv")
	if err := os.WriteFile(file, []byte("name,email,role\nKarl,karl@acme.example,admin\nEva,eva@acme.example,\nKarl,karl@acme.example,\nX,x@bcc.acme.example,\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var rows []crm.InvitationRow
	w.json(&rows, "user", "invite", "--file", file, "--dry-run")
	want := []crm.InvitationState{crm.InviteNew, crm.InviteNew, crm.InviteInvalid, crm.InviteInvalid}
	for i, row := range rows {
		if i >= len(want) || row.State != want[i] {
			t.Errorf("row %d of the dry run is %+v, want states %v", i, row, want)
		}
	}
	var done []crm.Invited
	w.json(&done, "user", "invite", "--file", file)
	if len(done) != 2 || done[0].User.Role != crm.RoleAdmin || done[1].User.Role != crm.RoleManager || done[1].Link.URL == "" {
		t.Errorf("inviting the file made %+v, want karl as an admin and eva as a manager", done)
	}
	if r := w.run("user", "invite", "karl@acme.example", "--file", file); r.code != exitUsage {
		t.Errorf("an address and a file: exit %d, want %d", r.code, exitUsage)
	}
}

// TestHeldMailOfAnInvitedColleagueIsFiled once he is a user.
func TestHeldMailOfAnInvitedColleagueIsFiled(t *testing.T) {
	w := newWorld(t)
	s := w.serve()
	w.must("contact", "add", "--name", "Ben", "--email", "ben@client.example")
	s.send("karl@acme.example", w.bcc("anna@acme.example"), mail("karl@acme.example", "ben@client.example", "Offer", "k1"))
	b := w.browse(s, "anna@acme.example")
	if page := b.post("/settings/invite/all", 200, "people", "karl@acme.example"); !strings.Contains(page, "1 mail that had been held is filed now") {
		t.Errorf("the page says nothing of the mail that waited for karl:\n%s", page)
	}
	var list []crm.Intake
	w.json(&list, "intake", "list", "--verdict", "filed")
	if len(list) != 1 {
		t.Errorf("%d mails are filed after the author was invited, want 1", len(list))
	}
}
