package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// promises are the JSON fields that other programs rely on. A dot goes inside, [] into every element of
// a list; a list that is looked into must not be empty here.
var promises = map[string]string{
	"user": `id email name role active addresses[].address addresses[].verified bcc_address bcc_state
		bcc_addresses[].address bcc_addresses[].state bcc_addresses[].until bcc_addresses[].last_used_at`,
	"mailbox":   `id kind owner address unknown unknown_incoming visibility`,
	"contact":   `id name emails[].address emails[].former emails[].bounced_at company.id company.name owner needs_check created_by_intake`,
	"company":   `id name domains emails owner`,
	"lead":      `id title name emails[].address status responsible needs_check created_by_intake`,
	"deal":      `id title status stage owner company.id company.name contacts[].id contacts[].name closed_at`,
	"exclusion": `id pattern user`,
	"activity": `id message_id direction subject occurred_at captured_at author.address author.name author.user
		participants[].role participants[].address participants[].name participants[].kind participants[].id
		links[].kind links[].id links[].title links[].code links[].source
		captures[].intake_id captures[].mailbox captures[].user captures[].via captures[].received_at
		badges automatic visibility thread_id thread_pinned preview note
		attachments[].id attachments[].name attachments[].content_type attachments[].size attachments[].sha256 attachments[].inline attachments[].stored
		bounces`,
	"intake": `id received_at via remote helo tls mail_from rcpts[] size message_id from subject verdict codes[] steps[].code steps[].detail steps[].data
		activity_ids created duplicate_of candidates results[].original results[].verdict results[].codes[] results[].activity_id results[].duplicate_of
		auth.spf auth.dkim auth.dmarc auth.result`,
	"import":  `added updated unchanged companies errors[].line errors[].error`,
	"version": `version schema go commit`,
}

// lists are the fields that are [] where there is nothing, never null.
var lists = map[string]string{
	"user":     "addresses bcc_addresses",
	"contact":  "emails",
	"company":  "domains emails",
	"lead":     "emails",
	"deal":     "contacts",
	"activity": "participants links captures badges attachments bounces",
	"intake":   "rcpts codes steps activity_ids created candidates results",
	"import":   "errors",
}

// lacks tells what a document lacks of a promise.
func lacks(doc any, what string) (missing []string) {
	for path := range strings.FieldsSeq(promises[what]) {
		if why := look(doc, path); why != "" {
			missing = append(missing, path+": "+why)
		}
	}
	object, _ := doc.(map[string]any)
	for name := range strings.FieldsSeq(lists[what]) {
		if _, isList := object[name].([]any); !isList {
			missing = append(missing, fmt.Sprintf("%s is %v, no list", name, object[name]))
		}
	}
	return missing
}

func look(doc any, path string) string {
	name, rest, more := strings.Cut(path, ".")
	name, isList := strings.CutSuffix(name, "[]")
	object, ok := doc.(map[string]any)
	if !ok {
		return fmt.Sprintf("%v is no object", doc)
	}
	value, ok := object[name]
	switch {
	case !ok:
		return "missing"
	case isList:
		elements, _ := value.([]any)
		if len(elements) == 0 {
			return "nothing in the list to look at"
		}
		if !more {
			return ""
		}
		for _, e := range elements {
			if why := look(e, rest); why != "" {
				return why
			}
		}
		return ""
	case more:
		return look(value, rest)
	}
	return ""
}

func TestJSONKeepsItsPromises(t *testing.T) {
	w := newWorld(t)
	w.must("user", "rotate", "anna@acme.example")
	w.must("company", "add", "--name", "Client Ltd", "--domain", "client.example")
	w.must("contact", "add", "--name", "Ben Carter", "--email", "ben@client.example", "--company", "Client Ltd", "--owner", "anna@acme.example")
	w.must("deal", "add", "--title", "Website", "--contact", "1", "--company", "1", "--stage", "offer", "--owner", "anna@acme.example")
	w.must("exclusion", "add", "bank.example")
	s := w.serve()
	multi := demoMail{subject: "Offer", id: "offer", text: "Dear Ben", file: "offer.pdf"}
	s.send("anna@acme.example", w.bcc("anna@acme.example"), mail("Anna <anna@acme.example>", "Ben <ben@client.example>", "Offer", "one"))
	head := "From: Anna <anna@acme.example>\r\nTo: Ben <ben@client.example>\r\nSubject: With a file\r\nMessage-ID: <file@acme.example>\r\nMIME-Version: 1.0\r\n"
	withFile := s.send("anna@acme.example", w.bcc("anna@acme.example"), head+multi.content())
	unknown := s.send("anna@acme.example", w.bcc("anna@acme.example"), mail("Anna <anna@acme.example>", "Zoe <zoe@prospect.example>", "Hello", "two"))
	held := s.send("eve@elsewhere.example", w.bcc("anna@acme.example"), mail("Eve <eve@elsewhere.example>", "someone@elsewhere.example", "Psst", "three"))

	test := func(what string, args ...string) {
		t.Helper()
		var doc any
		w.json(&doc, args...)
		if list, isList := doc.([]any); isList {
			if len(list) == 0 {
				t.Errorf("blindcopy %s: an empty list keeps no promise", strings.Join(args, " "))
				return
			}
			doc = list[0]
		} else if args[len(args)-1] == "list" {
			t.Errorf("blindcopy %s: no list", strings.Join(args, " "))
		}
		for _, m := range lacks(doc, what) {
			text, _ := json.Marshal(doc)
			t.Errorf("blindcopy %s: %s: %s\n%s", strings.Join(args, " "), what, m, text)
		}
	}
	test("user", "user", "list")
	test("user", "user", "show", "anna@acme.example")
	test("mailbox", "mailbox", "list")
	test("mailbox", "mailbox", "show", "1")
	test("mailbox", "mailbox", "edit", "1", "--unknown", "lead")
	test("company", "company", "list")
	test("company", "company", "show", "1")
	test("contact", "contact", "list")
	test("contact", "contact", "show", "1")
	test("contact", "contact", "edit", "1", "--name", "Benjamin Carter")
	test("deal", "deal", "list")
	test("deal", "deal", "show", "1")
	test("lead", "lead", "list")
	test("lead", "lead", "show", "1")
	test("exclusion", "exclusion", "list")
	test("activity", "activity", "show", "2")
	test("activity", "timeline", "ben@client.example")
	test("activity", "activity", "link", "2", "--deal", "1")
	test("intake", "intake", "list")
	test("intake", "explain", string(withFile))
	test("intake", "explain", string(unknown))
	test("intake", "review", "list")
	test("intake", "relink", string(held))
	test("intake", "review", "dismiss", string(held))
	test("version", "version")

	var shown map[string]any
	w.json(&shown, "activity", "show", "2")
	for _, name := range []string{"text", "html"} {
		if _, ok := shown[name]; !ok {
			t.Errorf("activity show has no %s", name)
		}
	}
	file := shown["attachments"].([]any)[0].(map[string]any)
	if file["size"] == nil || file["sha256"] == nil {
		t.Errorf("activity show leaves the attachment's size and hash out: %v", file)
	}
}
