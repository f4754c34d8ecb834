package web

import "net/http"

// routes is the site map. s.open is for everybody, s.page for whoever signed in, s.admin for admins alone.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()

	mux.Handle("GET /sign-in", s.open(s.signInForm))
	mux.Handle("POST /sign-in", s.open(s.signIn))
	mux.Handle("POST /sign-out", s.open(s.signOut))
	mux.Handle("GET /setup", s.open(s.setupForm))
	mux.Handle("POST /setup", s.open(s.setup))
	mux.Handle("GET /join", s.open(s.joinForm))
	mux.Handle("POST /join", s.open(s.join))
	mux.Handle("GET /enter", s.open(s.enterForm))
	mux.Handle("POST /enter", s.open(s.enter))

	mux.Handle("GET /{$}", s.page(s.home))

	mux.Handle("GET /review", s.page(s.review))
	mux.Handle("POST /review", s.page(s.reviewMany))
	mux.Handle("GET /review/{intake}/find", s.page(s.reviewFind))
	mux.Handle("POST /review/{intake}/link", s.page(s.reviewLink))
	mux.Handle("POST /review/{intake}/create", s.page(s.reviewCreate))
	mux.Handle("POST /review/{intake}/dismiss", s.page(s.reviewDismiss))
	mux.Handle("POST /review/{intake}/never", s.page(s.reviewNever))
	mux.Handle("POST /review/{intake}/verify", s.admin(s.reviewVerify))
	mux.Handle("GET /why/{intake}", s.page(s.why))
	mux.Handle("POST /why/{intake}/track", s.page(s.trackAgain))
	mux.Handle("GET /search", s.page(s.search))

	mux.Handle("GET /contacts", s.page(s.contacts))
	mux.Handle("GET /contacts/new", s.page(s.contactForm))
	mux.Handle("POST /contacts/new", s.page(s.contactAdd))
	mux.Handle("GET /contacts/{id}", s.page(s.contact))

	mux.Handle("GET /timeline/{kind}/{id}", s.page(s.timeline))
	mux.Handle("GET /mail/{id}", s.page(s.mail))
	mux.Handle("GET /mail/{id}/body", s.page(s.mailBody))
	mux.Handle("GET /mail/{id}/attachments/{n}", s.page(s.mailFile))
	mux.Handle("GET /mail/{id}/raw", s.page(s.mailRaw))
	mux.Handle("GET /mail/{id}/link", s.page(s.mailLinkForm))
	mux.Handle("POST /mail/{id}/link", s.page(s.mailLink))
	mux.Handle("POST /mail/{id}/unlink", s.page(s.mailUnlink))
	mux.Handle("POST /mail/{id}/undo", s.page(s.mailUndo))
	mux.Handle("POST /mail/{id}/private", s.page(s.mailPrivate))
	mux.Handle("GET /address", s.page(s.address))
	mux.Handle("GET /address/card.vcf", s.page(s.addressCard))
	mux.Handle("GET /address/test", s.page(s.arrival))
	mux.Handle("POST /address/rotate", s.page(s.addressRotate))
	mux.Handle("POST /address/senders", s.page(s.senderAdd))
	mux.Handle("POST /address/senders/remove", s.page(s.senderRemove))
	mux.Handle("POST /address/exclusions", s.page(s.ownExclusionAdd))
	mux.Handle("POST /address/exclusions/{id}/remove", s.page(s.ownExclusionRemove))
	mux.Handle("POST /address/policy", s.page(s.ownPolicy))

	mux.Handle("GET /numbers", s.page(s.numbers))

	mux.Handle("GET /settings", s.admin(s.settingsUsers))
	mux.Handle("POST /settings/invite", s.admin(s.settingsInvite))
	mux.Handle("GET /settings/users/{id}", s.admin(s.settingsUser))
	mux.Handle("POST /settings/users/{id}/role", s.admin(s.userForm(s.userRole)))
	mux.Handle("POST /settings/users/{id}/active", s.admin(s.userForm(s.userActive)))
	mux.Handle("POST /settings/users/{id}/absent", s.admin(s.userForm(s.userAbsent)))
	mux.Handle("POST /settings/users/{id}/addresses", s.admin(s.userForm(s.userAddressAdd)))
	mux.Handle("POST /settings/users/{id}/addresses/remove", s.admin(s.userForm(s.userAddressRemove)))
	mux.Handle("POST /settings/users/{id}/link", s.admin(s.userLink))
	mux.Handle("GET /settings/mailboxes", s.admin(s.settingsMailboxes))
	mux.Handle("POST /settings/mailboxes", s.admin(s.settingsMailboxAdd))
	mux.Handle("GET /settings/mailboxes/{id}", s.admin(s.settingsMailbox))
	mux.Handle("POST /settings/mailboxes/{id}", s.admin(s.settingsMailboxSave))
	mux.Handle("GET /settings/exclusions", s.admin(s.settingsExclusions))
	mux.Handle("POST /settings/exclusions", s.admin(s.settingsExclude))
	mux.Handle("POST /settings/exclusions/{id}/remove", s.admin(s.settingsInclude))
	mux.Handle("GET /settings/server", s.admin(s.settingsServer))
	mux.Handle("GET /settings/checks", s.admin(s.settingsChecks))
	mux.Handle("POST /settings/checks", s.admin(s.settingsCheck))

	mux.Handle("GET /assets/{file}", s.assets)
	mux.Handle("GET /favicon.ico", http.RedirectHandler(s.assets.url("favicon.svg"), http.StatusFound))
	mux.Handle("/", s.open(s.nowhere))
	return mux
}
