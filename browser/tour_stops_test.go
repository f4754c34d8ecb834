package browser_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// stop is one page, or one state of it, of the tour.
type stop struct {
	name  string // of its pictures
	shows string // the templates of web/templates/pages that are in it
	visit func(b *tab)
}

// at is a stop at an address.
func at(name, shows, path string) stop { return stop{name, shows, func(b *tab) { b.visit(path) }} }

// strangersStops are what people see who have not signed in.
func strangersStops(s *site) []stop {
	return []stop{
		at("sign-in", "signin", "/sign-in"),
		{"sign-in-wrong", "signin", func(b *tab) {
			b.fill("E-mail address", "anna@nordlicht.example")
			b.fill("Password", "not this one")
			b.want("sign in", b.press("Sign in"), 422)
		}},
		at("dead-link", "deadlink", "/join?ticket=used"),
		{"join", "join", func(b *tab) { b.visit(s.link("invite", "new@nordlicht.example")) }},
		{"reset", "join", func(b *tab) { b.visit(s.link("reset", "karl@nordlicht.example")) }},
		{"enter", "enter", func(b *tab) { b.visit(s.enter) }},
	}
}

// annasStops are the pages of Anna, who is an admin.
func annasStops(t *testing.T, s *site) []stop {
	page := func(name, shows, kind, record, more string) stop {
		return stop{name, shows, func(b *tab) { b.visit(s.path(kind, record) + more) }}
	}
	return []stop{
		at("home", "home", "/"),
		at("review", "review", "/review"),
		{"review-found", "found", func(b *tab) {
			b.fill(".question [type=search]", "Ben")
			b.sees("Ben Carter")
			b.click(".never summary")
		}},
		{"review-walk", "review", func(b *tab) { b.visit("/review"); b.keys("jj") }},
		{"contact-focus", "contact", func(b *tab) { b.visit(s.path("contact", "Ben Carter")); b.keys(strings.Repeat(kb.Tab, 14)) }},
		{"review-read", "held", func(b *tab) {
			b.visit("/review")
			b.click(".question [data-key='o']")
			b.sees("The mail")
		}},
		at("search", "search", "/search"),
		at("search-found", "search", "/search?q=offer"),
		at("search-nothing", "search", "/search?q=nobody"),
		{"why-filed", "why", func(b *tab) { b.visit("/search?q=offer"); b.press("Why? Offer for your new website") }},
		{"why-held", "why", func(b *tab) { b.visit("/search?verdict=held"); b.press("#rows tbody a") }},

		at("contacts", "contacts", "/contacts"),
		at("contacts-none", "contacts", "/contacts?match=nobody"),
		at("contact-new", "contact_new", "/contacts/new"),
		page("contact", "contact timeline", "contact", "Ben Carter", ""),
		{"contact-mail-open", "mail_open", func(b *tab) {
			b.visit(s.path("contact", "Ben Carter"))
			b.sees("What we can do for you")
			b.click("What we can do for you")
			b.sees("Open on its own page")
		}},
		page("contact-edit", "contact_edit", "contact", "Ben Carter", "/edit"),
		page("contact-merge", "contact_merge", "contact", "Ben Carter", "/merge"),
		{"contact-merge-two", "contact_merge", func(b *tab) {
			b.visit(s.path("contact", "Ben Carter") + fmt.Sprintf("/merge?with=%d", s.id("contact", "Olivia Reed")))
		}},
		at("import", "contact_import", "/import"),
		{"import-preview", "contact_import_file", func(b *tab) {
			b.visit("/import")
			b.upload("File", people(t))
			b.want("preview", b.press("Show what would happen"), 200)
			b.sees("Ada Lovelace")
		}},
		{"import-done", "contact_import_file", func(b *tab) { b.click("#import .primary"); b.sees("Go to the contacts") }},

		at("companies", "companies", "/companies"),
		at("company-new", "company_edit", "/companies/new"),
		page("company", "company", "company", "Client Ltd", ""),
		page("company-edit", "company_edit", "company", "Client Ltd", "/edit"),
		at("leads", "leads", "/leads"),
		page("lead", "lead", "lead", "Priya Shah", ""),
		at("deals", "deals", "/deals"),
		at("deals-list", "deals", "/deals?status=open"),
		at("deal-new", "deal_edit", "/deals/new"),
		page("deal", "deal", "deal", "Website relaunch", ""),
		page("deal-edit", "deal_edit", "deal", "Website relaunch", "/edit"),
		page("deal-offers", "deal_offers", "deal", "Maintenance for two more years", "/offers"),
		{"timeline", "timeline", func(b *tab) { b.visit(fmt.Sprintf("/timeline/contact/%d", s.id("contact", "Ben Carter"))) }},
		{"mail", "mail", func(b *tab) { b.visit("/search?q=offer"); b.press("Re: Offer for your new website") }},
		{"mail-html", "mail", func(b *tab) { b.visit("/search?q=can+do"); b.press("What we can do for you") }},
		{"mail-link", "mail_link", func(b *tab) { b.press("Link…"); b.fill("Search records", "web"); b.sees("Website relaunch") }},

		at("address", "address", "/address"),
		{"address-how", "address", func(b *tab) { b.click("Thunderbird"); b.click("Gmail in the browser"); b.click("Postfix") }},
		{"address-wrong", "address", func(b *tab) { b.fill("Another address of yours", "karl@nordlicht.example"); b.press("Add") }},
		{"token", "address_token", func(b *tab) {
			b.visit("/address")
			b.fill("What it is for", "Nightly export")
			b.press("Make a token")
			b.sees("Your token")
		}},
		at("arrival", "arrival", "/address/test"),
		{"arrival-came", "arrival", func(b *tab) {
			b.visit("/address/test")
			s.send("anna@nordlicht.example", s.bcc("anna@nordlicht.example"), mail("anna@nordlicht.example", "Ben Carter <ben@client.example>", "Does it work?", "A test."))
			b.sees("It arrived")
		}},
		at("numbers", "numbers", "/numbers"),

		at("settings", "settings_users", "/settings"),
		{"invite-wrong", "settings_users", func(b *tab) { b.press("Show what would happen") }},
		{"invite", "settings_invite", func(b *tab) {
			b.fill("Or paste them", "Ida Holm <ida@nordlicht.example>\nOlaf Berg <olaf@nordlicht.example>, admin\nno address at all\nkarl@nordlicht.example")
			b.press("Show what would happen")
			b.sees("Ida Holm")
		}},
		{"invited", "settings_invited", func(b *tab) { b.press(".form-end .primary"); b.sees("A link works once") }},
		{"user", "settings_user", func(b *tab) { b.visit("/settings"); b.press("Karl Brandt") }},
		at("mailboxes", "settings_mailboxes", "/settings/mailboxes"),
		{"mailbox", "settings_mailbox", func(b *tab) { b.press("info@nordlicht.example") }},
		at("exclusions", "settings_exclusions", "/settings/exclusions"),
		at("server", "settings_server", "/settings/server"),
		at("audit", "settings_audit", "/settings/audit"),
		at("checks", "settings_checks", "/settings/checks"),
		at("nowhere", "error", "/nowhere"),
	}
}

// emptyStops are the pages of whoever is the first.
func emptyStops(s *site) []stop {
	return []stop{
		at("sign-in-new", "signin", "/sign-in"),
		{"setup", "setup", func(b *tab) { b.visit(s.said(setUpLink)[1]) }},
		{"home-new", "home", func(b *tab) { b.setUp() }},
		at("review-new", "review", "/review"),
		at("contacts-new", "contacts", "/contacts"),
		at("companies-new", "companies", "/companies"),
		at("leads-new", "leads", "/leads"),
		at("deals-new", "deals", "/deals"),
		at("numbers-new", "numbers", "/numbers"),
		at("exclusions-new", "settings_exclusions", "/settings/exclusions"),
	}
}

// people is a file to import.
func people(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "people.csv")
	text := "Name,E-mail,Company,Shoe size\nAda Lovelace,ada@engine.example,Engine Works,37\nBen Carter,ben@client.example,Client Ltd,44\nNobody,not an address,,\n" +
		"Grace Hopper,\"grace@navy.example; hopper@navy.example\",Navy,38\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
