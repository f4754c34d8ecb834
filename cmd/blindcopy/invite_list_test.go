package main

import (
	"fmt"
	"strings"
	"testing"

	"blindcopy/crm"
)

func TestListsOfPeopleToInvite(t *testing.T) {
	test := func(rule, text string, want ...string) {
		t.Helper()
		list, err := invitees([]byte(text), crm.RoleManager)
		if err != nil {
			t.Errorf("%s: %q: %v", rule, text, err)
			return
		}
		var got []string
		for _, one := range list {
			admin := map[bool]string{true: " admin"}[one.Admin]
			if one.problem != "" {
				got = append(got, fmt.Sprintf("%d: %s", one.line, one.problem))
				continue
			}
			got = append(got, fmt.Sprintf("%d %s <%s>%s", one.line, one.Name, one.Email, admin))
		}
		if a, b := strings.Join(got, "\n"), strings.Join(want, "\n"); a != b {
			t.Errorf("%s:\n%s\ngot:\n%s\nwant:\n%s", rule, text, a, b)
		}
	}
	test("a header in English", "name,email,role\nAnna Weber,anna@acme.example,Admin\nKarl,karl@acme.example,\n", "2 Anna Weber <anna@acme.example> admin", "3 Karl <karl@acme.example>")
	test("a header in German, semicolons and a byte order mark, as Excel saves it", "\ufeffVorname;Nachname;E-Mail-Adresse;Rolle\r\nAnna;Weber;anna@acme.example;Benutzer\r\n", "2 Anna Weber <anna@acme.example>")
	test("quoted cells", "\"Name\",\"E-mail\"\n\"Weber, Anna\",\"anna@acme.example\"\n", "2 Weber, Anna <anna@acme.example>")
	test("a role that is none", "email,role\na@acme.example,boss\n", `2: the role "boss" is neither admin nor manager`)
	test("a line without an address", "name,email\nAnna,\nKarl,karl@acme.example\n", "2: Anna has no e-mail address", "3 Karl <karl@acme.example>")
	test("a cell that is no address", "name,email\nAnna,anna at acme\n", `2: "anna at acme" is no e-mail address`)
	test("a quote that is never closed costs its own line alone", "name,email\n\"Anna,anna@acme.example\nKarl,karl@acme.example\n", "2: a quote is opened and never closed", "3 Karl <karl@acme.example>")

	test("an address a line", "anna@acme.example\n\nkarl@acme.example\n", "1  <anna@acme.example>", "3  <karl@acme.example>")
	test("names as mail programs write them", "Anna Weber <anna@acme.example>\n\"Brandt, Karl\" <karl@acme.example>\n", "1 Anna Weber <anna@acme.example>", "2 Karl Brandt <karl@acme.example>")
	test("an address field", "Anna Weber <anna@acme.example>; Karl <karl@acme.example>, eva@acme.example", "1 Anna Weber <anna@acme.example>", "1 Karl <karl@acme.example>", "1  <eva@acme.example>")
	test("an unquoted comma in a name", "Weber, Anna <anna@acme.example>", "1 Anna Weber <anna@acme.example>")
	test("rows without a header", "Anna Weber;anna@acme.example;admin\nkarl@acme.example,Karl Brandt\n", "1 Anna Weber <anna@acme.example> admin", "2 Karl Brandt <karl@acme.example>")
	test("cells of a spreadsheet", "anna@acme.example\tAnna Weber\tmanager\n", "1 Anna Weber <anna@acme.example>")
	test("addresses with spaces between", "anna@acme.example karl@acme.example", "1  <anna@acme.example>", "1  <karl@acme.example>")
	test("names behind their addresses", "anna@acme.example, Anna Weber, karl@acme.example, Karl", "1 Anna Weber <anna@acme.example>", "1 Karl <karl@acme.example>")
	test("a line that is none", "Our team\nanna@@acme.example\nAnna <anna@acme.example>", `1: "Our team" has no e-mail address in it`, `2: "anna@@acme.example" is no e-mail address`, "3 Anna <anna@acme.example>")
	test("a domain that is none", "anna@acme", `1: "anna@acme" is no e-mail address`)
}

func TestListsThatAreNone(t *testing.T) {
	for rule, data := range map[string]string{
		"an empty list":      " \n\n",
		"a list of too many": strings.Repeat("a@acme.example\n", maxInvited+1),
		"a file too large":   strings.Repeat("x", maxInviteList+1),
	} {
		if list, err := invitees([]byte(data), crm.RoleManager); err == nil {
			t.Errorf("%s: %d people, want an error", rule, len(list))
		}
	}
}

// FuzzInvitees: no list is more than its bounds, and nobody on it has a name of several lines.
func FuzzInvitees(f *testing.F) {
	f.Add("name,email,role\nAnna Weber,anna@acme.example,Admin\n")
	f.Add("Anna <anna@acme.example>; \"Brandt, Karl\" <karl@acme.example>, admin\n")
	f.Add("sep=;\nE-Mail;Name\n\"a@b.example;x")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := invitees([]byte(text), crm.RoleManager)
		if err == nil && (len(list) == 0 || len(list) > maxInvited) {
			t.Errorf("%q: %d people", text, len(list))
		}
		for _, one := range list {
			if one.Email == "" && one.problem == "" || strings.ContainsAny(one.Name, "\r\n") {
				t.Errorf("%q: %+v is neither a person nor a problem", text, one)
			}
		}
	})
}
