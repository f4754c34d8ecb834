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

	mux.Handle("GET /contacts", s.page(s.contacts))
	mux.Handle("GET /contacts/new", s.page(s.contactForm))
	mux.Handle("POST /contacts/new", s.page(s.contactAdd))
	mux.Handle("GET /contacts/export.csv", s.page(s.contactsCSV))
	mux.Handle("GET /contacts/export.vcf", s.page(s.contactsCards))
	mux.Handle("GET /import", s.page(s.importForm))
	mux.Handle("POST /import", s.upload(s.importPreview))
	mux.Handle("GET /import/{token}", s.page(s.importShow))
	mux.Handle("GET /import/{token}/progress", s.page(s.importProgress))
	mux.Handle("POST /import/{token}", s.page(s.importRun))
	mux.Handle("GET /contacts/{id}", s.page(s.contact))
	mux.Handle("GET /contacts/{id}/card.vcf", s.page(s.contactCard))
	mux.Handle("GET /contacts/{id}/edit", s.page(s.contactEditForm))
	mux.Handle("POST /contacts/{id}/edit", s.page(s.contactEdit))
	mux.Handle("GET /contacts/{id}/merge", s.page(s.contactMergeForm))
	mux.Handle("POST /contacts/{id}/merge", s.page(s.contactMerge))

	mux.Handle("GET /companies", s.page(s.companies))
	mux.Handle("GET /companies/export.csv", s.page(s.companiesCSV))
	mux.Handle("GET /companies/new", s.page(s.companyForm))
	mux.Handle("POST /companies/new", s.page(s.companyAdd))
	mux.Handle("GET /companies/{id}", s.page(s.company))
	mux.Handle("GET /companies/{id}/edit", s.page(s.companyEditForm))
	mux.Handle("POST /companies/{id}/edit", s.page(s.companyEdit))

	mux.Handle("GET /leads", s.page(s.leads))
	mux.Handle("GET /leads/{id}", s.page(s.lead))
	mux.Handle("POST /leads/{id}/convert", s.page(s.leadConvert))
	mux.Handle("POST /leads/{id}/dismiss", s.page(s.leadDismiss))

	mux.Handle("GET /deals", s.page(s.deals))
	mux.Handle("GET /deals/export.csv", s.page(s.dealsCSV))
	mux.Handle("GET /deals/new", s.page(s.dealForm))
	mux.Handle("POST /deals/new", s.page(s.dealAdd))
	mux.Handle("GET /deals/{id}", s.page(s.deal))
	mux.Handle("GET /deals/{id}/edit", s.page(s.dealEditForm))
	mux.Handle("POST /deals/{id}/edit", s.page(s.dealEdit))
	mux.Handle("POST /deals/{id}/stage", s.page(s.dealStage))
	mux.Handle("POST /deals/{id}/close", s.page(s.dealClose))

	mux.Handle("GET /assets/{file}", s.assets)
	mux.Handle("GET /favicon.ico", http.RedirectHandler(s.assets.url("favicon.svg"), http.StatusFound))
	mux.Handle("/", s.open(s.nowhere))
	return mux
}
